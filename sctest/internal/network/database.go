package network

// The findings that the server keeps: open ones in the cumulative database, mitigated ones in the patched one.

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"go4.org/netipx"

	"patchproof/sctest/internal/addresses"
	"patchproof/sctest/internal/scenario"
)

// Row is one finding of one host.
type Row struct {
	Repository, Plugin, Port int
	Protocol                 string
	Addr                     netip.Addr
	Identity                 identity
	Agent                    bool

	FirstSeen, LastSeen, Mitigated time.Time
	// Reopened: was mitigated before and came back.
	Reopened, Accepted, Recast bool
	Text                       string
}

// key tells findings apart. The host is its address, an agent's UUID, or address and name where one address has several names.
type key struct {
	repository, plugin, port int
	protocol, host           string
}

func (r *Row) hostKey() string {
	if r.Agent {
		return "agent " + cmp.Or(r.Identity.UUID, r.Addr.String())
	}
	return r.Addr.String()
}

func (r *Row) key() key {
	return key{r.Repository, r.Plugin, r.Port, r.Protocol, r.hostKey()}
}

// namedKey is for a second machine at the same address.
func (r *Row) namedKey() key {
	k := r.key()
	k.host += " " + r.Identity.named()
	return k
}

type database struct{ cumulative, patched map[key]*Row }

// sorted lists rows in a stable order.
func sorted(rows map[key]*Row) []Row {
	list := make([]Row, 0, len(rows))
	for _, r := range rows {
		list = append(list, *r)
	}
	sortRecords(list)
	return list
}

func sortRecords(list []Row) {
	slices.SortFunc(list, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.Repository, b.Repository), a.Addr.Compare(b.Addr), cmp.Compare(a.Plugin, b.Plugin),
			cmp.Compare(a.Port, b.Port), cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Identity.DNS, b.Identity.DNS),
			cmp.Compare(a.Identity.UUID, b.Identity.UUID))
	})
}

// seedDatabase records the scenario's findings, and the scan by which each host was last seen.
func seedDatabase(n *Network) *database {
	db := &database{cumulative: map[key]*Row{}, patched: map[key]*Row{}}
	for _, h := range n.hosts {
		for _, f := range h.Findings {
			row := n.seedRow(h, f)
			if f.Mitigated.Yes {
				row.Mitigated = n.Start.Add(-f.Mitigated.Ago)
				row.FirstSeen = earlier(row.FirstSeen, row.Mitigated)
				row.LastSeen = earlier(row.LastSeen, row.Mitigated)
				db.put(db.patched, row)
				continue
			}
			db.put(db.cumulative, row)
		}
		if len(h.Findings) > 0 || h.ScannedWith != nil {
			db.put(db.cumulative, n.seedScanInfo(h))
		}
	}
	return db
}

func (n *Network) seedRow(h *host, f scenario.Finding) Row {
	row := Row{
		Repository: h.Repository, Plugin: f.Plugin, Port: f.Port, Protocol: f.Protocol, Addr: h.home, Agent: h.Agent,
		Identity: h.recordedIdentity(), FirstSeen: n.Start.Add(-f.FirstSeen), LastSeen: n.Start.Add(-f.LastSeen),
		Reopened: f.Reopened, Accepted: f.AcceptRisk, Recast: f.RecastRisk, Text: findingText(n.Catalog.Plugins[f.Plugin]),
	}
	if h.Agent {
		row.Identity.UUID = cmp.Or(row.Identity.UUID, strings.ToLower(UUIDOf("agent", h.IP, h.DNS)))
	}
	return row
}

// seedScanInfo is the row of plugin 19506 by the scan that last saw or mitigated something on the host.
func (n *Network) seedScanInfo(h *host) Row {
	row := n.seedRow(h, scenario.Finding{Plugin: scenario.PluginScanInfo, Protocol: scenario.TCP})
	row.FirstSeen, row.LastSeen = n.Start.Add(-scenario.DefaultFirstSeen), time.Time{}
	for _, f := range h.Findings {
		seen := n.Start.Add(-f.LastSeen)
		if f.Mitigated.Yes {
			seen = n.Start.Add(-f.Mitigated.Ago)
		}
		row.FirstSeen = earlier(row.FirstSeen, n.Start.Add(-f.FirstSeen))
		if seen.After(row.LastSeen) {
			row.LastSeen = seen
		}
	}
	if row.LastSeen.IsZero() {
		row.LastSeen = n.Start.Add(-usualAgo)
	}
	if w := h.ScannedWith; w != nil && w.Ago > 0 {
		row.LastSeen = n.Start.Add(-w.Ago)
		row.FirstSeen = earlier(row.FirstSeen, row.LastSeen)
	}
	row.Text = n.earlierInfo(h, row.LastSeen).String()
	return row
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func (db *database) put(into map[key]*Row, row Row) {
	k := row.key()
	if other, taken := into[k]; taken && other.Identity.named() != row.Identity.named() {
		k = row.namedKey()
	}
	into[k] = &row
}

// Inhabitants counts the addresses of a set that a repository has findings for.
func (n *Network) Inhabitants(set *netipx.IPSet, repository int) int {
	var found []netip.Addr
	for _, row := range n.db.cumulative {
		if row.Repository == repository && set.Contains(row.Addr) {
			found = append(found, row.Addr)
		}
	}
	return addresses.Count(addresses.Of(found))
}

// Hosts are one row for each host of a set that a repository has findings for.
func (n *Network) Hosts(set *netipx.IPSet, repository int) []Row {
	seen := map[string]bool{}
	return filter(n.Cumulative(), func(row Row) bool {
		host := row.hostKey() + " " + row.Identity.named()
		wanted := row.Repository == repository && set.Contains(row.Addr) && !seen[host]
		seen[host] = seen[host] || wanted
		return wanted
	})
}

// Cumulative are the open findings, in a stable order.
func (n *Network) Cumulative() []Row { return sorted(n.db.cumulative) }

// Patched are the mitigated findings, in a stable order.
func (n *Network) Patched() []Row { return sorted(n.db.patched) }

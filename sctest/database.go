package sctest

// The findings that the server keeps: open ones in the cumulative database, mitigated ones in the patched one.

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"

	"go4.org/netipx"
)

// record is one finding of one host.
type record struct {
	repository, plugin, port int
	protocol                 string
	addr                     netip.Addr
	identity                 identity
	agent                    bool

	firstSeen, lastSeen, mitigated time.Time
	// reopened: was mitigated before and came back.
	reopened, accepted, recast bool
	text                       string
}

// key tells findings apart. The host is its address, an agent's UUID, or address and name where one address has several names.
type key struct {
	repository, plugin, port int
	protocol, host           string
}

func (r *record) hostKey() string {
	if r.agent {
		return "agent " + cmp.Or(r.identity.uuid, r.addr.String())
	}
	return r.addr.String()
}

func (r *record) key() key {
	return key{r.repository, r.plugin, r.port, r.protocol, r.hostKey()}
}

// namedKey is for a second machine at the same address.
func (r *record) namedKey() key {
	k := r.key()
	k.host += " " + strings.ToLower(r.identity.dns)
	return k
}

type database struct{ cumulative, patched map[key]*record }

// sorted lists rows in a stable order.
func sorted(rows map[key]*record) []record {
	list := make([]record, 0, len(rows))
	for _, r := range rows {
		list = append(list, *r)
	}
	sortRecords(list)
	return list
}

func sortRecords(list []record) {
	slices.SortFunc(list, func(a, b record) int {
		return cmp.Or(cmp.Compare(a.repository, b.repository), a.addr.Compare(b.addr), cmp.Compare(a.plugin, b.plugin),
			cmp.Compare(a.port, b.port), cmp.Compare(a.protocol, b.protocol), cmp.Compare(a.identity.dns, b.identity.dns),
			cmp.Compare(a.identity.uuid, b.identity.uuid))
	})
}

// seedDatabase records the scenario's findings, and the scan by which each host was last seen.
func seedDatabase(n *network) *database {
	db := &database{cumulative: map[key]*record{}, patched: map[key]*record{}}
	for _, h := range n.hosts {
		for _, f := range h.Findings {
			row := n.seedRow(h, f)
			if f.Mitigated.Yes {
				row.mitigated = n.start.Add(-f.Mitigated.Ago)
				row.firstSeen = earlier(row.firstSeen, row.mitigated)
				row.lastSeen = earlier(row.lastSeen, row.mitigated)
				db.put(db.patched, row)
				continue
			}
			db.put(db.cumulative, row)
		}
		if len(h.Findings) > 0 {
			db.put(db.cumulative, n.seedScanInfo(h))
		}
	}
	return db
}

func (n *network) seedRow(h *host, f Finding) record {
	row := record{
		repository: h.Repository, plugin: f.Plugin, port: f.Port, protocol: f.Protocol, addr: h.home, agent: h.Agent,
		identity: h.recordedIdentity(), firstSeen: n.start.Add(-f.FirstSeen), lastSeen: n.start.Add(-f.LastSeen),
		reopened: f.Reopened, accepted: f.AcceptRisk, recast: f.RecastRisk, text: findingText(n.catalog.plugins[f.Plugin]),
	}
	if h.Agent {
		row.identity.uuid = cmp.Or(row.identity.uuid, strings.ToLower(uuidOf("agent", h.IP, h.DNS)))
	}
	return row
}

// seedScanInfo is the row of plugin 19506 by the scan that last saw or mitigated something on the host.
func (n *network) seedScanInfo(h *host) record {
	row := n.seedRow(h, Finding{Plugin: pluginScanInfo, Protocol: tcp})
	row.firstSeen, row.lastSeen = n.start.Add(-defaultFirstSeen), time.Time{}
	for _, f := range h.Findings {
		seen := n.start.Add(-f.LastSeen)
		if f.Mitigated.Yes {
			seen = n.start.Add(-f.Mitigated.Ago)
		}
		row.firstSeen = earlier(row.firstSeen, n.start.Add(-f.FirstSeen))
		if seen.After(row.lastSeen) {
			row.lastSeen = seen
		}
	}
	info := scanInfo{
		feed: row.lastSeen.Add(-defaultFeedAge).UTC().Format(feedFormat), scanName: "Weekly scan", policy: "Full Safe Scan",
		portScanner: "nessus_syn_scanner", portRange: "default", thorough: "no", credentialed: "no", agent: h.Agent,
		start: row.lastSeen.Add(-time.Minute), duration: time.Minute,
	}
	if !h.Credentials.Refused {
		info.credentialed = "yes, as 'scanner' via " + h.loginProtocol(n.catalog)
	}
	if h.Agent {
		info.credentialed = "yes"
	}
	row.text = info.String()
	return row
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func (db *database) put(into map[key]*record, row record) {
	k := row.key()
	if other, taken := into[k]; taken && !strings.EqualFold(other.identity.dns, row.identity.dns) {
		k = row.namedKey()
	}
	into[k] = &row
}

// inhabitants counts the addresses of a set that a repository has findings for.
func (n *network) inhabitants(set *netipx.IPSet, repository int) int {
	var found []netip.Addr
	for _, row := range n.db.cumulative {
		if row.repository == repository && set.Contains(row.addr) {
			found = append(found, row.addr)
		}
	}
	return sizeOf(setOf(found))
}

// cumulative are the open findings, in a stable order.
func (n *network) cumulative() []record { return sorted(n.db.cumulative) }

// patched are the mitigated findings, in a stable order.
func (n *network) patched() []record { return sorted(n.db.patched) }

package network

// Which recorded host a scan takes for the one that it met; that depends on the scan's options.

import (
	"net/netip"
	"slices"
	"strings"
)

// marks are what hosts are tracked by, the weightiest first: the first one that both sides have decides.
func (id identity) marks() [4]string {
	return [4]string{strings.ToLower(id.DNS), strings.ToLower(id.NetBIOS), strings.ToLower(id.UUID), bareMAC(id.MAC)}
}

var separators = strings.NewReplacer(":", "", "-", "", ".", "")

// bareMAC compares addresses of cards in any spelling.
func bareMAC(text string) string { return strings.ToLower(separators.Replace(text)) }

// sameHost compares identities where the scan tracks hosts through changes of address, names and addresses where it looks for virtual hosts,
// and addresses alone otherwise: then a new name is only an update.
func sameHost(r *Row, addr netip.Addr, id identity, s Scan) bool {
	if s.DHCPTracking {
		recorded := r.Identity.marks()
		for i, mark := range id.marks() {
			if mark != "" && recorded[i] != "" {
				return mark == recorded[i]
			}
		}
	}
	if s.VirtualHosts && r.Identity.DNS != "" && id.DNS != "" {
		return strings.EqualFold(r.Identity.DNS, id.DNS) && r.Addr == addr
	}
	return r.Addr == addr
}

// named is what tells two accounts of one address apart.
func (id identity) named() string { return strings.ToLower(id.DNS + " " + id.UUID) }

// track is a finding of a host, known by one of its marks.
type track struct {
	repository, plugin, port int
	protocol                 string
	kind                     int
	mark                     string
}

// index finds rows by the address and, where the scan tracks hosts, by the marks of their hosts.
type index struct {
	byAddr  map[key][]key
	byTrack map[track][]key
}

// indexes are made once for an import: looking through all rows for each row would take the square of them.
type indexes struct{ cumulative, patched index }

func (db *database) index(s Scan) indexes {
	return indexes{indexRows(db.cumulative, s.DHCPTracking), indexRows(db.patched, s.DHCPTracking)}
}

func indexRows(rows map[key]*Row, tracked bool) index {
	x := index{byAddr: map[key][]key{}, byTrack: map[track][]key{}}
	for k, row := range rows {
		x.byAddr[row.key()] = append(x.byAddr[row.key()], k)
		if row.Agent || !tracked {
			continue
		}
		for kind, mark := range row.Identity.marks() {
			if mark != "" {
				t := track{row.Repository, row.Plugin, row.Port, row.Protocol, kind, mark}
				x.byTrack[t] = append(x.byTrack[t], k)
			}
		}
	}
	sortKeys(x.byAddr)
	sortKeys(x.byTrack)
	return x
}

// sortKeys makes the same choice every time; maps have no order.
func sortKeys[K comparable](lists map[K][]key) {
	for _, keys := range lists {
		slices.SortFunc(keys, func(a, b key) int { return strings.Compare(a.host, b.host) })
	}
}

// find looks for a finding of the same host, at its address first. Where several hosts share an address, the one whose names agree is
// meant, and then any that this import has not met yet.
func find(in map[key]*Row, x index, row Row, s Scan, met map[key]bool) (key, *Row) {
	here := x.byAddr[row.key()]
	for _, rule := range []func(key, *Row) bool{
		func(_ key, found *Row) bool { return found.Identity.named() == row.Identity.named() },
		func(k key, _ *Row) bool { return !met[k] },
		func(key, *Row) bool { return true },
	} {
		for _, k := range here {
			if found := in[k]; found != nil && sameHost(found, row.Addr, row.Identity, s) && rule(k, found) {
				return k, found
			}
		}
	}
	for kind, mark := range row.Identity.marks() {
		for _, k := range x.byTrack[track{row.Repository, row.Plugin, row.Port, row.Protocol, kind, mark}] {
			if found := in[k]; found != nil && sameHost(found, row.Addr, row.Identity, s) {
				return k, found
			}
		}
	}
	return row.key(), nil
}

// hostMark is one of the marks of a host.
type hostMark struct {
	kind int
	mark string
}

// encounters are the hosts that a run met, by address and by mark.
type encounters struct {
	byAddr map[netip.Addr][]observation
	byMark map[hostMark][]observation
}

func (o *outcome) encounters() encounters {
	e := encounters{byAddr: map[netip.Addr][]observation{}, byMark: map[hostMark][]observation{}}
	for _, obs := range o.observations {
		if !obs.alive {
			continue
		}
		e.byAddr[obs.addr] = append(e.byAddr[obs.addr], obs)
		for kind, mark := range obs.identity.marks() {
			if mark != "" {
				e.byMark[hostMark{kind, mark}] = append(e.byMark[hostMark{kind, mark}], obs)
			}
		}
	}
	return e
}

// of are the encounters with the host of a row.
func (e encounters) of(row *Row, s Scan) []observation {
	candidates := slices.Clone(e.byAddr[row.Addr])
	for kind, mark := range row.Identity.marks() {
		candidates = append(candidates, e.byMark[hostMark{kind, mark}]...)
	}
	return filter(candidates, func(obs observation) bool { return sameHost(row, obs.addr, obs.identity, s) })
}

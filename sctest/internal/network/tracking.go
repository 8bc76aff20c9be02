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

// track is a finding of a host, known by one of its marks.
type track struct {
	repository, plugin, port int
	protocol                 string
	kind                     int
	mark                     string
}

type trackIndex map[track][]key

// tracking finds the rows of hosts that have moved. It is made once for an import: looking through all rows for each row would take
// the square of them.
type tracking struct{ cumulative, patched trackIndex }

func (db *database) tracking(s Scan) tracking {
	if !s.DHCPTracking {
		return tracking{}
	}
	return tracking{cumulative: indexTracks(db.cumulative), patched: indexTracks(db.patched)}
}

func indexTracks(rows map[key]*Row) trackIndex {
	index := trackIndex{}
	for k, row := range rows {
		if row.Agent {
			continue
		}
		for kind, mark := range row.Identity.marks() {
			if mark != "" {
				t := track{row.Repository, row.Plugin, row.Port, row.Protocol, kind, mark}
				index[t] = append(index[t], k)
			}
		}
	}
	for _, keys := range index {
		slices.SortFunc(keys, func(a, b key) int { return strings.Compare(a.host, b.host) })
	}
	return index
}

// find looks for a finding of the same host, at its address first.
func find(in map[key]*Row, tracks trackIndex, row Row, s Scan) (key, *Row) {
	for _, k := range []key{row.key(), row.namedKey()} {
		if found := in[k]; found != nil && sameHost(found, row.Addr, row.Identity, s) {
			return k, found
		}
	}
	for kind, mark := range row.Identity.marks() {
		for _, k := range tracks[track{row.Repository, row.Plugin, row.Port, row.Protocol, kind, mark}] {
			if found := in[k]; found != nil && mark != "" && sameHost(found, row.Addr, row.Identity, s) {
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

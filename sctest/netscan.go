package sctest

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"go4.org/netipx"
)

// Scan definitions and their targets.

const (
	scheduleNow      = "now"
	scheduleTemplate = "template"
	unlimited        = "unlimited"

	timeoutImport   = "import"
	timeoutDiscard  = "discard"
	timeoutRollover = "rollover"
)

type scan struct {
	id                int
	name, description string
	policy            policy
	plugin            int
	repository        int
	zone              int
	ipList            string
	listed            *netipx.IPSet
	names             []string
	assets            []int
	credentials       []int
	reports           []any

	dhcpTracking, virtualHosts   bool
	emailOnLaunch, emailOnFinish bool
	mitigatedAge                 int
	maxScanTime                  string
	limit                        time.Duration
	timeoutAction, rolloverType  string
	schedule                     schedule

	created time.Time
	owner   owner
	result  int
}

type schedule struct{ kind, start, repeatRule string }

// targets are the addresses of a scan now: names resolve to wherever their hosts live.
func (n *network) targets(s *scan, now time.Time) *netipx.IPSet {
	sets := []*netipx.IPSet{s.listed}
	for _, id := range s.assets {
		sets = append(sets, n.assetSet(id))
	}
	return union(append(sets, n.resolve(s.names, func(h *host) string { return h.identityAt(n.age(now)).dns }))...)
}

// resolve are the addresses at which the hosts of these names live.
func (n *network) resolve(names []string, nameOf func(*host) string) *netipx.IPSet {
	var found []netip.Addr
	for _, h := range n.hosts {
		if name := strings.ToLower(nameOf(h)); name != "" && slices.Contains(names, name) {
			found = append(found, h.lives)
		}
	}
	return setOf(found)
}

package network

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"go4.org/netipx"

	"patchproof/sctest/internal/addresses"
)

// Scan definitions and their targets.

const (
	ScheduleNow      = "now"
	ScheduleTemplate = "template"
	Unlimited        = "unlimited"

	TimeoutImport   = "import"
	TimeoutDiscard  = "discard"
	TimeoutRollover = "rollover"
)

type Scan struct {
	ID                int
	Name, Description string
	Policy            Policy
	Plugin            int
	Repository        int
	Zone              int
	IPList            string
	Listed            *netipx.IPSet
	Names             []string
	Assets            []int
	Credentials       []int
	Reports           []any

	DHCPTracking, VirtualHosts   bool
	EmailOnLaunch, EmailOnFinish bool
	MitigatedAge                 int
	MaxScanTime                  string
	Limit                        time.Duration
	TimeoutAction, RolloverType  string
	Schedule                     schedule

	Created time.Time
	Owner   Owner
	Result  int
}

type schedule struct{ Kind, Start, RepeatRule string }

// targets are the addresses of a scan now: names resolve to wherever their hosts live.
func (n *Network) targets(s *Scan, now time.Time) *netipx.IPSet {
	sets := []*netipx.IPSet{s.Listed}
	for _, id := range s.Assets {
		sets = append(sets, n.AssetSet(id))
	}
	return addresses.Union(append(sets, n.resolve(s.Names, func(h *host) string { return h.identityAt(n.age(now)).DNS }))...)
}

// resolve are the addresses at which the hosts of these names live.
func (n *Network) resolve(names []string, nameOf func(*host) string) *netipx.IPSet {
	var found []netip.Addr
	for _, h := range n.hosts {
		if name := strings.ToLower(nameOf(h)); name != "" && slices.Contains(names, name) {
			found = append(found, h.lives)
		}
	}
	return addresses.Of(found)
}

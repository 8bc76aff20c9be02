package network

// Scan definitions and their targets.

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"go4.org/netipx"

	"patchproof/sctest/internal/addresses"
	"patchproof/sctest/internal/scenario"
)

// Schedules, and what becomes of a scan that takes longer than it may.
const (
	ScheduleNow      = "now"
	ScheduleTemplate = "template"
	Unlimited        = "unlimited"

	TimeoutImport   = "import"
	TimeoutDiscard  = "discard"
	TimeoutRollover = "rollover"
)

// Scan is the definition of a scan: the targets are Listed, the hosts called Names and the Assets. Limit zero means none.
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
	// Inactivity is what was sent as inactivityTimeout, in seconds.
	Inactivity                  int
	TimeoutAction, RolloverType string
	Schedule                    schedule

	Created, Modified time.Time
	Owner             Owner
	Result            int
	// next is when the server launches it by itself.
	next time.Time
}

type schedule struct {
	Kind, Start, RepeatRule string
	// DependsOn is the scan after which this one runs.
	DependsOn int
}

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

// Launch starts a run, which the fault spoils if there is one.
func (n *Network) Launch(s *Scan, by Owner, fault string, now time.Time) *Run {
	// The policy is the one that has the number now, as somebody may have changed it.
	if p := n.Policies[s.Policy.ID]; p != nil {
		s.Policy = *p
	}
	r := &Run{
		ID: nextID(n, n.Runs, &n.lastRun, 1), Scan: *s, Name: s.Name, Policy: s.Policy, Created: now, Owner: by, timing: *n.scenario.Timing, fault: fault,
		Targets: n.targets(s, now),
	}
	if n.scenario.ResultDescription {
		r.Description = s.Description
	}
	switch n.scenario.ResultDetails {
	case scenario.DetailsPolicy:
		r.Details = s.Policy.Name
	case scenario.DetailsPlugin:
		r.Details = fmt.Sprintf("Plugin #%d", s.Plugin)
	}
	r.reach, r.excluded = n.reachable(r)
	if fault == scenario.FaultScanPause {
		needed, _ := r.work()
		r.interventions = append(r.interventions, Intervention{Kind: Pause, At: now.Add(r.timing.Queue + needed/2)})
	}
	n.Runs[r.ID], n.unsettled[r.ID] = r, r
	s.Result = r.ID
	return r
}

// reachable are the inhabited addresses among the targets. A machine known to several repositories is looked at as the run's
// own repository knows it.
func (n *Network) reachable(r *Run) ([]target, *netipx.IPSet) {
	byAddr := map[netip.Addr][]*host{}
	allowed := n.inZone(r)
	for _, h := range n.hosts {
		if r.Targets.Contains(h.lives) && allowed.Contains(h.lives) {
			byAddr[h.lives] = append(byAddr[h.lives], h)
		}
	}
	var (
		list     []target
		excluded []netip.Addr
	)
	for addr, hosts := range byAddr {
		if own := filter(hosts, func(h *host) bool { return h.Repository == r.Scan.Repository }); len(own) > 0 {
			hosts = own
		}
		// The network knows a machine once, even if an agent has recorded it beside a scanner.
		if scanned := filter(hosts, func(h *host) bool { return !h.Agent }); len(scanned) > 0 {
			hosts = scanned
		}
		if slices.ContainsFunc(hosts, func(h *host) bool { return h.Scannable != nil && !*h.Scannable }) {
			excluded = append(excluded, addr)
			continue
		}
		list = append(list, target{addr: addr, hosts: hosts})
	}
	slices.SortFunc(list, func(a, b target) int { return a.addr.Compare(b.addr) })
	return list, addresses.Union(addresses.Of(excluded), addresses.Minus(r.Targets, n.inZone(r)))
}

// inZone are the targets that the scanners of a run's zone, or of any zone, may scan.
func (n *Network) inZone(r *Run) *netipx.IPSet {
	var may []*netipx.IPSet
	for id, set := range n.zones {
		if r.Scan.Zone > 0 && id != r.Scan.Zone {
			continue
		}
		if len(set.Ranges()) == 0 {
			return r.Targets
		}
		may = append(may, set)
	}
	if may == nil {
		return r.Targets
	}
	return addresses.Union(may...)
}

func filter[T any](list []T, keep func(T) bool) []T {
	var kept []T
	for _, item := range list {
		if keep(item) {
			kept = append(kept, item)
		}
	}
	return kept
}

package network

// Launching a scan: its run takes a copy of everything, so that later changes do not reach it.

import (
	"net/netip"
	"slices"
	"time"

	"go4.org/netipx"

	"patchproof/sctest/internal/addresses"
	"patchproof/sctest/internal/scenario"
)

// Launch starts a run, which the fault spoils if there is one.
func (n *Network) Launch(s *Scan, by Owner, fault string, now time.Time) *Run {
	n.lastRun++
	r := &Run{
		ID: n.lastRun, Scan: *s, Name: s.Name, Policy: s.Policy, Created: now, Owner: by, timing: *n.scenario.Timing, fault: fault,
		Targets: n.targets(s, now),
	}
	if n.scenario.ResultDescription {
		r.Description = s.Description
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
	for _, h := range n.hosts {
		if r.Targets.Contains(h.lives) {
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
	return list, addresses.Of(excluded)
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

package sctest

// Launching a scan: its run takes a copy of everything, so that later changes do not reach it.

import (
	"net/netip"
	"slices"
	"time"

	"go4.org/netipx"
)

// launch starts a run, which the fault spoils if there is one.
func (n *network) launch(s *scan, by owner, fault string, now time.Time) *run {
	n.lastRun++
	r := &run{
		id: n.lastRun, scan: *s, name: s.name, policy: s.policy, created: now, owner: by, timing: *n.scenario.Timing, fault: fault,
		targets: n.targets(s, now),
	}
	if n.scenario.ResultDescription {
		r.description = s.description
	}
	r.reach, r.excluded = n.reachable(r)
	if fault == FaultScanPause {
		needed, _ := r.work()
		r.controls = append(r.controls, control{kind: controlPause, at: now.Add(r.timing.Queue + needed/2)})
	}
	n.runs[r.id], n.unsettled[r.id] = r, r
	s.result = r.id
	return r
}

// reachable are the inhabited addresses among the targets. A machine known to several repositories is looked at as the run's
// own repository knows it.
func (n *network) reachable(r *run) ([]target, *netipx.IPSet) {
	byAddr := map[netip.Addr][]*host{}
	for _, h := range n.hosts {
		if r.targets.Contains(h.lives) {
			byAddr[h.lives] = append(byAddr[h.lives], h)
		}
	}
	var (
		list     []target
		excluded []netip.Addr
	)
	for addr, hosts := range byAddr {
		if own := filter(hosts, func(h *host) bool { return h.Repository == r.scan.repository }); len(own) > 0 {
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
	return list, setOf(excluded)
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

package network

// What a run sees of the hosts that it got to.

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"go4.org/netipx"

	"patchproof/sctest/internal/addresses"
	"patchproof/sctest/internal/scenario"
)

// outcome is what a run found, fixed when it is over.
type outcome struct {
	observations []observation
	dead         *netipx.IPSet
	imported     bool
	Rows         []Row
	Fresh        []Row
	Mitigated    []Row
	pending      []pendingMitigation
}

// observation is one host as one run met it.
type observation struct {
	addr  netip.Addr
	host  *host
	alive bool
	at    time.Time
	// truth is who answers, identity what the run learned of that.
	truth, identity identity
	// attempts are the logins that were tried, login what became of the best.
	attempts []attempt
	login    login
	rows     []Row
}

// Reached sorts the addresses that are done into those that answered and those that did not. Empty addresses count as dead
// once the run has seen everything.
func (n *Network) Reached(r *Run, done int) (scanned, dead *netipx.IPSet) {
	var alive, silent []netip.Addr
	for i, t := range r.reach[:done] {
		age := n.age(r.doneAt(i))
		if slices.ContainsFunc(t.hosts, func(h *host) bool { return h.upAt(age) }) {
			alive = append(alive, t.addr)
			continue
		}
		silent = append(silent, t.addr)
	}
	dead = addresses.Of(silent)
	troubled := []string{scenario.FaultScanError, scenario.FaultNoResults, scenario.FaultScanPartial}
	if done == len(r.reach) && !slices.Contains(troubled, r.fault) {
		dead = addresses.Union(dead, r.empty())
	}
	return addresses.Of(alive), dead
}

// doneAt is when the scanner was done with an address.
func (r *Run) doneAt(index int) time.Time {
	return r.timeOf(r.timing.PerHost * time.Duration(index+1))
}

// empty are the targets where nobody lives.
func (r *Run) empty() *netipx.IPSet {
	var inhabited []netip.Addr
	for _, t := range r.reach {
		inhabited = append(inhabited, t.addr)
	}
	return addresses.Minus(r.Targets, addresses.Union(r.excluded, addresses.Of(inhabited)))
}

// seal fixes what a run that is over has found.
func (n *Network) seal(r *Run) {
	done := r.At(r.EndsAt()).Done
	o := &outcome{}
	_, o.dead = n.Reached(r, done)
	for i, t := range r.reach[:done] {
		for _, h := range t.hosts {
			o.observations = append(o.observations, n.observe(r, t.addr, h, r.doneAt(i)))
		}
	}
	r.Outcome = o
}

func (n *Network) observe(r *Run, addr netip.Addr, h *host, at time.Time) observation {
	age := n.age(at)
	o := observation{addr: addr, host: h, at: at, alive: h.upAt(age), truth: h.identityAt(age)}
	if !o.alive {
		return o
	}
	o.attempts = h.attempts(n.Catalog, r.Scan.Credentials)
	o.login = best(o.attempts).result
	o.identity = n.learned(r, o)
	// Rows outside of the repository's range never reach a result.
	if !n.Repositories[r.Scan.Repository].InRange.Contains(addr) {
		return o
	}
	for _, f := range h.Findings {
		if n.visible(r, h, f, o) {
			row := n.row(r, o, f.Plugin, f.Protocol, portNow(f))
			row.Accepted, row.Recast, row.Text = f.AcceptRisk, f.RecastRisk, findingText(n.Catalog.Plugins[f.Plugin])
			o.rows = append(o.rows, row)
		}
	}
	o.rows = append(o.rows, n.proofRows(r, o)...)
	return o
}

// visible says whether the scan sees a finding: it is there, its plugin runs, reports and may look hard enough, and the check gets at
// it, through an open port from the network or by a login from within.
func (n *Network) visible(r *Run, h *host, f scenario.Finding, o observation) bool {
	p := n.Catalog.Plugins[f.Plugin]
	age := n.age(o.at)
	if !present(f, age) || h.replaced(age) || !portOpen(f) || p.Type != scenario.TypeActive || p.Deprecated {
		return false
	}
	if !r.Policy.enables(f.Plugin) || !r.Policy.lets(p) || n.feedLacks(p) {
		return false
	}
	if p.Inside() {
		return n.loginFor(o, p) == loginWorked && (r.Policy.scansPort(f.Protocol, portNow(f)) || n.netstat(r, o) != 0)
	}
	return n.reaches(r, o, f.Protocol, portNow(f))
}

// feedLacks says that the scanner's feed is older than the plugin.
func (n *Network) feedLacks(p scenario.Plugin) bool {
	return n.Feed < p.PublishedAt().Format(feedFormat)
}

func findingText(p scenario.Plugin) string {
	return fmt.Sprintf("\nThe remote host is affected by what plugin %d looks for : %s\n", p.ID, p.Name)
}

// row is the beginning of every row that a run writes.
func (n *Network) row(r *Run, o observation, plugin int, protocol string, port int) Row {
	return Row{
		Repository: r.Scan.Repository, Plugin: plugin, Addr: o.addr, Port: port, Protocol: protocol, Identity: o.identity,
		FirstSeen: o.at, LastSeen: o.at,
	}
}

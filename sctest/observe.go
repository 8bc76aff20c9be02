package sctest

// What a run sees of the hosts that it got to.

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"go4.org/netipx"
)

// outcome is what a run found, fixed when it is over.
type outcome struct {
	observations  []observation
	scanned, dead *netipx.IPSet
	imported      bool
	rows          []record
	fresh         []record
	mitigated     []record
	pending       []pendingMitigation
}

// observation is one host as one run met it.
type observation struct {
	addr     netip.Addr
	host     *host
	alive    bool
	at       time.Time
	identity identity
	login    login
	rows     []record
}

// reached sorts the addresses that are done into those that answered and those that did not. Empty addresses count as dead
// once the run has seen everything.
func (n *network) reached(r *run, done int) (scanned, dead *netipx.IPSet) {
	var alive, silent []netip.Addr
	for i, t := range r.reach[:done] {
		age := n.age(r.doneAt(i))
		if slices.ContainsFunc(t.hosts, func(h *host) bool { return h.upAt(age) }) {
			alive = append(alive, t.addr)
			continue
		}
		silent = append(silent, t.addr)
	}
	dead = setOf(silent)
	if done == len(r.reach) && r.coverage() == done && r.fault != FaultScanError && r.fault != FaultNoResults && r.fault != FaultScanPartial {
		dead = union(dead, r.empty())
	}
	return setOf(alive), dead
}

// doneAt is when the scanner was done with an address.
func (r *run) doneAt(index int) time.Time {
	return r.timeOf(r.timing.PerHost * time.Duration(index+1))
}

// empty are the targets where nobody lives.
func (r *run) empty() *netipx.IPSet {
	var inhabited []netip.Addr
	for _, t := range r.reach {
		inhabited = append(inhabited, t.addr)
	}
	return minus(r.targets, union(r.excluded, setOf(inhabited)))
}

// seal fixes what a run that is over has found.
func (n *network) seal(r *run) {
	done := r.at(r.endsAt()).done
	o := &outcome{}
	o.scanned, o.dead = n.reached(r, done)
	for i, t := range r.reach[:done] {
		for _, h := range t.hosts {
			o.observations = append(o.observations, n.observe(r, t.addr, h, r.doneAt(i)))
		}
	}
	r.outcome = o
}

func (n *network) observe(r *run, addr netip.Addr, h *host, at time.Time) observation {
	age := n.age(at)
	o := observation{addr: addr, host: h, at: at, alive: h.upAt(age), identity: h.identityAt(age)}
	if !o.alive {
		return o
	}
	var credential int
	o.login, credential = h.tryLogin(r.scan.credentials)
	// Rows outside of the repository's range never reach a result.
	if !n.repositories[r.scan.repository].inRange.Contains(addr) {
		return o
	}
	for _, f := range h.Findings {
		if n.visible(r, h, f, o) {
			o.rows = append(o.rows, n.findingRow(r, f, o))
		}
	}
	o.rows = append(o.rows, n.proofRows(r, o, n.credentialName(credential))...)
	return o
}

// visible says whether the scan sees a finding: it is there, its plugin runs, its port is open and looked at, and the check
// can look from within if it has to.
func (n *network) visible(r *run, h *host, f Finding, o observation) bool {
	p := n.catalog.plugins[f.Plugin]
	age := n.age(o.at)
	return present(f, age) && !h.replaced(age) && portOpen(f) && p.Type == typeActive &&
		r.policy.enables(f.Plugin) && r.policy.scansPort(f.Protocol, portNow(f)) && (!p.local() || o.login == loginWorked)
}

func (n *network) findingRow(r *run, f Finding, o observation) record {
	row := n.row(r, o, f.Plugin, f.Protocol, portNow(f))
	row.accepted, row.recast = f.AcceptRisk, f.RecastRisk
	row.text = findingText(n.catalog.plugins[f.Plugin])
	return row
}

func findingText(p Plugin) string {
	return fmt.Sprintf("\nThe remote host is affected by what plugin %d looks for : %s\n", p.ID, p.Name)
}

// row is the beginning of every row that a run writes.
func (n *network) row(r *run, o observation, plugin int, protocol string, port int) record {
	return record{
		repository: r.scan.repository, plugin: plugin, addr: o.addr, port: port, protocol: protocol, identity: o.identity,
		firstSeen: o.at, lastSeen: o.at,
	}
}

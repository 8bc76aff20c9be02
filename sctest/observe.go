package sctest

// What a run sees of the hosts that it got to.

import (
	"fmt"
	"net/netip"
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
func (w *world) reached(r *run, done int) (scanned, dead *netipx.IPSet) {
	var alive []netip.Addr
	var dying netipx.IPSetBuilder
	for i, t := range r.reach[:done] {
		age := w.age(r.doneAt(i))
		if anyUp(t.hosts, age) {
			alive = append(alive, t.addr)
			continue
		}
		dying.Add(t.addr)
	}
	if done == len(r.reach) && r.coverage() == done && r.fault != FaultScanError && r.fault != FaultNoResults && r.fault != FaultScanPartial {
		dying.AddSet(r.empty())
	}
	return setOf(alive), built(&dying)
}

func anyUp(hosts []*host, age time.Duration) bool {
	for _, h := range hosts {
		if h.upAt(age) {
			return true
		}
	}
	return false
}

// doneAt is when the scanner was done with an address.
func (r *run) doneAt(index int) time.Time {
	return r.timeOf(r.timing.PerHost * time.Duration(index+1))
}

// empty are the targets where nobody lives.
func (r *run) empty() *netipx.IPSet {
	var inhabited netipx.IPSetBuilder
	inhabited.AddSet(r.excluded)
	for _, t := range r.reach {
		inhabited.Add(t.addr)
	}
	return minus(r.targets, built(&inhabited))
}

// seal fixes what a run that is over has found.
func (w *world) seal(r *run) {
	done := r.at(r.endsAt()).done
	o := &outcome{}
	o.scanned, o.dead = w.reached(r, done)
	for i, t := range r.reach[:done] {
		for _, h := range t.hosts {
			o.observations = append(o.observations, w.observe(r, t.addr, h, r.doneAt(i)))
		}
	}
	r.outcome = o
}

func (w *world) observe(r *run, addr netip.Addr, h *host, at time.Time) observation {
	age := w.age(at)
	o := observation{addr: addr, host: h, at: at, alive: h.upAt(age), identity: h.identityAt(age)}
	if !o.alive {
		return o
	}
	var credential int
	o.login, credential = h.tryLogin(r.scan.credentials)
	// Rows outside of the repository's range never reach a result.
	if !w.repositories[r.scan.repository].inRange.Contains(addr) {
		return o
	}
	for _, f := range h.Findings {
		if w.visible(r, h, f, o) {
			o.rows = append(o.rows, w.findingRow(r, f, o))
		}
	}
	o.rows = append(o.rows, w.proofRows(r, o, w.credentialName(credential))...)
	return o
}

// visible says whether the scan sees a finding: it is there, its plugin runs, its port is open and looked at, and the check
// can look from within if it has to.
func (w *world) visible(r *run, h *host, f Finding, o observation) bool {
	p := w.catalog.plugins[f.Plugin]
	age := w.age(o.at)
	return f.presentAt(age) && !h.replaced(age) && f.open() && p.Type == typeActive &&
		r.policy.enables(f.Plugin) && r.policy.scansPort(f.Protocol, f.port()) && (!p.local() || o.login == loginWorked)
}

func (w *world) findingRow(r *run, f Finding, o observation) record {
	row := w.row(r, o, f.Plugin, f.Protocol, f.port())
	row.accepted, row.recast = f.AcceptRisk, f.RecastRisk
	row.text = findingText(w.catalog.plugins[f.Plugin])
	return row
}

func findingText(p Plugin) string {
	return fmt.Sprintf("\nThe remote host is affected by what plugin %d looks for : %s\n", p.ID, p.Name)
}

// row is the beginning of every row that a run writes.
func (w *world) row(r *run, o observation, plugin int, protocol string, port int) record {
	return record{
		repository: r.scan.repository, plugin: plugin, addr: o.addr, port: port, protocol: protocol, identity: o.identity,
		firstSeen: o.at, lastSeen: o.at,
	}
}

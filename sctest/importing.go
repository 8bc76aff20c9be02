package sctest

// What happens when a scan's results are imported: rows are written, and what is no longer seen is mitigated.

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// pendingMitigation waits for the lag of the databases.
type pendingMitigation struct {
	key      key
	lastSeen time.Time
}

// event is something that was due at a time.
type event struct {
	at time.Time
	do func()
}

// settle brings the world up to the clock, one due event after the other.
func (n *network) settle(now time.Time) {
	for {
		var next *event
		// By ID, so that what is due at the same time happens in the same order every time.
		for _, id := range slices.Sorted(maps.Keys(n.unsettled)) {
			e := n.dueEvent(n.unsettled[id])
			if e != nil && !e.at.After(now) && (next == nil || e.at.Before(next.at)) {
				next = e
			}
		}
		if next == nil {
			return
		}
		next.do()
	}
}

// dueEvent is the next thing that will happen to a run, if anything will.
func (n *network) dueEvent(r *run) *event {
	o := r.outcome
	switch {
	case o == nil && r.endsAt().IsZero():
		return nil
	case o == nil:
		return &event{r.endsAt(), func() { n.finish(r) }}
	case !r.imports() || r.fault == FaultImportError:
		delete(n.unsettled, r.id)
		return nil
	case !o.imported:
		return &event{r.importedAt(), func() { n.importRun(r) }}
	}
	return &event{r.importedAt().Add(r.timing.MitigationLag), func() { n.mitigate(r) }}
}

// finish seals a run and deletes its one-time policy, unless another run still needs it.
func (n *network) finish(r *run) {
	n.seal(r)
	p := n.policies[r.policy.id]
	if p != nil && p.oneTime() && r.scan.schedule.kind == scheduleNow && len(n.runsWith(p.id, r.endsAt())) == 0 {
		delete(n.policies, p.id)
	}
	if r.timedOut() && r.scan.timeoutAction == timeoutRollover {
		n.rollOver(r)
	}
}

// rollOver leaves a definition for the rest of the targets.
func (n *network) rollOver(r *run) {
	s := r.scan
	s.result, s.created = 0, r.endsAt()
	s.schedule = schedule{kind: scheduleTemplate}
	if s.rolloverType != scheduleTemplate {
		s.schedule = schedule{kind: timeoutRollover}
	}
	var rest []netip.Addr
	for _, t := range r.reach[r.at(r.endsAt()).done:] {
		rest = append(rest, t.addr)
	}
	s.listed, s.names, s.assets = setOf(rest), nil, nil
	s.ipList = formatSet(s.listed)
	n.addScan(&s)
}

// importRun writes what was seen and decides what is mitigated.
func (n *network) importRun(r *run) {
	o := r.outcome
	o.imported = true
	n.repositories[r.scan.repository].updated = r.importedAt()
	seen := map[key]bool{}
	for _, obs := range o.observations {
		for _, row := range obs.rows {
			k, fresh := n.db.see(row, r.scan)
			seen[k] = true
			o.rows = append(o.rows, row)
			if fresh {
				o.fresh = append(o.fresh, row)
			}
		}
	}
	for k, row := range n.db.cumulative {
		if !seen[k] && (n.rebutted(r, row) || n.forgotten(r, row)) {
			o.pending = append(o.pending, pendingMitigation{k, row.lastSeen})
		}
	}
}

// see writes a row into the cumulative database, taking it back from the patched one if it was there.
func (db *database) see(row record, s scan) (k key, fresh bool) {
	k, old := db.find(db.cumulative, row, s)
	if old != nil {
		row.firstSeen, row.reopened = old.firstSeen, old.reopened
		row.accepted, row.recast = row.accepted || old.accepted, row.recast || old.recast
		// A tracked host takes its rows along to its new address.
		delete(db.cumulative, k)
		if k.host == old.hostKey() {
			k = row.key()
		}
		db.cumulative[k] = &row
		return k, false
	}
	if patched, was := db.find(db.patched, row, s); was != nil {
		row.firstSeen, row.reopened = was.firstSeen, true
		delete(db.patched, patched)
	}
	if other, taken := db.cumulative[k]; taken && other != nil {
		k = row.namedKey()
	}
	db.cumulative[k] = &row
	return k, true
}

// find looks for a finding of the same host; which host is the same depends on the scan's options.
func (db *database) find(in map[key]*record, row record, s scan) (key, *record) {
	for _, k := range []key{row.key(), row.namedKey()} {
		if found := in[k]; found != nil && sameHost(found, row.addr, row.identity, s) {
			return k, found
		}
	}
	if s.dhcpTracking && row.identity.dns != "" {
		for k, found := range in {
			same := k.repository == row.repository && k.plugin == row.plugin && k.port == row.port && k.protocol == row.protocol
			if same && !found.agent && sameHost(found, row.addr, row.identity, s) {
				return k, found
			}
		}
	}
	return row.key(), nil
}

// sameHost compares names where the scan tracks hosts by name, names and addresses where it looks for virtual hosts, and
// addresses alone otherwise: then a new name is only an update.
func sameHost(r *record, addr netip.Addr, id identity, s scan) bool {
	named := r.identity.dns != "" && id.dns != ""
	sameName := strings.EqualFold(r.identity.dns, id.dns)
	switch {
	case s.dhcpTracking && named:
		return sameName
	case s.virtualHosts && named:
		return sameName && r.addr == addr
	}
	return r.addr == addr
}

// rebutted applies the mitigation logic: same repository, target listed, plugin enabled, port scanned, host answered, login
// worked if the check needs one. That the result lacks the row was found before.
func (n *network) rebutted(r *run, row *record) bool {
	p := n.catalog.plugins[row.plugin]
	if !n.repositories[row.repository].inRange.Contains(row.addr) {
		return false
	}
	if row.agent || row.repository != r.scan.repository || !r.targets.Contains(row.addr) || p.Type != typeActive {
		return false
	}
	if !r.policy.enables(row.plugin) || !r.policy.enables(pluginScanInfo) || !r.policy.scansPort(row.protocol, row.port) {
		return false
	}
	for _, obs := range r.outcome.observations {
		if obs.alive && sameHost(row, obs.addr, obs.identity, r.scan) && (!p.local() || obs.login.in()) {
			return true
		}
	}
	return false
}

// forgotten is the harsh reading of classifyMitigatedAge 0: whatever a dead host had is gone at once, as if it were mitigated.
func (n *network) forgotten(r *run, row *record) bool {
	return r.scan.mitigatedAge == 0 && !row.agent && row.repository == r.scan.repository && r.outcome.dead.Contains(row.addr)
}

// mitigate moves rows that nobody has seen again in the meantime.
func (n *network) mitigate(r *run) {
	o := r.outcome
	delete(n.unsettled, r.id)
	for _, p := range o.pending {
		row := n.db.cumulative[p.key]
		if row == nil || !row.lastSeen.Equal(p.lastSeen) {
			continue
		}
		delete(n.db.cumulative, p.key)
		row.mitigated = r.importedAt()
		n.db.patched[p.key] = row
		o.mitigated = append(o.mitigated, *row)
	}
	sortRecords(o.mitigated)
}

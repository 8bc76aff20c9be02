package network

// What happens when a scan's results are imported: rows are written, and what is no longer seen is mitigated.

import (
	"maps"
	"net/netip"
	"slices"
	"time"

	"patchproof/sctest/internal/addresses"
	"patchproof/sctest/internal/scenario"
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

// Settle brings the world up to the clock, one due event after the other.
func (n *Network) Settle(now time.Time) {
	for {
		var next *event
		// By ID, so that what is due at the same time happens in the same order every time.
		for _, id := range slices.Sorted(maps.Keys(n.unsettled)) {
			e := n.dueEvent(n.unsettled[id])
			if e != nil && !e.at.After(now) && (next == nil || e.at.Before(next.at)) {
				next = e
			}
		}
		if e := n.dueSchedule(now); e != nil && (next == nil || e.at.Before(next.at)) {
			next = e
		}
		if next == nil {
			return
		}
		next.do()
	}
}

// dueEvent is the next thing that will happen to a run, if anything will.
func (n *Network) dueEvent(r *Run) *event {
	o := r.Outcome
	switch {
	case o == nil && r.EndsAt().IsZero():
		return nil
	case o == nil:
		return &event{r.EndsAt(), func() { n.finish(r) }}
	case !r.Imports() || r.fault == scenario.FaultImportError:
		delete(n.unsettled, r.ID)
		return nil
	case !o.imported:
		return &event{r.ImportedAt(), func() { n.importRun(r) }}
	}
	return &event{r.ImportedAt().Add(r.timing.MitigationLag), func() { n.mitigate(r) }}
}

// finish seals a run, starts the scans that depend on it, and deletes its one-time policy, unless somebody still needs it.
func (n *Network) finish(r *Run) {
	n.seal(r)
	n.launchDependents(r)
	if r.TimedOut() && r.Scan.TimeoutAction == TimeoutRollover {
		n.rollOver(r)
		return
	}
	p := n.Policies[r.Policy.ID]
	if p != nil && p.OneTime() && r.Scan.Schedule.Kind == ScheduleNow && len(n.RunsWith(p.ID, r.EndsAt())) == 0 {
		delete(n.Policies, p.ID)
	}
}

// rollOver leaves a definition for the rest of the targets; it is launched by somebody, or by the server on the next day.
func (n *Network) rollOver(r *Run) {
	s := r.Scan
	s.Result, s.Created, s.next = 0, r.EndsAt(), time.Time{}
	s.Schedule = schedule{Kind: ScheduleTemplate}
	if s.RolloverType != ScheduleTemplate {
		s.Schedule = schedule{Kind: TimeoutRollover}
		s.next = r.Created.AddDate(0, 0, 1)
	}
	var rest []netip.Addr
	for _, t := range r.reach[r.At(r.EndsAt()).Done:] {
		rest = append(rest, t.addr)
	}
	s.Listed, s.Names, s.Assets = addresses.Of(rest), nil, nil
	s.IPList = addresses.Format(s.Listed)
	n.AddScan(&s)
}

// importRun writes what was seen and decides what is mitigated.
func (n *Network) importRun(r *Run) {
	o := r.Outcome
	o.imported = true
	n.Repositories[r.Scan.Repository].Updated = r.ImportedAt()
	seen := map[key]bool{}
	known := n.db.index(r.Scan)
	for _, obs := range o.observations {
		for _, row := range obs.rows {
			k, fresh := n.db.see(row, r.Scan, known, seen)
			seen[k] = true
			o.Rows = append(o.Rows, row)
			if fresh {
				o.Fresh = append(o.Fresh, row)
			}
		}
	}
	met := o.encounters()
	for k, row := range n.db.cumulative {
		old := n.forgotten(r, row)
		switch {
		case seen[k]:
		case old && n.scenario.DeadHosts == scenario.DeadRemove:
			delete(n.db.cumulative, k)
		case old, n.rebutted(r, row, met):
			o.pending = append(o.pending, pendingMitigation{k, row.LastSeen})
		}
	}
}

// see writes a row into the cumulative database, taking it back from the patched one if it was there.
func (db *database) see(row Row, s Scan, known indexes, met map[key]bool) (k key, fresh bool) {
	k, old := find(db.cumulative, known.cumulative, row, s, met)
	if old != nil {
		row.FirstSeen, row.Reopened = old.FirstSeen, old.Reopened
		// What a scan did not learn of the host stays as it was known.
		row.Identity = row.Identity.or(old.Identity)
		row.Accepted, row.Recast = row.Accepted || old.Accepted, row.Recast || old.Recast
		// A tracked host takes its rows along to its new address.
		delete(db.cumulative, k)
		if k.host == old.hostKey() {
			k = row.key()
		}
		db.cumulative[k] = &row
		return k, false
	}
	if patched, was := find(db.patched, known.patched, row, s, met); was != nil {
		row.FirstSeen, row.Reopened = was.FirstSeen, true
		row.Identity = row.Identity.or(was.Identity)
		delete(db.patched, patched)
	}
	if other, taken := db.cumulative[k]; taken && other != nil {
		k = row.namedKey()
	}
	db.cumulative[k] = &row
	return k, true
}

// rebutted applies the mitigation logic: same repository, target listed, plugin enabled and allowed to look as hard, port scanned, host
// answered, login worked if the check needs one. That the result lacks the row was found before.
func (n *Network) rebutted(r *Run, row *Row, met encounters) bool {
	p := n.Catalog.Plugins[row.Plugin]
	if !n.Repositories[row.Repository].InRange.Contains(row.Addr) {
		return false
	}
	if row.Agent || row.Repository != r.Scan.Repository || !r.Targets.Contains(row.Addr) || p.Type != scenario.TypeActive {
		return false
	}
	if !r.Policy.enables(row.Plugin) || !r.Policy.enables(scenario.PluginScanInfo) || !r.Policy.mayRefute(p) {
		return false
	}
	return slices.ContainsFunc(met.of(row, r.Scan), func(obs observation) bool {
		// What netstat lists counts as scanned, all of it.
		scanned := r.Policy.scansPort(row.Protocol, row.Port) || n.netstat(r, obs) != 0
		return scanned && obs.host.informs() && (!p.Local() || obs.login.in())
	})
}

// forgotten applies classifyMitigatedAge: what a dead host had, and nobody has seen for so many days, goes; with 0, at once.
func (n *Network) forgotten(r *Run, row *Row) bool {
	if row.Agent || row.Repository != r.Scan.Repository || !r.Outcome.dead.Contains(row.Addr) {
		return false
	}
	return r.ImportedAt().Sub(row.LastSeen) >= time.Duration(r.Scan.MitigatedAge)*24*time.Hour
}

// mitigate moves rows that nobody has seen again in the meantime.
func (n *Network) mitigate(r *Run) {
	o := r.Outcome
	delete(n.unsettled, r.ID)
	for _, p := range o.pending {
		row := n.db.cumulative[p.key]
		if row == nil || !row.LastSeen.Equal(p.lastSeen) {
			continue
		}
		delete(n.db.cumulative, p.key)
		row.Mitigated = r.ImportedAt()
		n.db.patched[p.key] = row
		o.Mitigated = append(o.Mitigated, *row)
	}
	sortRecords(o.Mitigated)
}

// ImportAgain imports a result once more. What made the first import fail is over.
func (n *Network) ImportAgain(r *Run, now time.Time) {
	if r.fault == scenario.FaultImportError {
		r.fault = ""
	}
	r.again = now
	// A copy of the result has the outcome as it was.
	fresh := *r.Outcome
	r.Outcome = &fresh
	r.Outcome.imported, r.Outcome.Rows, r.Outcome.Fresh, r.Outcome.Mitigated, r.Outcome.pending = false, nil, nil, nil, nil
	n.unsettled[r.ID] = r
}

// CopyRun makes a result of the same content under a number of its own. It changes no database.
func (n *Network) CopyRun(r *Run, name string, owner Owner) {
	copied := *r
	copied.ID = nextID(n, n.Runs, &n.lastRun, 1)
	copied.Name, copied.Owner, copied.Scan.Owner = name, owner, owner
	n.Runs[copied.ID] = &copied
}

package network

// What happens when a scan's results are imported: rows are written, and what is no longer seen is mitigated.

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
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

// finish seals a run and deletes its one-time policy, unless another run still needs it.
func (n *Network) finish(r *Run) {
	n.seal(r)
	p := n.Policies[r.Policy.ID]
	if p != nil && p.OneTime() && r.Scan.Schedule.Kind == ScheduleNow && len(n.RunsWith(p.ID, r.EndsAt())) == 0 {
		delete(n.Policies, p.ID)
	}
	if r.TimedOut() && r.Scan.TimeoutAction == TimeoutRollover {
		n.rollOver(r)
	}
}

// rollOver leaves a definition for the rest of the targets.
func (n *Network) rollOver(r *Run) {
	s := r.Scan
	s.Result, s.Created = 0, r.EndsAt()
	s.Schedule = schedule{Kind: ScheduleTemplate}
	if s.RolloverType != ScheduleTemplate {
		s.Schedule = schedule{Kind: TimeoutRollover}
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
	for _, obs := range o.observations {
		for _, row := range obs.rows {
			k, fresh := n.db.see(row, r.Scan)
			seen[k] = true
			o.Rows = append(o.Rows, row)
			if fresh {
				o.Fresh = append(o.Fresh, row)
			}
		}
	}
	for k, row := range n.db.cumulative {
		if !seen[k] && (n.rebutted(r, row) || n.forgotten(r, row)) {
			o.pending = append(o.pending, pendingMitigation{k, row.LastSeen})
		}
	}
}

// see writes a row into the cumulative database, taking it back from the patched one if it was there.
func (db *database) see(row Row, s Scan) (k key, fresh bool) {
	k, old := db.find(db.cumulative, row, s)
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
	if patched, was := db.find(db.patched, row, s); was != nil {
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

// find looks for a finding of the same host; which host is the same depends on the scan's options.
func (db *database) find(in map[key]*Row, row Row, s Scan) (key, *Row) {
	for _, k := range []key{row.key(), row.namedKey()} {
		if found := in[k]; found != nil && sameHost(found, row.Addr, row.Identity, s) {
			return k, found
		}
	}
	if s.DHCPTracking && row.Identity.DNS != "" {
		for k, found := range in {
			same := k.repository == row.Repository && k.plugin == row.Plugin && k.port == row.Port && k.protocol == row.Protocol
			if same && !found.Agent && sameHost(found, row.Addr, row.Identity, s) {
				return k, found
			}
		}
	}
	return row.key(), nil
}

// sameHost compares names where the scan tracks hosts by name, names and addresses where it looks for virtual hosts, and
// addresses alone otherwise: then a new name is only an update.
func sameHost(r *Row, addr netip.Addr, id identity, s Scan) bool {
	named := r.Identity.DNS != "" && id.DNS != ""
	sameName := strings.EqualFold(r.Identity.DNS, id.DNS)
	switch {
	case s.DHCPTracking && named:
		return sameName
	case s.VirtualHosts && named:
		return sameName && r.Addr == addr
	}
	return r.Addr == addr
}

// rebutted applies the mitigation logic: same repository, target listed, plugin enabled and allowed to look as hard, port scanned, host
// answered, login worked if the check needs one. That the result lacks the row was found before.
func (n *Network) rebutted(r *Run, row *Row) bool {
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
	return slices.ContainsFunc(r.Outcome.observations, func(obs observation) bool {
		// What netstat lists counts as scanned, all of it.
		scanned := r.Policy.scansPort(row.Protocol, row.Port) || n.netstat(r, obs) != 0
		return obs.alive && scanned && sameHost(row, obs.addr, obs.identity, r.Scan) && (!p.Local() || obs.login.in())
	})
}

// forgotten is the harsh reading of classifyMitigatedAge 0: whatever a dead host had is gone at once, as if it were mitigated.
func (n *Network) forgotten(r *Run, row *Row) bool {
	return r.Scan.MitigatedAge == 0 && !row.Agent && row.Repository == r.Scan.Repository && r.Outcome.dead.Contains(row.Addr)
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

package sctest

// A run of a scan: what it covers, and which status it has at which time. Nothing here changes by itself.

import (
	"net/netip"
	"slices"
	"time"

	"go4.org/netipx"
)

// Statuses of runs.
const (
	statusQueued       = "Queued"
	statusPreparing    = "Preparing"
	statusResolving    = "Resolving Hostnames"
	statusInitializing = "Initializing Scanners"
	statusRunning      = "Running"
	statusPausing      = "Pausing"
	statusPaused       = "Paused"
	statusResuming     = "Resuming"
	statusStopping     = "Stopping"
	statusCompleted    = "Completed"
	statusPartial      = "Partial"
	statusError        = "Error"
)

// Statuses of imports.
const (
	importNoResults = "No Results"
	importPending   = "Import Pending"
	importImporting = "Importing"
	importFinished  = "Finished"
	importError     = "Error"
)

// reaction is how long stopping, pausing and resuming take.
const reaction = 5 * time.Second

type run struct {
	id                int
	scan              scan
	name, description string
	policy            policy
	created           time.Time
	owner             owner
	timing            Timing
	fault             string

	targets *netipx.IPSet
	// reach are the addresses where somebody lives, in the order in which they are scanned.
	reach []target
	// excluded addresses are in the list and nevertheless not scanned.
	excluded *netipx.IPSet

	controls []control
	outcome  *outcome
}

type target struct {
	addr  netip.Addr
	hosts []*host
}

type control struct {
	kind string
	at   time.Time
	// keep has a stopped scan's results imported.
	keep bool
}

const (
	controlPause  = "pause"
	controlResume = "resume"
	controlStop   = "stop"
)

// span is a stretch of time with one status; the last one of a run has no end.
type span struct {
	status  string
	from    time.Time
	to      time.Time
	working bool
	over    bool
}

// moment is what a run looks like at one time.
type moment struct {
	status string
	over   bool
	// since is when the status began; the end of the run, once it is over.
	since time.Time
	done  int
}

// work is how long the scanner has to be busy, and how the run ends when it was.
func (r *run) work() (time.Duration, string) {
	needed := r.timing.PerHost * time.Duration(max(1, len(r.reach)))
	ending := statusCompleted
	switch r.fault {
	case FaultScanError:
		ending = statusError
	case FaultScanPartial:
		ending = statusPartial
	}
	if r.scan.limit > 0 && needed > r.scan.limit {
		return r.scan.limit, statusPartial
	}
	return needed, ending
}

// spans lays the whole run out, as far as it is known now.
func (r *run) spans() []span {
	half, quarter := r.timing.Queue/2, r.timing.Queue/4
	preparing := statusPreparing
	if len(r.scan.names) > 0 {
		preparing = statusResolving
	}
	running := r.created.Add(r.timing.Queue)
	needed, ending := r.work()
	end := running.Add(needed)
	line := []span{
		{status: statusQueued, from: r.created, to: r.created.Add(half)},
		{status: preparing, from: r.created.Add(half), to: r.created.Add(half + quarter)},
		{status: statusInitializing, from: r.created.Add(half + quarter), to: running},
		{status: statusRunning, from: running, to: end, working: true},
		{status: ending, from: end, over: true},
	}
	for _, c := range r.controls {
		line = r.bend(line, c, needed, ending)
	}
	return line
}

// bend puts the effect of somebody's intervention into the line.
func (r *run) bend(line []span, c control, needed time.Duration, ending string) []span {
	line = cutLine(line, c.at)
	later := c.at.Add(reaction)
	switch c.kind {
	case controlPause:
		return append(line, span{status: statusPausing, from: c.at, to: later}, span{status: statusPaused, from: later})
	case controlResume:
		end := later.Add(needed - worked(line, c.at))
		return append(line,
			span{status: statusResuming, from: c.at, to: later},
			span{status: statusRunning, from: later, to: end, working: true},
			span{status: ending, from: end, over: true})
	default:
		ending = statusPartial
		if r.doneAfter(line, worked(line, c.at)) == 0 {
			ending = statusCompleted
		}
		return append(line, span{status: statusStopping, from: c.at, to: later}, span{status: ending, from: later, over: true})
	}
}

func cutLine(line []span, at time.Time) []span {
	var kept []span
	for _, s := range line {
		if s.from.After(at) || s.over {
			continue
		}
		if s.to.IsZero() || s.to.After(at) {
			s.to = at
		}
		kept = append(kept, s)
	}
	return kept
}

// worked adds up the time in which the scanner was busy.
func worked(line []span, until time.Time) time.Duration {
	var sum time.Duration
	for _, s := range line {
		if !s.working || s.from.After(until) {
			continue
		}
		end := s.to
		if end.After(until) {
			end = until
		}
		sum += end.Sub(s.from)
	}
	return sum
}

// doneAfter counts the addresses that are done after so much work.
func (r *run) doneAfter(line []span, work time.Duration) int {
	if !slices.ContainsFunc(line, func(s span) bool { return s.working }) {
		return 0
	}
	all := r.coverage()
	if r.timing.PerHost <= 0 {
		return all
	}
	return min(all, int(work/r.timing.PerHost))
}

// coverage is how many of the addresses this run gets to at all.
func (r *run) coverage() int {
	switch r.fault {
	case FaultScanError, FaultNoResults:
		return 0
	case FaultScanPartial:
		return len(r.reach) / 2
	}
	return len(r.reach)
}

func (r *run) at(now time.Time) moment {
	line := r.spans()
	current := line[0]
	started := false
	for _, s := range line {
		if s.from.After(now) {
			break
		}
		current = s
		started = started || s.working
	}
	m := moment{status: current.status, over: current.over, since: current.from}
	if started {
		m.done = r.doneAfter(line, worked(line, now))
	}
	return m
}

// timeOf is when so much work was done.
func (r *run) timeOf(work time.Duration) time.Time {
	for _, s := range r.spans() {
		if !s.working {
			continue
		}
		if length := s.to.Sub(s.from); work > length {
			work -= length
			continue
		}
		return s.from.Add(work)
	}
	return r.created
}

// startedAt is when the scanner began; zero while it has not.
func (r *run) startedAt(now time.Time) time.Time {
	for _, s := range r.spans() {
		if s.working && !s.from.After(now) {
			return s.from
		}
	}
	return time.Time{}
}

// endsAt is when the run will be over; zero while it is paused.
func (r *run) endsAt() time.Time {
	line := r.spans()
	if last := line[len(line)-1]; last.over {
		return last.from
	}
	return time.Time{}
}

// stopped is the control that ended the run before its time.
func (r *run) stopped() (control, bool) {
	for _, c := range r.controls {
		if c.kind == controlStop {
			return c, true
		}
	}
	return control{}, false
}

// timedOut says whether the scan's own limit ended it.
func (r *run) timedOut() bool {
	_, stopped := r.stopped()
	return !stopped && r.scan.limit > 0 && r.timing.PerHost*time.Duration(max(1, len(r.reach))) > r.scan.limit
}

// imports says whether the results are imported when the run is over.
func (r *run) imports() bool {
	if c, stopped := r.stopped(); stopped {
		return c.keep && r.at(c.at).done > 0
	}
	if r.timedOut() && r.scan.timeoutAction == timeoutDiscard {
		return false
	}
	return r.fault != FaultScanError && r.fault != FaultNoResults
}

// importedAt is when the import is finished, or has ended in error.
func (r *run) importedAt() time.Time { return r.endsAt().Add(r.timing.Import) }

func (r *run) importStartedAt() time.Time { return r.endsAt().Add(r.timing.Import / 4) }

// importAt is the status of the import.
func (r *run) importAt(now time.Time) string {
	if !r.at(now).over || !r.imports() {
		return importNoResults
	}
	switch {
	case now.Before(r.importStartedAt()):
		return importPending
	case now.Before(r.importedAt()):
		return importImporting
	case r.fault == FaultImportError:
		return importError
	}
	return importFinished
}

// intervene stops, pauses or resumes a run. Whatever was foreseen for later, such as an ordered pause, is overtaken.
func (r *run) intervene(what control) {
	r.controls = append(filter(r.controls, func(c control) bool { return c.at.Before(what.at) }), what)
}

// scanning is the address that the scanner is at; none unless the run is running.
func (r *run) scanning(m moment) (netip.Addr, bool) {
	if m.status != statusRunning || m.done >= r.coverage() {
		return netip.Addr{}, false
	}
	return r.reach[m.done].addr, true
}

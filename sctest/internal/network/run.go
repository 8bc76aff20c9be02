package network

// A run of a scan: what it covers, and which status it has at which time. Nothing here changes by itself.

import (
	"net/netip"
	"slices"
	"time"

	"go4.org/netipx"

	"patchproof/sctest/internal/scenario"
)

// Statuses of runs.
const (
	statusQueued       = "Queued"
	statusPreparing    = "Preparing"
	statusResolving    = "Resolving Hostnames"
	statusInitializing = "Initializing Scanners"
	StatusRunning      = "Running"
	statusPausing      = "Pausing"
	StatusPaused       = "Paused"
	statusResuming     = "Resuming"
	StatusStopping     = "Stopping"
	statusCompleted    = "Completed"
	statusPartial      = "Partial"
	StatusError        = "Error"
)

// Statuses of imports.
const (
	importNoResults = "No Results"
	importPending   = "Import Pending"
	ImportImporting = "Importing"
	ImportFinished  = "Finished"
	ImportError     = "Error"
)

// reaction is how long stopping, pausing and resuming take.
const reaction = 5 * time.Second

// Run is one run of a scan, with copies of what it began with.
type Run struct {
	ID                int
	Scan              Scan
	Name, Description string
	// Details is what the server says of the policy.
	Details string
	Policy  Policy
	Created time.Time
	Owner   Owner
	timing  scenario.Timing
	fault   string

	Targets *netipx.IPSet
	// reach are the addresses where somebody lives, in the order in which they are scanned.
	reach []target
	// excluded addresses are in the list and nevertheless not scanned.
	excluded *netipx.IPSet

	interventions []Intervention
	// again is when somebody ordered the result to be imported once more.
	again   time.Time
	Outcome *outcome
}

type target struct {
	addr  netip.Addr
	hosts []*host
}

// Intervention is somebody's order to stop, pause or resume a run.
type Intervention struct {
	Kind string
	At   time.Time
	// Keep has a stopped scan's results imported.
	Keep bool
}

// Kinds of interventions.
const (
	Pause  = "pause"
	Resume = "resume"
	Stop   = "stop"
)

// span is a stretch of time with one status; the last one of a run has no end.
type span struct {
	status  string
	from    time.Time
	to      time.Time
	working bool
	over    bool
}

// Moment is what a run looks like at one time.
type Moment struct {
	Status string
	Over   bool
	// Since is when the status began; the end of the run, once it is over.
	Since time.Time
	Done  int
}

// needed is how long the scanner would be busy without a limit.
func (r *Run) needed() time.Duration { return r.timing.PerHost * time.Duration(max(1, len(r.reach))) }

// work is how long the scanner has to be busy, and how the run ends when it was.
func (r *Run) work() (time.Duration, string) {
	needed := r.needed()
	ending := statusCompleted
	switch r.fault {
	case scenario.FaultScanError:
		ending = StatusError
	case scenario.FaultScanPartial:
		ending = statusPartial
	}
	if r.Scan.Limit > 0 && needed > r.Scan.Limit {
		return r.Scan.Limit, statusPartial
	}
	return needed, ending
}

// spans lays the whole run out, as far as it is known now.
func (r *Run) spans() []span {
	half, quarter := r.timing.Queue/2, r.timing.Queue/4
	preparing := statusPreparing
	if len(r.Scan.Names) > 0 {
		preparing = statusResolving
	}
	running := r.Created.Add(r.timing.Queue)
	needed, ending := r.work()
	end := running.Add(needed)
	line := []span{
		{status: statusQueued, from: r.Created, to: r.Created.Add(half)},
		{status: preparing, from: r.Created.Add(half), to: r.Created.Add(half + quarter)},
		{status: statusInitializing, from: r.Created.Add(half + quarter), to: running},
		{status: StatusRunning, from: running, to: end, working: true},
		{status: ending, from: end, over: true},
	}
	for _, c := range r.interventions {
		line = r.bend(line, c, needed, ending)
	}
	return line
}

// bend puts the effect of somebody's intervention into the line.
func (r *Run) bend(line []span, c Intervention, needed time.Duration, ending string) []span {
	line = cutLine(line, c.At)
	later := c.At.Add(reaction)
	switch c.Kind {
	case Pause:
		return append(line, span{status: statusPausing, from: c.At, to: later}, span{status: StatusPaused, from: later})
	case Resume:
		end := later.Add(needed - worked(line, c.At))
		return append(line,
			span{status: statusResuming, from: c.At, to: later},
			span{status: StatusRunning, from: later, to: end, working: true},
			span{status: ending, from: end, over: true})
	default:
		ending = statusPartial
		if r.doneAfter(line, worked(line, c.At)) == 0 {
			ending = statusCompleted
		}
		return append(line, span{status: StatusStopping, from: c.At, to: later}, span{status: ending, from: later, over: true})
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
		sum += min(s.to.Sub(s.from), until.Sub(s.from))
	}
	return sum
}

// doneAfter counts the addresses that are done after so much work.
func (r *Run) doneAfter(line []span, work time.Duration) int {
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
func (r *Run) coverage() int {
	switch r.fault {
	case scenario.FaultScanError, scenario.FaultNoResults:
		return 0
	case scenario.FaultScanPartial:
		return len(r.reach) / 2
	}
	return len(r.reach)
}

// At is what the run looks like at a time.
func (r *Run) At(now time.Time) Moment {
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
	m := Moment{Status: current.status, Over: current.over, Since: current.from}
	if started {
		m.Done = r.doneAfter(line, worked(line, now))
	}
	return m
}

// timeOf is when so much work was done.
func (r *Run) timeOf(work time.Duration) time.Time {
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
	return r.Created
}

// StartedAt is when the scanner began; zero while it has not.
func (r *Run) StartedAt(now time.Time) time.Time {
	for _, s := range r.spans() {
		if s.working && !s.from.After(now) {
			return s.from
		}
	}
	return time.Time{}
}

// EndsAt is when the run will be over; zero while it is paused.
func (r *Run) EndsAt() time.Time {
	line := r.spans()
	if last := line[len(line)-1]; last.over {
		return last.from
	}
	return time.Time{}
}

// stopped is the intervention that ended the run before its time.
func (r *Run) stopped() (Intervention, bool) {
	i := slices.IndexFunc(r.interventions, func(c Intervention) bool { return c.Kind == Stop })
	if i < 0 {
		return Intervention{}, false
	}
	return r.interventions[i], true
}

// TimedOut says whether the scan's own limit ended it.
func (r *Run) TimedOut() bool {
	_, stopped := r.stopped()
	return !stopped && r.Scan.Limit > 0 && r.needed() > r.Scan.Limit
}

// Imports says whether the results are imported when the run is over.
func (r *Run) Imports() bool {
	if c, stopped := r.stopped(); stopped {
		return c.Keep && r.At(c.At).Done > 0
	}
	if r.TimedOut() && r.Scan.TimeoutAction == TimeoutDiscard {
		return false
	}
	return r.fault != scenario.FaultScanError && r.fault != scenario.FaultNoResults
}

// Seen are the rows of an imported result.
func (r *Run) Seen() []Row {
	if r.Outcome == nil {
		return nil
	}
	return r.Outcome.Rows
}

// ImportedAt is when the import is finished, or has ended in error.
func (r *Run) ImportedAt() time.Time { return r.importFrom().Add(r.timing.Import) }

// importFrom is when the last import was ordered: by the end of the run, or by a person later.
func (r *Run) importFrom() time.Time {
	if !r.again.IsZero() {
		return r.again
	}
	return r.EndsAt()
}

// ImportStartedAt is when the results, which waited for their turn first, begin to be imported.
func (r *Run) ImportStartedAt() time.Time { return r.importFrom().Add(r.timing.Import / 4) }

// ImportAt is the status of the import.
func (r *Run) ImportAt(now time.Time) string {
	if !r.At(now).Over || !r.Imports() {
		return importNoResults
	}
	switch {
	case now.Before(r.ImportStartedAt()):
		return importPending
	case now.Before(r.ImportedAt()):
		return ImportImporting
	case r.fault == scenario.FaultImportError:
		return ImportError
	}
	return ImportFinished
}

// Intervene stops, pauses or resumes a run. Whatever was foreseen for later, such as an ordered pause, is overtaken.
func (r *Run) Intervene(what Intervention) {
	r.interventions = append(filter(r.interventions, func(c Intervention) bool { return c.At.Before(what.At) }), what)
}

// Scanning is the address that the scanner is at; none unless the run is running.
func (r *Run) Scanning(m Moment) (netip.Addr, bool) {
	if m.Status != StatusRunning || m.Done >= r.coverage() {
		return netip.Addr{}, false
	}
	return r.reach[m.Done].addr, true
}

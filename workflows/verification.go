package workflows

// The state of a ticket's run, and how it ends.

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"patchproof/activities"
	"patchproof/remediation"
)

// verification is the state of one run: what is asked, what is known, and what people said in between.
type verification struct {
	interrupt
	request  remediation.Request
	status   Status
	updates  int
	heard    heard
	leftover string // what could not be cleaned up
	// What the search attributes say.
	searchPhase Phase
	searchOpen  int64
	noted       int // how much of maxNotes is used up
}

// newVerification sets up state, queries and updates before anything can be asked.
func newVerification(ctx workflow.Context, request remediation.Request) (*verification, error) {
	info := workflow.GetInfo(ctx)
	v := &verification{request: request, searchPhase: PhaseWaiting, searchOpen: -1}
	// Not from when a worker came: everybody else counts from the start. (The test environment does not tell it.)
	started := cmp.Or(info.WorkflowStartTime, workflow.Now(ctx)).UTC()
	v.status = Status{
		Ticket: v.request.Ticket, Plugin: v.request.Plugin, Repository: v.request.Repository, SC: v.request.SC,
		WorkflowID: info.WorkflowExecution.ID, RunID: info.WorkflowExecution.RunID,
		Phase: PhaseBaseline, StartedAt: started, Deadline: started.Add(time.Duration(v.request.Timeout)),
		Findings: []remediation.Judged{}, Scans: []Scan{},
	}
	if err := workflow.SetQueryHandler(ctx, StatusQuery, func() (Status, error) { return v.status, nil }); err != nil {
		return nil, err
	}
	if err := v.handleUpdates(ctx); err != nil {
		return nil, err
	}
	if carried(workflow.GetTypedSearchAttributes(ctx), v.request) {
		return v, nil
	}
	return v, workflow.UpsertTypedSearchAttributes(ctx, startAttributes(v.request, v.status.Deadline)...)
}

// enter begins a phase. The search attribute knows only the coarse ones: each write of it costs an event.
func (v *verification) enter(ctx workflow.Context, p Phase) {
	v.status.Phase = p
	v.describe(ctx)
	coarse := PhaseWaiting
	if p == PhaseVerifying || p == PhaseReporting || p == PhaseDone {
		coarse = p
	}
	// Reporting is over in a moment, unless there is something to stop: only then it is worth the event.
	if coarse == v.searchPhase || coarse == PhaseReporting && v.why == "" {
		return
	}
	v.searchPhase = coarse
	v.upsert(ctx, PhaseAttribute.ValueSet(string(coarse)))
}

func (v *verification) upsert(ctx workflow.Context, attributes ...temporal.SearchAttributeUpdate) {
	if err := workflow.UpsertTypedSearchAttributes(ctx, attributes...); err != nil {
		// Only a bug can bring us here (an attribute of the wrong type); the verdict matters more than the list.
		workflow.GetLogger(ctx).Error("search attributes not updated", "error", err)
	}
}

// show puts a judgement into the status and counts what is not fixed.
func (v *verification) show(j remediation.Judgement) (open int64) {
	v.status.Findings = make([]remediation.Judged, 0, len(j.Findings))
	n := max(1, len(j.Findings))
	reason, name := min(maxReason, maxReasons/n), min(maxName, maxNames/n)
	for _, f := range j.Findings {
		f.Host, f.DNSName = remediation.Clip(f.Host, name), remediation.Clip(f.DNSName, name)
		f.Protocol, f.Reason = remediation.Clip(f.Protocol, maxProtocol), remediation.Clip(f.Reason, reason)
		v.status.Findings = append(v.status.Findings, f)
	}
	for _, f := range j.Findings {
		if !f.Verdict.Fixed() {
			open++
		}
	}
	return open
}

// judged shows a judgement while the run goes on. The search attribute costs an event, so it is written when it changes.
func (v *verification) judged(ctx workflow.Context, j remediation.Judgement) {
	if open := v.show(j); open != v.searchOpen {
		v.searchOpen = open
		v.upsert(ctx, OpenFindingsAttribute.ValueSet(open))
	}
	v.describe(ctx)
}

// record shows a scan in the status.
func (v *verification) record(scan Scan) {
	if i := slices.IndexFunc(v.status.Scans, func(s Scan) bool { return s.Number == scan.Number }); i >= 0 {
		v.status.Scans[i] = scan
		return
	}
	v.status.Scans = append(v.status.Scans, scan)
}

const (
	// A status is an answer of Temporal and must stay below 256 KiB, with twice as many findings as a baseline has. So much
	// may all reasons, all names and all notes have together:
	maxReasons = 40 << 10
	maxNames   = 48 << 10 // once for hosts, once for DNS names
	maxNotes   = 40 << 10
	// One reason, name or note has no more than this. What a person may say with an update is 1,000 bytes.
	maxReason   = 1000
	maxName     = 255
	maxNote     = 1200
	maxProtocol = 20
	moreNotes   = "there was more to say: it is in the history"
	// maxFailure is below the 4 KiB that Temporal keeps of a failure, and maxNamed is how many hosts a sentence names.
	maxFailure = 3500
	maxNamed   = 5
)

// waits shows what the verification itself waits for.
func (v *verification) waits(ctx workflow.Context, w *Waiting) {
	v.status.Waiting = w
	v.describe(ctx)
}

// attributes are those by which whatever the verification leaves running is found.
func (v *verification) attributes() []temporal.SearchAttributeUpdate {
	return append(startAttributes(v.request, v.status.Deadline), PhaseAttribute.ValueSet(string(PhaseReporting)))
}

// note adds a sentence for who reads the verdict. The last one that there is room for says that there were more.
func (v *verification) note(format string, args ...any) {
	note := remediation.Clip(fmt.Sprintf(format, args...), maxNote)
	if v.noted += remediation.SizeInJSON(note); v.noted > maxNotes {
		if last := len(v.status.Notes) - 1; v.status.Notes[last] != moreNotes {
			v.status.Notes = append(v.status.Notes, moreNotes)
		}
		return
	}
	v.status.Notes = append(v.status.Notes, note)
}

// finish reports the outcome and ends the run. Every end has an outcome or a sentence.
func (v *verification) finish(ctx workflow.Context, j remediation.Judgement) (*Status, error) {
	open := v.show(j)
	if j.Outcome == "" {
		return nil, v.fail(ctx, undecided(j))
	}
	v.status.Outcome = j.Outcome
	for _, note := range j.Notes {
		v.note("%s", note)
	}
	return &v.status, v.end(ctx, OpenFindingsAttribute.ValueSet(open), OutcomeAttribute.ValueSet(string(j.Outcome)))
}

// undecided is the failure of a run that came to its end while something was pending: no scan could look at it.
func undecided(j remediation.Judgement) error {
	var hosts []string
	for _, f := range j.Findings {
		if f.Verdict == remediation.Pending && len(hosts) < maxNamed {
			hosts = append(hosts, remediation.Clip(f.Host, maxName))
		}
	}
	return invalid("ip: no scan could decide about %s: the records have no address for them that a scan could look at; name their addresses",
		strings.Join(hosts, ", "))
}

// end closes the run once nobody is waiting for an answer any more.
func (v *verification) end(ctx workflow.Context, attributes ...temporal.SearchAttributeUpdate) error {
	now := workflow.Now(ctx).UTC()
	v.status.FinishedAt = &now
	v.status.Phase = PhaseDone
	v.describe(ctx)
	v.upsert(ctx, append(attributes, PhaseAttribute.ValueSet(string(PhaseDone)))...)
	return workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) })
}

// fail ends the run with a sentence for people: the activity's own, without Temporal's frame around it. The details are the
// status, for whoever wants to know how far it came.
func (v *verification) fail(ctx workflow.Context, err error) error {
	text, kind := sentence(err)
	v.status.Error = remediation.Clip(text, maxFailure)
	if v.leftover != "" {
		v.status.Error = remediation.Clip(text, maxFailure-maxNote) + "; " + remediation.Clip(v.leftover, maxNote)
	}
	if end := v.end(ctx); end != nil {
		return end
	}
	return temporal.NewNonRetryableApplicationError(v.status.Error, kind, nil, v.status)
}

func sentence(err error) (text, kind string) {
	if app, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return app.Message(), app.Type()
	}
	return err.Error(), activities.ErrorUnavailable
}

// watchCancellation notices that Temporal was asked to cancel the workflow; who asked, it does not say.
func (v *verification) watchCancellation(ctx workflow.Context) {
	workflow.Go(ctx, func(ctx workflow.Context) {
		ctx.Done().Receive(ctx, nil)
		if v.why == "" && v.status.Phase == PhaseReporting {
			v.note("somebody cancelled it in Temporal when it was decided already; that changed nothing")
			return
		}
		v.raise(remediation.Cancelled)
		v.note("cancelled in Temporal, by an unknown person")
	})
}

// watchDeadline ends the waiting when the time is up; extending moves the deadline while it runs.
func (v *verification) watchDeadline(ctx workflow.Context) {
	// Up to a hundredth of the time-out: tickets made in one go must not all come due in one second.
	spread := remediation.Jitter(min(time.Duration(v.request.Timeout)/100, time.Minute), v.status.WorkflowID)
	workflow.Go(ctx, func(ctx workflow.Context) {
		for {
			deadline := v.status.Deadline
			left := deadline.Add(spread).Sub(workflow.Now(ctx))
			round, endRound := workflow.WithCancel(ctx)
			moved, err := workflow.AwaitWithOptions(round, workflow.AwaitOptions{
				Timeout:      left,
				TimerOptions: workflow.TimerOptions{Summary: "deadline of the verification"},
			}, func() bool { return !v.status.Deadline.Equal(deadline) })
			endRound() // or the old deadline's timer would wake the workflow for nothing
			if err != nil {
				return
			}
			if !moved {
				v.raise(remediation.Expired)
				return
			}
		}
	})
}

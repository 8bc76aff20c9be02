package workflows

// The state of a ticket's run, and how it ends.

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"patchproof/activities"
	"patchproof/remediation"
)

// verification is the state of one run: what is asked, what is known, and what people said in between.
type verification struct {
	interrupt
	request     remediation.Request
	status      Status
	updates     int
	heard       heard
	leftover    string // what could not be cleaned up
	searchPhase Phase
}

// newVerification sets up state, queries and updates before anything can be asked.
func newVerification(ctx workflow.Context, request remediation.Request) (*verification, error) {
	info := workflow.GetInfo(ctx)
	v := &verification{request: request, searchPhase: PhaseWaiting}
	started := workflow.Now(ctx).UTC()
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

// show puts a judgement into the status and gives what it says to the search attributes.
func (v *verification) show(j remediation.Judgement) temporal.SearchAttributeUpdate {
	v.status.Findings = append([]remediation.Judged{}, j.Findings...)
	open := 0
	for _, f := range j.Findings {
		if !f.Verdict.Fixed() {
			open++
		}
	}
	return OpenFindingsAttribute.ValueSet(int64(open))
}

// record shows a scan in the status.
func (v *verification) record(scan Scan) {
	if i := slices.IndexFunc(v.status.Scans, func(s Scan) bool { return s.Number == scan.Number }); i >= 0 {
		v.status.Scans[i] = scan
		return
	}
	v.status.Scans = append(v.status.Scans, scan)
}

func (v *verification) note(format string, args ...any) {
	v.status.Notes = append(v.status.Notes, fmt.Sprintf(format, args...))
}

// finish reports the outcome and ends the run.
func (v *verification) finish(ctx workflow.Context, j remediation.Judgement) (*Status, error) {
	if j.Outcome == "" {
		return nil, v.fail(ctx, invalid("the baseline's findings have no address that a scan could look at"))
	}
	v.status.Outcome = j.Outcome
	return &v.status, v.end(ctx, v.show(j), OutcomeAttribute.ValueSet(string(j.Outcome)))
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
	v.status.Error = text
	if v.leftover != "" {
		v.status.Error += "; " + v.leftover
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

package workflows

import (
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"patchproof/activities"
	"patchproof/remediation"
)

// verification is the state of one run: what is asked, what is known, and what people said in between.
type verification struct {
	request     remediation.Request
	status      Status
	interrupted remediation.Interruption
	updates     int
	leftover    string // what could not be cleaned up
	searchPhase Phase
}

// newVerification sets up state, queries and updates before anything can be asked.
func newVerification(ctx workflow.Context, request remediation.Request) (*verification, error) {
	info := workflow.GetInfo(ctx)
	v := &verification{request: request.WithDefaults(), searchPhase: PhaseWaiting}
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
	return v, v.searchable(ctx)
}

// searchable fills in the search attributes for who started the workflow without the command line.
func (v *verification) searchable(ctx workflow.Context) error {
	if _, ok := workflow.GetTypedSearchAttributes(ctx).GetKeyword(TicketAttribute); ok {
		return nil
	}
	return workflow.UpsertTypedSearchAttributes(ctx, StartAttributes(v.request, v.status.Deadline)...)
}

// StartAttributes are the search attributes that a verification begins with.
func StartAttributes(r remediation.Request, deadline time.Time) []temporal.SearchAttributeUpdate {
	r = r.WithDefaults()
	return []temporal.SearchAttributeUpdate{
		TicketAttribute.ValueSet(r.Ticket), SCAttribute.ValueSet(r.SC),
		RepositoryAttribute.ValueSet(fmt.Sprint(r.Repository)), PluginAttribute.ValueSet(int64(r.Plugin)),
		PhaseAttribute.ValueSet(string(PhaseWaiting)), DeadlineAttribute.ValueSet(deadline),
	}
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
	if coarse == v.searchPhase || coarse == PhaseReporting && v.interrupted == "" {
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

func (v *verification) note(format string, args ...any) {
	v.status.Notes = append(v.status.Notes, fmt.Sprintf(format, args...))
}

// finish reports the outcome and ends the run.
func (v *verification) finish(ctx workflow.Context, j remediation.Judgement) (*Status, error) {
	if j.Outcome == "" {
		return nil, v.fail(ctx, temporal.NewNonRetryableApplicationError(
			"the baseline's findings have no address that a scan could look at", activities.ErrorInvalid, nil))
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
	kind := activities.ErrorUnavailable
	if app, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		kind = app.Type()
	}
	v.status.Error = sentence(err)
	if v.leftover != "" {
		v.status.Error += "; " + v.leftover
	}
	if end := v.end(ctx); end != nil {
		return end
	}
	return temporal.NewNonRetryableApplicationError(v.status.Error, kind, nil, v.status)
}

func sentence(err error) string {
	if app, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		return app.Message()
	}
	return err.Error()
}

// watchCancellation notices that Temporal was asked to cancel the workflow; who asked, it does not say.
func (v *verification) watchCancellation(ctx workflow.Context) {
	workflow.Go(ctx, func(ctx workflow.Context) {
		ctx.Done().Receive(ctx, nil)
		v.interrupt(remediation.Cancelled)
		v.note("cancelled in Temporal, by an unknown person")
	})
}

// watchDeadline ends the waiting when the time is up; extending moves the deadline while it runs.
func (v *verification) watchDeadline(ctx workflow.Context) {
	spread := jitter(time.Duration(v.request.Timeout), v.status.WorkflowID)
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
				v.interrupt(remediation.Expired)
				return
			}
		}
	})
}

// interrupt keeps the first reason: a deadline that comes after a cancel changes nothing.
func (v *verification) interrupt(why remediation.Interruption) {
	if v.interrupted == "" {
		v.interrupted = why
	}
}

// jitter is up to a hundredth of a time-out, at most a minute, from the ID: tickets made in one go must not all come due
// in one second.
func jitter(timeout time.Duration, id string) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id)) // never fails
	return min(timeout/100, time.Minute) * time.Duration(h.Sum32()%1000) / 1000
}

package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/temporal"

	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/remediation"
	"patchproof/workflows"
)

const (
	// queryTimeout: a worker that polls answers at once, or after the five seconds in which the server first tries one
	// that has just died.
	queryTimeout = 5 * time.Second
	// lookTimeout bounds a look at the server, so that a lost connection is said soon.
	lookTimeout = 5 * time.Second
	// askAgain is how often a worker is asked although nothing has happened, which is how a missing one is noticed.
	askAgain = 10 * time.Second
	// forgetAfter is how long a server may not know a verification that it knew: one that restarts is not complete at once.
	forgetAfter = 15 * time.Second
)

// view is what is known of a verification at a moment.
type view struct {
	ticket  string
	run     execution
	status  workflows.Status
	known   bool   // the status is more than what we began with
	waiting string // what an activity waits for
	trouble trouble
	done    bool
	err     error // why it is done without a verdict
}

// follower keeps the view of one verification up to date.
type follower struct {
	conn   *connection
	ticket string
	now    func() time.Time

	run       execution
	answered  bool      // a worker has told the status
	askedAt   time.Time // when a worker was last asked
	askedWhen int64     // the length of the history then
	noWorker  trouble   // why the last question was not answered
	missing   time.Time // since when the server does not know the run

	mu   sync.Mutex
	view view
}

func (a *app) follower(conn *connection, run execution, ticket string) *follower {
	f := &follower{conn: conn, ticket: ticket, now: a.Now, run: run}
	f.view = view{ticket: ticket, run: run, status: workflows.Status{Ticket: ticket, Phase: workflows.PhaseWaiting, StartedAt: a.Now()}}
	return f
}

func (f *follower) snapshot() view {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.view
}

func (f *follower) update(change func(*view)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.view)
}

// follow looks at the verification until it has closed. Servers and workers may come and go meanwhile.
func (f *follower) follow(ctx context.Context, every time.Duration, changed func()) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		before := f.snapshot().line()
		if err := f.look(ctx); err != nil && ctx.Err() == nil {
			f.lost(err)
		}
		now := f.snapshot()
		if now.done || now.line() != before {
			changed()
		}
		if now.done {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// lost decides whether an error is only the connection's.
func (f *follower) lost(err error) {
	var namespace *serviceerror.NamespaceNotFound
	if notFound(err) || errors.As(err, &namespace) {
		if f.missing.IsZero() {
			f.missing = f.now()
		}
		if f.now().Sub(f.missing) > forgetAfter {
			f.give(errors.New("the verification is no longer known to Temporal: its server lost its data, or somebody deleted it"))
			return
		}
	} else if !transient(err) {
		f.give(f.conn.explain(err))
		return
	}
	f.update(func(v *view) {
		v.trouble = trouble{key: "lost", text: "lost contact with Temporal, still trying"}
	})
}

// give ends the following without a verdict.
func (f *follower) give(err error) {
	f.update(func(v *view) { v.done, v.err = true, err })
}

// look brings the view up to date; its error is that of the connection.
func (f *follower) look(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, lookTimeout)
	description, err := f.conn.DescribeWorkflowExecution(limited, f.run.workflowID, f.run.runID)
	cancel()
	if err != nil {
		return err
	}
	f.missing = time.Time{}
	switch description.GetWorkflowExecutionInfo().GetStatus() {
	case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED:
		return f.running(ctx, description)
	case enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW:
		f.run.runID = "" // the verification goes on in the current run
		return nil
	default:
		return f.closed(ctx, description)
	}
}

func (f *follower) running(ctx context.Context, d *workflowservice.DescribeWorkflowExecutionResponse) error {
	var status *workflows.Status
	if f.due(d) {
		answer, err := f.ask(ctx)
		f.askedAt, f.askedWhen = f.now(), d.GetWorkflowExecutionInfo().GetHistoryLength()
		switch {
		case err == nil:
			f.answered, f.noWorker, status = true, trouble{}, &answer
		case ctx.Err() != nil:
			return ctx.Err()
		default:
			f.noWorker = f.conn.unanswered(d, err)
		}
	}
	if status == nil && !f.answered {
		recorded := f.conn.recordedStatus(d)
		if f.noWorker.key != "" {
			recorded.Notes = []string{f.noWorker.text + ": this is only what Temporal's own records tell"}
		}
		status = &recorded
	}
	waiting, trouble := f.conn.pending(d, f.now())
	if trouble.key == "" {
		trouble = f.noWorker
	}
	f.update(func(v *view) {
		if status != nil {
			v.status, v.known = complete(*status, f.conn.recordedStatus(d)), true
		}
		v.waiting, v.trouble = waiting, trouble
	})
	return nil
}

// due reports whether a worker must be asked: its answer changes only with the history.
func (f *follower) due(d *workflowservice.DescribeWorkflowExecutionResponse) bool {
	return f.askedAt.IsZero() || f.noWorker.key != "" || f.askedWhen != d.GetWorkflowExecutionInfo().GetHistoryLength() ||
		f.now().Sub(f.askedAt) >= askAgain
}

func (f *follower) ask(ctx context.Context) (workflows.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	var status workflows.Status
	answer, err := f.conn.QueryWorkflow(ctx, f.run.workflowID, f.run.runID, workflows.StatusQuery)
	if err != nil {
		return status, err
	}
	return status, answer.Get(&status)
}

// closed fetches the verdict, or why there is none.
func (f *follower) closed(ctx context.Context, d *workflowservice.DescribeWorkflowExecutionResponse) error {
	limited, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	run := d.GetWorkflowExecutionInfo().GetExecution()
	var status workflows.Status
	err := f.conn.GetWorkflow(limited, run.GetWorkflowId(), run.GetRunId()).Get(limited, &status)
	var failed *temporal.WorkflowExecutionError
	switch {
	case errors.As(err, &failed):
		sentence := failure(err)
		status = lastStatus(err)
		status.Error = sentence.Error()
		f.update(func(v *view) { v.status = complete(status, f.conn.recordedStatus(d)) })
		f.give(sentence)
		return nil
	case err != nil:
		return err
	}
	f.update(func(v *view) {
		v.status = complete(status, f.conn.recordedStatus(d))
		v.waiting, v.trouble, v.known, v.done = "", trouble{}, true, true
	})
	return nil
}

// lastStatus is how far a verification came that failed; it travels as the failure's details.
func lastStatus(err error) (status workflows.Status) {
	var app *temporal.ApplicationError
	if !errors.As(err, &app) || app.Details(&status) != nil {
		return workflows.Status{} // terminated, or of another version: Temporal's records know the rest
	}
	return status
}

// complete fills in what a status lacks from Temporal's records, and makes lists of what would be null in JSON.
func complete(s, recorded workflows.Status) workflows.Status {
	if s.Ticket == "" {
		s.Ticket, s.Plugin, s.Repository, s.SC, s.Phase = recorded.Ticket, recorded.Plugin, recorded.Repository, recorded.SC, recorded.Phase
	}
	if s.WorkflowID == "" {
		s.WorkflowID = recorded.WorkflowID
	}
	if s.RunID == "" {
		s.RunID = recorded.RunID
	}
	if s.StartedAt.IsZero() {
		s.StartedAt = recorded.StartedAt
	}
	if s.FinishedAt == nil {
		s.FinishedAt = recorded.FinishedAt
	}
	if s.Deadline.IsZero() {
		s.Deadline = recorded.Deadline
	}
	if s.Findings == nil {
		s.Findings = recorded.Findings
	}
	if s.Scans == nil {
		s.Scans = recorded.Scans
	}
	return s
}

// resume is the command that shows a verification again.
func resume(s workflows.Status, ticket string) string {
	return subjectFlags("patchproof status", s, ticket) + " --wait"
}

// subjectFlags writes a command about exactly this verification.
func subjectFlags(command string, s workflows.Status, ticket string) string {
	text := command + " " + shellWord(ticket)
	if s.Plugin > 0 && s.Repository > 0 {
		text += fmt.Sprintf(" --plugin %d --repository %d", s.Plugin, s.Repository)
	}
	if s.SC != "" && s.SC != remediation.DefaultSC {
		text += " --sc " + shellWord(s.SC)
	}
	return text
}

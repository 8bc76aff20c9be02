// Package follow keeps what is known of a running verification up to date, whatever becomes of servers and workers meanwhile.
package follow

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/temporal"

	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/starter/internal/namespace"
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

// Follower keeps the view of one verification up to date.
type Follower struct {
	ns  *namespace.Namespace
	now func() time.Time

	run       namespace.Run
	answered  bool      // a worker has told the status
	askedAt   time.Time // when a worker was last asked
	askedWhen int64     // the length of the history then
	noWorker  Trouble   // why the last question was not answered
	missing   time.Time // since when the server does not know the run

	mu   sync.Mutex
	view View
}

// New begins with what is known before anybody was asked.
func New(ns *namespace.Namespace, run namespace.Run, ticket string, now func() time.Time) *Follower {
	f := &Follower{ns: ns, now: now, run: run}
	f.view = View{Ticket: ticket, Status: workflows.Status{Ticket: ticket, Phase: workflows.PhaseWaiting, StartedAt: now()}}
	return f
}

// Snapshot gives the view as it is now.
func (f *Follower) Snapshot() View {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.view
}

func (f *Follower) update(change func(*View)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.view)
}

// Follow looks at the verification until it has closed. Servers and workers may come and go meanwhile.
func (f *Follower) Follow(ctx context.Context, every time.Duration, changed func()) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		before := f.Snapshot().Line()
		if err := f.Look(ctx); err != nil && ctx.Err() == nil {
			f.lost(err)
		}
		now := f.Snapshot()
		if now.Done || now.Line() != before {
			changed()
		}
		if now.Done {
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
func (f *Follower) lost(err error) {
	if namespace.NotFound(err) || namespace.Is[*serviceerror.NamespaceNotFound](err) {
		if f.missing.IsZero() {
			f.missing = f.now()
		}
		if f.now().Sub(f.missing) > forgetAfter {
			f.give(errors.New("the verification is no longer known to Temporal: its server lost its data, or somebody deleted it"))
			return
		}
	} else if !namespace.Transient(err) {
		f.give(f.ns.Explain(err))
		return
	}
	f.update(func(v *View) {
		v.Trouble = Trouble{Key: "lost", Text: "lost contact with Temporal, still trying"}
	})
}

// give ends the following without a verdict.
func (f *Follower) give(err error) {
	f.update(func(v *View) { v.Done, v.Err = true, err })
}

// Look brings the view up to date; its error is that of the connection.
func (f *Follower) Look(ctx context.Context) error {
	limited, cancel := context.WithTimeout(ctx, lookTimeout)
	description, err := f.ns.DescribeWorkflowExecution(limited, f.run.WorkflowID, f.run.RunID)
	cancel()
	if err != nil {
		return err
	}
	f.missing = time.Time{}
	switch description.GetWorkflowExecutionInfo().GetStatus() {
	case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED:
		return f.running(ctx, description)
	case enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW:
		f.run.RunID = "" // the verification goes on in the current run
		return nil
	default:
		return f.closed(ctx, description)
	}
}

func (f *Follower) running(ctx context.Context, d *workflowservice.DescribeWorkflowExecutionResponse) error {
	var status *workflows.Status
	if f.due(d) {
		answer, err := f.ask(ctx)
		f.askedAt, f.askedWhen = f.now(), d.GetWorkflowExecutionInfo().GetHistoryLength()
		switch {
		case err == nil:
			f.answered, f.noWorker, status = true, Trouble{}, &answer
		case ctx.Err() != nil:
			return ctx.Err()
		default:
			f.noWorker = unanswered(d, f.ns.TaskQueue, err)
		}
	}
	if status == nil && !f.answered {
		recorded := recordedStatus(d)
		if f.noWorker.Key != "" {
			recorded.Notes = []string{f.noWorker.Text + ": this is only what Temporal's own records tell"}
		}
		status = &recorded
	}
	waiting, trouble := pending(d, f.ns.Data, f.now())
	if trouble.Key == "" {
		trouble = f.noWorker
	}
	f.update(func(v *View) {
		if status != nil {
			v.Status, v.Known = complete(*status, recordedStatus(d)), true
		}
		if v.Status.Waiting != nil {
			waiting = cmp.Or(waiting, v.Status.Waiting.Text)
			newer := *v.Status.Waiting
			newer.Text = waiting // what an activity saw is newer than what the workflow knows
			v.Status.Waiting = &newer
		}
		v.Waiting, v.Trouble = waiting, trouble
	})
	return nil
}

// due reports whether a worker must be asked: its answer changes only with the history.
func (f *Follower) due(d *workflowservice.DescribeWorkflowExecutionResponse) bool {
	return f.askedAt.IsZero() || f.noWorker.Key != "" || f.askedWhen != d.GetWorkflowExecutionInfo().GetHistoryLength() ||
		f.now().Sub(f.askedAt) >= askAgain
}

func (f *Follower) ask(ctx context.Context) (workflows.Status, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	var status workflows.Status
	answer, err := f.ns.QueryWorkflow(ctx, f.run.WorkflowID, f.run.RunID, workflows.StatusQuery)
	if err != nil {
		return status, err
	}
	return status, answer.Get(&status)
}

// closed fetches the verdict, or why there is none.
func (f *Follower) closed(ctx context.Context, d *workflowservice.DescribeWorkflowExecutionResponse) error {
	limited, cancel := context.WithTimeout(ctx, namespace.CallTimeout)
	defer cancel()
	run := d.GetWorkflowExecutionInfo().GetExecution()
	var status workflows.Status
	err := f.ns.GetWorkflow(limited, run.GetWorkflowId(), run.GetRunId()).Get(limited, &status)
	switch {
	case namespace.Is[*temporal.WorkflowExecutionError](err):
		sentence := failure(err)
		status = lastStatus(err)
		status.Error = sentence.Error()
		f.update(func(v *View) { v.Status = complete(status, recordedStatus(d)) })
		f.give(sentence)
		return nil
	case err != nil:
		return err
	}
	f.update(func(v *View) {
		v.Status = complete(status, recordedStatus(d))
		v.Waiting, v.Trouble, v.Known, v.Done = "", Trouble{}, true, true
	})
	return nil
}

// recordedStatus is the status as far as Temporal's records tell it, for when no worker answers.
func recordedStatus(d *workflowservice.DescribeWorkflowExecutionResponse) workflows.Status {
	return namespace.Recorded(d.GetWorkflowExecutionInfo()).Status()
}

// complete fills in what a status lacks from Temporal's records, and makes lists of what would be null in JSON.
func complete(s, recorded workflows.Status) workflows.Status {
	if s.Ticket == "" {
		s.Ticket, s.Plugin, s.Repository, s.SC, s.Phase = recorded.Ticket, recorded.Plugin, recorded.Repository, recorded.SC, recorded.Phase
	}
	s.WorkflowID, s.RunID = cmp.Or(s.WorkflowID, recorded.WorkflowID), cmp.Or(s.RunID, recorded.RunID)
	s.StartedAt, s.Deadline = cmp.Or(s.StartedAt, recorded.StartedAt), cmp.Or(s.Deadline, recorded.Deadline)
	s.FinishedAt = cmp.Or(s.FinishedAt, recorded.FinishedAt)
	if s.Findings == nil {
		s.Findings = recorded.Findings
	}
	if s.Scans == nil {
		s.Scans = recorded.Scans
	}
	return s
}

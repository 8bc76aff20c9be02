package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"

	failurepb "go.temporal.io/api/failure/v1"

	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"

	"patchproof/workflows"
)

// trouble is what keeps a verification from getting on.
type trouble struct {
	key  string // the same as long as it is the same trouble; "" means none
	text string
}

// notYet is the type of failure by which an activity says that it still waits. It is no trouble.
const notYet = workflows.ErrorNotYet

// pending reads from the server what an activity waits for and what keeps it, without waking the workflow.
func (c *connection) pending(d *workflowservice.DescribeWorkflowExecutionResponse, now time.Time) (waiting string, t trouble) {
	for _, activity := range d.GetPendingActivities() {
		var progress workflows.Progress
		// Other activities keep other things in their heartbeats: they report no progress.
		_ = c.data.FromPayloads(activity.GetHeartbeatDetails(), &progress)
		if waiting == "" {
			waiting = waitsFor(activity, progress)
		}
		if t.key == "" {
			t = activityTrouble(activity, progress, now)
		}
	}
	if task := d.GetPendingWorkflowTask(); t.key == "" && task.GetAttempt() > 2 {
		// One attempt may be lost with a worker; more mean that the worker's code does not get through.
		t = trouble{key: "task", text: fmt.Sprintf("the worker cannot continue this verification (attempt %d): see its log", task.GetAttempt())}
	}
	return waiting, t
}

func waitsFor(a *workflowpb.PendingActivityInfo, p workflows.Progress) string {
	last := a.GetLastFailure()
	if p.Text == "" && last.GetApplicationFailureInfo().GetType() == notYet {
		return last.GetMessage()
	}
	return p.Text
}

func activityTrouble(a *workflowpb.PendingActivityInfo, p workflows.Progress, now time.Time) trouble {
	name := a.GetActivityType().GetName()
	cause := failureText(a.GetLastFailure(), name)
	switch {
	case a.GetPaused() || a.GetState() == enumspb.PENDING_ACTIVITY_STATE_PAUSED:
		return trouble{key: "paused", text: name + " is paused in Temporal: somebody has to unpause it there"}
	case !p.DownSince.IsZero() && cause != "":
		return trouble{
			key:  "down " + p.DownSince.String(),
			text: "Security Center has not answered since " + clock(p.DownSince, now) + ": " + cause + retries(a, now),
		}
	case !p.DownSince.IsZero():
		return trouble{key: "down " + p.DownSince.String(), text: "Security Center has not answered since " + clock(p.DownSince, now) + retries(a, now)}
	case cause != "":
		return trouble{key: cause, text: cause + retries(a, now)}
	}
	return trouble{}
}

// failureText says what went wrong with the last attempt; "" if nothing did.
func failureText(f *failurepb.Failure, activity string) string {
	switch {
	case f == nil || f.GetApplicationFailureInfo().GetType() == notYet:
		return ""
	case f.GetApplicationFailureInfo().GetCategory() == enumspb.APPLICATION_ERROR_CATEGORY_BENIGN:
		return ""
	case f.GetTimeoutFailureInfo() != nil:
		return "the worker was lost during " + activity + ", which is repeated"
	}
	return f.GetMessage()
}

// retries says how often it was tried and when it is tried again.
func retries(a *workflowpb.PendingActivityInfo, now time.Time) string {
	if next := a.GetNextAttemptScheduleTime(); next != nil && next.AsTime().After(now) {
		return fmt.Sprintf(" (attempt %d at %s)", a.GetAttempt(), clock(next.AsTime(), now))
	}
	return fmt.Sprintf(" (attempt %d is under way)", a.GetAttempt())
}

// clock writes a time as near as people need it.
func clock(t, now time.Time) string {
	t = t.In(now.Location())
	if now.Sub(t).Abs() < 12*time.Hour {
		return t.Format("15:04:05")
	}
	return t.Format("2006-01-02 15:04")
}

// unanswered says why no worker told the status.
func (c *connection) unanswered(d *workflowservice.DescribeWorkflowExecutionResponse, err error) trouble {
	var (
		notReady     *serviceerror.WorkflowNotReady
		precondition *serviceerror.FailedPrecondition
		unavailable  *serviceerror.Unavailable
	)
	queue := d.GetExecutionConfig().GetTaskQueue().GetName()
	if queue == "" {
		queue = c.taskQueue
	}
	switch {
	case errors.As(err, &notReady), errors.As(err, &precondition), outOfTime(err):
		return trouble{key: "worker", text: "no worker is polling task queue " + queue + ": start patchproof-worker"}
	case errors.As(err, &unavailable), errors.Is(err, context.Canceled):
		return trouble{key: "lost", text: "lost contact with Temporal, still trying"}
	}
	return trouble{key: "query", text: "the worker does not tell the status: " + strings.TrimSpace(err.Error())}
}

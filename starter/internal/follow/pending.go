package follow

// What the server itself tells of a verification that waits.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	workflowpb "go.temporal.io/api/workflow/v1"

	"patchproof/starter/internal/namespace"
	"patchproof/starter/internal/term"
	"patchproof/workflows"
)

// notYet is the type of failure by which an activity says that it still waits. It is no trouble.
const notYet = workflows.ErrorNotYet

// pending reads from the server what an activity waits for and what keeps it, without waking the workflow.
func pending(d *workflowservice.DescribeWorkflowExecutionResponse, data converter.DataConverter, now time.Time) (waiting string, t Trouble) {
	for _, activity := range d.GetPendingActivities() {
		var progress workflows.Progress
		// Before the first heartbeat there is none, and that of an older version may not be readable: nothing is shown then.
		_ = data.FromPayloads(activity.GetHeartbeatDetails(), &progress)
		if waiting == "" {
			waiting = waitsFor(activity, progress)
		}
		if t.Key == "" {
			t = activityTrouble(activity, progress, now)
		}
	}
	if task := d.GetPendingWorkflowTask(); t.Key == "" && task.GetAttempt() > 2 {
		// One attempt may be lost with a worker; more mean that the worker's code does not get through.
		t = Trouble{Key: "task", Text: fmt.Sprintf("the worker cannot continue this verification (attempt %d): see its log", task.GetAttempt())}
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

func activityTrouble(a *workflowpb.PendingActivityInfo, p workflows.Progress, now time.Time) Trouble {
	name := a.GetActivityType().GetName()
	cause := failureText(a.GetLastFailure(), name)
	switch {
	case a.GetPaused() || a.GetState() == enumspb.PENDING_ACTIVITY_STATE_PAUSED:
		return Trouble{Key: "paused", Text: name + " is paused in Temporal: somebody has to unpause it there"}
	case !p.DownSince.IsZero():
		text := "Security Center has not answered since " + term.Clock(p.DownSince, now)
		if cause != "" {
			text += ": " + cause
		}
		return Trouble{Key: "down " + p.DownSince.String(), Text: text + retries(a, now)}
	case cause != "":
		return Trouble{Key: cause, Text: cause + retries(a, now)}
	}
	return Trouble{}
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
		return fmt.Sprintf(" (attempt %d at %s)", a.GetAttempt(), term.Clock(next.AsTime(), now))
	}
	return fmt.Sprintf(" (attempt %d is under way)", a.GetAttempt())
}

// unanswered says why no worker told the status.
func unanswered(d *workflowservice.DescribeWorkflowExecutionResponse, ourQueue string, err error) Trouble {
	queue := cmp.Or(d.GetExecutionConfig().GetTaskQueue().GetName(), ourQueue)
	switch {
	case namespace.Is[*serviceerror.WorkflowNotReady](err), namespace.Is[*serviceerror.FailedPrecondition](err), namespace.OutOfTime(err):
		return Trouble{Key: "worker", Text: "no worker is polling task queue " + queue + ": start patchproof-worker"}
	case namespace.Is[*serviceerror.Unavailable](err), errors.Is(err, context.Canceled):
		return Trouble{Key: "lost", Text: "lost contact with Temporal, still trying"}
	}
	return Trouble{Key: "query", Text: "the worker does not tell the status: " + strings.TrimSpace(err.Error())}
}

package verification

// Starting a verification, or attaching to the one that runs.

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/remediation"
	"patchproof/starter/internal/namespace"
	"patchproof/starter/internal/term"
	"patchproof/workflows"
)

// starts bounds how often a start is tried: a start that ran out of time, and one that met a run which then closed.
// Either is rare; three in a row mean that something else is wrong.
const starts = 3

// started is the run that a request led to.
type started struct {
	namespace.Run
	attached bool // it ran already
}

// start begins the verification, or attaches to the one that runs for the same targets.
func start(ctx context.Context, ns *namespace.Namespace, request remediation.Request, now time.Time) (started, error) {
	id := workflows.ID(request)
	repeated := false
	var last error
	for range starts {
		run, err := execute(ctx, ns, request, now)
		running, exists := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err)
		switch {
		case err == nil:
			return started{Run: namespace.Run{WorkflowID: id, RunID: run.GetRunID()}}, nil
		case exists:
			old := namespace.Run{WorkflowID: id, RunID: running.RunId}
			attached, err := attach(ctx, ns, old, request)
			if err != nil {
				return started{}, err
			}
			if attached {
				// A start that ran out of time may well have had its effect: then the run is ours.
				return started{Run: old, attached: !repeated}, nil
			}
			last = fmt.Errorf("verifications of ticket %s close as fast as they are found: try again", request.Ticket)
		case namespace.OutOfTime(err) && ctx.Err() == nil:
			// The ID makes it safe to ask again: there is never a second run.
			repeated, last = true, err
		case ctx.Err() != nil:
			return started{}, fmt.Errorf("interrupted while starting: `patchproof status %s` tells whether the verification began", term.ShellWord(request.Ticket))
		default:
			return started{}, err
		}
	}
	return started{}, last
}

func execute(ctx context.Context, ns *namespace.Namespace, request remediation.Request, now time.Time) (client.WorkflowRun, error) {
	ctx, cancel := context.WithTimeout(ctx, namespace.CallTimeout)
	defer cancel()
	return ns.ExecuteWorkflow(ctx, workflows.StartOptions(request, ns.TaskQueue, now), workflows.RemediationWorkflowType, request)
}

// attach reports whether the running verification is the one that is asked for; false means that it has closed.
func attach(ctx context.Context, ns *namespace.Namespace, running namespace.Run, request remediation.Request) (bool, error) {
	description, err := ns.Describe(ctx, running)
	if err != nil {
		return false, err
	}
	if description.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return false, nil
	}
	other, err := requestOf(ctx, ns, running)
	if err != nil {
		return false, err
	}
	if !request.SameTargets(other) {
		return false, fmt.Errorf("ticket %s: a verification of plugin %d in repository %d runs already, for other targets (%s): "+
			"wait for its end or cancel it with `patchproof cancel`", request.Ticket, request.Plugin, request.Repository, other.TargetText(5))
	}
	return true, nil
}

// requestOf reads what a run was started with: its history begins with it.
func requestOf(ctx context.Context, ns *namespace.Namespace, run namespace.Run) (remediation.Request, error) {
	ctx, cancel := context.WithTimeout(ctx, namespace.CallTimeout)
	defer cancel()
	history := ns.GetWorkflowHistory(ctx, run.WorkflowID, run.RunID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	if !history.HasNext() {
		return remediation.Request{}, fmt.Errorf("verification %s: its history is empty", run.WorkflowID)
	}
	first, err := history.Next()
	if err != nil {
		return remediation.Request{}, err
	}
	var request remediation.Request
	input := first.GetWorkflowExecutionStartedEventAttributes().GetInput()
	if err := ns.Data.FromPayloads(input, &request); err != nil {
		return remediation.Request{}, fmt.Errorf("verification %s: what it was asked cannot be read: %w", run.WorkflowID, err)
	}
	return request, nil
}

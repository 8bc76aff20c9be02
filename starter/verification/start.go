package verification

// Starting a verification, or attaching to the one that runs.

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

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
	// differs names what it was asked otherwise, as JSON has it.
	differs []string
}

// json is a status with what a start has to say besides.
func (s started) json(status workflows.Status) any {
	out := struct {
		workflows.Status
		AttachedTo string   `json:"attachedTo,omitempty"` // the run that was there already
		Differs    []string `json:"differs"`
	}{Status: status, Differs: append([]string{}, s.differs...)}
	if s.attached {
		out.AttachedTo = s.RunID
	}
	return out
}

// warning says that the run is not ours, and what of the request it does not follow.
func (s started) warning() string {
	text := "a verification of the same targets runs already; this is it"
	if len(s.differs) == 0 {
		return text
	}
	var names []string
	for _, field := range s.differs {
		names = append(names, "--"+remediation.Flag(field))
	}
	return text + ". It was asked otherwise and stays as it is: " + strings.Join(names, ", ")
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
			other, err := attach(ctx, ns, old, request)
			if err != nil {
				return started{}, err
			}
			if other != nil {
				// A start that ran out of time may well have had its effect: then the run is ours.
				return started{Run: old, attached: !repeated, differs: remediation.Differences(request, *other)}, nil
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

// attach gives what the running verification was asked, if it has the same targets; nil means that it has closed.
func attach(ctx context.Context, ns *namespace.Namespace, running namespace.Run, request remediation.Request) (*remediation.Request, error) {
	description, err := ns.Describe(ctx, running)
	if err != nil {
		return nil, err
	}
	if description.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return nil, nil
	}
	other, err := requestOf(ctx, ns, running)
	if err != nil {
		return nil, err
	}
	if !request.SameTargets(other) {
		return nil, fmt.Errorf("ticket %s: a verification of plugin %d in repository %d runs already, for other targets (%s): "+
			"wait for its end or cancel it with `patchproof cancel`", request.Ticket, request.Plugin, request.Repository, other.TargetText(5))
	}
	return &other, nil
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
	var raw converter.RawValue
	if err = ns.Data.FromPayloads(first.GetWorkflowExecutionStartedEventAttributes().GetInput(), &raw); err != nil {
		return remediation.Request{}, fmt.Errorf("verification %s: what it was asked cannot be read: %w", run.WorkflowID, err)
	}
	request, err := remediation.DecodeRequest(raw.Payload().GetData())
	if err != nil {
		return remediation.Request{}, fmt.Errorf("verification %s: what it was asked is refused, and it is about to end: %w", run.WorkflowID, err)
	}
	return request, nil
}

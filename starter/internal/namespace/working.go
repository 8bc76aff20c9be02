package namespace

// Who still answers for what bears a mark of ours.

import (
	"context"

	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/workflows"
)

// Work is what goes on about a verification.
type Work int

// Nothing goes on, the verification runs, or only its clean-up does.
const (
	WorkNone Work = iota
	WorkCleaningUp
	WorkRunning
)

// maxWorking is how many runs are looked through: marks hold the end of a run's ID, which the index cannot search for.
const maxWorking = 20000

// Working tells what goes on about the verifications with these digits, as [workflows.RunDigits] gives them.
func (n *Namespace) Working(ctx context.Context, digits []string) (map[string]Work, error) {
	found := map[string]Work{}
	for _, d := range digits {
		found[d] = WorkNone
	}
	note := func(firstRun string, work Work) {
		if before, asked := found[workflows.RunDigits(firstRun)]; asked && before < work {
			found[workflows.RunDigits(firstRun)] = work
		}
	}
	open, err := n.pages(ctx, Filter{Open: true}, maxWorking)
	if err != nil {
		return nil, err
	}
	for _, r := range open {
		note(r.RunID, WorkRunning)
	}
	cleaning, err := n.CleanUps(ctx, enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)
	if err != nil {
		return nil, err
	}
	for _, id := range cleaning {
		if firstRun, ok := workflows.RunOfCleanUp(id); ok {
			note(firstRun, WorkCleaningUp)
		}
	}
	return found, n.continued(ctx, found, note)
}

// CleanUps are the workflow IDs of the clean-ups that are in a state: those that go on, or those that gave up.
func (n *Namespace) CleanUps(ctx context.Context, status enumspb.WorkflowExecutionStatus) ([]string, error) {
	var ids []string
	var token []byte
	query := "WorkflowType = " + quote(workflows.CleanUpWorkflowType) + " AND ExecutionStatus = " + quote(status.String())
	for len(ids) < maxWorking {
		page, err := n.page(ctx, query, 1000, token) // the server's largest page
		if err != nil {
			return nil, err
		}
		for _, info := range page.GetExecutions() {
			ids = append(ids, info.GetExecution().GetWorkflowId())
		}
		if token = page.GetNextPageToken(); len(token) == 0 {
			break
		}
	}
	return ids, nil
}

// continued finds the verifications that go on in another run than their first: who resets a workflow gives it a new one.
func (n *Namespace) continued(ctx context.Context, found map[string]Work, note func(string, Work)) error {
	missing := false
	for _, work := range found {
		missing = missing || work == WorkNone
	}
	if !missing {
		return nil
	}
	closed, err := n.pages(ctx, Filter{closed: true}, maxWorking)
	if err != nil {
		return err
	}
	for _, r := range closed {
		if work, asked := found[workflows.RunDigits(r.RunID)]; !asked || work != WorkNone {
			continue
		}
		current, err := n.Describe(ctx, Run{WorkflowID: r.WorkflowID})
		if NotFound(err) {
			continue
		}
		if err != nil {
			return err
		}
		// A new verification under the old ID is not meant.
		later := current.GetWorkflowExecutionInfo()
		if later.GetFirstRunId() == r.RunID && open(later.GetStatus()) {
			note(r.RunID, WorkRunning)
		}
	}
	return nil
}

func open(status enumspb.WorkflowExecutionStatus) bool {
	return status == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING || status == enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED
}

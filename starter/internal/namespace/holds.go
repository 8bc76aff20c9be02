package namespace

// Who holds the launches of a Security Center.

import (
	"cmp"
	"context"
	"slices"

	"patchproof/workflows"
)

// Launches is how it stands with the launches of a Security Center.
type Launches struct {
	Hold *workflows.Hold // nil: nobody holds them
	// Unheard: something was said that no worker has taken notice of yet. TaskQueue is where one would.
	Unheard   bool
	TaskQueue string
}

// Launches tells how it stands, without waking a worker.
func (n *Namespace) Launches(ctx context.Context, sc string) (Launches, error) {
	d, err := n.Describe(ctx, Run{WorkflowID: workflows.SecurityCenterID(sc)})
	if NotFound(err) {
		return Launches{}, nil
	}
	if err != nil {
		return Launches{}, err
	}
	return Launches{
		Hold: workflows.HeldBy(d.GetWorkflowExecutionInfo(), n.Data), Unheard: d.GetPendingWorkflowTask() != nil,
		TaskQueue: cmp.Or(d.GetExecutionConfig().GetTaskQueue().GetName(), n.TaskQueue),
	}, nil
}

// Holds are those of all Security Centers, as far as the index knows them.
func (n *Namespace) Holds(ctx context.Context) ([]workflows.Hold, error) {
	var holds []workflows.Hold
	var token []byte
	query := "WorkflowType = " + quote(workflows.SecurityCenterWorkflowType) + " AND ExecutionStatus = 'Running'"
	for len(holds) < maxWorking {
		page, err := n.page(ctx, query, 1000, token) // the server's largest page
		if err != nil {
			return nil, err
		}
		for _, info := range page.GetExecutions() {
			if hold := workflows.HeldBy(info, n.Data); hold != nil {
				holds = append(holds, *hold)
			}
		}
		if token = page.GetNextPageToken(); len(token) == 0 {
			break
		}
	}
	slices.SortFunc(holds, func(a, b workflows.Hold) int { return cmp.Compare(a.SC, b.SC) })
	return holds, nil
}

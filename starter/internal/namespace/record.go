package namespace

// A verification as Temporal's own records know it.

import (
	"strconv"
	"time"

	"go.temporal.io/sdk/converter"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"

	"patchproof/remediation"
	"patchproof/workflows"
)

// Record is a verification as Temporal's own records know it, without asking a worker.
type Record struct {
	Ticket     string              `json:"ticket"`
	Plugin     int                 `json:"plugin"`
	Repository int                 `json:"repository"`
	SC         string              `json:"sc"`
	WorkflowID string              `json:"workflowId"`
	RunID      string              `json:"runId"`
	State      string              `json:"state"` // running, completed, failed, …
	Phase      string              `json:"phase"`
	Outcome    remediation.Outcome `json:"outcome"`
	StartedAt  time.Time           `json:"startedAt"`
	FinishedAt *time.Time          `json:"finishedAt"`
	Deadline   time.Time           `json:"deadline"`
}

// Recorded reads the record of a run.
func Recorded(info *workflowpb.WorkflowExecutionInfo) Record {
	a := attributes(info.GetSearchAttributes().GetIndexedFields())
	r := Record{
		Ticket: a.text(workflows.TicketAttribute.GetName()), Plugin: int(a.number(workflows.PluginAttribute.GetName())),
		SC:         a.text(workflows.SCAttribute.GetName()),
		WorkflowID: info.GetExecution().GetWorkflowId(), RunID: info.GetExecution().GetRunId(),
		State: state(info.GetStatus()), Phase: a.text(workflows.PhaseAttribute.GetName()),
		Outcome:   remediation.Outcome(a.text(workflows.OutcomeAttribute.GetName())),
		StartedAt: info.GetStartTime().AsTime(), Deadline: a.time(workflows.DeadlineAttribute.GetName()),
	}
	// An attribute that is no number was not written by us; 0 shows that nothing is known.
	r.Repository, _ = strconv.Atoi(a.text(workflows.RepositoryAttribute.GetName()))
	if closed := info.GetCloseTime(); closed != nil {
		at := closed.AsTime()
		r.FinishedAt = &at
	}
	return r
}

// Status is the record in the form of what a worker would answer.
func (r Record) Status() workflows.Status {
	return workflows.Status{
		Ticket: r.Ticket, Plugin: r.Plugin, Repository: r.Repository, SC: r.SC, WorkflowID: r.WorkflowID, RunID: r.RunID,
		Phase: workflows.Phase(r.Phase), Outcome: r.Outcome, StartedAt: r.StartedAt, FinishedAt: r.FinishedAt, Deadline: r.Deadline,
		Findings: []remediation.Judged{}, Scans: []workflows.Scan{},
	}
}

// attributes are search attributes as the server returns them. They are never encrypted, so the default converter
// reads them; one that is missing or of another type is left empty.
type attributes map[string]*commonpb.Payload

func (a attributes) text(name string) string    { return attribute[string](a, name) }
func (a attributes) number(name string) int64   { return attribute[int64](a, name) }
func (a attributes) time(name string) time.Time { return attribute[time.Time](a, name) }
func attribute[T any](a attributes, name string) T {
	var value, none T
	payload, ok := a[name]
	if !ok || converter.GetDefaultDataConverter().FromPayload(payload, &value) != nil {
		return none
	}
	return value
}

// stateRunning is the state of what is not closed.
const stateRunning = "running"

// state is the run's state in a word.
func state(s enumspb.WorkflowExecutionStatus) string {
	switch s {
	case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW:
		return stateRunning
	case enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED:
		return "completed"
	case enumspb.WORKFLOW_EXECUTION_STATUS_FAILED:
		return "failed"
	case enumspb.WORKFLOW_EXECUTION_STATUS_CANCELED:
		return "cancelled"
	case enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED:
		return "terminated"
	case enumspb.WORKFLOW_EXECUTION_STATUS_TIMED_OUT:
		return "timed-out"
	default:
		return "unknown"
	}
}

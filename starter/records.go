package main

import (
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/remediation"
	"patchproof/workflows"
)

// listed is a verification as Temporal's own records know it, without asking a worker.
type listed struct {
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

// recordedStatus is the status as far as Temporal's records tell it, for when no worker answers.
func (c *connection) recordedStatus(d *workflowservice.DescribeWorkflowExecutionResponse) workflows.Status {
	l := listing(d.GetWorkflowExecutionInfo())
	return workflows.Status{
		Ticket: l.Ticket, Plugin: l.Plugin, Repository: l.Repository, SC: l.SC, WorkflowID: l.WorkflowID, RunID: l.RunID,
		Phase: workflows.Phase(l.Phase), Outcome: l.Outcome, StartedAt: l.StartedAt, FinishedAt: l.FinishedAt, Deadline: l.Deadline,
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

// state is the run's state in a word.
func state(s enumspb.WorkflowExecutionStatus) string {
	switch s {
	case enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW:
		return "running"
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

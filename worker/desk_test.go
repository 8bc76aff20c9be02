package main

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"

	"patchproof/workflows"
)

// records stands in for Temporal and counts what it is asked.
type records struct {
	mu     sync.Mutex
	asked  []string
	answer func(ctx context.Context) (*workflowservice.DescribeWorkflowExecutionResponse, error)
}

func (r *records) DescribeWorkflowExecution(ctx context.Context, id, _ string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, id)
	return r.answer(ctx)
}

func newTestDesk(r *records) (d *desk, now *time.Time) {
	at := time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)
	d = newDesk(r)
	d.now = func() time.Time { return at }
	return d, &at
}

func TestDeskReadsTheHold(t *testing.T) {
	t.Parallel()
	hold := workflows.Hold{SC: "branch", By: "ada", Reason: "upgrade", Since: time.Date(2026, 11, 25, 11, 0, 0, 0, time.UTC)}
	memo, err := converter.GetDefaultDataConverter().ToPayload(hold)
	require.NoError(t, err)
	status := enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	r := &records{answer: func(context.Context) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
		return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{
			Status: status, Memo: &commonpb.Memo{Fields: map[string]*commonpb.Payload{"hold": memo}},
		}}, nil
	}}
	d, now := newTestDesk(r)
	for range 1000 { // a thousand that wait cost one question
		found, err := d.Held(t.Context(), "branch")
		require.NoError(t, err)
		require.Equal(t, &hold, found)
	}
	require.Equal(t, []string{"patchproof-sc/branch"}, r.asked)

	_, err = d.Held(t.Context(), "default")
	require.NoError(t, err)
	require.Len(t, r.asked, 2, "each Security Center has its own")

	status = enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED
	*now = now.Add(deskMemory)
	found, err := d.Held(t.Context(), "branch")
	require.NoError(t, err)
	require.Nil(t, found)
}

func TestDeskWithoutAnswer(t *testing.T) {
	t.Parallel()
	answer := serviceerror.NewNotFound("no such workflow")
	r := &records{answer: func(ctx context.Context) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
		_, limited := ctx.Deadline()
		require.True(t, limited)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, answer
	}}
	d, now := newTestDesk(r)
	gone, leave := context.WithCancel(t.Context())
	leave()
	found, err := d.Held(gone, "default") // who asked first and left takes the answer from nobody
	require.NoError(t, err)
	require.Nil(t, found, "nobody ever held")

	*now = now.Add(deskMemory)
	answer = serviceerror.NewUnavailable("down")
	for range 3 { // and nobody waits for the time-outs of others
		_, err = d.Held(t.Context(), "default")
		require.ErrorContains(t, err, "down")
	}
	require.Len(t, r.asked, 2)

	*now = now.Add(deskMemory)
	answer = serviceerror.NewNotFound("no such workflow")
	_, err = d.Held(t.Context(), "default")
	require.NoError(t, err)
}

package e2e_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
)

// withoutCancel is for clean-ups, which run after the test's context has ended.
func withoutCancel(t *testing.T) context.Context {
	t.Helper()
	return context.WithoutCancel(t.Context())
}

func dial(ctx context.Context, t *testing.T) client.Client {
	t.Helper()
	c, err := shared.server.Dial(ctx)
	require.NoError(t, err)
	t.Cleanup(c.Close)
	return c
}

// executions lists all runs of a ticket's workflows.
func executions(ctx context.Context, t *testing.T, ticket string) []*commonpb.WorkflowExecution {
	t.Helper()
	answer, err := dial(ctx, t).ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: client.DefaultNamespace, Query: fmt.Sprintf("PpTicket = '%s'", ticket),
	})
	require.NoError(t, err)
	var out []*commonpb.WorkflowExecution
	for _, info := range answer.GetExecutions() {
		out = append(out, info.GetExecution())
	}
	return out
}

// histories gives the events of all workflows of a ticket's verification; there must be at least one.
func histories(t *testing.T, ticket string) []*historypb.HistoryEvent {
	t.Helper()
	var found []*commonpb.WorkflowExecution
	eventually(t, 20*time.Second, func() error { // the index is behind
		if found = executions(t.Context(), t, ticket); len(found) == 0 {
			return fmt.Errorf("ticket %s is not listed", ticket)
		}
		return nil
	})
	var out []*historypb.HistoryEvent
	for _, e := range found {
		events := dial(t.Context(), t).GetWorkflowHistory(t.Context(), e.GetWorkflowId(), e.GetRunId(), false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
		for events.HasNext() {
			event, err := events.Next()
			require.NoError(t, err)
			out = append(out, event)
		}
	}
	return out
}

// Waiting costs no history: a scan that is looked at many more times makes not one event more.
func TestHistoryDoesNotGrowWithPolls(t *testing.T) {
	t.Parallel()
	const looks = "GET /rest/scanResult/{id}"
	short := start(t, world{speed: 120})
	short.begin("10.0.0.5")
	require.Equal(t, "fixed", short.wait().Outcome)

	long := start(t, world{speed: 6, name: "-long"})
	long.begin("10.0.0.5")
	require.Equal(t, "fixed", long.wait().Outcome)

	few, many := histories(t, short.ticket), histories(t, long.ticket)
	require.GreaterOrEqual(t, long.calls(looks), short.calls(looks)+10, "the long scan was not looked at more often")
	require.Len(t, many, len(few), "events:\n%s", strings.Join(types(many), "\n"))
	require.LessOrEqual(t, len(few), 60)
	t.Logf("%d events; %d and %d looks at the scan", len(few), short.calls(looks), long.calls(looks))
}

func types(events []*historypb.HistoryEvent) []string {
	var out []string
	for _, e := range events {
		out = append(out, e.GetEventType().String())
	}
	return out
}

package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/mocks"
	"google.golang.org/protobuf/types/known/timestamppb"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	workflowpb "go.temporal.io/api/workflow/v1"

	"patchproof/remediation"
	"patchproof/workflows"
)

func someRequest(targets ...string) remediation.Request {
	return remediation.Request{Ticket: "VULN-3", Plugin: 97833, Repository: 1, Targets: targets}.WithDefaults()
}

// fakeTemporal is a connection over a mocked client, for what a real server does only rarely.
func fakeTemporal(t *testing.T) (*connection, *mocks.Client) {
	t.Helper()
	fake := &mocks.Client{}
	fake.Test(t)
	t.Cleanup(func() { fake.AssertExpectations(t) })
	return &connection{
		temporalClient: fake, address: "temporal:7233", namespace: "default", taskQueue: "patchproof", data: converter.GetDefaultDataConverter(),
	}, fake
}

func newRun(t *testing.T, id string) client.WorkflowRun {
	t.Helper()
	run := &mocks.WorkflowRun{}
	run.Test(t)
	run.On("GetRunID").Return(id)
	return run
}

func description(status enumspb.WorkflowExecutionStatus) *workflowservice.DescribeWorkflowExecutionResponse {
	return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{
		Status: status, Execution: &commonpb.WorkflowExecution{WorkflowId: "id", RunId: "run"}, StartTime: timestamppb.New(noon),
	}}
}

func history(t *testing.T, request remediation.Request) client.HistoryEventIterator {
	t.Helper()
	input, err := converter.GetDefaultDataConverter().ToPayloads(request)
	require.NoError(t, err)
	iterator := &mocks.HistoryEventIterator{}
	iterator.On("HasNext").Return(true)
	iterator.On("Next").Return(&historypb.HistoryEvent{Attributes: &historypb.HistoryEvent_WorkflowExecutionStartedEventAttributes{
		WorkflowExecutionStartedEventAttributes: &historypb.WorkflowExecutionStartedEventAttributes{Input: input},
	}}, nil)
	return iterator
}

func alreadyStarted() error {
	return serviceerror.NewWorkflowExecutionAlreadyStarted("already started", "", "running")
}

func executing(fake *mocks.Client) *mock.Call {
	return fake.On("ExecuteWorkflow", mock.Anything, mock.Anything, workflows.RemediationWorkflowType, mock.Anything)
}

func TestStartOptions(t *testing.T) {
	t.Parallel()
	conn, fake := fakeTemporal(t)
	request := someRequest("10.0.0.5", "10.0.0.8", "web1.example.com")
	executing(fake).Run(func(args mock.Arguments) {
		o, ok := args.Get(1).(client.StartWorkflowOptions)
		require.True(t, ok)
		require.Equal(t, "patchproof/default/1/97833/VULN-3", o.ID)
		require.Equal(t, "patchproof", o.TaskQueue)
		require.Equal(t, enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL, o.WorkflowIDConflictPolicy)
		require.Equal(t, enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE, o.WorkflowIDReusePolicy)
		require.True(t, o.WorkflowExecutionErrorWhenAlreadyStarted)
		require.Equal(t, "VULN-3: plugin 97833 in repository 1 on 3 targets", o.StaticSummary)
		require.Contains(t, o.StaticDetails, "web1.example.com")
		ticket, _ := o.TypedSearchAttributes.GetKeyword(workflows.TicketAttribute)
		require.Equal(t, "VULN-3", ticket)
		phase, _ := o.TypedSearchAttributes.GetKeyword(workflows.PhaseAttribute)
		require.Equal(t, "waiting", phase)
		deadline, _ := o.TypedSearchAttributes.GetTime(workflows.DeadlineAttribute)
		require.Equal(t, noon.Add(24*time.Hour), deadline)
		require.Equal(t, 6, o.TypedSearchAttributes.Size())
	}).Return(newRun(t, "new"), nil).Once()
	got, err := conn.start(t.Context(), request, noon)
	require.NoError(t, err)
	require.Equal(t, started{execution: execution{"patchproof/default/1/97833/VULN-3", "new"}}, got)
}

func TestStartAttachesToTheSameTargets(t *testing.T) {
	t.Parallel()
	conn, fake := fakeTemporal(t)
	executing(fake).Return(nil, alreadyStarted()).Once()
	fake.On("DescribeWorkflowExecution", mock.Anything, mock.Anything, "running").Return(description(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING), nil)
	fake.On("GetWorkflowHistory", mock.Anything, mock.Anything, "running", false, mock.Anything).Return(history(t, someRequest("10.0.0.8", "10.0.0.5")))
	got, err := conn.start(t.Context(), someRequest("10.0.0.5", "10.0.0.8"), noon)
	require.NoError(t, err)
	require.Equal(t, "running", got.runID)
	require.True(t, got.attached)
}

func TestStartRefusesOtherTargets(t *testing.T) {
	t.Parallel()
	conn, fake := fakeTemporal(t)
	executing(fake).Return(nil, alreadyStarted()).Once()
	fake.On("DescribeWorkflowExecution", mock.Anything, mock.Anything, "running").Return(description(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING), nil)
	fake.On("GetWorkflowHistory", mock.Anything, mock.Anything, "running", false, mock.Anything).Return(history(t, someRequest("10.0.0.9")))
	_, err := conn.start(t.Context(), someRequest("10.0.0.5"), noon)
	require.EqualError(t, err, "ticket VULN-3: a verification of plugin 97833 in repository 1 runs already, for other targets (10.0.0.9): "+
		"wait for its end or cancel it with `patchproof cancel`")
}

func TestStartOnceMoreWhenTheOtherHasClosed(t *testing.T) {
	t.Parallel()
	conn, fake := fakeTemporal(t)
	executing(fake).Return(nil, alreadyStarted()).Once()
	fake.On("DescribeWorkflowExecution", mock.Anything, mock.Anything, "running").Return(description(enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED), nil)
	executing(fake).Return(newRun(t, "new"), nil).Once()
	got, err := conn.start(t.Context(), someRequest("10.0.0.5"), noon)
	require.NoError(t, err)
	require.Equal(t, "new", got.runID)
	require.False(t, got.attached)
}

func TestStartGivesUpOnAFlickeringVerification(t *testing.T) {
	t.Parallel()
	conn, fake := fakeTemporal(t)
	executing(fake).Return(nil, alreadyStarted()).Times(starts)
	fake.On("DescribeWorkflowExecution", mock.Anything, mock.Anything, "running").Return(description(enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED), nil)
	_, err := conn.start(t.Context(), someRequest("10.0.0.5"), noon)
	require.ErrorContains(t, err, "try again")
}

func TestStartIsRepeatedWhenItsFateIsUnknown(t *testing.T) {
	t.Parallel()
	conn, fake := fakeTemporal(t)
	executing(fake).Return(nil, serviceerror.NewDeadlineExceeded("late")).Once()
	executing(fake).Return(nil, alreadyStarted()).Once() // it had its effect
	fake.On("DescribeWorkflowExecution", mock.Anything, mock.Anything, "running").Return(description(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING), nil)
	fake.On("GetWorkflowHistory", mock.Anything, mock.Anything, "running", false, mock.Anything).Return(history(t, someRequest("10.0.0.5")))
	got, err := conn.start(t.Context(), someRequest("10.0.0.5"), noon)
	require.NoError(t, err)
	require.Equal(t, "running", got.runID)
	require.False(t, got.attached, "it is ours")
}

func TestStartEndsWhenTheServerStaysSilent(t *testing.T) {
	t.Parallel()
	conn, fake := fakeTemporal(t)
	executing(fake).Return(nil, context.DeadlineExceeded).Times(starts)
	_, err := conn.start(t.Context(), someRequest("10.0.0.5"), noon)
	require.EqualError(t, conn.explain(err), "no Temporal server answers at temporal:7233: start one with `make dev` or set TEMPORAL_ADDRESS")
}

func TestAnswersOfTheServerAreExplained(t *testing.T) {
	t.Parallel()
	conn, _ := fakeTemporal(t)
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"start without attributes": {serviceerror.NewInvalidArgument("Namespace default has no mapping defined for search attribute PpTicket"), "`patchproof setup`"},
		"query without attributes": {serviceerror.NewInvalidArgument("invalid query: column name 'PpTicket' is not defined"), "`patchproof setup`"},
		"another invalid argument": {serviceerror.NewInvalidArgument("WorkflowId length exceeds limit"), "WorkflowId length"},
		"namespace":                {serviceerror.NewNamespaceNotFound("default"), "TEMPORAL_NAMESPACE"},
		"rights":                   {serviceerror.NewPermissionDenied("Request unauthorized.", ""), "TEMPORAL_API_KEY"},
		"silence":                  {fmt.Errorf("list: %w", serviceerror.NewUnavailable("connection refused")), "no Temporal server answers at temporal:7233"},
		"overload":                 {serviceerror.NewResourceExhausted(enumspb.RESOURCE_EXHAUSTED_CAUSE_RPS_LIMIT, "namespace rate limit"), "overloaded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.ErrorContains(t, conn.explain(test.err), test.want)
		})
	}
}

func TestSummaryAndDetails(t *testing.T) {
	t.Parallel()
	request := someRequest("10.0.0.5")
	request.Ticket = strings.Repeat("ü", 100) // 200 bytes
	text := summary(request)
	require.LessOrEqual(t, len(text), maxSummary)
	require.NotContains(t, text, "\uFFFD", "cut between characters")
	require.NotContains(t, text, "10.0.0.5")
	require.True(t, strings.HasSuffix(text, ": plugin 97833 in repository 1 on 1 target"), text)
	require.Contains(t, summary(remediation.Request{Ticket: "A", Assets: []int{1, 2}}), "on 2 assets")

	var many []string
	for n := range 200 {
		many = append(many, fmt.Sprintf("host-%d.%s.example.com", n, strings.Repeat("x", 60)))
	}
	request = someRequest(many...)
	request.Ticket = "[click](https://example.com) <b>"
	text = details(request)
	require.Less(t, len(text), 20_000)
	require.Contains(t, text, "and 150 more")
	require.Contains(t, text, `\[click\]`)
	require.NotContains(t, text, "<b>")
}

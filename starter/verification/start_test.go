package verification

import (
	"context"
	"encoding/json"
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
	"patchproof/starter/internal/namespace"
	"patchproof/workflows"
)

func someRequest(targets ...string) remediation.Request {
	return remediation.Request{Ticket: "VULN-3", Plugin: 97833, Repository: 1, Targets: targets}.WithDefaults()
}

// fakeTemporal is a connection over a mocked client, for what a real server does only rarely.
func fakeTemporal(t *testing.T) (*namespace.Namespace, *mocks.Client) {
	t.Helper()
	fake := &mocks.Client{}
	fake.Test(t)
	t.Cleanup(func() { fake.AssertExpectations(t) })
	return &namespace.Namespace{
		Client: fake, Address: "temporal:7233", Name: "default", TaskQueue: "patchproof", Data: converter.GetDefaultDataConverter(),
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
	ns, fake := fakeTemporal(t)
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
	got, err := start(t.Context(), ns, request, noon)
	require.NoError(t, err)
	require.Equal(t, started{Run: namespace.Run{WorkflowID: "patchproof/default/1/97833/VULN-3", RunID: "new"}}, got)
}

func TestStartAttachesToTheSameTargets(t *testing.T) {
	t.Parallel()
	ns, fake := fakeTemporal(t)
	executing(fake).Return(nil, alreadyStarted()).Once()
	fake.On("DescribeWorkflowExecution", mock.Anything, mock.Anything, "running").Return(description(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING), nil)
	fake.On("GetWorkflowHistory", mock.Anything, mock.Anything, "running", false, mock.Anything).Return(history(t, someRequest("10.0.0.8", "10.0.0.5")))
	got, err := start(t.Context(), ns, someRequest("10.0.0.5", "10.0.0.8"), noon)
	require.NoError(t, err)
	require.Equal(t, "running", got.RunID)
	require.True(t, got.attached)
	require.Empty(t, got.differs)
}

func TestStartSaysWhatTheRunningOneWasAskedOtherwise(t *testing.T) {
	t.Parallel()
	ns, fake := fakeTemporal(t)
	executing(fake).Return(nil, alreadyStarted()).Once()
	fake.On("DescribeWorkflowExecution", mock.Anything, mock.Anything, "running").Return(description(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING), nil)
	old := someRequest("10.0.0.5")
	old.TrustPatched, old.RequestedBy, old.Reason, old.Scan.PortRange = true, "ann", "by hand", "all"
	fake.On("GetWorkflowHistory", mock.Anything, mock.Anything, "running", false, mock.Anything).Return(history(t, old))
	got, err := start(t.Context(), ns, someRequest("10.0.0.5"), noon)
	require.NoError(t, err)
	require.True(t, got.attached)
	require.Equal(t, []string{"scan.portRange", "requestedBy", "trustPatched", "reason"}, got.differs)

	text, err := json.Marshal(got.json(workflows.Status{Ticket: "VULN-3"}))
	require.NoError(t, err)
	require.Contains(t, string(text), `"ticket":"VULN-3"`)
	require.Contains(t, string(text), `"attachedTo":"running","differs":["scan.portRange","requestedBy","trustPatched","reason"]`)
	text, err = json.Marshal(started{}.json(workflows.Status{}))
	require.NoError(t, err)
	require.Contains(t, string(text), `"differs":[]`)
	require.NotContains(t, string(text), `attachedTo`)
}

func TestStartRefusesOtherTargets(t *testing.T) {
	t.Parallel()
	ns, fake := fakeTemporal(t)
	executing(fake).Return(nil, alreadyStarted()).Once()
	fake.On("DescribeWorkflowExecution", mock.Anything, mock.Anything, "running").Return(description(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING), nil)
	fake.On("GetWorkflowHistory", mock.Anything, mock.Anything, "running", false, mock.Anything).Return(history(t, someRequest("10.0.0.9")))
	_, err := start(t.Context(), ns, someRequest("10.0.0.5"), noon)
	require.EqualError(t, err, "ticket VULN-3: a verification of plugin 97833 in repository 1 runs already, for other targets (10.0.0.9): "+
		"wait for its end or cancel it with `patchproof cancel`")
}

func TestStartOnceMoreWhenTheOtherHasClosed(t *testing.T) {
	t.Parallel()
	ns, fake := fakeTemporal(t)
	executing(fake).Return(nil, alreadyStarted()).Once()
	fake.On("DescribeWorkflowExecution", mock.Anything, mock.Anything, "running").Return(description(enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED), nil)
	executing(fake).Return(newRun(t, "new"), nil).Once()
	got, err := start(t.Context(), ns, someRequest("10.0.0.5"), noon)
	require.NoError(t, err)
	require.Equal(t, "new", got.RunID)
	require.False(t, got.attached)
}

func TestStartGivesUpOnAFlickeringVerification(t *testing.T) {
	t.Parallel()
	ns, fake := fakeTemporal(t)
	executing(fake).Return(nil, alreadyStarted()).Times(starts)
	fake.On("DescribeWorkflowExecution", mock.Anything, mock.Anything, "running").Return(description(enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED), nil)
	_, err := start(t.Context(), ns, someRequest("10.0.0.5"), noon)
	require.ErrorContains(t, err, "try again")
}

func TestStartIsRepeatedWhenItsFateIsUnknown(t *testing.T) {
	t.Parallel()
	ns, fake := fakeTemporal(t)
	executing(fake).Return(nil, serviceerror.NewDeadlineExceeded("late")).Once()
	executing(fake).Return(nil, alreadyStarted()).Once() // it had its effect
	fake.On("DescribeWorkflowExecution", mock.Anything, mock.Anything, "running").Return(description(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING), nil)
	fake.On("GetWorkflowHistory", mock.Anything, mock.Anything, "running", false, mock.Anything).Return(history(t, someRequest("10.0.0.5")))
	got, err := start(t.Context(), ns, someRequest("10.0.0.5"), noon)
	require.NoError(t, err)
	require.Equal(t, "running", got.RunID)
	require.False(t, got.attached, "it is ours")
}

func TestStartEndsWhenTheServerStaysSilent(t *testing.T) {
	t.Parallel()
	ns, fake := fakeTemporal(t)
	executing(fake).Return(nil, context.DeadlineExceeded).Times(starts)
	_, err := start(t.Context(), ns, someRequest("10.0.0.5"), noon)
	require.EqualError(t, ns.Explain(err), "no Temporal server answers at temporal:7233: start one with `make dev` or set TEMPORAL_ADDRESS")
}

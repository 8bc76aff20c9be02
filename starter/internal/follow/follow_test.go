package follow

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/mocks"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/types/known/timestamppb"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	workflowpb "go.temporal.io/api/workflow/v1"

	"patchproof/remediation"
	"patchproof/starter/internal/namespace"
	"patchproof/workflows"
)

func TestNoWorker(t *testing.T) {
	t.Parallel()
	for name, err := range map[string]error{
		"no answer":       context.DeadlineExceeded,
		"server gave up":  serviceerror.NewDeadlineExceeded("deadline"),
		"never had one":   serviceerror.NewWorkflowNotReady("must handle at least one workflow task"),
		"nobody for long": serviceerror.NewFailedPrecondition("no poller seen for task queue recently, worker may be down"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ns, fake := fakeTemporal(t)
			fake.On("DescribeWorkflowExecution", mock.Anything, "id", "run").Return(description(), nil)
			fake.On("QueryWorkflow", mock.Anything, "id", "run", workflows.StatusQuery).Return(nil, err)
			f := New(ns, namespace.Run{WorkflowID: "id", RunID: "run"}, "VULN-3", clock)
			require.NoError(t, f.Look(t.Context()))
			v := f.Snapshot()
			require.False(t, v.Done)
			require.Equal(t, "no worker is polling task queue patchproof: start patchproof-worker", v.Trouble.Text)
			require.Len(t, v.Status.Notes, 1, "the reader learns that these are only Temporal's records")
			require.NotNil(t, v.Status.Findings)
		})
	}
}

func TestWorkerIsAskedOnlyWhenSomethingHappened(t *testing.T) {
	t.Parallel()
	ns, _ := fakeTemporal(t)
	f := New(ns, namespace.Run{WorkflowID: "id", RunID: "run"}, "VULN-3", clock)
	d := description()
	d.WorkflowExecutionInfo.HistoryLength = 10
	require.True(t, f.due(d), "never asked")
	f.askedAt, f.askedWhen = noon, 10
	require.False(t, f.due(d), "nothing happened")
	d.WorkflowExecutionInfo.HistoryLength = 11
	require.True(t, f.due(d), "an event")
	f.askedWhen = 11
	f.noWorker = Trouble{Key: "worker"}
	require.True(t, f.due(d), "the worker may be back")
	f.noWorker = Trouble{}
	f.now = func() time.Time { return noon.Add(askAgain) }
	require.True(t, f.due(d), "the worker may be gone")
}

func pendingActivity(t *testing.T, p *workflows.Progress, last *failurepb.Failure, next time.Time) *workflowpb.PendingActivityInfo {
	t.Helper()
	info := &workflowpb.PendingActivityInfo{ActivityType: &commonpb.ActivityType{Name: "AwaitScan"}, Attempt: 7, LastFailure: last}
	if p != nil {
		details, err := converter.GetDefaultDataConverter().ToPayloads(p)
		require.NoError(t, err)
		info.HeartbeatDetails = details
	}
	if !next.IsZero() {
		info.NextAttemptScheduleTime = timestamppb.New(next)
	}
	return info
}

func applicationFailure(kind, message string) *failurepb.Failure {
	return &failurepb.Failure{Message: message, FailureInfo: &failurepb.Failure_ApplicationFailureInfo{
		ApplicationFailureInfo: &failurepb.ApplicationFailureInfo{Type: kind},
	}}
}

func TestPendingActivity(t *testing.T) {
	t.Parallel()
	down := &workflows.Progress{Text: "scan Running", DownSince: noon.Add(-time.Hour)}
	lostWorker := &failurepb.Failure{Message: "activity Heartbeat timeout", FailureInfo: &failurepb.Failure_TimeoutFailureInfo{TimeoutFailureInfo: &failurepb.TimeoutFailureInfo{}}}
	paused := pendingActivity(t, nil, nil, time.Time{})
	paused.Paused = true
	other := pendingActivity(t, nil, nil, time.Time{})
	other.HeartbeatDetails = &commonpb.Payloads{Payloads: []*commonpb.Payload{{Data: []byte("?")}}}
	for name, test := range map[string]struct {
		activity         *workflowpb.PendingActivityInfo
		waiting, trouble string
	}{
		"polls":                  {pendingActivity(t, &workflows.Progress{Text: "scan Running, 1 of 3 hosts"}, applicationFailure("NotYet", "scan Running"), noon.Add(time.Minute)), "scan Running, 1 of 3 hosts", ""},
		"polls without progress": {pendingActivity(t, nil, applicationFailure("NotYet", "scan Queued"), noon.Add(time.Minute)), "scan Queued", ""},
		"first attempt":          {pendingActivity(t, nil, nil, time.Time{}), "", ""},
		"SC is down": {
			pendingActivity(t, down, applicationFailure("Unavailable", "connection refused"), noon.Add(time.Minute)),
			"scan Running", "Security Center has not answered since 11:00:00: connection refused (attempt 7 at 12:01:00)",
		},
		"SC is down, asking again": {pendingActivity(t, down, nil, time.Time{}), "scan Running", "Security Center has not answered since 11:00:00 (attempt 7 is under way)"},
		"fails":                    {pendingActivity(t, nil, applicationFailure("Unavailable", "GET /rest/plugin: 502"), time.Time{}), "", "GET /rest/plugin: 502 (attempt 7 is under way)"},
		"worker was lost":          {pendingActivity(t, nil, lostWorker, time.Time{}), "", "the worker was lost during AwaitScan, which is repeated (attempt 7 is under way)"},
		"paused":                   {paused, "", "AwaitScan is paused in Temporal: somebody has to unpause it there"},
		"keeps other details":      {other, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := description()
			d.PendingActivities = []*workflowpb.PendingActivityInfo{test.activity}
			waiting, trouble := pending(d, converter.GetDefaultDataConverter(), noon)
			require.Equal(t, test.waiting, waiting)
			require.Equal(t, test.trouble, trouble.Text)
		})
	}
}

func TestStuckWorkflowTask(t *testing.T) {
	t.Parallel()
	d := description()
	d.PendingWorkflowTask = &workflowpb.PendingWorkflowTaskInfo{Attempt: 5}
	_, trouble := pending(d, converter.GetDefaultDataConverter(), noon)
	require.Equal(t, "the worker cannot continue this verification (attempt 5): see its log", trouble.Text)
}

func TestFailureIsOneSentence(t *testing.T) {
	t.Parallel()
	sentence := temporal.NewNonRetryableApplicationError("repository 99 does not exist", "Invalid", nil)
	wrapped := temporal.NewApplicationErrorWithCause("activity error (type: Baseline, scheduledEventID: 5): repository 99 does not exist (type: Invalid, retryable: false)", "wrapError", sentence)
	withReason := temporal.NewApplicationErrorWithCause("the plugin cannot be scanned", "Invalid", sentence)
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"plain":      {fmt.Errorf("workflow execution error: %w", sentence), "repository 99 does not exist"},
		"wrapped":    {wrapped, "repository 99 does not exist"},
		"own words":  {withReason, "the plugin cannot be scanned"},
		"terminated": {&temporal.TerminatedError{}, "the verification was terminated in Temporal: what it left in Security Center was not cleaned up"},
		"timeout":    {temporal.NewTimeoutError(enumspb.TIMEOUT_TYPE_START_TO_CLOSE, nil), "the verification ran into a time limit of Temporal before it had a verdict"},
		"cancelled":  {temporal.NewCanceledError(), "the verification was cancelled in Temporal before it could report"},
		"unknown":    {errors.New("something else"), "something else"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.EqualError(t, failure(test.err), test.want)
		})
	}
}

// noon is the time in tests.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

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

func description() *workflowservice.DescribeWorkflowExecutionResponse {
	return &workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: &workflowpb.WorkflowExecutionInfo{
		Status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, Execution: &commonpb.WorkflowExecution{WorkflowId: "id", RunId: "run"}, StartTime: timestamppb.New(noon),
	}}
}

func TestGoneVerification(t *testing.T) {
	t.Parallel()
	ns, _ := fakeTemporal(t)
	f := New(ns, namespace.Run{WorkflowID: "id", RunID: "run"}, "VULN-3", clock)
	f.lost(serviceerror.NewNotFound("x"))
	require.False(t, f.Snapshot().Done)
	f.now = func() time.Time { return noon.Add(forgetAfter + time.Second) }
	f.lost(serviceerror.NewNotFound("x"))
	require.True(t, f.Snapshot().Done)
}

func TestListsAreNeverNull(t *testing.T) {
	t.Parallel()
	status := complete(workflows.Status{Ticket: "A"}, workflows.Status{Findings: []remediation.Judged{}, Scans: []workflows.Scan{}})
	require.NotNil(t, status.Findings)
	require.NotNil(t, status.Scans)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/mocks"
	"go.temporal.io/sdk/temporal"
	"google.golang.org/protobuf/types/known/timestamppb"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	failurepb "go.temporal.io/api/failure/v1"
	workflowpb "go.temporal.io/api/workflow/v1"

	"patchproof/remediation"
	"patchproof/workflows"
)

// answer is what a worker says to the status query.
func answer(t *testing.T, status workflows.Status) converter.EncodedValue {
	t.Helper()
	value := &mocks.Value{}
	value.On("Get", mock.Anything).Run(func(args mock.Arguments) {
		target, ok := args.Get(0).(*workflows.Status)
		require.True(t, ok)
		*target = status
	}).Return(nil)
	return value
}

// ending is a run whose result is already there.
func ending(t *testing.T, status workflows.Status, err error) client.WorkflowRun {
	t.Helper()
	run := &mocks.WorkflowRun{}
	run.Test(t)
	run.On("Get", mock.Anything, mock.Anything).Run(func(args mock.Arguments) {
		if target, ok := args.Get(1).(*workflows.Status); ok {
			*target = status
		}
	}).Return(err)
	return run
}

func TestWatchSurvivesAnOutage(t *testing.T) {
	t.Parallel()
	conn, fake := fakeTemporal(t)
	scanning := workflows.Status{Ticket: "VULN-3", Phase: workflows.PhaseScanning, StartedAt: noon}
	describing := func() *mock.Call { return fake.On("DescribeWorkflowExecution", mock.Anything, "id", "run") }
	describing().Return(description(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING), nil).Once()
	fake.On("QueryWorkflow", mock.Anything, "id", "run", workflows.StatusQuery).Return(answer(t, scanning), nil).Once()
	describing().Return(nil, serviceerror.NewUnavailable("connection refused")).Times(3)
	describing().Return(nil, serviceerror.NewNotFound("not loaded yet")).Once()
	describing().Return(description(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING), nil).Once() // no event, so no worker is asked
	describing().Return(description(enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED), nil)
	fake.On("GetWorkflow", mock.Anything, "id", "run").Return(ending(t, workflows.Status{}, serviceerror.NewUnavailable("again"))).Once()
	fake.On("GetWorkflow", mock.Anything, "id", "run").Return(ending(t, workflows.Status{Ticket: "VULN-3", Outcome: remediation.OutcomeInconclusive, Phase: workflows.PhaseDone}, nil)).Once()

	i := newInvocation(t)
	a := &app{Command: i.Command}
	err := a.watch(t.Context(), conn, []*follower{a.follower(conn, execution{"id", "run"}, "VULN-3")}, outputTable, false)
	require.Equal(t, exitError(exitUndecided), err)
	require.Equal(t, `VULN-3: scanning (0s)
VULN-3: lost contact with Temporal, still trying
VULN-3: the trouble is over
VULN-3: lost contact with Temporal, still trying
VULN-3: inconclusive (0s)
`, i.stderr.String(), "several failures in a row are one trouble")
	require.Contains(t, i.stdout.String(), "VULN-3: inconclusive")
}

func TestWatchEndsWhenTheVerificationIsGone(t *testing.T) {
	t.Parallel()
	conn, fake := fakeTemporal(t)
	fake.On("DescribeWorkflowExecution", mock.Anything, "id", "run").Return(nil, serviceerror.NewNotFound("workflow not found"))
	i := newInvocation(t)
	a := &app{Command: i.Command}
	f := a.follower(conn, execution{"id", "run"}, "VULN-3")
	f.lost(serviceerror.NewNotFound("x"))
	require.False(t, f.snapshot().done)
	f.now = func() time.Time { return noon.Add(forgetAfter + time.Second) }
	err := a.watch(t.Context(), conn, []*follower{f}, outputJSON, false)
	require.Equal(t, exitError(exitFailed), err)
	require.Contains(t, i.stderr.String(), "VULN-3: the verification is no longer known to Temporal")
	require.Empty(t, i.stdout.String())
}

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
			conn, fake := fakeTemporal(t)
			fake.On("DescribeWorkflowExecution", mock.Anything, "id", "run").Return(description(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING), nil)
			fake.On("QueryWorkflow", mock.Anything, "id", "run", workflows.StatusQuery).Return(nil, err)
			i := newInvocation(t)
			f := (&app{Command: i.Command}).follower(conn, execution{"id", "run"}, "VULN-3")
			require.NoError(t, f.look(t.Context()))
			v := f.snapshot()
			require.False(t, v.done)
			require.Equal(t, "no worker is polling task queue patchproof: start patchproof-worker", v.trouble.text)
			require.Len(t, v.status.Notes, 1, "the reader learns that these are only Temporal's records")
			require.NotNil(t, v.status.Findings)
		})
	}
}

func TestWorkerIsAskedOnlyWhenSomethingHappened(t *testing.T) {
	t.Parallel()
	i := newInvocation(t)
	conn, _ := fakeTemporal(t)
	f := (&app{Command: i.Command}).follower(conn, execution{"id", "run"}, "VULN-3")
	d := description(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)
	d.WorkflowExecutionInfo.HistoryLength = 10
	require.True(t, f.due(d), "never asked")
	f.askedAt, f.askedWhen = noon, 10
	require.False(t, f.due(d), "nothing happened")
	d.WorkflowExecutionInfo.HistoryLength = 11
	require.True(t, f.due(d), "an event")
	f.askedWhen = 11
	f.noWorker = trouble{key: "worker"}
	require.True(t, f.due(d), "the worker may be back")
	f.noWorker = trouble{}
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
			conn, _ := fakeTemporal(t)
			d := description(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)
			d.PendingActivities = []*workflowpb.PendingActivityInfo{test.activity}
			waiting, trouble := conn.pending(d, noon)
			require.Equal(t, test.waiting, waiting)
			require.Equal(t, test.trouble, trouble.text)
		})
	}
}

func TestStuckWorkflowTask(t *testing.T) {
	t.Parallel()
	conn, _ := fakeTemporal(t)
	d := description(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)
	d.PendingWorkflowTask = &workflowpb.PendingWorkflowTaskInfo{Attempt: 5}
	_, trouble := conn.pending(d, noon)
	require.Equal(t, "the worker cannot continue this verification (attempt 5): see its log", trouble.text)
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

package workflows_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	workflowpb "go.temporal.io/api/workflow/v1"

	"patchproof/workflows"
)

var noon = time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)

// office is the workflow of a Security Center in the test environment.
type office struct {
	*testsuite.TestWorkflowEnvironment
	shown []workflows.Hold // what the memo said, one after the other
}

func newOffice() *office {
	o := &office{TestWorkflowEnvironment: newEnvironment()}
	o.SetStartTime(noon)
	o.OnUpsertMemo(mock.Anything).Run(func(args mock.Arguments) {
		o.shown = append(o.shown, args.Get(0).(map[string]any)["hold"].(workflows.Hold))
	}).Return(nil).Maybe()
	return o
}

// says sends a word at a time of the workflow's clock; at 0 it starts the workflow.
func (o *office) says(after time.Duration, do, actor, reason string) {
	o.RegisterDelayedCallback(func() {
		o.SignalWorkflow(workflows.LaunchesSignal, workflows.Launches{Do: do, Actor: actor, Reason: reason, At: noon.Add(after)})
	}, after)
}

// run gives the result, nil if it has none.
func (o *office) run(t *testing.T, state workflows.SecurityCenter) *workflows.Released {
	t.Helper()
	o.ExecuteWorkflow(workflows.SecurityCenterWorkflow, state)
	require.True(t, o.IsWorkflowCompleted())
	require.NoError(t, o.GetWorkflowError())
	var out *workflows.Released
	if err := o.GetWorkflowResult(&out); err != nil {
		require.ErrorIs(t, err, temporal.ErrNoData)
	}
	return out
}

func TestHoldLastsUntilItIsReleased(t *testing.T) {
	t.Parallel()
	o := newOffice()
	o.says(0, workflows.DoHold, "ada", "upgrade")
	o.says(time.Hour, workflows.DoHold, "ada", "upgrade") // the same command again
	o.says(2*time.Hour, workflows.DoHold, "eve", "freeze")
	o.says(72*time.Hour, workflows.DoRelease, "bob", "done")
	out := o.run(t, workflows.SecurityCenter{SC: "branch"})
	freeze := workflows.Hold{SC: "branch", By: "eve", Reason: "freeze", Since: noon.Add(2 * time.Hour)}
	require.Equal(t, []workflows.Hold{{SC: "branch", By: "ada", Reason: "upgrade", Since: noon}, freeze}, o.shown)
	require.Equal(t, &workflows.Released{Hold: freeze, By: "bob", Reason: "done", At: noon.Add(72 * time.Hour)}, out)
}

// With no worker there, several words wait for it. They count in the order in which they were said.
func TestWordsThatWaitedForAWorker(t *testing.T) {
	t.Parallel()
	o := newOffice()
	o.says(0, workflows.DoHold, "ada", "upgrade")
	o.says(0, workflows.DoRelease, "ada", "done")
	out := o.run(t, workflows.SecurityCenter{SC: "default"})
	require.Equal(t, "upgrade", out.Hold.Reason)
	require.Equal(t, noon, o.Now().UTC(), "it ended at once")

	o = newOffice()
	o.says(0, workflows.DoHold, "ada", "upgrade")
	o.says(0, workflows.DoRelease, "ada", "done")
	o.says(0, workflows.DoHold, "eve", "freeze")
	o.says(time.Hour, workflows.DoRelease, "eve", "over")
	out = o.run(t, workflows.SecurityCenter{SC: "default"})
	require.Equal(t, "freeze", out.Hold.Reason)
	require.Equal(t, "over", out.Reason)
}

// What our command would not have sent holds nothing, and releases nothing.
func TestWordsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, word := range map[string]any{
		"nobody":           workflows.Launches{Do: workflows.DoHold, Reason: "x"},
		"no reason":        workflows.Launches{Do: workflows.DoHold, Actor: "eve"},
		"another word":     workflows.Launches{Do: "stop", Actor: "eve", Reason: "x"},
		"turned around":    workflows.Launches{Do: workflows.DoHold, Actor: "eve", Reason: "a\u202eb"},
		"far too long":     workflows.Launches{Do: workflows.DoHold, Actor: "eve", Reason: strings.Repeat("x", 2000)},
		"not even a word":  "hold",
		"of another shape": map[string]any{"do": 7},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOffice()
			o.RegisterDelayedCallback(func() { o.SignalWorkflow(workflows.LaunchesSignal, word) }, 0)
			require.Nil(t, o.run(t, workflows.SecurityCenter{SC: "default"}))
			require.Empty(t, o.shown)
		})
	}
	o := newOffice()
	o.says(0, workflows.DoHold, "ada", "upgrade")
	o.says(time.Hour, workflows.DoRelease, "", "")
	o.says(2*time.Hour, workflows.DoRelease, "ada", "done")
	require.Equal(t, noon.Add(2*time.Hour), o.run(t, workflows.SecurityCenter{SC: "default"}).At)
}

// Since when launches are held is never later than now, whatever the asker's clock says.
func TestHoldOfAClockThatIsAhead(t *testing.T) {
	t.Parallel()
	o := newOffice()
	o.RegisterDelayedCallback(func() {
		o.SignalWorkflow(workflows.LaunchesSignal, workflows.Launches{Do: workflows.DoHold, Actor: "ada", Reason: "x", At: noon.Add(time.Hour)})
	}, 0)
	o.says(time.Minute, workflows.DoRelease, "ada", "x")
	require.Equal(t, noon, o.run(t, workflows.SecurityCenter{SC: "default"}).Hold.Since)
}

// A history has an end: the hold goes on in another run, which shows it again, and no word is lost.
func TestHoldContinuesAsNew(t *testing.T) {
	t.Parallel()
	o := newOffice()
	for i := range 250 { // more than one run hears, all before it can continue
		o.says(0, workflows.DoHold, "ada", fmt.Sprint("reason ", i))
	}
	o.ExecuteWorkflow(workflows.SecurityCenterWorkflow, workflows.SecurityCenter{SC: "default"})
	require.True(t, o.IsWorkflowCompleted())
	var again *workflow.ContinueAsNewError
	require.ErrorAs(t, o.GetWorkflowError(), &again)
	require.Equal(t, workflows.SecurityCenterWorkflowType, again.WorkflowType.Name)
	var state workflows.SecurityCenter
	require.NoError(t, converter.GetDefaultDataConverter().FromPayloads(again.Input, &state))
	require.Equal(t, "reason 249", state.Hold.Reason)
	require.Equal(t, "reason 248", state.Before.Reason)

	o = newOffice()
	o.says(time.Hour, workflows.DoRelease, "ada", "done")
	require.Equal(t, *state.Hold, o.run(t, state).Hold)
	require.Equal(t, []workflows.Hold{*state.Hold}, o.shown)
}

// Who cancels it in Temporal releases.
func TestHoldThatIsCancelledInTemporal(t *testing.T) {
	t.Parallel()
	o := newOffice()
	o.says(0, workflows.DoHold, "ada", "upgrade")
	o.RegisterDelayedCallback(o.CancelWorkflow, time.Hour)
	o.ExecuteWorkflow(workflows.SecurityCenterWorkflow, workflows.SecurityCenter{SC: "default"})
	require.True(t, o.IsWorkflowCompleted())
	require.ErrorContains(t, o.GetWorkflowError(), "canceled")
}

func TestHeldBy(t *testing.T) {
	t.Parallel()
	data := converter.GetDefaultDataConverter()
	hold := workflows.Hold{SC: "default", By: "ada", Reason: "upgrade", Since: noon}
	memo, err := data.ToPayload(hold)
	require.NoError(t, err)
	record := func(status enumspb.WorkflowExecutionStatus, memo *commonpb.Payload) *workflowpb.WorkflowExecutionInfo {
		return &workflowpb.WorkflowExecutionInfo{
			Status: status, Execution: &commonpb.WorkflowExecution{WorkflowId: workflows.SecurityCenterID("default")},
			Memo: &commonpb.Memo{Fields: map[string]*commonpb.Payload{"hold": memo}},
		}
	}
	require.Equal(t, &hold, workflows.HeldBy(record(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, memo), data))
	require.Equal(t, &hold, workflows.HeldBy(record(enumspb.WORKFLOW_EXECUTION_STATUS_PAUSED, memo), data))
	require.Nil(t, workflows.HeldBy(record(enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED, memo), data))
	require.Nil(t, workflows.HeldBy(record(enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED, memo), data))
	unreadable := workflows.HeldBy(record(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, &commonpb.Payload{Data: []byte("?")}), data)
	require.NotNil(t, unreadable, "a hold holds, whoever can read it")
	require.Contains(t, unreadable.String(), "launches of default are held by somebody")
	require.Contains(t, unreadable.Reason, "patchproof-sc/default")
}

func TestSecurityCenterID(t *testing.T) {
	t.Parallel()
	require.Equal(t, "patchproof-sc/branch-2", workflows.SecurityCenterID("branch-2"))
	require.Equal(t, "patchproof-sc/a%2Fb", workflows.SecurityCenterID("a/b"))
	long := strings.Repeat("ü", 255)
	require.LessOrEqual(t, len(workflows.SecurityCenterID(long)), 200)
	require.NotEqual(t, workflows.SecurityCenterID(long), workflows.SecurityCenterID(long+"x"))
}

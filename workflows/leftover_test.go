package workflows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"patchproof/remediation"
	"patchproof/workflows"
)

// A worker that is away uses up none of the clean-up's time.
func TestCleanUpWaitsForItsWorker(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	away(s, s.acts.CleanUp, 5*time.Hour)
	s.say(40*time.Second, workflows.CancelUpdate, workflows.Cancel{Actor: "eve", Reason: "wrong host"}, func(_ any, err error) { require.NoError(t, err) })
	status := s.run(request("10.0.0.5"))
	require.Equal(t, remediation.OutcomeCancelled, status.Outcome)
	require.Equal(t, []string{"cancelled by eve: wrong host"}, status.Notes)
	s.nothingLeft()
}

// The verdict does not wait for a Security Center that is down. What is left is cleaned up by a workflow of its own, which
// the ticket finds: it insists until Security Center is back, or fails with what is left.
func TestCleanUpGoesOn(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]time.Duration{"until Security Center is back": 50 * time.Hour, "until it gives up": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, strings.Replace(scenario, "perHost: 20s", "perHost: 2000h", 1))
			var child *workflow.Info
			var in workflows.CleanUp
			s.env.SetOnChildWorkflowStartedListener(func(info *workflow.Info, _ workflow.Context, args converter.EncodedValues) {
				child = info
				require.NoError(t, args.Get(&in))
			})
			s.outage(time.Minute)
			r := request("10.0.0.5")
			r.Timeout = remediation.Duration(time.Hour)
			status := s.run(r)
			require.Equal(t, remediation.OutcomeTimedOut, status.Outcome)
			took := status.FinishedAt.Sub(status.StartedAt)
			require.Greater(t, took, 70*time.Minute)
			require.Less(t, took, 90*time.Minute)

			require.NotNil(t, child)
			require.Equal(t, workflows.CleanUpWorkflowType, child.WorkflowType.Name)
			require.Equal(t, "VULN-1", ticketOf(t, child))
			require.Len(t, status.Notes, 1)
			require.Contains(t, status.Notes[0], "workflow "+child.WorkflowExecution.ID+" goes on")
			require.Contains(t, status.Notes[0], "result "+status.Scans[0].ScanResultID)

			begun := s.env.Now()
			s.env = newEnvironment()
			s.env.SetStartTime(begun)
			s.sim.Now = s.env.Now
			workflows.Register(s.env, s.acts)
			if back > 0 {
				s.env.RegisterDelayedCallback(func() { s.down.Store(false) }, back)
			}
			s.env.ExecuteWorkflow(workflows.CleanUpWorkflow, in)
			require.True(t, s.env.IsWorkflowCompleted())
			took = s.env.Now().Sub(begun)
			if back > 0 {
				require.NoError(t, s.env.GetWorkflowError())
				require.Less(t, took, back+7*time.Hour)
				s.nothingLeft()
				return
			}
			require.ErrorContains(t, s.env.GetWorkflowError(), "a policy ("+status.Scans[0].PolicyID+") or a scan (result "+status.Scans[0].ScanResultID+")")
			require.InDelta(t, 7*24, took.Hours(), 12)
		})
	}
}

func ticketOf(t *testing.T, info *workflow.Info) string {
	t.Helper()
	var ticket string
	require.NoError(t, converter.GetDefaultDataConverter().FromPayload(info.SearchAttributes.GetIndexedFields()["PpTicket"], &ticket)) //nolint:staticcheck // the test environment has no typed ones here
	return ticket
}

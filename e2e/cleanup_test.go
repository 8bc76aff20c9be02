package e2e_test

// What becomes of a scan and a policy while Security Center is down.

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"

	"patchproof/activities"
	"patchproof/e2e/stack"
	"patchproof/workflows"
)

// A clean-up that does not succeed in time outlives its verification: the ticket finds it, the verdict's note and the doctor name
// it, and it insists until Security Center is back.
func TestCleanUpOutlivesItsVerification(t *testing.T) {
	t.Parallel()
	r := start(t, world{timing: "{queue: 1h, perHost: 24h, import: 1h}"})
	temporal := dial(t.Context(), t)
	r.begin("10.0.0.5")
	r.reaches("scanning")
	verification := r.status()
	// More than the verification and the doctor use up.
	r.fault(stack.Fault{Method: "GET", Path: "/rest/scanResult", Do: "refuse", Times: 8})
	cancelled := r.run(r.about("cancel", "--reason", "rolled back", "--actor", "ada")...)
	require.Zero(t, cancelled.Code, cancelled.Stderr)

	// Nobody waits for a quarter of an hour here: the activity is answered in its place.
	var id string
	eventually(t, time.Minute, func() error {
		d, err := temporal.DescribeWorkflowExecution(t.Context(), verification.WorkflowID, verification.RunID)
		if err != nil {
			return err
		}
		for _, a := range d.GetPendingActivities() {
			if a.GetActivityType().GetName() == "CleanUp" && a.GetLastFailure() != nil {
				id = a.GetActivityId()
				return nil
			}
		}
		return errors.New("no clean-up has failed yet")
	})
	require.NoError(t, temporal.CompleteActivityByID(t.Context(), client.DefaultNamespace, verification.WorkflowID, verification.RunID, id,
		activities.CleanUpResult{Left: "Security Center is down"}, nil))

	child := workflows.CleanUpID(verification.RunID, 1)
	got := r.wait()
	require.Equal(t, "cancelled", got.Outcome)
	require.Contains(t, strings.Join(got.Notes, "\n"), "workflow "+child+" goes on")
	require.Contains(t, r.run("doctor").Stdout, "still trying to stop and delete what a verification left: ")
	require.Contains(t, r.run("doctor").Stdout, child)
	eventually(t, time.Minute, func() error { // the index is behind
		for _, e := range executions(t.Context(), t, r.ticket) {
			if e.GetWorkflowId() == child {
				return nil
			}
		}
		return errors.New("the ticket does not find its clean-up")
	})

	require.NoError(t, temporal.GetWorkflow(t.Context(), child, "").Get(t.Context(), nil))
	r.oneScan()
	attempts := int32(0)
	events := temporal.GetWorkflowHistory(t.Context(), child, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		require.NoError(t, err)
		attempts = max(attempts, event.GetActivityTaskStartedEventAttributes().GetAttempt())
	}
	require.Greater(t, attempts, int32(1), "it did not have to insist")
}

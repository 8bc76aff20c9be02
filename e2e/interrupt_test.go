package e2e_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/e2e/stack"
)

// long is a scan that takes a quarter of a minute, so that a test can do something meanwhile.
const long = "{queue: 5m, perHost: 5m, import: 5m}"

// A cancel while a request is on its way: what it does is awaited, and undone.
func TestCancel(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		fault stack.Fault
		route string
	}{
		{"policy before", stack.Fault{Method: "POST", Path: "/rest/policy", When: "before"}, "POST /rest/policy"},
		{"policy after", stack.Fault{Method: "POST", Path: "/rest/policy", When: "after"}, "POST /rest/policy"},
		{"launch before", stack.Fault{Method: "POST", Path: "/rest/scan", When: "before"}, "POST /rest/scan"},
		{"launch after", stack.Fault{Method: "POST", Path: "/rest/scan", When: "after"}, "POST /rest/scan"},
		{"scanning", stack.Fault{Method: "GET", Path: "/rest/scanResult/1"}, "GET /rest/scanResult/{id}"},
		{"baseline", stack.Fault{Method: "GET", Path: "/rest/repository"}, "GET /rest/repository/{id}"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, world{timing: long})
			c.fault.Do, c.fault.Delay = "delay", "4s"
			r.fault(c.fault)
			r.begin("10.0.0.5")
			r.called(c.route, 1)
			cancelled := r.run(r.about("cancel", "--reason", "rolled back", "--actor", "ada")...)
			require.Zero(t, cancelled.Code, cancelled.Stderr)

			got := r.wait()
			require.Equal(t, "cancelled", got.Outcome)
			require.Equal(t, 4, got.code)
			require.Contains(t, got.Notes, "cancelled by ada: rolled back")
			require.LessOrEqual(t, len(r.state().Scans), 1)
			r.tidy()

			again := r.run(r.about("cancel", "--reason", "twice")...)
			require.Equal(t, 1, again.Code)
			requireSentence(t, again.Stderr, "closed already")
		})
	}
}

// Somebody may also cancel in Temporal itself.
func TestCancelInTemporal(t *testing.T) {
	t.Parallel()
	r := start(t, world{timing: long})
	r.begin("10.0.0.5")
	r.reaches("scanning")
	require.NoError(t, dial(t.Context(), t).CancelWorkflow(t.Context(), r.status().WorkflowID, ""))
	require.Equal(t, "cancelled", r.wait().Outcome)
	r.oneScan()
}

// At the deadline the scan is stopped and the ticket gets its answer.
func TestDeadline(t *testing.T) {
	t.Parallel()
	r := start(t, world{timing: "{queue: 1h, perHost: 1h, import: 1h}"})
	got := parse(t, r.verify("10.0.0.5", "--timeout", "30s", "--wait", "-o", "json"))
	require.Equal(t, "timed-out", got.Outcome)
	require.Equal(t, map[string]string{"10.0.0.5": "timed-out"}, got.verdicts())
	require.Equal(t, 4, got.code)
	r.oneScan()
}

func TestExtend(t *testing.T) {
	t.Parallel()
	r := start(t, world{timing: long})
	r.begin("10.0.0.5", "--timeout", "12s")
	extended := r.run(r.about("extend", "--by", "1h", "--reason", "the scanner is slow", "--actor", "ada")...)
	require.Zero(t, extended.Code, extended.Stderr)

	got := r.wait()
	require.Equal(t, "fixed", got.Outcome)
	require.Equal(t, time.Hour+12*time.Second, got.Deadline.Sub(got.StartedAt))
	require.Contains(t, got.Notes[0], "extended by ada until "+got.Deadline.UTC().Format(time.RFC3339))
	r.oneScan()
}

// The worst moment: cancelled while the launch is on its way, and the worker dies before its answer comes.
func TestCancelAndCrashDuringLaunch(t *testing.T) {
	t.Parallel()
	r := start(t, world{timing: long})
	r.fault(stack.Fault{Method: "POST", Path: "/rest/scan", Do: "delay", Delay: "5s", When: "before"})
	r.begin("10.0.0.5")
	r.called("POST /rest/scan", 1)
	require.Zero(t, r.run(r.about("cancel", "--reason", "rolled back")...).Code)
	require.NoError(t, r.KillWorker())
	require.NoError(t, r.StartWorker(t.Context()))
	require.Equal(t, "cancelled", r.wait().Outcome)
	r.oneScan()
}

// The scan ends while no worker is there, and the deadline comes: whoever comes back looks once more.
func TestWorkerAwayAtTheDeadline(t *testing.T) {
	t.Parallel()
	r := start(t, world{timing: long})
	r.begin("10.0.0.5", "--timeout", "20s")
	r.reaches("scanning")
	require.NoError(t, r.KillWorker())
	eventually(t, time.Minute, func() error {
		if late := time.Since(r.status().Deadline); late < time.Second { // it has a hundredth of jitter
			return fmt.Errorf("%s to go", -late)
		}
		return nil
	})
	require.NoError(t, r.StartWorker(t.Context()))
	got := r.wait()
	require.Equal(t, "fixed", got.Outcome)
	require.Equal(t, map[string]string{"10.0.0.5": "fixed-confirmed"}, got.verdicts())
	r.oneScan()
}

// What is known is shown while the rest is pending, and neither a worker's death nor a cancel loses it.
func TestKnownVerdictsAreKept(t *testing.T) {
	t.Parallel()
	r := start(t, world{timing: "{queue: 30s, perHost: 20s, import: 45s, mitigationLag: 240h}"})
	r.begin("10.0.0.5,10.0.0.8", "--confirm-for", "200h")
	known := map[string]string{"10.0.0.5": "pending", "10.0.0.8": "still-vulnerable"}
	eventually(t, time.Minute, func() error {
		if now := r.status().verdicts(); !maps.Equal(known, now) {
			return fmt.Errorf("%v", now)
		}
		return nil
	})
	require.NoError(t, r.KillWorker())
	require.NoError(t, r.StartWorker(t.Context()))
	require.Zero(t, r.run(r.about("cancel", "--reason", "rolled back")...).Code)
	got := r.wait()
	require.Equal(t, "cancelled", got.Outcome)
	require.Equal(t, known, got.verdicts())
	r.oneScan()
}

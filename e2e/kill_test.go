package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/e2e/stack"
)

// The worker dies in the middle of every phase, as a machine does, and another one takes over.
func TestWorkerKilledInEveryPhase(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, route string
		fault       stack.Fault
		// after is the phase in which the fault is ordered; "" means at the beginning.
		after string
	}{
		{"baseline", "GET /rest/repository/{id}", stack.Fault{Method: "GET", Path: "/rest/repository"}, ""},
		{"family", "GET /rest/plugin/{id}", stack.Fault{Method: "GET", Path: "/rest/plugin"}, ""},
		{"policy before", "POST /rest/policy", stack.Fault{Method: "POST", Path: "/rest/policy", When: "before"}, ""},
		{"policy after", "POST /rest/policy", stack.Fault{Method: "POST", Path: "/rest/policy", When: "after"}, ""},
		{"launch before", "POST /rest/scan", stack.Fault{Method: "POST", Path: "/rest/scan", When: "before"}, ""},
		{"launch after", "POST /rest/scan", stack.Fault{Method: "POST", Path: "/rest/scan", When: "after"}, ""},
		{"scanning", "GET /rest/scanResult/{id}", stack.Fault{Method: "GET", Path: "/rest/scanResult/1"}, ""},
		{"verifying", "POST /rest/analysis", stack.Fault{Method: "POST", Path: "/rest/analysis"}, "scanning"},
		{"reporting", "GET /rest/policy/{id}", stack.Fault{Method: "GET", Path: "/rest/policy"}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := start(t, world{speed: 20})
			// Longer than it takes to notice that the request is held.
			c.fault.Do, c.fault.Delay = "delay", "6s"
			if c.after == "" {
				r.fault(c.fault)
			}
			r.begin("10.0.0.5")
			seen := 0
			if c.after != "" {
				r.reaches(c.after)
				seen = r.calls(c.route)
				r.fault(c.fault)
			}
			r.called(c.route, seen+1)
			require.NoError(t, r.KillWorker())
			killed := time.Now()
			require.NoError(t, r.StartWorker(t.Context()))

			got := r.wait()
			t.Logf("%s after the kill", time.Since(killed).Round(time.Second))
			require.Equal(t, "fixed", got.Outcome)
			require.Equal(t, map[string]string{"10.0.0.5": "fixed-confirmed"}, got.verdicts())
			require.Less(t, time.Since(killed), 2*time.Minute)
			r.oneScan()
			require.LessOrEqual(t, len(histories(t, r.ticket)), 60)
		})
	}
}

// With nobody working at the time of the start, the verification waits for a worker.
func TestVerifyWithoutWorker(t *testing.T) {
	t.Parallel()
	r := start(t, world{})
	require.NoError(t, r.KillWorker())
	r.begin("10.0.0.5")
	status := r.run(r.about("status")...)
	require.Zero(t, status.Code, status.Stderr)
	require.Contains(t, status.Stdout, "no worker is polling task queue "+r.ticket)
	waiting := r.status()
	require.NoError(t, r.StartWorker(t.Context()))
	got := r.wait()
	require.Equal(t, "fixed", got.Outcome)
	require.Equal(t, waiting.StartedAt, got.StartedAt, "the time-out counts from the start, not from the worker's arrival")
	require.Equal(t, 24*time.Hour, got.Deadline.Sub(got.StartedAt))
	r.oneScan()
}

// The Temporal server dies and comes back: the command that waits, the worker and the verification go on.
func TestServerKilled(t *testing.T) {
	t.Parallel()
	server, config := ownServer(t)
	r := start(t, world{timing: long, server: server})
	r.begin("10.0.0.5")
	r.reaches("scanning")

	// Somebody watches.
	screen, err := os.Create(filepath.Join(t.TempDir(), "screen"))
	require.NoError(t, err)
	defer screen.Close()
	watch := r.Command(t.Context(), r.about("status", "--wait")...)
	watch.Stdout, watch.Stderr = screen, screen
	require.NoError(t, watch.Start())
	shows := func(text string) {
		t.Helper()
		eventually(t, time.Minute, func() error {
			if data, err := os.ReadFile(screen.Name()); err != nil || !strings.Contains(string(data), text) {
				return fmt.Errorf("%q is not shown: %s", text, data)
			}
			return nil
		})
	}
	shows("scanning")

	require.NoError(t, server.Kill())
	shows("lost contact with Temporal, still trying")
	config.Port = server.Port
	again, err := stack.StartTemporal(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, again.Kill()) })
	shows("fixed-confirmed")
	require.NoError(t, watch.Wait())
	require.Equal(t, "fixed", r.wait().Outcome)
	r.oneScan()
}

// Two workers die in the same step, one after the other: the second leaves as much as the first.
func TestWorkerKilledTwice(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"policy", "scan"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			r := start(t, world{})
			// What comes after the lost launch is the look for it.
			again := stack.Fault{Method: "POST", Path: "/rest/policy", Do: "delay", Delay: "4s", When: "after"}
			route := "POST /rest/policy"
			if path == "scan" {
				again.Method, again.Path, route = "GET", "/rest/scanResult", "GET /rest/scanResult"
			}
			r.fault(stack.Fault{Method: "POST", Path: "/rest/" + path, Do: "delay", Delay: "4s", When: "after"})
			r.begin("10.0.0.5")
			r.called("POST /rest/"+path, 1)
			require.NoError(t, r.KillWorker())
			looks := r.calls(route)
			r.fault(again)
			require.NoError(t, r.StartWorker(t.Context()))
			r.called(route, looks+1)
			require.NoError(t, r.KillWorker())
			require.NoError(t, r.StartWorker(t.Context()))
			require.Equal(t, "fixed", r.wait().Outcome)
			r.oneScan()
		})
	}
}

package e2e_test

import (
	"context"
	"io"
	"maps"
	"net/http"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/e2e/stack"
)

// A worker that cannot reach Security Center says which setting it lacks, and ends.
func TestWorkerWithoutSettings(t *testing.T) {
	t.Parallel()
	r := start(t, world{})
	for _, name := range []string{"SC_URL", "SC_ACCESS_KEY", "SC_SECRET_KEY"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := r.Env()
			delete(env, name)
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			cmd := exec.CommandContext(ctx, filepath.Join(shared.bin, "patchproof-worker"))
			cmd.Env = []string{"PATH=/usr/bin:/bin"}
			for key := range maps.Keys(env) {
				cmd.Env = append(cmd.Env, key+"="+env[key])
			}
			out, err := cmd.CombinedOutput()
			require.Error(t, err, "it works without %s", name)
			require.Equal(t, 1, cmd.ProcessState.ExitCode(), "%s", out)
			require.Contains(t, string(out), name)
			require.NotContains(t, string(out), canary)
		})
	}
}

// SIGTERM: the call on its way is finished, nothing is repeated, and the code is 0.
func TestWorkerStopsGracefully(t *testing.T) {
	t.Parallel()
	r := start(t, world{})
	r.fault(stack.Fault{Method: "POST", Path: "/rest/scan", Do: "delay", Delay: "3s", When: "after"})
	r.begin("10.0.0.5")
	r.called("POST /rest/scan", 1)
	require.NoError(t, syscall.Kill(r.Worker().Pid(), syscall.SIGTERM))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	code, err := r.Worker().Wait(ctx)
	require.NoError(t, err)
	require.Zero(t, code, r.Worker().Tail(5))

	require.NoError(t, r.StartWorker(t.Context()))
	got := r.wait()
	require.Equal(t, "fixed", got.Outcome)
	require.Equal(t, 1, r.calls("POST /rest/scan"))
	r.oneScan()
}

func TestWorkerHealth(t *testing.T) {
	t.Parallel()
	r := start(t, world{})
	for _, path := range []string{"/healthz", "/readyz"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.Health()+path, nil)
		require.NoError(t, err)
		response, err := (&http.Client{Timeout: 10 * time.Second}).Do(request)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.NoError(t, response.Body.Close())
		require.Equal(t, http.StatusOK, response.StatusCode, "%s: %s", path, body)
	}
}

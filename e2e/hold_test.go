package e2e_test

// Holding the launches of a Security Center.

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/e2e/stack"
)

// A hold outlives the worker and the server; what waits says for whom and why, makes nothing, and goes on when it is released. The
// test has a server of its own, because a hold is for all that share one.
func TestHoldAndRelease(t *testing.T) {
	t.Parallel()
	server, config := ownServer(t)
	r := start(t, world{server: server})
	nothingMade := func() {
		t.Helper()
		require.Zero(t, r.calls("POST /rest/scan"))
		require.Zero(t, r.calls("POST /rest/policy"))
	}
	waits := func(reason string) {
		t.Helper()
		eventually(t, time.Minute, func() error {
			shown := r.run(r.about("status")...)
			if !strings.Contains(shown.Stdout, "Waiting: launches of default are held by ada since 20") || !strings.Contains(shown.Stdout, ": "+reason+"\n") {
				return fmt.Errorf("status does not tell who holds and why: %s%s", shown.Stdout, shown.Stderr)
			}
			return nil
		})
		nothingMade()
	}

	said := r.run("hold", "--sc", "default", "--reason", "upgrade", "--actor", "ada")
	require.Zero(t, said.Code, said.Stderr)
	require.Contains(t, said.Stdout, "launches of default are held by ada since 20")
	r.begin("10.0.0.5")
	waits("upgrade")
	status := r.run(r.about("status", "-o", "json")...)
	require.Contains(t, status.Stdout, `"for": "release"`)
	require.Contains(t, status.Stdout, "launches of default are held by ada since 20")
	require.Contains(t, r.run("doctor").Stdout, "launches of default are held by ada since 20")

	// The worker is away while the reason is replaced: what it comes back to is the new one.
	require.NoError(t, r.KillWorker())
	said = r.run("hold", "--sc", "default", "--reason", "upgrade takes longer", "--actor", "ada")
	require.Zero(t, said.Code, said.Stderr)
	require.Contains(t, said.Stdout, "; before that launches of default are held by ada since 20")
	require.NoError(t, r.StartWorker(t.Context()))
	waits("upgrade takes longer")

	require.NoError(t, server.Kill())
	config.Port = server.Port
	again, err := stack.StartTemporal(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, again.Kill()) })
	waits("upgrade takes longer")

	said = r.run("release", "--sc", "default", "--reason", "done", "--actor", "eve")
	require.Zero(t, said.Code, said.Stderr)
	require.Contains(t, said.Stdout, "launches of default go on; until now launches of default are held by ada since 20")
	require.Equal(t, "fixed", r.wait().Outcome)
	require.Equal(t, 1, r.calls("POST /rest/policy"))
	r.oneScan()
	require.NotContains(t, r.run("doctor").Stdout, "are held by")
}

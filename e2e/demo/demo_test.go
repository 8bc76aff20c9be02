package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// binaries skips the test where `make build bin/temporal` has not been run.
func binaries(t *testing.T) string {
	t.Helper()
	bin := filepath.Join("..", "..", "bin")
	for _, name := range []string{"temporal", "patchproof", "patchproof-worker", "patchproof-simulator"} {
		if _, err := os.Stat(filepath.Join(bin, name)); err != nil || testing.Short() {
			t.Skipf("%s is needed: `make build bin/temporal`", filepath.Join("bin", name))
		}
	}
	return bin
}

// A demo that only ever succeeds would show nothing: here the host that should be vulnerable was patched.
func TestDemoTellsWhatDiffers(t *testing.T) {
	t.Parallel()
	bin := binaries(t)
	usual, err := os.ReadFile(filepath.Join("..", "..", "docs", "demo.yaml"))
	require.NoError(t, err)
	before, after, found := strings.Cut(string(usual), "- ip: 10.0.0.8\n")
	require.True(t, found)
	patched := before + "- ip: 10.0.0.8\n" + strings.Replace(after, "lastSeen: 2d}", "lastSeen: 2d, fixed: true}", 1)
	scenario := filepath.Join(t.TempDir(), "scenario.yaml")
	require.NoError(t, os.WriteFile(scenario, []byte(patched), 0o600))

	var stdout, stderr bytes.Buffer
	code := run(t.Context(), []string{"--bin", bin, "--scenario", scenario, "--state", t.TempDir(), "--speed", "120"}, &stdout, &stderr)
	require.Equal(t, 1, code, stdout.String())
	require.Contains(t, stderr.String(), `demo: DEMO-2 (10.0.0.8) came out "fixed", expected "not-fixed"`)
	require.Contains(t, stdout.String(), "✓ DEMO-1  fixed")
	require.Contains(t, stdout.String(), "✗ DEMO-2  fixed")
	require.Contains(t, stdout.String(), "✓ DEMO-3  inconclusive")
}

func TestDemoWrongUse(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	require.Equal(t, 2, run(t.Context(), []string{"--colour"}, &stdout, &stderr))
	require.Zero(t, run(t.Context(), []string{"--help"}, &stdout, &stderr))
}

// A second one would empty the state folder under the first.
func TestStateFolderIsForOne(t *testing.T) {
	t.Parallel()
	o := options{state: t.TempDir()}
	_, unlock, err := o.config("demo", 1)
	require.NoError(t, err)
	_, _, err = o.config("demo", 1)
	require.ErrorContains(t, err, "another one runs already")
	unlock()
	_, unlock, err = o.config("demo", 1)
	require.NoError(t, err)
	unlock()
}

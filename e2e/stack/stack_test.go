package stack

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTakenPortIsNamed(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	_, text, err := net.SplitHostPort(listener.Addr().String())
	require.NoError(t, err)
	n, err := strconv.Atoi(text)
	require.NoError(t, err)

	require.False(t, PortIsFree(n))
	_, err = port(n, "the Temporal UI")
	var taken *PortTakenError
	require.ErrorAs(t, err, &taken)
	require.Equal(t, n, taken.Port)
	require.ErrorContains(t, err, "port "+text+", meant for the Temporal UI, is taken: stop what listens there")
}

func TestFreePortsDiffer(t *testing.T) {
	t.Parallel()
	seen := map[int]bool{}
	for range 50 {
		n, err := port(0, "anything")
		require.NoError(t, err)
		require.False(t, seen[n], "port %d was given twice", n)
		seen[n] = true
	}
}

// shell starts a shell script as a process.
func shell(t *testing.T, script string) *Process {
	t.Helper()
	p, err := launch(t.Context(), "shell", t.TempDir(), os.Environ(), "/bin/sh", "-c", script)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, p.Kill()) })
	return p
}

func TestProcessThatEndsAtOnceShowsItsLog(t *testing.T) {
	t.Parallel()
	err := shell(t, "echo no licence; exit 3").await(t.Context(), func(context.Context) error { return errors.New("no answer") })
	require.ErrorContains(t, err, "shell does not work: it ended at once (exit status 3)")
	require.ErrorContains(t, err, "no licence")
}

func TestStopReachesTheWholeGroup(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "pid")
	p := shell(t, "sleep 1000 & echo $! > "+file+"; wait")
	var child int
	wait(t, func() error {
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		child, err = strconv.Atoi(string(data[:max(0, len(data)-1)]))
		return err
	})
	require.NoError(t, p.Stop(5*time.Second))
	wait(t, func() error {
		if data, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(child), "stat")); err == nil && !defunct(data) {
			return errors.New("the child lives")
		}
		return nil
	})
}

// defunct reads the state behind the name in parentheses: nobody has collected the exit code yet.
func defunct(stat []byte) bool { return bytes.Contains(stat, []byte(") Z ")) }

func TestStopKillsWhatDoesNotStop(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "ready")
	p := shell(t, "trap '' TERM; touch "+file+"; while :; do sleep 0.1; done")
	wait(t, func() error { _, err := os.Stat(file); return err })
	require.ErrorContains(t, p.Stop(300*time.Millisecond), "shell did not stop within 300ms and was killed")
	code, err := p.Wait(t.Context())
	require.NoError(t, err)
	require.Equal(t, -1, code)
}

func wait(t *testing.T, try func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.NoError(t, Until(ctx, 20*time.Millisecond, try))
}

func TestUntil(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	require.ErrorIs(t, Until(t.Context(), time.Hour, func() error { return Final(broken) }), broken)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	err := Until(ctx, time.Millisecond, func() error { return broken })
	require.ErrorIs(t, err, broken)
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

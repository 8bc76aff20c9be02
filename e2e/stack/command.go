package stack

// Running the patchproof command.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

// Result is what a finished command left.
type Result struct {
	Stdout, Stderr string
	Code           int
}

// Patchproof runs the patchproof command to its end. A non-zero exit code is no error.
func (s *Stack) Patchproof(ctx context.Context, args ...string) (Result, error) {
	cmd := s.Command(ctx, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	result := Result{Stdout: stdout.String(), Stderr: stderr.String(), Code: cmd.ProcessState.ExitCode()}
	if ctx.Err() != nil {
		return result, fmt.Errorf("patchproof %s: %w: %s", strings.Join(args, " "), context.Cause(ctx), result.Stderr)
	}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		return result, fmt.Errorf("patchproof %s: %w", strings.Join(args, " "), err)
	}
	return result, nil
}

// Command is the patchproof command in this stack's environment, not yet started. The end of the context interrupts it
// as Ctrl-C does.
func (s *Stack) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(s.config.Bin, "patchproof"), args...)
	cmd.Env = environ(s.Env())
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second // it only prints a line then
	return cmd
}

// environ is our environment with these variables, and without whatever else would configure a program of ours.
func environ(set map[string]string) []string {
	env := slices.DeleteFunc(os.Environ(), func(entry string) bool {
		return strings.HasPrefix(entry, "TEMPORAL_") || strings.HasPrefix(entry, "SC_") || strings.HasPrefix(entry, "PATCHPROOF_")
	})
	for _, name := range slices.Sorted(maps.Keys(set)) {
		env = append(env, name+"="+set[name])
	}
	return env
}

package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"patchproof/e2e/stack"
)

// TestScripts runs the sessions of testdata/script, each with a stack of its own. A scenario.yaml in the script is what
// its Security Center holds; without one it has the usual three hosts. Besides testscript's commands they have
//
//	exits CODE PROGRAM ARGS...     runs it and wants this exit code
//	until PATTERN PROGRAM ARGS...  runs it again and again until its stdout matches
func TestScripts(t *testing.T) {
	t.Parallel()
	if shared.skip != "" {
		t.Skip(shared.skip)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		Setup:               func(env *testscript.Env) error { return stage(t.Context(), env) },
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits,
			"until": func(ts *testscript.TestScript, neg bool, args []string) { until(t.Context(), ts, neg, args) },
		},
	})
}

// stage starts the script's stack and puts our command on its path.
func stage(ctx context.Context, env *testscript.Env) error {
	scenario := filepath.Join(env.WorkDir, "scenario.yaml")
	if _, err := os.Stat(scenario); os.IsNotExist(err) {
		if err := os.WriteFile(scenario, []byte(world{}.yaml()), 0o600); err != nil {
			return fmt.Errorf("scenario: %w", err)
		}
	}
	s, err := stack.Start(ctx, stack.Config{
		Bin: shared.bin, Dir: filepath.Join(env.WorkDir, ".stack"), Temporal: shared.server, Scenario: scenario,
		TaskQueue: filepath.Base(env.WorkDir),
	})
	if err != nil {
		return fmt.Errorf("stack: %w", err)
	}
	env.Defer(func() {
		if err := s.Stop(); err != nil {
			env.T().Log(err)
			env.T().FailNow()
		}
	})
	for name, value := range s.Env() {
		env.Setenv(name, value)
	}
	env.Setenv("PATH", shared.bin+string(os.PathListSeparator)+env.Getenv("PATH"))
	env.Setenv("USER", "ada")
	return nil
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	code, err := strconv.Atoi(append(args, "")[0])
	if err != nil || neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM ARGS...")
	}
	got := 0
	err = ts.Exec(args[1], args[2:]...)
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%s: %v", args[1], err)
	}
	if got != code {
		ts.Fatalf("exit code %d, expected %d", got, code)
	}
}

func until(ctx context.Context, ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: until PATTERN PROGRAM ARGS...")
	}
	pattern, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	ts.Check(stack.Until(ctx, 300*time.Millisecond, func() error {
		if err := ts.Exec(args[1], args[2:]...); err != nil {
			return err
		}
		if out := ts.ReadFile("stdout"); !pattern.MatchString(out) {
			return fmt.Errorf("stdout does not match %q: %s", args[0], out)
		}
		return nil
	}))
}

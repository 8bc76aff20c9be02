package main

// The three tickets of the demo, and what has to come out.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"patchproof/e2e/stack"
)

const plugin = 97833

// ticket is one of the three fates.
type ticket struct {
	key, ip, truth string
	outcome        string // as it must come out
}

var tickets = []ticket{
	{key: "DEMO-1", ip: "10.0.0.5", truth: "patched", outcome: "fixed"},
	{key: "DEMO-2", ip: "10.0.0.8", truth: "not patched, whatever the ticket says", outcome: "not-fixed"},
	{key: "DEMO-3", ip: "10.0.0.9", truth: "switched off, so nobody can know", outcome: "inconclusive"},
}

// demo verifies the three tickets and compares what came out with what had to.
func demo(ctx context.Context, o options, stdout, stderr io.Writer) (err error) {
	began := time.Now()
	config, unlock, err := o.config("demo", demoSpeed)
	if err != nil {
		return err
	}
	defer unlock()
	preferPorts(&config, stdout)

	fmt.Fprintf(stdout, "Three tickets say that plugin %d is fixed. Is it?\n\n", plugin)
	for _, t := range tickets {
		fmt.Fprintf(stdout, "  %s  %s  %s\n", t.key, t.ip, t.truth)
	}
	fmt.Fprintln(stdout, "\nStarting Temporal, a simulated Security Center and the worker …")
	s, err := stack.Start(ctx, config)
	if err != nil {
		return interrupted(ctx, err)
	}
	defer func() { err = errors.Join(interrupted(ctx, err), s.Stop()) }()
	fmt.Fprintf(stdout, "\n  Temporal UI     %s\n  state and logs  %s\n\n", s.Temporal.UI, s.Dir())
	for _, step := range []func(context.Context, *stack.Stack, io.Writer, io.Writer) error{verify, follow, compare} {
		if err := step(ctx, s, stdout, stderr); err != nil {
			return err
		}
	}
	fmt.Fprintf(stdout, "\nAll three came out as they had to, in %s. Stopping the servers; `make dev` starts them to stay, with the UI at http://127.0.0.1:%d.\n",
		time.Since(began).Round(time.Second), uiPort)
	return nil
}

// preferPorts takes the usual ports where they are free.
func preferPorts(c *stack.Config, w io.Writer) {
	for _, p := range []struct {
		what   string
		number int
		into   *int
	}{
		{"Temporal", temporalPort, &c.Server.Port},
		{"the Temporal UI", uiPort, &c.Server.UIPort},
		{"the simulated Security Center", simulatorPort, &c.SimulatorPort},
	} {
		if stack.PortIsFree(p.number) {
			*p.into = p.number
			continue
		}
		fmt.Fprintf(w, "Port %d is taken: %s gets another one.\n", p.number, p.what)
	}
}

// verify starts the verifications as a person would.
func verify(ctx context.Context, s *stack.Stack, stdout, _ io.Writer) error {
	for _, t := range tickets {
		args := []string{
			"verify", "--ticket", t.key, "--plugin", strconv.Itoa(plugin), "--repository", "1", "--ip", t.ip, "--poll", "1s",
		}
		fmt.Fprintln(stdout, "$ patchproof", strings.Join(args, " "))
		result, err := s.Patchproof(ctx, args...)
		if err != nil {
			return err
		}
		if result.Code != 0 {
			return fmt.Errorf("%s was not started (exit code %d): %s", t.key, result.Code, result.Stderr)
		}
	}
	return nil
}

// follow shows the progress, live on a terminal, and the verdicts.
func follow(ctx context.Context, s *stack.Stack, stdout, stderr io.Writer) error {
	args := []string{"status"}
	for _, t := range tickets {
		args = append(args, t.key)
	}
	args = append(args, "--wait")
	fmt.Fprintf(stdout, "$ patchproof %s\n\n", strings.Join(args, " "))
	cmd := s.Command(ctx, args...)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	err := cmd.Run()
	// The other codes tell the outcomes, which are compared one by one.
	if code := cmd.ProcessState.ExitCode(); code != 0 && code != 3 && code != 4 {
		return fmt.Errorf("patchproof status: %w", err)
	}
	return nil
}

// compare asks for the outcomes as a program would.
func compare(ctx context.Context, s *stack.Stack, stdout, _ io.Writer) error {
	var differ []error
	for _, t := range tickets {
		result, err := s.Patchproof(ctx, "status", t.key, "-o", "json")
		if err != nil {
			return err
		}
		var status struct {
			Outcome string `json:"outcome"`
		}
		if err := json.Unmarshal([]byte(result.Stdout), &status); err != nil {
			return fmt.Errorf("status of %s (exit code %d): %w: %s", t.key, result.Code, err, result.Stderr)
		}
		mark := "✓"
		if status.Outcome != t.outcome {
			mark = "✗"
			differ = append(differ, fmt.Errorf("%s (%s) came out %q, expected %q", t.key, t.ip, status.Outcome, t.outcome))
		}
		fmt.Fprintf(stdout, "%s %s  %-12s  %s was %s\n", mark, t.key, status.Outcome, t.ip, t.truth)
	}
	return errors.Join(differ...)
}

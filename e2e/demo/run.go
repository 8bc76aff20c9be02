package main

// Starting the servers and the tickets, and telling how it went.

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"patchproof/e2e/stack"
)

// The usual ports of these servers, which people and the command know.
const (
	temporalPort  = 7233
	uiPort        = 8233
	simulatorPort = 8834
	healthPort    = 8086
)

const (
	// demoSpeed lets a scan take a quarter of a minute: time to see its phases, not to get bored.
	demoSpeed = 6
	// keepSpeed is for people who try things again and again.
	keepSpeed = 60
)

type options struct {
	keep     bool
	bin      string
	scenario string
	state    string
	speed    float64
}

// run is the whole program. Its exit code is 0 when everything came out as the scenario has it.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.BoolVar(&o.keep, "keep", false, "start the servers and the worker only, and leave them running until Ctrl-C")
	flags.StringVar(&o.bin, "bin", "bin", "folder with temporal and our binaries")
	flags.StringVar(&o.scenario, "scenario", "docs/demo.yaml", "what the simulated Security Center holds")
	flags.StringVar(&o.state, "state", ".dev", "folder for the state and logs")
	flags.Float64Var(&o.speed, "speed", 0, "how many times as fast the simulated clock runs (default 6, with --keep 60)")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	perform := demo
	if o.keep {
		perform = keep
	}
	if err := perform(ctx, o, stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "demo:", err)
		return 1
	}
	return 0
}

// interrupted replaces whatever a Ctrl-C made of a step.
func interrupted(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return errors.New("interrupted: everything that was started is stopped")
	}
	return err
}

// keep runs the servers until somebody has had enough of them.
func keep(ctx context.Context, o options, stdout, _ io.Writer) (err error) {
	config, unlock, err := o.config("dev", keepSpeed)
	if err != nil {
		return err
	}
	defer unlock()
	config.Server.Port, config.Server.UIPort, config.SimulatorPort = temporalPort, uiPort, simulatorPort
	if stack.PortIsFree(healthPort) {
		config.HealthPort = healthPort
	}
	fmt.Fprintln(stdout, "Starting Temporal, a simulated Security Center and the worker …")
	s, err := stack.Start(ctx, config)
	if err != nil {
		return interrupted(ctx, err)
	}
	defer func() { err = errors.Join(err, s.Stop()) }()
	tellKept(stdout, s, o)
	if err := s.Watch(withParent(ctx)); err != nil {
		return err
	}
	fmt.Fprintln(stdout, "\nStopping …")
	return nil
}

func tellKept(w io.Writer, s *stack.Stack, o options) {
	env := s.Env()
	fmt.Fprintf(w, "\n  Temporal UI                %s\n  simulated Security Center  %s/_sim/state\n  worker                     %s/readyz\n  state and logs             %s\n\n",
		s.Temporal.UI, s.Simulator.URL, s.Health(), s.Dir())
	fmt.Fprintln(w, "In another terminal:")
	fmt.Fprintln(w)
	for _, name := range []string{"TEMPORAL_ADDRESS", "PATCHPROOF_UI_URL", "SC_URL", "SC_ACCESS_KEY", "SC_SECRET_KEY"} {
		fmt.Fprintf(w, "  export %s=%s\n", name, env[name])
	}
	fmt.Fprintf(w, "  %s verify --ticket VULN-1 --plugin %d --repository 1 --ip 10.0.0.5,10.0.0.8 --poll 1s --wait\n\n",
		filepath.Join(o.bin, "patchproof"), plugin)
	fmt.Fprintln(w, "Ctrl-C stops everything.")
}

// withParent also ends when the process that started us is gone (make, a shell): nobody could stop us any more.
func withParent(ctx context.Context) context.Context {
	ctx, cancel := context.WithCancel(ctx)
	parent := os.Getppid()
	go func() {
		defer cancel()
		_ = stack.Until(ctx, time.Second, func() error { // it ends with the context, too
			if os.Getppid() != parent {
				return nil
			}
			return errors.New("the parent lives")
		})
	}()
	return ctx
}

// config is what both have in common: a state folder that is empty and ours alone. The simulated Security Center forgets
// everything when it stops, so verifications of an earlier run could only be stuck.
func (o options) config(folder string, speed float64) (stack.Config, func(), error) {
	dir := filepath.Join(o.state, folder)
	if err := os.MkdirAll(o.state, 0o750); err != nil {
		return stack.Config{}, nil, fmt.Errorf("state folder: %w", err)
	}
	unlock, err := lock(dir + ".lock")
	if err != nil {
		return stack.Config{}, nil, err
	}
	if err := os.RemoveAll(dir); err != nil {
		unlock()
		return stack.Config{}, nil, fmt.Errorf("state folder: %w", err)
	}
	if o.speed > 0 {
		speed = o.speed
	}
	return stack.Config{
		Bin: o.bin, Dir: dir, Scenario: o.scenario, Speed: speed,
		Server: stack.ServerConfig{Binary: filepath.Join(o.bin, "temporal")},
	}, unlock, nil
}

// lock keeps a second one out of the state folder. The kernel gives it free when we end, however that happens.
func lock(path string) (func(), error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("state folder: %w", err)
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close() // nothing was written
		return nil, fmt.Errorf("another one runs already and uses this state folder (%s): stop it first", path)
	}
	return func() { _ = file.Close() }, nil
}

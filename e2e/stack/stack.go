// Package stack runs the whole product on one machine as it runs elsewhere, in real processes: a Temporal server with
// its state in a file, a simulated Security Center, the worker, and the patchproof command. The demo, the recorder of
// histories and the tests stand on it.
package stack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"time"

	"patchproof/sctest"
)

// Config says what to run and where.
type Config struct {
	// Bin is the folder with patchproof, patchproof-worker and patchproof-simulator.
	Bin string
	// Dir takes the state and one log file per process. It is made if need be.
	Dir string
	// Temporal is a server that runs already; nil starts one.
	Temporal *Temporal
	// Server is how to start one.
	Server ServerConfig
	// Scenario is the simulator's scenario file; its first user is the one that the worker uses.
	Scenario string
	// Speed is how many times as fast as ours the simulator's clock runs; 0 means 60.
	Speed float64
	// SimulatorPort and HealthPort (the worker's) are 0 for any that is free.
	SimulatorPort, HealthPort int
	// TaskQueue keeps stacks on one server apart; "" means the default.
	TaskQueue string
	// Env is added to the environment of the worker and the command.
	Env map[string]string
}

// Stack is everything that runs.
type Stack struct {
	Temporal  *Temporal
	Simulator *Simulator

	config     Config
	keys       sctest.User
	healthPort int
	worker     *Process
	ownsServer bool
}

const (
	// upWithin is how long a process may take to answer, on a machine that is busy with other things.
	upWithin = time.Minute
	// Stopping: the simulator ends its requests, the server writes its state, and the worker waits for the calls that are
	// on their way, which the simulator answers at once unless a delay was ordered.
	simulatorStops = 6 * time.Second
	serverStops    = 15 * time.Second
	workerStops    = 20 * time.Second
)

// Start starts everything and waits until each part answers. If it fails, nothing is left running.
func Start(ctx context.Context, c Config) (*Stack, error) {
	if err := os.MkdirAll(c.Dir, 0o750); err != nil {
		return nil, fmt.Errorf("state folder: %w", err)
	}
	s := &Stack{config: c, Temporal: c.Temporal}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Stack) start(ctx context.Context) error {
	var err error
	if s.keys, err = firstUser(s.config.Scenario); err != nil {
		return err
	}
	if s.healthPort, err = port(s.config.HealthPort, "the worker's health endpoint"); err != nil {
		return err
	}
	if s.Simulator, err = StartSimulator(ctx, SimulatorConfig{
		Bin: s.config.Bin, Dir: s.config.Dir, Scenario: s.config.Scenario, Speed: s.config.Speed, Port: s.config.SimulatorPort,
	}); err != nil {
		return err
	}
	if s.Temporal == nil {
		s.ownsServer = true
		server := s.config.Server
		server.Dir = s.config.Dir
		if s.Temporal, err = StartTemporal(ctx, server); err != nil {
			return err
		}
		if err := s.Temporal.Setup(ctx, s.config.Bin); err != nil {
			return err
		}
	}
	return s.StartWorker(ctx)
}

// Stop stops everything that was started here, the last first.
func (s *Stack) Stop() error {
	var errs []error
	if s.worker != nil {
		errs = append(errs, s.worker.Stop(workerStops))
	}
	if s.Simulator != nil {
		errs = append(errs, s.Simulator.Stop(simulatorStops))
	}
	if s.ownsServer && s.Temporal != nil {
		errs = append(errs, s.Temporal.Stop(serverStops))
	}
	return errors.Join(errs...)
}

// Env is what the worker and the command are told by their environment.
func (s *Stack) Env() map[string]string {
	env := map[string]string{
		"TEMPORAL_NAMESPACE":       "default",
		"SC_ACCESS_KEY":            s.keys.AccessKey,
		"SC_SECRET_KEY":            s.keys.SecretKey,
		"PATCHPROOF_HEALTH_LISTEN": address(s.healthPort),
	}
	if s.Temporal != nil {
		env["TEMPORAL_ADDRESS"] = s.Temporal.Address
		env["TEMPORAL_CONFIG_FILE"] = profile(s.Temporal.dir)
		env["PATCHPROOF_UI_URL"] = s.Temporal.UI
	}
	if s.Simulator != nil {
		env["SC_URL"] = s.Simulator.URL
	}
	if s.config.TaskQueue != "" {
		env["PATCHPROOF_TASK_QUEUE"] = s.config.TaskQueue
	}
	maps.Copy(env, s.config.Env)
	maps.DeleteFunc(env, func(_, value string) bool { return value == "" })
	return env
}

// Health is the address of the worker's health endpoint.
func (s *Stack) Health() string { return "http://" + address(s.healthPort) }

// Dir is where state and logs are.
func (s *Stack) Dir() string { return s.config.Dir }

func firstUser(scenario string) (sctest.User, error) {
	data, err := os.ReadFile(scenario)
	if err != nil {
		return sctest.User{}, fmt.Errorf("the simulator's scenario: %w", err)
	}
	parsed, err := sctest.ParseScenario(data)
	if err != nil {
		return sctest.User{}, fmt.Errorf("%s: %w", scenario, err)
	}
	return parsed.Users[0], nil // there is always one: the default user, if no other
}

package stack

// The worker as a process.

import (
	"context"
	"fmt"
	"path/filepath"
)

// StartWorker starts the worker and waits until it works: at the beginning, and again after [Stack.KillWorker].
func (s *Stack) StartWorker(ctx context.Context) error {
	worker, err := s.LaunchWorker(ctx)
	if err != nil {
		return err
	}
	s.worker = worker
	return worker.await(ctx, func(ctx context.Context) error { return ok(ctx, s.Health()+"/readyz") })
}

// LaunchWorker starts a worker without waiting for it. Who does that stops it.
func (s *Stack) LaunchWorker(ctx context.Context) (*Process, error) {
	return launch(ctx, "worker", s.config.Dir, environ(s.Env()), filepath.Join(s.config.Bin, "patchproof-worker"))
}

// Worker is the worker that runs, or ran last.
func (s *Stack) Worker() *Process { return s.worker }

// KillWorker ends the worker as a crash does.
func (s *Stack) KillWorker() error { return s.worker.Kill() }

// Watch waits for the end of the context, which is no error, or of a process that should go on running.
func (s *Stack) Watch(ctx context.Context) error {
	var dead *Process
	select {
	case <-ctx.Done():
		return nil
	case <-s.worker.ended:
		dead = s.worker
	case <-s.Simulator.ended:
		dead = s.Simulator.Process
	case <-s.Temporal.ended:
		dead = s.Temporal.Process
	}
	return fmt.Errorf("%s ended by itself (%s)\n%s", dead.name, dead.how(), dead.Tail(15))
}

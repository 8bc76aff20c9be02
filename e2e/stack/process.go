package stack

// A process that is started, waited for and stopped.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Process is a running program with a log file of its own. It leads a process group, so that nothing it starts outlives
// it, and a Ctrl-C on the terminal does not reach it: who started it stops it, in order.
type Process struct {
	// Log is the file with everything that it wrote.
	Log string

	name  string
	cmd   *exec.Cmd
	ended chan struct{} // closed when it has ended; err is set then
	err   error
}

// launch starts a program whose output is added to dir/name.log.
func launch(ctx context.Context, name, dir string, env []string, program string, args ...string) (*Process, error) {
	if _, err := os.Stat(program); err != nil {
		return nil, fmt.Errorf("%s: %w (build it with `make build bin/temporal`)", name, err)
	}
	log, err := os.OpenFile(filepath.Join(dir, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer log.Close()
	p := &Process{Log: log.Name(), name: name, ended: make(chan struct{})}
	// It ends when it is stopped, not when the patience of who started it does.
	p.cmd = exec.CommandContext(context.WithoutCancel(ctx), program, args...)
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr, p.cmd.SysProcAttr = env, log, log, groupOfItsOwn()
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// Pid is the process's ID, and its group's.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// await polls until the process answers. It gives up when the process ends, or takes too long.
func (p *Process) await(ctx context.Context, answers func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, upWithin)
	defer cancel()
	err := Until(ctx, 50*time.Millisecond, func() error {
		select {
		case <-p.ended:
			return Final(fmt.Errorf("it ended at once (%s)", p.how()))
		default:
			return answers(ctx)
		}
	})
	if err != nil {
		return errors.Join(fmt.Errorf("%s does not work: %w\n%s", p.name, err, p.Tail(15)), p.Kill())
	}
	return nil
}

// Stop asks the process to end, and kills it when it takes longer than that.
func (p *Process) Stop(within time.Duration) error {
	if err := p.signal(syscall.SIGTERM); err != nil {
		return err
	}
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-p.ended:
		return p.Kill() // whatever is left of its group
	case <-timer.C:
		return errors.Join(fmt.Errorf("%s did not stop within %s and was killed\n%s", p.name, within, p.Tail(10)), p.Kill())
	}
}

// Kill ends the process and its group at once, as a crash does.
func (p *Process) Kill() error {
	if err := p.signal(syscall.SIGKILL); err != nil {
		return err
	}
	<-p.ended
	return nil
}

// Wait waits for its end and gives the exit code; -1 if a signal ended it.
func (p *Process) Wait(ctx context.Context) (int, error) {
	select {
	case <-p.ended:
		return p.cmd.ProcessState.ExitCode(), nil
	case <-ctx.Done():
		return 0, fmt.Errorf("%s has not ended: %w", p.name, ctx.Err())
	}
}

// signal reaches the whole group; one that is gone needs none.
func (p *Process) signal(s syscall.Signal) error {
	if err := syscall.Kill(-p.Pid(), s); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("%s: %s: %w", p.name, s, err)
	}
	return nil
}

func (p *Process) how() string {
	if p.err != nil {
		return p.err.Error()
	}
	return "exit status 0"
}

// Tail is the end of the log, for error messages.
func (p *Process) Tail(lines int) string {
	data, err := os.ReadFile(p.Log)
	if err != nil {
		return err.Error()
	}
	data = bytes.TrimSpace(data)
	if len(data) == 0 {
		return "its log " + p.Log + " is empty"
	}
	all := strings.Split(string(data), "\n")
	last := all[max(0, len(all)-lines):]
	return "the end of its log " + p.Log + ":\n  " + strings.Join(last, "\n  ")
}

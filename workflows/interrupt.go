package workflows

// Waiting for an activity that a cancel or the deadline can call off.

import (
	"errors"
	"fmt"

	"go.temporal.io/sdk/workflow"

	"patchproof/remediation"
)

// errInterrupted says that a cancel or the deadline ended a wait.
var errInterrupted = errors.New("interrupted")

// interrupt is where a cancel or the deadline is noticed by who waits for an activity.
type interrupt struct{ why remediation.Interruption }

// raise keeps the first reason: a deadline that comes after a cancel changes nothing.
func (i *interrupt) raise(why remediation.Interruption) {
	if i.why == "" {
		i.why = why
	}
}

// read runs an activity that changes nothing; a cancel or the deadline ends the wait for it. The activity is left to end
// with the workflow: cancelling it would write five more events into the history.
func (i *interrupt) read(ctx workflow.Context, activity, in, out any) error {
	future, err := i.execute(ctx, activity, in)
	if err != nil {
		return err
	}
	if !future.IsReady() {
		return errInterrupted
	}
	return future.Get(ctx, out)
}

// write runs an activity that changes Security Center. A cancel or the deadline keeps it from being tried again, but the
// attempt on its way is awaited: only then is it known what has to be undone.
func (i *interrupt) write(ctx workflow.Context, activity, in, out any) error {
	ctx, giveUp := workflow.WithCancel(ctx)
	defer giveUp()
	future, err := i.execute(ctx, activity, in)
	if err != nil {
		return err
	}
	if !future.IsReady() {
		giveUp()
	}
	err = future.Get(ctx, out)
	if err != nil && i.why != "" {
		return fmt.Errorf("%w: %w", errInterrupted, err)
	}
	return err
}

// execute runs an activity until it has ended or is no longer waited for.
func (i *interrupt) execute(ctx workflow.Context, activity, in any) (workflow.Future, error) {
	if i.why != "" {
		return nil, errInterrupted
	}
	future := workflow.ExecuteActivity(ctx, activity, in)
	return future, workflow.Await(ctx, func() bool { return future.IsReady() || i.why != "" })
}

package workflows

// Waiting until the scan may begin.

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

// due is when the scan may begin: the patch has settled, the time that was asked for has come, the window is open. One that comes
// after the deadline is refused before anything is made.
func (v *verification) due(ctx workflow.Context) (time.Time, error) {
	due := v.status.StartedAt.Add(time.Duration(v.request.Settle))
	if t, err := time.Parse(time.RFC3339, v.request.NotBefore); err == nil && t.After(due) { // it was checked; "" is none
		due = t.UTC()
	}
	due, err := v.opens(ctx, due)
	if err == nil && due.After(v.status.Deadline) {
		err = invalid("timeout: the scan may not begin before %s, which is after the deadline (%s): use a longer --timeout",
			due.Format(time.RFC3339), v.status.Deadline.Format(time.RFC3339))
	}
	return due, err
}

// opens is the first moment, not before t, at which the window is open. It is recorded: the rules of time zones change, and with them
// a later program's answer.
func (v *verification) opens(ctx workflow.Context, t time.Time) (time.Time, error) {
	if v.request.Window == "" {
		return t, nil
	}
	type opening struct {
		Opens time.Time
		Error string
	}
	var answer opening
	err := workflow.SideEffect(ctx, func(workflow.Context) any {
		opens, err := v.request.Opens(t)
		if err != nil {
			return opening{Error: err.Error()}
		}
		return opening{Opens: opens}
	}).Get(&answer)
	if err == nil && answer.Error != "" {
		err = invalid("%s", answer.Error)
	}
	return answer.Opens.UTC(), err
}

// awaitDue waits, by one timer, until the scan may begin. If no worker was there when the window opened, it waits for the next one.
func (v *verification) awaitDue(ctx workflow.Context, due time.Time) error {
	for due.After(workflow.Now(ctx)) {
		text := "the scan may begin at " + due.Format(time.RFC3339)
		if v.request.Window != "" {
			text += ", in the window " + v.request.Window
		}
		v.enter(ctx, PhaseWaiting)
		v.waits(ctx, &Waiting{For: "start", Since: workflow.Now(ctx).UTC(), Text: text, NextLook: due})
		_, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{
			Timeout: due.Sub(workflow.Now(ctx)), TimerOptions: workflow.TimerOptions{Summary: "until the scan may begin"},
		}, func() bool { return v.why != "" })
		v.waits(ctx, nil)
		if err != nil {
			return err
		}
		if v.why != "" {
			return errInterrupted
		}
		if due, err = v.opens(ctx, workflow.Now(ctx)); err != nil {
			return err
		}
	}
	return nil
}

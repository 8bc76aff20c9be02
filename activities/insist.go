package activities

// Cleaning up for as long as there is patience.

import (
	"cmp"
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/temporal"
)

// CleanUp undoes what a scan may have left. It is tried until the patience is used up, whatever the answer is, and then
// says why. Only the time of attempts that were really made counts: a worker that is away uses up none.
func (a *Activities) CleanUp(ctx context.Context, in CleanUpInput) (*CleanUpResult, error) {
	watch, stop := startWatch(ctx, 0)
	defer stop()
	begun, memo := time.Now(), watch.state().Memo
	before := memo.Spent
	memo.Spent += HeartbeatTimeout // so much is lost if the worker is killed now
	memo.Probe = cmp.Or(memo.Probe, in.Probe)
	watch.remember(memo)
	out, err := a.cleanUp(ctx, in, watch)
	app, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok {
		return out, err // done, or the worker is being stopped
	}
	memo = watch.state().Memo
	memo.Spent = before + time.Since(begun) + app.NextRetryDelay()
	if memo.Spent > time.Duration(in.Patience) {
		return &CleanUpResult{Left: app.Message(), Probe: memo.Probe}, nil
	}
	return nil, watch.keep(memo, err)
}

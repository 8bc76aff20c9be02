package activities

import (
	"context"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
)

// HeartbeatTimeout is how soon a dead worker is noticed: an activity that is not heard of for so long is given to
// another.
const HeartbeatTimeout = 15 * time.Second

// pulse heartbeats while an activity waits for an answer, and keeps what the next attempt has to know.
type pulse[T any] struct {
	ctx context.Context //nolint:containedctx // the activity's own; the pulse lives and ends with it

	last T // as the attempt before left it

	mu   sync.Mutex
	memo T
}

// startPulse begins to heartbeat with an empty memo; the caller defers stop. Temporal sends the first memo of an attempt at
// once and may hold back later ones for seconds, so a worker that is killed has left the empty one, or a later one.
func startPulse[T any](ctx context.Context) (p *pulse[T], stop func()) {
	p = &pulse[T]{ctx: ctx}
	if activity.HasHeartbeatDetails(ctx) {
		// Details of another shape are those of an older version: starting afresh is right then.
		_ = activity.GetHeartbeatDetails(ctx, &p.last)
	}
	p.beat()
	ticker := time.NewTicker(HeartbeatTimeout / 3)
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-ticker.C:
				p.beat()
			case <-done:
				return
			}
		}
	}()
	return p, func() { ticker.Stop(); close(done); <-ended }
}

func (p *pulse[T]) beat() {
	p.mu.Lock()
	defer p.mu.Unlock()
	activity.RecordHeartbeat(p.ctx, p.memo)
}

// keep is set for the memo that goes with an error.
func (p *pulse[T]) keep(memo T, err error) error {
	p.set(memo)
	return err
}

// now is the memo as it is.
func (p *pulse[T]) now() T {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.memo
}

// set keeps a new memo. It reaches the server at the latest when the activity fails in an orderly way.
func (p *pulse[T]) set(memo T) {
	p.mu.Lock()
	p.memo = memo
	p.mu.Unlock()
	p.beat()
}

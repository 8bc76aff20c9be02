package activities

// Heartbeats: progress for people, a memo for the next attempt.

import (
	"context"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
)

const (
	// HeartbeatTimeout is how soon a dead worker is noticed: an activity not heard of for so long is given to another. It is long enough
	// that a restart of Temporal's front end, some ten seconds, is not taken for a death.
	HeartbeatTimeout = 30 * time.Second
	// HeartbeatThrottle goes into the options of every worker. Left alone, the SDK holds heartbeats back for 80 % of their time-out,
	// however often they are recorded: one beat that comes six seconds late and two attempts overlap. With it a beat is sent every
	// six seconds, five within the time-out. The SDK also gives one beat no more time than this, and then calls the attempt off in an
	// orderly way: so not less.
	HeartbeatThrottle = HeartbeatTimeout / 5
	// beatEvery is more often than beats are sent, so that there is always one to send.
	beatEvery = HeartbeatThrottle / 2
)

// Progress is what people may see of an activity: what it waits for, and since when Security Center has not answered.
type Progress struct {
	Text      string    `json:"text,omitempty"`
	DownSince time.Time `json:"downSince,omitzero"`
}

// heartbeat has two faces: the progress for people, and the memo for the next attempt, which is nobody else's business.
type heartbeat[M any] struct {
	Progress
	Memo M `json:"memo,omitzero"`
}

// pulse heartbeats while an activity waits for an answer.
type pulse[M any] struct {
	ctx context.Context //nolint:containedctx // the activity's own; the pulse lives and ends with it

	last M // the memo as the attempt before left it

	mu  sync.Mutex
	now heartbeat[M]
}

// newPulse reads what the attempt before left. Its progress is shown on: who looks meanwhile sees what was seen last.
func newPulse[M any](ctx context.Context) *pulse[M] {
	p := &pulse[M]{ctx: ctx}
	if activity.HasHeartbeatDetails(ctx) {
		// Details of another shape are those of an older version: starting afresh is right then.
		_ = activity.GetHeartbeatDetails(ctx, &p.now)
	}
	p.last = p.now.Memo
	return p
}

// start begins to heartbeat with a memo; the caller defers stop. Temporal sends the first heartbeat of an attempt at once
// and may hold back later ones for seconds, so a worker that is killed has left this memo, or a later one.
func (p *pulse[M]) start(memo M) (stop func()) {
	p.remember(memo)
	ticker, done := time.NewTicker(beatEvery), make(chan struct{})
	var beats sync.WaitGroup
	beats.Go(func() {
		for {
			select {
			case <-ticker.C:
				p.beat(func(*heartbeat[M]) {})
			case <-done:
				return
			}
		}
	})
	return func() { ticker.Stop(); close(done); beats.Wait() }
}

// beat changes the heartbeat and sends it.
func (p *pulse[M]) beat(change func(*heartbeat[M])) {
	p.mu.Lock()
	defer p.mu.Unlock()
	change(&p.now)
	activity.RecordHeartbeat(p.ctx, p.now)
}

// state is the heartbeat as it is.
func (p *pulse[M]) state() heartbeat[M] {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now
}

// set changes the heartbeat. It reaches the server at the latest when the activity fails in an orderly way.
func (p *pulse[M]) set(h heartbeat[M]) { p.beat(func(now *heartbeat[M]) { *now = h }) }

// remember changes the memo only.
func (p *pulse[M]) remember(memo M) { p.beat(func(now *heartbeat[M]) { now.Memo = memo }) }

// keep remembers the memo that goes with an error.
func (p *pulse[M]) keep(memo M, err error) error {
	p.remember(memo)
	return err
}

package activities

// Attempts to create something, and what each leaves for the next.

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
)

// postMemo is what an attempt that creates something leaves for the next.
type postMemo struct {
	// Settled: no request of ours is on its way any more. If not, Rounds is how often to look before that is believed; 0 means as
	// often as after a worker's death.
	Settled bool `json:"settled,omitempty"`
	Rounds  int  `json:"rounds,omitempty"`
	// Lost counts the requests of unknown fate.
	Lost int `json:"lost,omitempty"`
	// ScanID is a scan that was launched for certain, and ResultID its result, if the answer named it; with them nothing is posted again.
	ScanID   int    `json:"scanId,omitempty"`
	ResultID int    `json:"resultId,omitempty"`
	Warning  string `json:"warning,omitempty"`
	refusals
}

// lost is the memo after one more request of unknown fate.
func (m postMemo) lost(rounds int) postMemo {
	m.Settled, m.Rounds, m.Lost = false, rounds, m.Lost+1
	return m
}

// posted: the scan exists for certain.
func (m postMemo) posted() bool { return m.ScanID > 0 || m.ResultID > 0 }

// nothingMade: no request of ours was ever on its way, nor is one now.
func (m postMemo) nothingMade() bool { return m.Settled && m.Lost == 0 && !m.posted() }

// judge makes the error that leaves the attempt. Refusals end it only while nothing can have come into being: after a request of
// unknown fate no refusal is believed, nor our own opinion (another worker may know other Security Centers), until a cancel or the
// deadline.
func (m postMemo) judge(err error) (postMemo, error) {
	if m.Lost == 0 && !m.posted() {
		m.refusals, err = m.refusals.judge(err)
		return m, err
	}
	err = translate(err)
	app, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok || !app.NonRetryable() && !isRefusal(app) {
		m.refusals = refusals{}
		return m, err
	}
	m.refusals = m.add(app.Message())
	return m, retryable(app.Type(), app.Message(), trouble(m.Refusals))
}

// attempt is an attempt to create something. It changes its memo as it learns.
type attempt struct {
	memo  postMemo
	pulse *pulse[postMemo]
}

// create runs an attempt to create something.
func create[I, R any](ctx context.Context, in I, do func(context.Context, I, *attempt) (*R, error)) (*R, error) {
	pulse := newPulse[postMemo](ctx)
	now := &attempt{memo: pulse.last, pulse: pulse}
	switch {
	case !activity.HasHeartbeatDetails(ctx) && untouched(activity.GetInfo(ctx)):
		now.memo.Settled = true
	case now.memo.Lost == 0 && !now.memo.Settled && !now.memo.posted():
		now.memo = now.memo.lost(0) // nothing is known, or nothing that we can read
	}
	// A worker that is killed leaves the first heartbeat, and then a request may be on its way: what was known is carried on, and
	// that is added.
	first := now.memo
	if !first.posted() {
		first = first.lost(0)
	}
	stop := pulse.start(first)
	defer stop()
	out, err := do(ctx, in, now)
	if err != nil {
		return nil, pulse.keep(now.memo.judge(err))
	}
	return out, nil
}

// firstDelay is how late a first attempt may begin and still be taken for one.
const firstDelay = 10 * time.Second

// untouched reports whether nobody can have tried before. Attempts are counted anew when a person resets the activity, and the
// heartbeats can be reset as well; but a reset keeps the time at which the workflow scheduled it, and nobody resets within seconds. A
// first attempt that had to wait for a worker is taken for a reset one too: it only looks a minute longer before it launches. (Both
// times are Temporal's.)
func untouched(info activity.Info) bool {
	return info.Attempt == 1 && info.StartedTime.Sub(info.ScheduledTime) < firstDelay
}

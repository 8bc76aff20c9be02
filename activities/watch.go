package activities

// What all activities that wait have in common.

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"patchproof/remediation"
	"patchproof/sclient"
)

// watch is the pulse of an activity that waits.
type watch struct {
	*pulse[watchMemo]
	maxRefusals int // how many refusals in a row are final; 0: none are
}

func startWatch(ctx context.Context, maxRefusals int) (w watch, stop func()) {
	pulse := newPulse[watchMemo](ctx)
	return watch{pulse, maxRefusals}, pulse.start(pulse.last)
}

// watchMemo is what an activity that waits leaves for the next attempt.
type watchMemo struct {
	// Troubles counts the attempts in a row that got no useful answer, and Refusals those that were refused for good.
	Troubles int `json:"troubles,omitempty"`
	refusals
	// Status is the scan's status as seen last, and Since when it was first seen so, by Security Center's clock.
	Status string    `json:"status,omitempty"`
	Since  time.Time `json:"since,omitzero"`
	// Probe is the policy that CleanUp made to find a lost one.
	Probe int `json:"probe,omitempty"`
	// Rounds counts how often a launch of unknown fate was looked for.
	Rounds int `json:"rounds,omitempty"`
	// Spent is how much time a clean-up has used up in vain.
	Spent time.Duration `json:"spent,omitempty"`
}

const (
	// firstTrouble and maxTrouble bound the wait after an answer that was no answer: a hiccup is over in seconds, and an outage
	// is noticed to be over within a minute. (Temporal's own backoff counts the polls as well and would always wait longest.)
	firstTrouble = 2 * time.Second
	maxTrouble   = time.Minute
	// watchRefusals is how many definite refusals in a row end the wait for a scan: one may be a passing trouble, since Security
	// Center answers nearly everything with 403; after these, some five minutes, somebody has to look.
	watchRefusals = 10
)

// waiting reports what is waited for and asks for the next look.
func (w watch) waiting(text string, poll time.Duration) error {
	memo := w.state().Memo
	memo.Troubles, memo.Refusals = 0, 0
	w.set(heartbeat[watchMemo]{Progress{Text: text}, memo})
	// Verifications that began together must not look together.
	return notYet(text, poll+remediation.Jitter(poll/10, activity.GetInfo(w.ctx).WorkflowExecution.RunID))
}

// failed reports that Security Center cannot be asked. What was under way must not be lost to it, so even a definite refusal
// is asked about again for a while.
func (w watch) failed(err error) error {
	err = translate(err)
	app, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok || app.Type() == ErrorNotYet {
		return err
	}
	h := w.state()
	h.Memo.Troubles++
	if app.NonRetryable() {
		h.Memo.Refusals++
	} else {
		h.Memo.Refusals = 0 // an outage says nothing about what will be answered after it
	}
	if h.DownSince.IsZero() {
		h.DownSince = time.Now().UTC().Truncate(time.Second)
	}
	w.set(h)
	if app.NonRetryable() && w.maxRefusals > 0 && h.Memo.Refusals >= w.maxRefusals {
		return app
	}
	delay := app.NextRetryDelay()
	if delay == 0 || app.Type() == ErrorKeyRefused {
		delay = min(firstTrouble<<min(h.Memo.Troubles-1, 10), maxTrouble)
	}
	return retryable(app.Type(), app.Message(), delay)
}

// unchanged is for how long the scan's status has been what it is. Security Center tells when a scan was created and ended,
// but not when it was paused: that is counted from when it was first seen.
func (w watch) unchanged(r *sclient.ScanResult, now time.Time) time.Duration {
	memo := w.state().Memo
	if memo.Status != r.Status || memo.Since.IsZero() {
		memo.Status, memo.Since = r.Status, now
		if r.Status == "Queued" || r.Ended() {
			memo.Since = slices.MaxFunc([]time.Time{r.FinishTime.Time, r.StartTime.Time, r.CreatedTime.Time}, time.Time.Compare)
		}
		w.remember(memo)
	}
	return now.Sub(memo.Since)
}

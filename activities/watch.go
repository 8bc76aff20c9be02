package activities

// What all activities that wait have in common.

import (
	"cmp"
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
	// Rounds counts how often a launch of unknown fate was looked for, and Gone how often in a row what has a number was not there.
	Rounds int `json:"rounds,omitempty"`
	Gone   int `json:"gone,omitempty"`
	// Spent is how much time a clean-up has used up in vain.
	Spent time.Duration `json:"spent,omitempty"`
}

// watchRefusals is how many definite refusals in a row end the wait for a scan: one may be a passing trouble; after these, some five
// minutes, somebody has to look. (It is more time than before a scan, because a scan that runs would be stopped.)
const watchRefusals = maxRefusals

// waiting reports what is waited for and asks for the next look.
func (w watch) waiting(text string, poll time.Duration) error {
	memo := w.state().Memo
	memo.Troubles, memo.refusals = 0, refusals{}
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
	refused := app.NonRetryable() || isRefusal(app)
	if refused {
		h.Memo.refusals = h.Memo.add(app.Message())
	} else {
		h.Memo.refusals = refusals{} // an outage says nothing about what will be answered after it
	}
	if h.DownSince.IsZero() {
		h.DownSince = time.Now().UTC().Truncate(time.Second)
	}
	w.set(h)
	if refused && w.maxRefusals > 0 && h.Memo.Refusals >= w.maxRefusals {
		return h.Memo.final(app)
	}
	return retryable(app.Type(), app.Message(), cmp.Or(app.NextRetryDelay(), trouble(h.Memo.Troubles)))
}

// unchanged is for how long the scan's status has been what it is. Security Center tells when a scan was created and ended,
// but not when it was paused: that is counted from when it was first seen.
func (w watch) unchanged(r *sclient.ScanResult, now time.Time) time.Duration {
	memo := w.state().Memo
	// A time in the future says that the clock was set back: then it is counted anew, rather than waited for.
	if memo.Status != r.Status || memo.Since.IsZero() || now.Before(memo.Since) {
		memo.Status, memo.Since = r.Status, now
		if r.Status == "Queued" || r.Ended() {
			memo.Since = slices.MaxFunc([]time.Time{r.FinishTime.Time, r.StartTime.Time, r.CreatedTime.Time}, time.Time.Compare)
		}
		if memo.Since.After(now) {
			memo.Since = now
		}
		w.remember(memo)
	}
	return now.Sub(memo.Since)
}

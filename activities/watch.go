package activities

import (
	"context"
	"errors"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"

	"patchproof/sclient"
)

const (
	// firstTrouble and maxTrouble bound the wait after an answer that was no answer: a hiccup is over in seconds, and an outage
	// is noticed to be over within a minute. (Temporal's own backoff counts the polls as well and would always wait longest.)
	firstTrouble = 2 * time.Second
	maxTrouble   = time.Minute
	// watchPatience is how many definite refusals in a row end the wait for a scan: one may be a passing trouble, since Security
	// Center answers nearly everything with 403; after these, some five minutes, somebody has to look.
	watchPatience = 10
)

// Progress is what a waiting activity reports in its heartbeat: what it waits for, and since when Security Center has
// not answered.
type Progress struct {
	Text      string    `json:"text,omitempty"`
	DownSince time.Time `json:"downSince,omitzero"`
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
}

// watch is the pulse of an activity that waits.
type watch struct{ *pulse[Progress] }

func startWatch(ctx context.Context) (watch, func()) {
	p, stop := startPulse[Progress](ctx)
	p.set(p.last) // who looks meanwhile sees what was seen last
	return watch{p}, stop
}

// waiting reports what is waited for and asks for the next look.
func (w watch) waiting(text string, poll time.Duration) error {
	now := w.now()
	w.set(Progress{Text: text, Rounds: now.Rounds, Status: now.Status, Since: now.Since, Probe: now.Probe})
	return notYet(text, jitter(poll, activity.GetInfo(w.ctx).WorkflowExecution.RunID))
}

// failed reports that Security Center cannot be asked. What was under way must not be lost to it, so even a definite refusal
// is asked about again for a while.
func (w watch) failed(err error) error { return w.trouble(err, watchPatience) }

// insist is failed for what has to be tried until its time is up, whatever the answer is.
func (w watch) insist(err error) error { return w.trouble(err, 0) }

func (w watch) trouble(err error, patience int) error {
	err = translate(err)
	app, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok || app.Type() == ErrorNotYet {
		return err
	}
	p := w.now()
	p.Troubles++
	if app.NonRetryable() {
		p.Refusals++
	} else {
		p.Refusals = 0 // an outage says nothing about what will be answered after it
	}
	if p.DownSince.IsZero() {
		p.DownSince = time.Now().UTC().Truncate(time.Second)
	}
	w.set(p)
	if app.NonRetryable() && patience > 0 && p.Refusals >= patience {
		return app
	}
	delay := app.NextRetryDelay()
	if delay == 0 || app.Type() == ErrorKeyRefused {
		delay = min(firstTrouble<<min(p.Troubles-1, 10), maxTrouble)
	}
	return retryable(app.Type(), app.Message(), delay)
}

// unchanged is for how long the scan's status has been what it is. Security Center tells when a scan was created and ended,
// but not when it was paused: that is counted from when it was first seen.
func (w watch) unchanged(r *sclient.ScanResult, now time.Time) time.Duration {
	p := w.now()
	if p.Status != r.Status || p.Since.IsZero() {
		p.Status, p.Since = r.Status, now
		if r.Status == "Queued" || terminal(r.Status) {
			p.Since = lastChange(r)
		}
		w.set(p)
	}
	return now.Sub(p.Since)
}

// jitter spreads the looks of verifications that began together by up to a tenth.
func jitter(d time.Duration, seed string) time.Duration {
	var sum uint32
	for _, b := range []byte(seed) {
		sum = sum*31 + uint32(b)
	}
	return d + time.Duration(sum%100)*d/1000
}

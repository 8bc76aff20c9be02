package activities

// Patience with refusals: Security Center, and what stands before it, answers nearly everything with 403.

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/temporal"
)

const (
	// firstTrouble and maxTrouble bound the wait after an answer that was no answer: a hiccup is over in seconds, and an outage
	// is noticed to be over within a minute.
	firstTrouble = 2 * time.Second
	maxTrouble   = time.Minute
	// maxRefusals is how many refusals in a row are an answer, and maxRefusal the longest wait between two of them. Together that is
	// two and a half minutes: a database error of SC or a proxy that restarts is over by then, and who mistyped a number still waits
	// for the sentence about it.
	maxRefusals = 10
	maxRefusal  = 25 * time.Second
	// maxRefusalTexts and maxRefusalText keep the sentence about them below the 4 KiB that Temporal keeps of a failure.
	maxRefusalTexts = 5
	maxRefusalText  = 500
)

// trouble is how long to wait after so many answers in a row that were none. (Temporal's own backoff counts the polls as well and would
// always wait longest.)
func trouble(inARow int) time.Duration {
	return min(firstTrouble<<min(max(inARow-1, 0), 10), maxTrouble)
}

// isRefusal reports whether somebody answered with a no, which asking again may change.
func isRefusal(app *temporal.ApplicationError) bool {
	return !app.NonRetryable() && (app.Type() == ErrorInvalid || app.Type() == ErrorKeyRefused)
}

// refusals is the memo of who was refused: how often in a row, and with which texts.
type refusals struct {
	Refusals int      `json:"refusals,omitempty"`
	Texts    []string `json:"texts,omitempty"`
}

// add counts one more.
func (r refusals) add(text string) refusals {
	text = cut(text, maxRefusalText)
	r.Refusals++
	if !slices.Contains(r.Texts, text) && len(r.Texts) < maxRefusalTexts {
		r.Texts = append(slices.Clone(r.Texts), text)
	}
	return r
}

// final is the sentence of who gives up. It names everything that was said, because the last text need not be the one that helps.
func (r refusals) final(app *temporal.ApplicationError) error {
	last := cut(app.Message(), maxRefusalText)
	others := slices.DeleteFunc(slices.Clone(r.Texts), func(text string) bool { return text == last })
	if len(others) > 0 {
		last += fmt.Sprintf(" (refused %d times in a row, also with: %s)", r.Refusals, strings.Join(others, "; "))
	}
	return temporal.NewNonRetryableApplicationError(last, app.Type(), nil)
}

// judge is for what has made nothing yet: the last of many refusals in a row is final. It gives the count to keep.
func (r refusals) judge(err error) (refusals, error) {
	err = translate(err)
	app, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok || !isRefusal(app) {
		return refusals{}, err // an outage says nothing about what will be answered after it
	}
	r = r.add(app.Message())
	if r.Refusals >= maxRefusals {
		return r, r.final(app)
	}
	return r, retryable(app.Type(), app.Message(), min(trouble(r.Refusals), maxRefusal))
}

// lookUp runs an attempt of an activity that only reads, before anything is done.
func lookUp[I, R any](ctx context.Context, in I, attempt func(context.Context, I) (*R, error)) (*R, error) {
	pulse := newPulse[refusals](ctx)
	stop := pulse.start(pulse.last)
	defer stop()
	out, err := attempt(ctx, in)
	if err != nil {
		return nil, pulse.keep(pulse.last.judge(err))
	}
	return out, nil
}

// cut shortens a text to so many bytes, never inside a character.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "")
}

package activities

// The one translator of errors: what is worth another try.

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"

	"patchproof/sclient"
)

// The types of the errors that leave this package. The first two end a verification, the others are retried.
const (
	ErrorInvalid     = "Invalid"     // the request cannot be done as it is
	ErrorKeyRefused  = "KeyRefused"  // SC, or somebody before it, does not let us in
	ErrorUnavailable = "Unavailable" // SC does not answer, or not with sense
	ErrorNotYet      = "NotYet"      // no error: what is waited for has not happened
)

const (
	// SC's store locks itself for moments while it imports: asking again soon is right, asking at once is not.
	busyDelay = 5 * time.Second
	// maxRefusals is how many refusals in a row end a verification that has done nothing yet: one may be a database
	// error of SC (the guide says to resubmit), three are an answer.
	maxRefusals = 3
)

// translate makes the error that leaves an activity out of one of the client. It is the only place that decides what is
// worth another try.
func translate(err error) error {
	var app *temporal.ApplicationError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &app):
		return app // ours already; unwrapped, or its settings are lost
	case errors.Is(err, context.Canceled):
		return err // the activity was cancelled; Temporal knows what to do with it
	case sclient.IsBusy(err):
		return retryable(ErrorUnavailable, err.Error(), busyDelay)
	case sclient.IsNotReady(err):
		return retryable(ErrorNotYet, err.Error(), 0)
	case sclient.IsTransient(err):
		return retryable(ErrorUnavailable, err.Error(), retryAfter(err))
	case sclient.IsKeyTrouble(err), sclient.IsUnauthorized(err), sclient.IsForbidden(err):
		return retryable(ErrorKeyRefused, err.Error(), busyDelay)
	case sclient.IsNotFound(err), sclient.IsInvalidRequest(err):
		return temporal.NewNonRetryableApplicationError(err.Error(), ErrorInvalid, nil)
	}
	return retryable(ErrorUnavailable, err.Error(), retryAfter(err))
}

// maxRetryAfter bounds what a server may ask to wait: a proxy that says "tomorrow" would keep the ticket from its answer.
const maxRetryAfter = 5 * time.Minute

// retryAfter is what the server asks to wait; 0 if it does not say.
func retryAfter(err error) time.Duration {
	if refusal, ok := errors.AsType[*sclient.Error](err); ok {
		return min(refusal.RetryAfter, maxRetryAfter)
	}
	return 0
}

// refusals is the memo of an activity that counts how often in a row it was not let in.
type refusals struct {
	Refusals int `json:"refusals,omitempty"`
}

// translate is for what has done nothing yet: the last of some refusals in a row is final. It gives the count to keep.
func (before refusals) translate(err error) (refusals, error) {
	err = translate(err)
	app, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok || app.Type() != ErrorKeyRefused {
		return refusals{}, err
	}
	if before.Refusals+1 >= maxRefusals {
		return refusals{}, temporal.NewNonRetryableApplicationError(app.Message(), app.Type(), nil)
	}
	return refusals{before.Refusals + 1}, err
}

// lookUp runs an attempt of an activity that only reads, before anything is done.
func lookUp[I, R any](ctx context.Context, in I, attempt func(context.Context, I) (*R, error)) (*R, error) {
	pulse := newPulse[refusals](ctx)
	stop := pulse.start(pulse.last)
	defer stop()
	out, err := attempt(ctx, in)
	if err != nil {
		return nil, pulse.keep(pulse.last.translate(err))
	}
	return out, nil
}

// retryable asks for another attempt; a delay of 0 leaves its time to the retry policy.
func retryable(kind, message string, delay time.Duration) error {
	return temporal.NewApplicationErrorWithOptions(message, kind, temporal.ApplicationErrorOptions{NextRetryDelay: delay})
}

// notYet is a poll that found nothing new: benign, so that it is neither logged nor counted as a failure.
func notYet(message string, delay time.Duration) error {
	return temporal.NewApplicationErrorWithOptions(message, ErrorNotYet, temporal.ApplicationErrorOptions{
		NextRetryDelay: delay,
		Category:       temporal.ApplicationErrorCategoryBenign,
	})
}

// invalid ends the verification with a sentence for the person who asked.
func invalid(format string, args ...any) error {
	return temporal.NewNonRetryableApplicationError(fmt.Sprintf(format, args...), ErrorInvalid, nil)
}

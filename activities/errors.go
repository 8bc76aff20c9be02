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

// The types of the errors that leave this package. The first two can end a verification, the others are retried.
const (
	ErrorInvalid     = "Invalid"     // the request cannot be done as it is, or SC refuses it
	ErrorKeyRefused  = "KeyRefused"  // SC, or somebody before it, does not let us in
	ErrorUnavailable = "Unavailable" // SC does not answer, or not with sense
	ErrorNotYet      = "NotYet"      // no error: what is waited for has not happened
)

// SC's store locks itself for moments while it imports: asking again soon is right, asking at once is not.
const busyDelay = 5 * time.Second

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
	case wrongBeforeSent(err):
		return invalid("%s", err)
	case sclient.IsKeyTrouble(err), sclient.IsUnauthorized(err), sclient.IsForbidden(err):
		return retryable(ErrorKeyRefused, err.Error(), 0)
	case sclient.IsNotFound(err), sclient.IsInvalidRequest(err):
		return retryable(ErrorInvalid, err.Error(), 0)
	}
	return retryable(ErrorUnavailable, err.Error(), retryAfter(err))
}

// wrongBeforeSent: the client itself found the request wrong, and always will.
func wrongBeforeSent(err error) bool {
	refusal, ok := errors.AsType[*sclient.Error](err)
	return ok && refusal.Field != ""
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

// invalid ends the verification at once, with a sentence for the person who asked. It is for what we find wrong ourselves, in the
// request or in what Security Center told for certain; for what Security Center refuses there is [refusedAs].
func invalid(format string, args ...any) error {
	return temporal.NewNonRetryableApplicationError(fmt.Sprintf(format, args...), ErrorInvalid, nil)
}

// refusedAs puts a refusal of Security Center into a sentence for the person who asked. Like every refusal it is believed only when
// it is repeated.
func refusedAs(format string, args ...any) error {
	return retryable(ErrorInvalid, fmt.Sprintf(format, args...), 0)
}

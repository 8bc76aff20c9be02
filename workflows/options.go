package workflows

// How activities are run: reading, writing, or undoing and last looks, with their time-outs and retries.

import (
	"math"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"patchproof/activities"
)

const (
	// attemptTimeout bounds one attempt of an activity. It is above the client's own time-out for one request, so that
	// no attempt is given to another worker while its request is still on the way.
	attemptTimeout = 10 * time.Minute
	// maxUpdates bounds what people can make a run do; Temporal itself allows 2,000.
	maxUpdates = 100
)

// retries never end by themselves: the deadline of a verification is a workflow timer. (The attempts are spelled out
// because the test environment reads "unlimited" as ten.)
func retries() *temporal.RetryPolicy {
	return &temporal.RetryPolicy{
		InitialInterval:    time.Second,
		BackoffCoefficient: 2,
		MaximumInterval:    time.Minute, // an outage is noticed to be over within a minute
		MaximumAttempts:    math.MaxInt32,
	}
}

// reading is for activities that change nothing: who no longer wants the answer walks away.
func reading(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: attemptTimeout,
		HeartbeatTimeout:    activities.HeartbeatTimeout,
		RetryPolicy:         retries(),
		Summary:             summary,
	})
}

// limited is for the last look at the deadline: it must be tried, but not at any price. Here, and only here, Temporal's own limit over all attempts is right: that it also ends the activity when the next attempt would come too
// late is what is wanted.
func limited(ctx workflow.Context, summary string, limit time.Duration) workflow.Context {
	return workflow.WithScheduleToCloseTimeout(reading(ctx, summary), limit)
}

// writing is for activities that change Security Center: a cancellation only keeps them from being tried again, and the
// attempt that is on its way is awaited, so that we know what it did.
func writing(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithWaitForCancellation(reading(ctx, summary), true)
}

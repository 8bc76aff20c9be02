package activities

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
)

// A reset activity counts its attempts anew, and may have lost its heartbeats; the time at which it was scheduled tells it apart.
func TestResetIsNotTakenForClean(t *testing.T) {
	t.Parallel()
	scheduled := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		attempt int32
		after   time.Duration
		clean   bool
	}{
		"the first, at once":                         {1, 50 * time.Millisecond, true},
		"the first, after a moment in the queue":     {1, 5 * time.Second, true},
		"reset by a person":                          {1, time.Minute, false},
		"the first, after a worker that was away":    {1, time.Hour, false},
		"the second, whose first left no heartbeats": {2, time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.Equal(t, test.clean, untouched(activity.Info{Attempt: test.attempt, ScheduledTime: scheduled, StartedTime: scheduled.Add(test.after)}))
		})
	}
}

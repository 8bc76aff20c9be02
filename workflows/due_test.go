package workflows_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
	"patchproof/sctest"
	"patchproof/workflows"
)

func TestScanBeginsWhenItMay(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 28, 12, 0, 0, 0, time.UTC) // the day before the clocks of Berlin are put forward
	for name, c := range map[string]struct {
		change func(*remediation.Request)
		want   time.Time
	}{
		"at once":    {func(*remediation.Request) {}, start},
		"settle":     {func(r *remediation.Request) { r.Settle = remediation.Duration(time.Hour) }, start.Add(time.Hour)},
		"not before": {func(r *remediation.Request) { r.NotBefore = "2026-03-28T15:00:00+01:00" }, start.Add(2 * time.Hour)},
		"window": {
			func(r *remediation.Request) { r.Window = "22:00-05:00 Europe/Berlin" },
			time.Date(2026, 3, 28, 21, 0, 0, 0, time.UTC),
		},
		"window after settling, in the night of the change": {func(r *remediation.Request) {
			r.Window, r.Settle, r.Timeout = "22:00-05:00 Europe/Berlin", remediation.Duration(15*time.Hour), remediation.Duration(48*time.Hour)
		}, time.Date(2026, 3, 29, 20, 0, 0, 0, time.UTC)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, scenario)
			s.env.SetStartTime(start)
			posts := s.posts(start)
			r := request("10.0.0.5")
			c.change(&r)
			require.Equal(t, remediation.OutcomeFixed, s.run(r).Outcome)
			require.Len(t, posts, 2)
			for _, at := range posts {
				require.Len(t, at, 1)
				require.WithinRange(t, start.Add(at[0]), c.want, c.want.Add(time.Minute))
			}
		})
	}
}

func TestWaitingForTheWindowIsShownAndCanBeCancelled(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	s.env.SetStartTime(noon)
	posts := s.posts(noon)
	s.ask(time.Hour, func(status workflows.Status) {
		require.Equal(t, workflows.PhaseWaiting, status.Phase)
		require.NotNil(t, status.Waiting)
		require.Equal(t, "the scan may begin at 2026-11-25T21:00:00Z, in the window 22:00-05:00 Europe/Berlin", status.Waiting.Text)
	})
	s.say(2*time.Hour, workflows.CancelUpdate, workflows.Cancel{Actor: "eve", Reason: "not tonight"}, func(_ any, err error) { require.NoError(t, err) })
	r := request("10.0.0.5")
	r.Window = "22:00-05:00 Europe/Berlin"
	status := s.run(r)
	require.Equal(t, remediation.OutcomeCancelled, status.Outcome)
	require.Nil(t, status.Waiting)
	require.Empty(t, posts)
}

func TestStartAfterTheDeadlineIsRefused(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	s.env.SetStartTime(noon)
	r := request("10.0.0.5")
	r.Window, r.Timeout = "22:00-05:00 Europe/Berlin", remediation.Duration(3*time.Hour)
	require.Contains(t, s.refuse(r), "timeout: the scan may not begin before 2026-11-25T21:00:00Z")
}

// A launch that Security Center did not take in time waits for the next window.
func TestLaunchThatMissedItsWindowWaitsForTheNext(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	start := time.Date(2026, 11, 25, 21, 0, 0, 0, time.UTC)
	s.env.SetStartTime(start)
	posts := s.posts(start)
	s.fault(sctest.Fault{Method: http.MethodPost, Path: "/rest/scan", Do: "status", Status: 503, Times: 45})
	r := request("10.0.0.5")
	r.Window, r.WindowMargin, r.Timeout = "22:00-23:00 Europe/Berlin", remediation.Duration(30*time.Minute), remediation.Duration(96*time.Hour)
	require.Equal(t, remediation.OutcomeFixed, s.run(r).Outcome)
	made := slices.Concat(posts["/rest/policy"], posts["/rest/scan"])
	for _, after := range made {
		when := start.Add(after)
		require.Equal(t, 21, when.Hour(), "%s", when)
		require.Less(t, when.Minute(), 31)
	}
	require.Greater(t, len(made), 30)
}

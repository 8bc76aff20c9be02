package workflows_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/activities"
	"patchproof/remediation"
	"patchproof/workflows"
)

// deskFunc is a desk that a test makes up.
type deskFunc func(sc string) *activities.Hold

func (f deskFunc) Held(_ context.Context, sc string) (*activities.Hold, error) { return f(sc), nil }

// held lets launches be held for a time of the workflow's clock.
func (s *stage) held(from, until time.Duration) {
	s.env.SetStartTime(noon)
	s.acts.Desk = deskFunc(func(sc string) *activities.Hold {
		if now := s.env.Now().Sub(noon); now < from || now >= until {
			return nil
		}
		return &activities.Hold{SC: sc, By: "ada", Reason: "upgrade", Since: noon}
	})
}

func TestVerificationWaitsForTheRelease(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	s.held(0, 3*time.Hour)
	posts := s.posts(noon)
	s.ask(2*time.Hour, func(status workflows.Status) {
		require.Equal(t, workflows.PhasePolicy, status.Phase)
		require.NotNil(t, status.Waiting)
		require.Equal(t, "release", status.Waiting.For)
		require.Equal(t, "launches of default are held by ada since 2026-11-25T12:00:00Z: upgrade", status.Waiting.Text)
		require.Empty(t, posts)
	})
	status := s.run(request("10.0.0.5"))
	require.Equal(t, remediation.OutcomeFixed, status.Outcome)
	require.Nil(t, status.Waiting)
	require.Len(t, posts["/rest/policy"], 1)
	require.Len(t, posts["/rest/scan"], 1)
	require.GreaterOrEqual(t, posts["/rest/policy"][0], 3*time.Hour)
	require.Less(t, posts["/rest/policy"][0], 3*time.Hour+time.Minute)
	s.nothingLeft()
}

// A hold that comes when the policy is made keeps the scan from being launched; a scan that runs it does not touch.
func TestHoldAfterThePolicy(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	posts := s.posts(noon)
	s.env.SetStartTime(noon)
	looks := 0
	s.acts.Desk = deskFunc(func(sc string) *activities.Hold {
		// The policy is asked for first, and then the launch.
		if looks++; looks == 1 || len(posts["/rest/scan"]) > 0 || s.env.Now().Sub(noon) >= time.Hour {
			return nil
		}
		return &activities.Hold{SC: sc, By: "ada", Reason: "upgrade", Since: noon}
	})
	require.Equal(t, remediation.OutcomeFixed, s.run(request("10.0.0.5")).Outcome)
	require.Len(t, posts["/rest/policy"], 1)
	require.Less(t, posts["/rest/policy"][0], time.Minute)
	require.Len(t, posts["/rest/scan"], 1)
	require.GreaterOrEqual(t, posts["/rest/scan"][0], time.Hour)

	s = newStage(t, scenario)
	s.held(time.Minute, 100*time.Hour) // the scan takes longer
	require.Equal(t, remediation.OutcomeFixed, s.run(request("10.0.0.5")).Outcome)
}

// Called off while it waits, a verification has made nothing, and makes nothing to find out: not even a policy.
func TestHeldVerificationCanBeCalledOff(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	s.held(0, 1000*time.Hour)
	posts := s.posts(noon)
	s.say(2*time.Hour, workflows.CancelUpdate, workflows.Cancel{Actor: "eve", Reason: "not today"}, func(_ any, err error) { require.NoError(t, err) })
	status := s.run(request("10.0.0.5"))
	require.Equal(t, remediation.OutcomeCancelled, status.Outcome)
	require.Equal(t, noon.Add(2*time.Hour), status.FinishedAt.UTC())
	require.Empty(t, posts)
	require.Nil(t, status.Waiting)

	s = newStage(t, scenario)
	s.held(0, 1000*time.Hour)
	posts = s.posts(noon)
	status = s.run(request("10.0.0.5"))
	require.Equal(t, remediation.OutcomeTimedOut, status.Outcome)
	require.Empty(t, posts)
}

// Called off between its policy and its scan, it deletes the policy and looks for no scan that nobody launched.
func TestHeldLaunchCanBeCalledOff(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	posts := s.posts(noon)
	s.env.SetStartTime(noon)
	s.acts.Desk = deskFunc(func(sc string) *activities.Hold {
		if len(posts["/rest/policy"]) == 0 {
			return nil
		}
		return &activities.Hold{SC: sc, By: "ada", Reason: "upgrade", Since: noon}
	})
	s.say(2*time.Hour, workflows.CancelUpdate, workflows.Cancel{Actor: "eve", Reason: "not today"}, func(_ any, err error) { require.NoError(t, err) })
	looked, count := 0, s.asked
	s.asked = func(r *http.Request) {
		count(r)
		if r.URL.Path == "/rest/scanResult" && s.env.Now().Sub(noon) > time.Hour {
			looked++
		}
	}
	status := s.run(request("10.0.0.5"))
	require.Equal(t, remediation.OutcomeCancelled, status.Outcome)
	require.Zero(t, looked, "there is no scan to look for")
	require.Less(t, status.FinishedAt.UTC().Sub(noon), 2*time.Hour+10*time.Second, "a launch of unknown fate would be looked for")
	require.Empty(t, posts["/rest/scan"])
	s.nothingLeft()
}

package activities_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.uber.org/mock/gomock"

	"patchproof/activities"
	"patchproof/remediation"
	"patchproof/sclient"
)

// desk answers for every Security Center alike.
type desk struct {
	hold *activities.Hold
	err  error
}

func (d desk) Held(context.Context, string) (*activities.Hold, error) { return d.hold, d.err }

const heldText = "launches of default are held by ada since 2026-11-25T12:00:00Z: upgrade"

func held() desk {
	return desk{hold: &activities.Hold{SC: "default", By: "ada", Reason: "upgrade", Since: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)}}
}

// tryHeld runs an attempt with a desk, and gives its result and the heartbeat that it leaves.
func tryHeld(t *testing.T, sc activities.SecurityCenter, d activities.Desk, name string, in any, before map[string]any) (out converter.EncodedValue, left string, err error) {
	t.Helper()
	env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
	env.RegisterActivity(&activities.Activities{SCs: map[string]activities.Site{"default": {SecurityCenter: sc}}, Desk: d})
	if before != nil {
		env.SetHeartbeatDetails(map[string]any{"memo": before})
	}
	env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) { left = payload(t, details) })
	out, err = env.ExecuteActivity(name, in)
	return out, left, err
}

func launchInput() activities.LaunchInput {
	return activities.LaunchInput{SC: "default", Own: ownership(), Options: remediation.ScanOptions{Name: "x", ClassifyMitigatedAge: new(int)}}
}

// While nothing was made, an attempt ends with the hold: nothing is on its way that somebody would have to look for.
func TestHeldBeforeAnythingIsMade(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]map[string]any{"a first attempt": nil, "one after a refusal": {"settled": true, "refusals": 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sc := NewMockSecurityCenter(gomock.NewController(t)) // it posts nothing
			var policy activities.PolicyResult
			out, _, err := tryHeld(t, sc, held(), "CreatePolicy", activities.PolicyInput{SC: "default"}, before)
			require.NoError(t, err)
			require.NoError(t, out.Get(&policy))
			require.Equal(t, activities.PolicyResult{Held: heldText}, policy)

			sc.EXPECT().CurrentUser(gomock.Any()).Return(&sclient.User{ID: 5}, nil)
			sc.EXPECT().ScanResults(gomock.Any(), gomock.Any()).Return(nil, nil)
			var launch activities.LaunchResult
			out, _, err = tryHeld(t, sc, held(), "Launch", launchInput(), before)
			require.NoError(t, err)
			require.NoError(t, out.Get(&launch))
			require.Equal(t, activities.LaunchResult{Held: heldText}, launch)
		})
	}
}

// After a request of unknown fate the activity itself waits, and its memo stays what it was.
func TestHeldAfterALostAnswer(t *testing.T) {
	t.Parallel()
	sc := NewMockSecurityCenter(gomock.NewController(t))
	sc.EXPECT().CurrentUser(gomock.Any()).AnyTimes().Return(&sclient.User{ID: 5}, nil)
	sc.EXPECT().ScanResults(gomock.Any(), gomock.Any()).AnyTimes().Return(nil, nil)
	for name, in := range map[string]any{"CreatePolicy": activities.PolicyInput{SC: "default"}, "Launch": launchInput()} {
		_, left, err := tryHeld(t, sc, held(), name, in, map[string]any{"settled": true, "lost": 1})
		var app *temporal.ApplicationError
		require.ErrorAs(t, err, &app, name)
		require.Equal(t, activities.ErrorNotYet, app.Type())
		require.Equal(t, heldText, app.Message())
		require.Equal(t, 15*time.Second, app.NextRetryDelay())
		require.JSONEq(t, `{"memo":{"settled":true,"lost":1}}`, left, name)
	}
}

// Between a launch and its adoption nobody holds anything: the scan runs.
func TestHeldScanIsAdopted(t *testing.T) {
	t.Parallel()
	for name, before := range map[string]map[string]any{"lost": {"lost": 1}, "settled": {"settled": true, "lost": 1}, "known": {"settled": true, "scanId": 7}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sc := NewMockSecurityCenter(gomock.NewController(t))
			sc.EXPECT().CurrentUser(gomock.Any()).Return(&sclient.User{ID: 5}, nil)
			sc.EXPECT().ScanResults(gomock.Any(), gomock.Any()).Return([]sclient.ScanResult{ours(nil)}, nil)
			var launch activities.LaunchResult
			out, _, err := tryHeld(t, sc, held(), "Launch", launchInput(), before)
			require.NoError(t, err)
			require.NoError(t, out.Get(&launch))
			require.NotZero(t, launch.ResultID)
			require.Empty(t, launch.Held)
		})
	}
}

// Whether launches are held only Temporal knows. While it does not tell, nothing is made.
func TestNobodyTellsWhetherLaunchesAreHeld(t *testing.T) {
	t.Parallel()
	sc := NewMockSecurityCenter(gomock.NewController(t))
	sc.EXPECT().CurrentUser(gomock.Any()).AnyTimes().Return(&sclient.User{ID: 5}, nil)
	sc.EXPECT().ScanResults(gomock.Any(), gomock.Any()).AnyTimes().Return(nil, nil)
	silent := desk{err: errors.New("no answer")}
	for name, in := range map[string]any{
		"CreatePolicy": activities.PolicyInput{SC: "default"}, "Launch": launchInput(), "AwaitRelease": activities.AwaitReleaseInput{SC: "default"},
	} {
		_, _, err := tryHeld(t, sc, silent, name, in, nil)
		var app *temporal.ApplicationError
		require.ErrorAs(t, err, &app, name)
		require.Equal(t, activities.ErrorUnavailable, app.Type())
		require.False(t, app.NonRetryable())
		require.Equal(t, "Temporal does not tell whether launches of default are held: no answer", app.Message())
	}
}

func TestAwaitRelease(t *testing.T) {
	t.Parallel()
	sc := NewMockSecurityCenter(gomock.NewController(t)) // it is not asked
	in := activities.AwaitReleaseInput{SC: "default"}
	_, _, err := tryHeld(t, sc, held(), "AwaitRelease", in, nil)
	var app *temporal.ApplicationError
	require.ErrorAs(t, err, &app)
	require.Equal(t, activities.ErrorNotYet, app.Type())
	require.Equal(t, heldText, app.Message())
	require.WithinRange(t, time.Time{}.Add(app.NextRetryDelay()), time.Time{}.Add(15*time.Second), time.Time{}.Add(20*time.Second))
	for _, free := range []activities.Desk{nil, desk{}} {
		_, _, err = tryHeld(t, sc, free, "AwaitRelease", in, nil)
		require.NoError(t, err)
	}
}

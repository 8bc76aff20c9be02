package activities_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.uber.org/mock/gomock"

	"patchproof/activities"
	"patchproof/remediation"
	"patchproof/sclient"
)

// What people see in a heartbeat is its progress and nothing else; the memo beside it is for the next attempt.
func TestHeartbeatHasTwoFaces(t *testing.T) {
	t.Parallel()
	sc := NewMockSecurityCenter(gomock.NewController(t))
	sc.EXPECT().ScanResult(gomock.Any(), gomock.Any()).Return(nil, &sclient.Error{Method: "GET", Path: "/rest/scanResult/170", Status: 502})
	down := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	beats := heartbeats(t, sc, "AwaitScan",
		activities.AwaitInput{SC: "default", ResultID: 170, Poll: remediation.Duration(time.Minute)},
		map[string]any{"text": "scan Running", "downSince": down, "memo": map[string]any{"troubles": 3}})
	for _, beat := range beats {
		var progress activities.Progress
		require.NoError(t, beat.Get(&progress))
		require.Equal(t, activities.Progress{Text: "scan Running", DownSince: down}, progress)
	}
	require.JSONEq(t, `{"text":"scan Running","downSince":"2026-03-01T12:00:00Z","memo":{"troubles":3}}`, payload(t, beats[0]),
		"who looks meanwhile sees what was seen last")
	require.Contains(t, payload(t, beats[len(beats)-1]), `"memo":{"troubles":4}`)
}

// A worker that is killed leaves the first heartbeat of its attempt, and then a request may be on its way: that is added to what the
// attempt before knew, and nothing of it is lost.
func TestFirstHeartbeatOfALaunch(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ before, first string }{
		"nothing was on its way":          {`{"settled":true}`, `{"lost":1}`},
		"a request was lost":              {`{"lost":1,"rounds":2}`, `{"lost":2}`},
		"looked for in vain":              {`{"lost":1,"settled":true}`, `{"lost":2}`},
		"refused after it":                {`{"lost":1,"settled":true,"refusals":2,"texts":["no"]}`, `{"lost":2,"refusals":2,"texts":["no"]}`},
		"the scan's number is known":      {`{"settled":true,"scanId":7}`, `{"settled":true,"scanId":7}`},
		"its result's too, after a death": {`{"lost":2,"scanId":7,"resultId":170}`, `{"lost":2,"scanId":7,"resultId":170}`},
		"a shape that we do not know":     {`{"clean":true}`, `{"lost":2}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sc := NewMockSecurityCenter(gomock.NewController(t))
			sc.EXPECT().CurrentUser(gomock.Any()).Return(nil, &sclient.Error{Method: "GET", Status: 502})
			var before map[string]any
			require.NoError(t, json.Unmarshal([]byte(test.before), &before))
			beats := heartbeats(t, sc, "Launch", activities.LaunchInput{SC: "default"}, map[string]any{"memo": before})
			require.JSONEq(t, `{"memo":`+test.first+`}`, payload(t, beats[0]))
		})
	}
}

// heartbeats runs an attempt that begins with the heartbeat of the one before, and gives those that it sends.
func heartbeats(t *testing.T, sc activities.SecurityCenter, attempt string, in any, before map[string]any) []converter.EncodedValues {
	t.Helper()
	env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
	env.RegisterActivity(&activities.Activities{SCs: map[string]activities.Site{"default": {SecurityCenter: sc}}})
	env.SetHeartbeatDetails(before)
	var beats []converter.EncodedValues
	env.SetOnActivityHeartbeatListener(func(_ *activity.Info, details converter.EncodedValues) { beats = append(beats, details) })
	_, _ = env.ExecuteActivity(attempt, in) // its result is the matter of other tests
	require.NotEmpty(t, beats)
	return beats
}

func payload(t *testing.T, beat converter.EncodedValues) string {
	t.Helper()
	var raw converter.RawValue
	require.NoError(t, beat.Get(&raw))
	return string(raw.Payload().GetData())
}

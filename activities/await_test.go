package activities_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.uber.org/mock/gomock"

	"patchproof/activities"
	"patchproof/remediation"
	"patchproof/sclient"
)

// A scan that waits in a queue, or whose import never begins, is told apart from one that works.
func TestAwaitScan(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ago := func(d time.Duration) sclient.Time { return sclient.Time{Time: now.Add(-d)} }
	for name, test := range map[string]struct {
		result  sclient.ScanResult
		wait    string
		imports remediation.ImportEnd
	}{
		"queued":          {sclient.ScanResult{Status: "Queued", CreatedTime: ago(time.Minute)}, "scan Queued", ""},
		"queued too long": {sclient.ScanResult{Status: "Queued", CreatedTime: ago(2 * time.Hour)}, "STALLED: scan Queued for 2h0m0s", ""},
		"paused just now, though it began long ago": {sclient.ScanResult{Status: "Paused", StartTime: ago(3 * time.Hour)}, "scan Paused", ""},
		"running for days": {
			sclient.ScanResult{Status: "Running", StartTime: ago(72 * time.Hour), Progress: sclient.Progress{TotalIPs: 9, CompletedIPs: 3}},
			"scan Running, 3 of 9 hosts", "",
		},
		"importing":                  {sclient.ScanResult{Status: "Partial", ImportStatus: "Importing", FinishTime: ago(time.Hour)}, "scan Partial, import Importing", ""},
		"no import yet":              {sclient.ScanResult{Status: "Completed", ImportStatus: "No Results", FinishTime: ago(time.Minute)}, "import No Results", ""},
		"no import any more":         {sclient.ScanResult{Status: "Completed", ImportStatus: "No Results", FinishTime: ago(6 * time.Minute)}, "", remediation.ImportNothing},
		"still running":              {sclient.ScanResult{Status: "Completed", ImportStatus: "No Results", Running: true, FinishTime: ago(6 * time.Minute)}, "import No Results", ""},
		"imported":                   {sclient.ScanResult{Status: "Partial", ImportStatus: "Finished"}, "", remediation.ImportFinished},
		"import failed":              {sclient.ScanResult{Status: "Completed", ImportStatus: "Error"}, "", remediation.ImportFailed},
		"a status of later versions": {sclient.ScanResult{Status: "Blocked"}, "scan Blocked", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sc := NewMockSecurityCenter(gomock.NewController(t))
			test.result.Name = ourMark
			sc.EXPECT().ScanResult(gomock.Any(), sclient.ID(170)).Return(&test.result, nil)
			sc.EXPECT().ServerTime(gomock.Any()).MaxTimes(1).Return(now, nil)
			a := &activities.Activities{SCs: map[string]activities.Site{"default": {SecurityCenter: sc}}}
			env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
			env.RegisterActivity(a)
			value, err := env.ExecuteActivity(a.AwaitScan, activities.AwaitInput{
				SC: "default", ResultID: 170, Own: ownership(), Poll: remediation.Duration(time.Minute), Stall: remediation.Duration(time.Hour),
			})
			if test.wait != "" {
				var app *temporal.ApplicationError
				require.ErrorAs(t, err, &app)
				require.Equal(t, activities.ErrorNotYet, app.Type())
				require.Contains(t, app.Message(), test.wait)
				require.GreaterOrEqual(t, app.NextRetryDelay(), time.Minute)
				require.Less(t, app.NextRetryDelay(), 70*time.Second, "a tenth of jitter at most")
				return
			}
			require.NoError(t, err)
			var out activities.AwaitResult
			require.NoError(t, value.Get(&out))
			require.Equal(t, test.imports, out.Import)
		})
	}
}

// A launch of unknown fate can have its effect late: then two scans of ours run, and the one that is not waited for is
// stopped. Those of others are not touched.
func TestAwaitScanStopsTheLateOne(t *testing.T) {
	t.Parallel()
	begun := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	result := func(id sclient.ID, policy, status string, after time.Duration) sclient.ScanResult {
		return sclient.ScanResult{
			ID: id, Details: policy, Status: status, CreatedTime: sclient.Time{Time: begun.Add(after)},
			Owner: sclient.Person{ID: 5}, Repository: sclient.RepositoryRef{ID: 1},
		}
	}
	sc := NewMockSecurityCenter(gomock.NewController(t))
	sc.EXPECT().CurrentUser(gomock.Any()).Return(&sclient.User{ID: 5}, nil)
	sc.EXPECT().ScanResult(gomock.Any(), sclient.ID(170)).Return(&sclient.ScanResult{Details: "_ours", Status: "Completed", ImportStatus: "Finished"}, nil)
	sc.EXPECT().ScanResults(gomock.Any(), gomock.Any()).Return([]sclient.ScanResult{
		result(170, "_ours", "Completed", time.Minute),
		result(171, "_ours", "Running", 2*time.Minute),
		result(172, "_theirs", "Running", 2*time.Minute),
		result(173, "_ours", "Running", -time.Hour), // Security Center's clock was set back meanwhile
	}, nil)
	sc.EXPECT().StopScanResult(gomock.Any(), sclient.ID(171)).Return(nil)
	sc.EXPECT().StopScanResult(gomock.Any(), sclient.ID(173)).Return(nil)
	a := &activities.Activities{SCs: map[string]activities.Site{"default": {SecurityCenter: sc}}}
	env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
	env.RegisterActivity(a)
	value, err := env.ExecuteActivity(a.AwaitScan, activities.AwaitInput{
		SC: "default", ResultID: 170, Poll: remediation.Duration(time.Minute),
		Own: activities.Ownership{Begun: begun, Repository: 1, Policy: activities.Policy{Name: "_ours"}}, Others: true,
	})
	require.NoError(t, err)
	var out activities.AwaitResult
	require.NoError(t, value.Get(&out))
	require.Equal(t, []int{171, 173}, out.Extra)
}

// When a scan was paused, Security Center does not say: it is counted from the first look that saw it so.
func TestAwaitScanPausedTooLong(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	sc := NewMockSecurityCenter(gomock.NewController(t))
	sc.EXPECT().ScanResult(gomock.Any(), gomock.Any()).Return(&sclient.ScanResult{Name: ourMark, Status: "Paused", ErrorDetails: "no scanner"}, nil)
	sc.EXPECT().ServerTime(gomock.Any()).Return(now, nil)
	a := &activities.Activities{SCs: map[string]activities.Site{"default": {SecurityCenter: sc}}}
	env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
	env.RegisterActivity(a)
	env.SetHeartbeatDetails(map[string]any{"memo": map[string]any{"status": "Paused", "since": now.Add(-2 * time.Hour)}})
	_, err := env.ExecuteActivity(a.AwaitScan, activities.AwaitInput{SC: "default", ResultID: 170, Own: ownership(), Stall: remediation.Duration(time.Hour)})
	require.ErrorContains(t, err, "STALLED: scan Paused for 2h0m0s (no scanner)")
}

// Whatever a server lists and writes, what is kept is about the hosts that we asked about, and short.
func TestAwaitScanKeepsLittle(t *testing.T) {
	t.Parallel()
	huge := strings.Repeat("<", 1<<20)
	var many []string
	for i := range 100_000 {
		many = append(many, fmt.Sprintf("11.%d.%d.%d", i>>16, i>>8&255, i&255))
	}
	sc := NewMockSecurityCenter(gomock.NewController(t))
	sc.EXPECT().ScanResult(gomock.Any(), gomock.Any()).AnyTimes().Return(&sclient.ScanResult{
		Name: ourMark, Status: "Error", ImportStatus: "Finished", ErrorDetails: huge, ImportErrorDetails: huge,
		Progress: sclient.Progress{
			ScannedIPs:  sclient.ParseAddresses("10.0.0.0/8," + strings.Join(many, ", ") + "," + huge),
			DeadHostIPs: sclient.ParseAddresses("10.0.0.9"),
		},
	}, nil)
	a := &activities.Activities{SCs: map[string]activities.Site{"default": {SecurityCenter: sc}}}
	env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
	env.RegisterActivity(a)
	value, err := env.ExecuteActivity(a.AwaitScan, activities.AwaitInput{
		SC: "default", ResultID: 170, Own: ownership(), Targets: []string{"10.0.0.5-10.0.0.6", "10.0.0.9", "2001:db8::1"},
	})
	require.NoError(t, err)
	var out activities.AwaitResult
	require.NoError(t, value.Get(&out))
	require.Equal(t, "10.0.0.5-10.0.0.6,10.0.0.9", out.Scanned)
	require.Equal(t, "10.0.0.9", out.Dead)
	require.LessOrEqual(t, len(out.Error), 1000)

	// The words for how it stands are a server's as well.
	sc = NewMockSecurityCenter(gomock.NewController(t))
	sc.EXPECT().ScanResult(gomock.Any(), gomock.Any()).Return(&sclient.ScanResult{Name: ourMark, Status: huge, ImportStatus: huge}, nil).Times(2)
	a.SCs["default"] = activities.Site{SecurityCenter: sc}
	_, err = env.ExecuteActivity(a.AwaitScan, activities.AwaitInput{SC: "default", ResultID: 170, Own: ownership()})
	var app *temporal.ApplicationError
	require.ErrorAs(t, err, &app)
	require.Less(t, len(app.Message()), 200)
	value, err = env.ExecuteActivity(a.AwaitScan, activities.AwaitInput{SC: "default", ResultID: 170, Own: ownership(), Once: true})
	require.NoError(t, err)
	out = activities.AwaitResult{}
	require.NoError(t, value.Get(&out))
	require.Empty(t, out.Ended)
	require.Less(t, len(out.Status+out.ImportStatus), 200)
}

// Security Center's clock may be set back: what lies in its future is counted from now, and not waited for.
func TestAwaitScanAfterTheClockWasSetBack(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	later := sclient.Time{Time: now.Add(2 * time.Hour)}
	for name, before := range map[string]any{"seen before": map[string]any{"status": "Completed", "since": later.Time}, "seen first": map[string]any{}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sc := NewMockSecurityCenter(gomock.NewController(t))
			sc.EXPECT().ScanResult(gomock.Any(), gomock.Any()).Return(
				&sclient.ScanResult{Name: ourMark, Status: "Completed", ImportStatus: "No Results", FinishTime: later}, nil)
			sc.EXPECT().ServerTime(gomock.Any()).Return(now, nil)
			beats := heartbeats(t, sc, "AwaitScan", activities.AwaitInput{SC: "default", ResultID: 170, Own: ownership()}, map[string]any{"memo": before})
			require.Contains(t, payload(t, beats[len(beats)-1]), `"since":"2026-03-01T12:00:00Z"`)
		})
	}
}

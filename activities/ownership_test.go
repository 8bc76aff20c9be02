package activities_test

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"
	"go.uber.org/mock/gomock"

	"patchproof/activities"
	"patchproof/remediation"
	"patchproof/sclient"
)

const ourMark = "pp-bb848369acde-1-"

var begun = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func ownership() activities.Ownership {
	return activities.Ownership{Mark: ourMark, Repository: 1, Begun: begun, Policy: activities.Policy{ID: 1000001, Name: "_1_generated"}}
}

// ours is a running result of ours, as a server shows it that lets nothing but the name through.
func ours(change func(*sclient.ScanResult)) sclient.ScanResult {
	r := sclient.ScanResult{
		ID: 170, Name: "Remediation Scan of Plugin #97833 " + ourMark, Details: "Plugin #97833", Status: "Running",
		Owner: sclient.Person{ID: 5}, Initiator: sclient.Person{ID: 5}, Repository: sclient.RepositoryRef{ID: 1},
		CreatedTime: sclient.Time{Time: begun.Add(time.Minute)},
	}
	if change != nil {
		change(&r)
	}
	return r
}

// undo runs the clean-up until it neither waits nor fails any more, as Temporal does.
func undo(t *testing.T, sc *MockSecurityCenter, in activities.CleanUpInput) activities.CleanUpResult {
	t.Helper()
	sc.EXPECT().CurrentUser(gomock.Any()).AnyTimes().Return(&sclient.User{ID: 5}, nil)
	a := &activities.Activities{SCs: map[string]activities.Site{"default": {SecurityCenter: sc}}}
	env := new(testsuite.WorkflowTestSuite).NewTestWorkflowEnvironment()
	env.RegisterActivity(a)
	in.SC, in.Own, in.Patience = "default", ownership(), remediation.Duration(15*time.Minute)
	var out activities.CleanUpResult
	env.ExecuteWorkflow(cleanUpAlone, in)
	require.NoError(t, env.GetWorkflowError())
	require.NoError(t, env.GetWorkflowResult(&out))
	return out
}

// Ours is what bears our mark or our policy's generated name, in whichever text reaches the result, if our user started it for our
// repository. Everything else runs on.
func TestWhatIsOurs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*sclient.ScanResult)
		ours   bool
	}{
		"the mark in the name":                  {nil, true},
		"in an edited name":                     {func(r *sclient.ScanResult) { r.Name = "[old] " + ourMark + " (eve)" }, true},
		"in the description":                    {func(r *sclient.ScanResult) { r.Name, r.Description = "x", ourMark }, true},
		"in the details":                        {func(r *sclient.ScanResult) { r.Name, r.Details = "x", ourMark }, true},
		"the policy's name":                     {func(r *sclient.ScanResult) { r.Name, r.Details = "x", "_1_generated" }, true},
		"only the initiator is told":            {func(r *sclient.ScanResult) { r.Owner.ID = 0 }, true},
		"created before the run, by its clock":  {func(r *sclient.ScanResult) { r.CreatedTime.Time = begun.Add(-2 * time.Hour) }, true},
		"no sign at all":                        {func(r *sclient.ScanResult) { r.Name = "Remediation Scan of Plugin #97833" }, false},
		"the mark of our second scan":           {func(r *sclient.ScanResult) { r.Name = "x pp-bb848369acde-2-" }, false},
		"the mark of our eleventh scan":         {func(r *sclient.ScanResult) { r.Name = "x pp-bb848369acde-11-" }, false},
		"copied by another user":                {func(r *sclient.ScanResult) { r.Owner.ID = 6 }, false},
		"of another repository":                 {func(r *sclient.ScanResult) { r.Repository.ID = 2 }, false},
		"of nobody":                             {func(r *sclient.ScanResult) { r.Owner.ID, r.Initiator.ID = 0, -1 }, false},
		"of no repository":                      {func(r *sclient.ScanResult) { r.Repository.ID = 0 }, false},
		"a scan number that is ours, no more":   {func(r *sclient.ScanResult) { r.Name, r.Scan.ID = "x", 7 }, false},
		"details that are empty, as our policy": {func(r *sclient.ScanResult) { r.Name, r.Details = "", "" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sc := NewMockSecurityCenter(gomock.NewController(t))
			result := ours(test.change)
			sc.EXPECT().ScanResults(gomock.Any(), gomock.Any()).AnyTimes().DoAndReturn(
				func(context.Context, sclient.ScanResultFilter) ([]sclient.ScanResult, error) {
					return []sclient.ScanResult{result}, nil
				})
			sc.EXPECT().Policy(gomock.Any(), gomock.Any()).AnyTimes().Return(nil, errUnknown)
			if test.ours {
				sc.EXPECT().StopScanResult(gomock.Any(), sclient.ID(170)).DoAndReturn(
					func(context.Context, sclient.ID) error { result.Status = "Partial"; return nil })
			}
			undo(t, sc, activities.CleanUpInput{Launched: true})
		})
	}
}

// The list of results is filtered; the one whose number is known is read by it. It is stopped only if it is ours.
func TestCleanUpStopsTheNumberedResult(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		result  sclient.ScanResult
		odd     error // before it
		stopped bool
		note    string
	}{
		"ours":                      {ours(nil), nil, true, ""},
		"ours, after an odd answer": {ours(nil), errUnknown, true, ""},
		"a stranger's":              {ours(func(r *sclient.ScanResult) { r.Owner.ID = 6 }), nil, false, "scan result 170"},
		"a stranger's that ended":   {ours(func(r *sclient.ScanResult) { r.Owner.ID, r.Status = 6, "Completed" }), nil, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sc := NewMockSecurityCenter(gomock.NewController(t))
			sc.EXPECT().ScanResults(gomock.Any(), gomock.Any()).AnyTimes().Return(nil, nil)
			sc.EXPECT().ScanResult(gomock.Any(), sclient.ID(170)).MinTimes(1).DoAndReturn(
				func(context.Context, sclient.ID) (*sclient.ScanResult, error) {
					if err := test.odd; err != nil {
						test.odd = nil
						return nil, err
					}
					now := test.result
					return &now, nil
				})
			sc.EXPECT().Policy(gomock.Any(), gomock.Any()).AnyTimes().Return(nil, errUnknown)
			if test.stopped {
				sc.EXPECT().StopScanResult(gomock.Any(), sclient.ID(170)).DoAndReturn(
					func(context.Context, sclient.ID) error { test.result.Status = "Partial"; return nil })
			}
			out := undo(t, sc, activities.CleanUpInput{Launched: true, ResultID: 170})
			if test.note == "" {
				require.Empty(t, out.Notes)
			} else {
				require.Contains(t, strings.Join(out.Notes, "\n"), test.note)
			}
		})
	}
}

// How a stopped scan stands is told in as many words as Security Center has for it, whatever it answers.
func TestCleanUpClipsTheStatus(t *testing.T) {
	t.Parallel()
	sc := NewMockSecurityCenter(gomock.NewController(t))
	ended := ours(func(r *sclient.ScanResult) { r.Status, r.ImportStatus = "Partial", strings.Repeat("x", 1<<20) })
	sc.EXPECT().ScanResults(gomock.Any(), gomock.Any()).AnyTimes().Return([]sclient.ScanResult{ended}, nil)
	sc.EXPECT().Policy(gomock.Any(), gomock.Any()).AnyTimes().Return(nil, errUnknown)
	require.Less(t, len(undo(t, sc, activities.CleanUpInput{Launched: true}).ImportStatus), 100)
}

// A policy is deleted only if it is ours, whatever its number; what may be left is told.
func TestCleanUpDeletesOurPolicies(t *testing.T) {
	t.Parallel()
	mine := sclient.Policy{Description: ourMark}
	manyStrays := map[sclient.ID]sclient.Policy{}
	for id := sclient.ID(1000001 - 65); id <= 1000001; id++ {
		manyStrays[id] = mine
	}
	for name, test := range map[string]struct {
		there   map[sclient.ID]sclient.Policy
		stray   int
		deleted []sclient.ID
		note    bool
	}{
		"ours":                                 {map[sclient.ID]sclient.Policy{1000001: mine}, 0, []sclient.ID{1000001}, false},
		"ours, by its generated name":          {map[sclient.ID]sclient.Policy{1000001: {Name: "_1_generated"}}, 0, []sclient.ID{1000001}, false},
		"the number was used again":            {map[sclient.ID]sclient.Policy{1000001: {Name: "Eve's", Description: "hers"}}, 0, nil, false},
		"of our tenth scan":                    {map[sclient.ID]sclient.Policy{1000001: {Description: "pp-bb848369acde-10-"}}, 0, nil, false},
		"a stray beside it":                    {map[sclient.ID]sclient.Policy{1000001: mine, 999999: mine, 1000000: {Name: "Eve's"}}, 1, []sclient.ID{1000001, 999999}, false},
		"a stray farther than ten before":      {map[sclient.ID]sclient.Policy{1000001: mine, 999960: mine}, 1, []sclient.ID{1000001, 999960}, false},
		"a stray that came late":               {map[sclient.ID]sclient.Policy{1000001: mine, 1000003: mine}, 1, []sclient.ID{1000001, 1000003}, false},
		"two strays":                           {map[sclient.ID]sclient.Policy{1000001: mine, 999999: mine, 999998: mine}, 2, []sclient.ID{1000001, 999999, 999998}, false},
		"nothing came of it":                   {map[sclient.ID]sclient.Policy{1000001: mine, 1000000: {CreatedTime: sclient.Time{Time: begun.AddDate(0, -1, 0)}}}, 1, []sclient.ID{1000001}, false},
		"a stray behind many that are gone":    {map[sclient.ID]sclient.Policy{1000001: mine, 999930: mine}, 1, []sclient.ID{1000001}, true},
		"strays by the dozen":                  {manyStrays, 65, slices.Collect(maps.Keys(manyStrays)), false},
		"nothing came of it, among others":     {crowd(999000, begun.AddDate(0, -1, 0)), 1, []sclient.ID{1000001}, false},
		"a stray behind hundreds of others":    {crowd(999700, begun), 1, []sclient.ID{1000001, 999700}, false},
		"a stray behind more than we look for": {crowd(999000, begun), 1, []sclient.ID{1000001}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sc := NewMockSecurityCenter(gomock.NewController(t))
			sc.EXPECT().Policy(gomock.Any(), gomock.Any()).AnyTimes().DoAndReturn(
				func(_ context.Context, id sclient.ID) (*sclient.Policy, error) {
					if p, ok := test.there[id]; ok {
						return &p, nil
					}
					return nil, errUnknown
				})
			var deleted []sclient.ID
			sc.EXPECT().DeletePolicy(gomock.Any(), gomock.Any()).AnyTimes().DoAndReturn(
				func(_ context.Context, id sclient.ID) error { deleted = append(deleted, id); return nil })
			out := undo(t, sc, activities.CleanUpInput{Stray: test.stray})
			require.ElementsMatch(t, test.deleted, deleted)
			require.Equal(t, test.note, len(out.Notes) == 1)
			if test.note {
				require.Contains(t, out.Notes[0], "may be left")
				require.Contains(t, out.Notes[0], ourMark)
			}
		})
	}
}

// crowd is our policy, a stray of ours, and what others made between them at that time.
func crowd(stray sclient.ID, at time.Time) map[sclient.ID]sclient.Policy {
	all := map[sclient.ID]sclient.Policy{}
	for id := stray + 1; id <= 1000000; id++ {
		all[id] = sclient.Policy{Name: "Eve's", CreatedTime: sclient.Time{Time: at}}
	}
	all[stray], all[1000001] = sclient.Policy{Description: ourMark}, sclient.Policy{Description: ourMark}
	return all
}

// The mark reaches the result whole, however long the name is that a person gave.
func TestTheMarkIsNeverCut(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Remediation Scan of Plugin #97833": "Remediation Scan of Plugin #97833 " + ourMark,
		strings.Repeat("é", 500):            strings.Repeat("é", 54) + " " + ourMark,
		"":                                  ourMark,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sc := NewMockSecurityCenter(gomock.NewController(t))
			sc.EXPECT().CurrentUser(gomock.Any()).Return(&sclient.User{ID: 5}, nil)
			sc.EXPECT().ScanResults(gomock.Any(), gomock.Any()).Times(2).Return(nil, nil)
			result := ours(nil)
			sc.EXPECT().ScanResult(gomock.Any(), sclient.ID(170)).Return(&result, nil)
			var posted sclient.ScanRequest
			sc.EXPECT().CreateScan(gomock.Any(), gomock.Any()).DoAndReturn(
				func(_ context.Context, r sclient.ScanRequest) (*sclient.Scan, error) {
					posted = r
					return &sclient.Scan{ID: 7, ScanResultID: 170}, nil
				})
			options := remediation.ScanOptions{Name: name, ClassifyMitigatedAge: new(int)}
			var out activities.LaunchResult
			attempt(t, sc, "Launch", activities.LaunchInput{SC: "default", Own: ownership(), Options: options, Targets: []string{"10.0.0.5"}}, &out)
			require.Equal(t, activities.LaunchResult{ScanID: 7, ResultID: 170}, out)
			require.Equal(t, want, posted.Name)
			require.True(t, utf8.ValidString(posted.Name))
			require.LessOrEqual(t, len(posted.Name), 127)
			require.Equal(t, ourMark, posted.Description)
		})
	}
}

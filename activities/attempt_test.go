package activities_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"
	"go.uber.org/mock/gomock"

	"patchproof/activities"
	"patchproof/remediation"
	"patchproof/sclient"
)

// attempt runs one attempt of an activity that is to succeed.
func attempt(t *testing.T, sc activities.SecurityCenter, name string, in, out any) {
	t.Helper()
	env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
	env.RegisterActivity(&activities.Activities{SCs: map[string]activities.Site{"default": {SecurityCenter: sc}}})
	value, err := env.ExecuteActivity(name, in)
	require.NoError(t, err)
	require.NoError(t, value.Get(out))
}

// cleanUpAlone is a workflow that does nothing but clean up.
func cleanUpAlone(ctx workflow.Context, in activities.CleanUpInput) (out activities.CleanUpResult, err error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: time.Minute, RetryPolicy: &temporal.RetryPolicy{MaximumAttempts: 50},
	})
	var a *activities.Activities
	err = workflow.ExecuteActivity(ctx, a.CleanUp, in).Get(ctx, &out)
	return out, err
}

// What went wrong beside a success is told, and a success it stays.
func TestWarnings(t *testing.T) {
	t.Parallel()
	sc := NewMockSecurityCenter(gomock.NewController(t))
	sc.EXPECT().CurrentUser(gomock.Any()).Return(&sclient.User{ID: 5}, nil)
	sc.EXPECT().ScanResults(gomock.Any(), gomock.Any()).AnyTimes().Return(nil, nil)
	result := ours(nil)
	sc.EXPECT().ScanResult(gomock.Any(), sclient.ID(170)).Return(&result, nil)
	scan, policy := &sclient.Scan{ID: 7, ScanResultID: 170}, &sclient.Policy{ID: 1000001, Name: "_1_generated"}
	scan.Warning, policy.Warning = "Scan launch email failed.", "Policy audit failed."
	sc.EXPECT().CreateScan(gomock.Any(), gomock.Any()).Return(scan, nil)
	sc.EXPECT().CreatePolicy(gomock.Any(), gomock.Any()).Return(policy, nil)

	var launched activities.LaunchResult
	options := remediation.ScanOptions{Name: "x", ClassifyMitigatedAge: new(int)}
	attempt(t, sc, "Launch", activities.LaunchInput{SC: "default", Own: ownership(), Options: options}, &launched)
	require.Equal(t, activities.LaunchResult{ScanID: 7, ResultID: 170, Warning: "Scan launch email failed."}, launched)
	var made activities.PolicyResult
	attempt(t, sc, "CreatePolicy", activities.PolicyInput{SC: "default"}, &made)
	require.Equal(t, "Policy audit failed.", made.Warning)
	require.Zero(t, made.Stray)
}

// A scan whose number is known is never launched again, whatever became of the worker that launched it.
func TestTheScansNumberOutlivesItsWorkers(t *testing.T) {
	t.Parallel()
	sc := NewMockSecurityCenter(gomock.NewController(t))
	sc.EXPECT().CurrentUser(gomock.Any()).Return(&sclient.User{ID: 5}, nil)
	sc.EXPECT().ScanResults(gomock.Any(), gomock.Any()).Return(nil, nil)
	beats := heartbeats(t, sc, "Launch", activities.LaunchInput{SC: "default", Own: ownership()},
		map[string]any{"memo": map[string]any{"scanId": 7, "settled": true}})
	require.JSONEq(t, `{"memo":{"scanId":7,"settled":true}}`, payload(t, beats[0]), "a second death loses nothing either")
}

// The number in the answer to a launch is followed only to a result of ours: nobody else's scan is waited for, or judged.
func TestTheNumberOfSomebodyElsesResult(t *testing.T) {
	t.Parallel()
	sc := NewMockSecurityCenter(gomock.NewController(t))
	sc.EXPECT().CurrentUser(gomock.Any()).Return(&sclient.User{ID: 5}, nil)
	sc.EXPECT().ScanResults(gomock.Any(), gomock.Any()).Times(2).Return(nil, nil)
	sc.EXPECT().CreateScan(gomock.Any(), gomock.Any()).Return(&sclient.Scan{ID: 7, ScanResultID: 170}, nil)
	theirs := ours(func(r *sclient.ScanResult) { r.Name = "Weekly" })
	sc.EXPECT().ScanResult(gomock.Any(), sclient.ID(170)).Return(&theirs, nil)
	options := remediation.ScanOptions{Name: "x", ClassifyMitigatedAge: new(int)}
	beats := heartbeats(t, sc, "Launch", activities.LaunchInput{SC: "default", Own: ownership(), Options: options}, map[string]any{"memo": map[string]any{"settled": true}})
	require.JSONEq(t, `{"memo":{"settled":true,"scanId":7,"resultId":170}}`, payload(t, beats[len(beats)-1]), "it is looked for on")
}

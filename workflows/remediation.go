// Package workflows holds the durable procedures: what a verification does, in which order, however many restarts and
// outages lie in between.
package workflows

import (
	"errors"
	"fmt"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"patchproof/activities"
	"patchproof/remediation"
)

// acts names the activities; the worker registers the real ones.
var acts *activities.Activities

// errInterrupted says that a cancel or the deadline ended a wait.
var errInterrupted = errors.New("interrupted")

// RemediationWorkflow verifies one ticket: one plugin, one repository, a set of hosts. It completes with an outcome,
// also when the ticket was cancelled or its time ran out; it fails only when the job could not be done, with a sentence
// that says what to do about it.
func RemediationWorkflow(ctx workflow.Context, request remediation.Request) (*Status, error) {
	v, err := newVerification(ctx, request)
	if err != nil {
		return nil, err
	}
	if _, err := request.Complete(); err != nil {
		return nil, v.fail(ctx, temporal.NewNonRetryableApplicationError(err.Error(), activities.ErrorInvalid, nil))
	}
	// The procedure runs on a context of its own: a cancellation is looked at between its steps, never inside one that
	// changes Security Center.
	work, _ := workflow.NewDisconnectedContext(ctx)
	v.watchCancellation(ctx)
	v.watchDeadline(work)

	judgement, err := v.verify(work)
	if err != nil {
		return nil, v.fail(work, err)
	}
	return v.finish(work, judgement)
}

// verify is the procedure: baseline, family, and one scan with its verification.
func (v *verification) verify(ctx workflow.Context) (remediation.Judgement, error) {
	facts := &remediation.Facts{ConfirmFor: v.request.ConfirmFor}
	targets, proof, err := v.prepare(ctx, facts)
	if err == nil && len(targets) > 0 {
		s := &scan{verification: v, number: len(v.status.Scans) + 1, targets: targets, proof: proof}
		var judgement remediation.Judgement
		if judgement, err = s.run(ctx, facts); err == nil {
			return judgement, nil
		}
	}
	if err != nil && !errors.Is(err, errInterrupted) {
		return remediation.Judgement{}, err
	}
	facts.Interrupted = v.interrupted
	return remediation.Judge(*facts), nil
}

// prepare reads the baseline and the plugin. It gives the addresses to scan, none if a scan would prove nothing.
func (v *verification) prepare(ctx workflow.Context, facts *remediation.Facts) ([]string, []activities.PolicyPlugin, error) {
	v.enter(ctx, PhaseBaseline)
	var baseline activities.BaselineResult
	err := v.read(reading(ctx, "what is open, what was mitigated"), acts.Baseline,
		activities.BaselineInput{Request: v.request}, &baseline)
	if err != nil {
		return nil, nil, err
	}
	facts.BaselineAt, facts.Repository = baseline.At, baseline.Repository
	facts.Baseline, facts.Before = baseline.Findings, baseline.Before

	v.enter(ctx, PhaseFamily)
	var plugin activities.PluginResult
	err = v.read(reading(ctx, "the plugin and its family"), acts.Plugin, activities.PluginInput{
		SC: v.request.SC, Plugin: v.request.Plugin, Family: v.request.Family, Known: baseline.Plugin,
	}, &plugin)
	if err != nil {
		return nil, nil, err
	}
	facts.Plugin = plugin.Plugin
	v.status.PluginName = plugin.Plugin.Name
	if len(plugin.Unknown) > 0 {
		v.note("Security Center does not have these proof plugins, so they prove nothing here: %v", plugin.Unknown)
	}
	v.upsert(ctx, v.show(remediation.Judge(*facts)))
	v.describe(ctx)

	targets := remediation.ScanTargets(facts.Repository, facts.Baseline)
	if len(targets) == 0 {
		return nil, nil, nil
	}
	if facts.Plugin.CheckType == "local" && len(v.request.Scan.Credentials) == 0 {
		return nil, nil, temporal.NewNonRetryableApplicationError(fmt.Sprintf(
			"credential: plugin %d is a local check, which sees nothing without a login: name the credentials of the hosts with --credential",
			facts.Plugin.ID), activities.ErrorInvalid, nil)
	}
	return targets, plugin.Proof, nil
}

// read runs an activity that changes nothing; a cancel or the deadline ends the wait for it. The activity is left to end
// with the workflow: cancelling it would write five more events into the history.
func (v *verification) read(ctx workflow.Context, activity, in, out any) error {
	if v.interrupted != "" {
		return errInterrupted
	}
	future := workflow.ExecuteActivity(ctx, activity, in)
	if err := workflow.Await(ctx, func() bool { return future.IsReady() || v.interrupted != "" }); err != nil {
		return err
	}
	if !future.IsReady() {
		return errInterrupted
	}
	return future.Get(ctx, out)
}

// write runs an activity that changes Security Center. A cancel or the deadline keeps it from being tried again, but the
// attempt on its way is awaited: only then is it known what has to be undone.
func (v *verification) write(ctx workflow.Context, activity, in, out any) error {
	if v.interrupted != "" {
		return errInterrupted
	}
	ctx, giveUp := workflow.WithCancel(ctx)
	defer giveUp()
	future := workflow.ExecuteActivity(ctx, activity, in)
	if err := workflow.Await(ctx, func() bool { return future.IsReady() || v.interrupted != "" }); err != nil {
		return err
	}
	if !future.IsReady() {
		giveUp()
	}
	err := future.Get(ctx, out)
	if err != nil && v.interrupted != "" {
		return fmt.Errorf("%w: %w", errInterrupted, err)
	}
	return err
}

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

// RemediationWorkflow verifies one ticket: one plugin, one repository, a set of hosts. It completes with an outcome,
// also when the ticket was cancelled or its time ran out; it fails only when the job could not be done, with a sentence
// that says what to do about it.
func RemediationWorkflow(ctx workflow.Context, request remediation.Request) (*Status, error) {
	request, refusal := request.Complete() // not every client is our command
	return carryOut(ctx, request, refusal)
}

// carryOut is the verification of a complete request, or the refusal of another.
func carryOut(ctx workflow.Context, request remediation.Request, refusal error) (*Status, error) {
	if refusal != nil {
		request = identity(ctx, request)
	}
	v, err := newVerification(ctx, request)
	if err != nil {
		return nil, err
	}
	// The procedure runs on a context of its own: a cancellation is looked at between its steps, never inside one that
	// changes Security Center.
	work, _ := workflow.NewDisconnectedContext(ctx)
	if refusal != nil {
		return nil, v.fail(work, invalid("%s", refusal))
	}
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
	facts := remediation.Facts{
		ConfirmFor: v.request.ConfirmFor, Plugin: remediation.Plugin{ID: v.request.Plugin}, Exceptions: remediation.ExceptionsOf(v.request),
	}
	due, err := v.due(ctx)
	if err != nil {
		return remediation.Judgement{}, err
	}
	targets, proof, err := v.prepare(ctx, &facts)
	if err == nil && len(targets) > 0 {
		err = v.awaitDue(ctx, due)
	}
	if errors.Is(err, errInterrupted) && v.why == remediation.Expired {
		v.lastLook(ctx, &facts)
	}
	if err == nil && len(targets) > 0 {
		var found scanned
		found, err = runScan(ctx, scanOrder{
			sc: v.request.SC, number: len(v.status.Scans) + 1, facts: facts, targets: targets, assets: v.request.Assets,
			proof: proof, options: v.request.Scan, poll: v.request.Poll, stall: v.request.Stall,
			window: v.request.Window, margin: v.request.WindowMargin,
		}, &v.interrupt, v)
		facts, v.leftover = found.facts, found.leftover
		if err == nil {
			return found.judgement, nil
		}
	}
	if err != nil && !errors.Is(err, errInterrupted) {
		return remediation.Judgement{}, err
	}
	facts.Interrupted = v.why
	return remediation.Judge(facts), nil
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
	v.begin(facts, baseline)
	v.show(remediation.Judge(*facts))

	v.enter(ctx, PhaseFamily)
	var plugin activities.PluginResult
	err = v.read(reading(ctx, "the plugin and its family"), acts.Plugin, activities.PluginInput{
		SC: v.request.SC, Plugin: v.request.Plugin, Family: v.request.Family, Known: baseline.Plugin,
	}, &plugin)
	if err != nil {
		return nil, nil, err
	}
	facts.Plugin = plugin.Plugin
	v.status.PluginName = remediation.Clip(plugin.Plugin.Name, maxName)
	if len(plugin.Unknown) > 0 {
		v.note("Security Center does not have these proof plugins, so they prove nothing here: %v", plugin.Unknown)
	}
	v.judged(ctx, remediation.Judge(*facts))

	targets := remediation.ScanTargets(*facts)
	if len(targets) == 0 {
		return nil, nil, nil
	}
	if facts.Plugin.NeedsCredentials() && len(v.request.Scan.Credentials) == 0 {
		return nil, nil, invalid("credential: plugin %d is a local check, which sees nothing without a login: "+
			"name the credentials of the hosts with --credential", facts.Plugin.ID)
	}
	return targets, plugin.Proof, nil
}

// begin takes the baseline in. It is also the first reading of what is open, which may decide something by itself.
func (v *verification) begin(facts *remediation.Facts, baseline activities.BaselineResult) {
	facts.BaselineAt, facts.Repository = baseline.At, baseline.Repository
	facts.Baseline, facts.Before = baseline.Findings, baseline.Before
	if len(v.request.Scan.Credentials) == 0 {
		v.request.Scan.Credentials = baseline.Credentials
	}
	if v.request.Scan.Zone == 0 {
		v.request.Scan.Zone = baseline.Zone
	}
	for _, note := range baseline.Notes {
		v.note("%s", note)
	}
	for _, f := range baseline.Findings {
		if f.State == remediation.StateOpen {
			facts.Open = append(facts.Open, f)
		}
	}
}

// invalid ends a verification with a sentence for the person who asked.
func invalid(format string, args ...any) error {
	return temporal.NewNonRetryableApplicationError(fmt.Sprintf(format, args...), activities.ErrorInvalid, nil)
}

package workflows

// One scan, from its policy to its facts.

import (
	"errors"
	"fmt"
	"strconv"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"patchproof/activities"
	"patchproof/remediation"
)

// scanOrder says what to scan and how.
type scanOrder struct {
	sc      string
	number  int               // among the scans of its owner
	facts   remediation.Facts // what is known before: the plugin, the repository, the baseline
	targets []string          // addresses
	assets  []int             // if the options want these scanned instead
	proof   []activities.PolicyPlugin
	options remediation.ScanOptions // complete, as a request's are
	poll    remediation.Duration
	stall   remediation.Duration
}

// scanOwner wants a scan and is told how it goes.
type scanOwner interface {
	enter(ctx workflow.Context, p Phase)
	record(scan Scan)
	note(format string, args ...any)
}

// scanned is what a scan found.
type scanned struct {
	facts     remediation.Facts // as far as they are known
	judgement remediation.Judgement
	leftover  string // what could not be cleaned up, as a sentence
}

// scan is one scan from its policy to its facts. It owns both: whatever happens, it stops the scan that it launched and
// deletes the policy that it made.
type scan struct {
	scanOrder
	*interrupt
	owner  scanOwner
	shown  Scan // as the owner knows it
	own    activities.Ownership
	policy activities.PolicyResult
	launch activities.LaunchResult
	// What may exist, set before it is made: a step that fails half-way is undone as well.
	launched, uncertain bool
	lost                *activities.PolicyInput // the policy, while its fate is not known
}

// runScan makes the scan and judges. errInterrupted means that it was stopped and cleaned up before there was a judgement.
func runScan(ctx workflow.Context, order scanOrder, stop *interrupt, owner scanOwner) (scanned, error) {
	s := &scan{scanOrder: order, interrupt: stop, owner: owner}
	s.shown.Number = s.number
	s.own = activities.Ownership{
		Mark: Mark(workflow.GetInfo(ctx).FirstRunID, s.number), Begun: s.facts.BaselineAt, Repository: s.facts.Repository.ID,
	}
	judgement, err := s.steps(ctx)
	leftover := s.cleanUp(ctx) // not deferred: it blocks, and must not run while a workflow is evicted or panics
	return scanned{facts: s.facts, judgement: judgement, leftover: leftover}, err
}

func (s *scan) steps(ctx workflow.Context) (remediation.Judgement, error) {
	for _, step := range []func(workflow.Context) error{s.createPolicy, s.start, s.await} {
		if s.why != "" {
			return remediation.Judgement{}, errInterrupted
		}
		if err := step(ctx); err != nil {
			return remediation.Judgement{}, err
		}
	}
	return s.assess(ctx)
}

func (s *scan) createPolicy(ctx workflow.Context) error {
	portRange := s.options.PortRange
	if portRange == "auto" {
		portRange = remediation.PortRange(s.facts.Baseline, s.facts.Plugin.NeedsLogin())
	}
	s.facts.Scan = &remediation.Scan{Number: s.number, PortRange: portRange}
	s.owner.enter(ctx, PhasePolicy)
	s.lost = &activities.PolicyInput{
		SC: s.sc, Mark: s.own.Mark, PortRange: portRange, Preferences: s.options.Preferences,
		Plugin: activities.PolicyPlugin{ID: s.facts.Plugin.ID, Family: s.facts.Plugin.FamilyID}, Proof: s.proof,
	}
	err := s.write(writing(ctx, "a policy for one use, ports "+portRange), acts.CreatePolicy, s.lost, &s.policy)
	if err == nil || refused(err) {
		s.lost = nil
	}
	if err != nil {
		return err
	}
	s.own.Policy = s.policy.Policy
	if s.policy.Warning != "" {
		s.owner.note("the policy was made, but Security Center says: %s", s.policy.Warning)
	}
	s.shown.PolicyID = strconv.Itoa(s.policy.ID)
	s.owner.record(s.shown)
	return nil
}

func (s *scan) start(ctx workflow.Context) error {
	s.owner.enter(ctx, PhaseLaunch)
	s.launched, s.uncertain = true, true
	err := s.write(writing(ctx, "the remediation scan"), acts.Launch, activities.LaunchInput{
		SC: s.sc, Own: s.own, Repository: s.facts.Repository.ID, Plugin: s.facts.Plugin.ID, Options: s.options,
		Targets: s.targets, Assets: s.assets,
	}, &s.launch)
	s.uncertain = err != nil && !refused(err)
	if err != nil {
		return err
	}
	if s.launch.Warning != "" {
		s.owner.note("the scan was launched, but Security Center says: %s", s.launch.Warning)
	}
	if s.launch.ScanID > 0 {
		s.shown.ScanID = strconv.Itoa(s.launch.ScanID)
	}
	s.shown.ScanResultID = strconv.Itoa(s.launch.ResultID)
	s.owner.record(s.shown)
	return nil
}

// refused reports whether Security Center gave a definite answer, so that nothing of ours can still come into being.
func refused(err error) bool {
	app, ok := errors.AsType[*temporal.ApplicationError](err)
	return ok && app.NonRetryable()
}

// await waits for the scan and its import.
func (s *scan) await(ctx workflow.Context) error {
	s.owner.enter(ctx, PhaseScanning)
	in := activities.AwaitInput{SC: s.sc, ResultID: s.launch.ResultID, Poll: s.poll, Stall: s.stall}
	if s.launch.Repeated {
		in.Own = &s.own
	}
	var end activities.AwaitResult
	if err := s.read(reading(ctx, "scan result "+s.shown.ScanResultID), acts.AwaitScan, in, &end); err != nil {
		return err
	}
	if len(end.Extra) > 0 {
		s.owner.note("a launch whose answer was lost made another scan, which was stopped and not used: scan result %v", end.Extra)
	}
	s.shown.Status, s.shown.ImportStatus = end.Status, end.ImportStatus
	s.owner.record(s.shown)
	found := s.facts.Scan
	found.Ended, found.Import, found.ImportedAt = end.Ended, end.Import, end.ImportedAt
	found.Error, found.Scanned, found.Dead = end.Error, end.Scanned, end.Dead
	return nil
}

// assess reads the facts until nothing is pending. At the deadline it looks a last time, so that what came true in the
// last interval counts.
func (s *scan) assess(ctx workflow.Context) (remediation.Judgement, error) {
	s.owner.enter(ctx, PhaseVerifying)
	in := activities.AssessInput{SC: s.sc, ResultID: s.launch.ResultID, Facts: s.facts, Poll: s.poll}
	var out activities.AssessResult
	err := s.read(reading(ctx, "own result, open and mitigated findings"), acts.Assess, in, &out)
	if errors.Is(err, errInterrupted) && s.why == remediation.Expired {
		in.Final, in.Facts.Interrupted = true, remediation.Expired
		if workflow.ExecuteActivity(limited(ctx, "the last look, at the deadline", lastLookTimeout), acts.Assess, in).Get(ctx, &out) == nil {
			err = nil
		}
	}
	if err != nil {
		return remediation.Judgement{}, err
	}
	out.Facts.Baseline, out.Facts.Before = s.facts.Baseline, s.facts.Before
	s.facts = out.Facts
	return out.Judgement, nil
}

// cleanUp undoes what is left of the scan. A scan that ran to its end leaves only the policy. It gives what it could not undo.
func (s *scan) cleanUp(ctx workflow.Context) (leftover string) {
	if s.policy.ID == 0 && s.lost == nil {
		return ""
	}
	s.owner.enter(ctx, PhaseReporting)
	var out activities.CleanUpResult
	err := workflow.ExecuteActivity(limited(ctx, "stop what runs, delete the policy", cleanUpTimeout), acts.CleanUp, activities.CleanUpInput{
		SC: s.sc, Own: s.own, ResultID: s.launch.ResultID, Launched: s.launched, Uncertain: s.uncertain, Stray: s.policy.Stray, Lost: s.lost,
	}).Get(ctx, &out)
	if err != nil {
		why, _ := sentence(err)
		leftover = fmt.Sprintf("clean-up did not succeed: a policy (%s) or a scan (result %s) marked %q may be left in Security Center: %s",
			orDash(s.shown.PolicyID), orDash(s.shown.ScanResultID), s.own.Mark, why)
		s.owner.note("%s", leftover)
		return leftover
	}
	for _, note := range out.Notes {
		s.owner.note("%s", note)
	}
	if out.Status != "" {
		s.shown.Status, s.shown.ImportStatus = out.Status, out.ImportStatus
		s.owner.record(s.shown)
	}
	return ""
}

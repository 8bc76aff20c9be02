package workflows

import (
	"errors"
	"fmt"
	"strconv"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"patchproof/activities"
	"patchproof/remediation"
)

// scan is one scan from its policy to its facts. It owns both: whatever happens, it stops the scan that it launched and
// deletes the policy that it made.
type scan struct {
	*verification
	number  int
	targets []string // addresses
	proof   []activities.PolicyPlugin

	record Scan // as the status shows it
	marker string
	policy activities.PolicyResult
	launch activities.LaunchResult
	// What may exist, set before it is made: a step that fails half-way is undone as well.
	launched, uncertain bool
	lost                *activities.PolicyInput // the policy, while its fate is not known
}

// run makes the scan and judges. errInterrupted means that it was stopped and cleaned up before there was a judgement.
func (s *scan) run(ctx workflow.Context, facts *remediation.Facts) (remediation.Judgement, error) {
	s.marker = fmt.Sprintf("patchproof %s/%d", workflow.GetInfo(ctx).FirstRunID, s.number)
	s.record.Number = s.number
	judgement, err := s.steps(ctx, facts)
	s.cleanUp(ctx, facts) // not deferred: it blocks, and must not run while a workflow is evicted or panics
	return judgement, err
}

func (s *scan) steps(ctx workflow.Context, facts *remediation.Facts) (remediation.Judgement, error) {
	if err := s.start(ctx, facts); err != nil {
		return remediation.Judgement{}, err
	}
	if err := s.await(ctx, facts); err != nil {
		return remediation.Judgement{}, err
	}
	return s.assess(ctx, facts)
}

// start creates the policy and launches the scan.
func (s *scan) start(ctx workflow.Context, facts *remediation.Facts) error {
	options := s.request.Scan
	portRange := options.PortRange
	if portRange == "auto" {
		portRange = remediation.PortRange(facts.Baseline, facts.Plugin.NeedsLogin())
	}
	facts.Scan = &remediation.Scan{Number: s.number, PortRange: portRange}

	if s.interrupted != "" {
		return errInterrupted
	}
	s.enter(ctx, PhasePolicy)
	s.lost = &activities.PolicyInput{
		SC: s.request.SC, Marker: s.marker, PortRange: portRange, Preferences: options.Preferences,
		Plugin: activities.PolicyPlugin{ID: facts.Plugin.ID, Family: facts.Plugin.FamilyID}, Proof: s.proof,
	}
	err := s.write(writing(ctx, "a policy for one use, ports "+portRange), acts.CreatePolicy, s.lost, &s.policy)
	if err == nil || refused(err) {
		s.lost = nil
	}
	if err != nil {
		return err
	}
	s.record.PolicyID = strconv.Itoa(s.policy.ID)
	s.publish()

	if s.interrupted != "" {
		return errInterrupted
	}
	s.enter(ctx, PhaseLaunch)
	s.launched, s.uncertain = true, true
	err = s.write(writing(ctx, "the remediation scan"), acts.Launch, s.launchInput(facts), &s.launch)
	s.uncertain = err != nil && !refused(err)
	if err != nil {
		return err
	}
	if s.launch.ScanID > 0 {
		s.record.ScanID = strconv.Itoa(s.launch.ScanID)
	}
	s.record.ScanResultID = strconv.Itoa(s.launch.ResultID)
	s.publish()
	return nil
}

func (s *scan) launchInput(facts *remediation.Facts) activities.LaunchInput {
	return activities.LaunchInput{
		SC: s.request.SC, Begun: facts.BaselineAt, Marker: s.marker, Policy: s.policy, Request: s.request, Targets: s.targets,
	}
}

// refused reports whether Security Center gave a definite answer, so that nothing of ours can still come into being.
func refused(err error) bool {
	app, ok := errors.AsType[*temporal.ApplicationError](err)
	return ok && app.NonRetryable()
}

// await waits for the scan and its import.
func (s *scan) await(ctx workflow.Context, facts *remediation.Facts) error {
	s.enter(ctx, PhaseScanning)
	in := activities.AwaitInput{
		SC: s.request.SC, ResultID: s.launch.ResultID, Poll: s.request.Poll, Stall: s.request.Stall,
	}
	if s.launch.Repeated {
		mine := s.launchInput(facts)
		in.Ours = &mine
	}
	var end activities.AwaitResult
	if err := s.read(reading(ctx, "scan result "+s.record.ScanResultID), acts.AwaitScan, in, &end); err != nil {
		return err
	}
	if len(end.Extra) > 0 {
		s.note("a launch whose answer was lost made another scan, which was stopped and not used: scan result %v", end.Extra)
	}
	s.record.Status, s.record.ImportStatus = end.Status, end.ImportStatus
	s.publish()
	facts.Scan.Ended, facts.Scan.Import, facts.Scan.ImportedAt = end.Ended, end.Import, end.ImportedAt
	facts.Scan.Error, facts.Scan.Scanned, facts.Scan.Dead = end.Error, end.Scanned, end.Dead
	return nil
}

// assess reads the facts until nothing is pending. At the deadline it looks a last time, so that what came true in the
// last interval counts.
func (s *scan) assess(ctx workflow.Context, facts *remediation.Facts) (remediation.Judgement, error) {
	s.enter(ctx, PhaseVerifying)
	in := activities.AssessInput{SC: s.request.SC, ResultID: s.launch.ResultID, Facts: *facts, Poll: s.request.Poll}
	var out activities.AssessResult
	err := s.read(reading(ctx, "own result, open and mitigated findings"), acts.Assess, in, &out)
	if errors.Is(err, errInterrupted) && s.interrupted == remediation.Expired {
		in.Final, in.Facts.Interrupted = true, remediation.Expired
		if workflow.ExecuteActivity(limited(ctx, "the last look, at the deadline", lastLookTimeout), acts.Assess, in).Get(ctx, &out) == nil {
			err = nil
		}
	}
	if err != nil {
		return remediation.Judgement{}, err
	}
	out.Facts.Baseline, out.Facts.Before = facts.Baseline, facts.Before
	*facts = out.Facts
	return out.Judgement, nil
}

// cleanUp undoes what is left of the scan. A scan that ran to its end leaves only the policy.
func (s *scan) cleanUp(ctx workflow.Context, facts *remediation.Facts) {
	if s.policy.ID == 0 && s.lost == nil {
		return
	}
	s.enter(ctx, PhaseReporting)
	var out activities.CleanUpResult
	err := workflow.ExecuteActivity(limited(ctx, "stop what runs, delete the policy", cleanUpTimeout), acts.CleanUp, activities.CleanUpInput{
		SC: s.request.SC, Begun: facts.BaselineAt, Marker: s.marker, Policy: s.policy,
		ResultID: s.launch.ResultID, Launched: s.launched, Uncertain: s.uncertain, Lost: s.lost,
	}).Get(ctx, &out)
	if err != nil {
		s.leftover = fmt.Sprintf("clean-up did not succeed: a policy (%s) or a scan (result %s) marked %q may be left in Security Center: %s",
			orDash(s.record.PolicyID), orDash(s.record.ScanResultID), s.marker, sentence(err))
		s.note("%s", s.leftover)
		return
	}
	if out.Status != "" {
		s.record.Status, s.record.ImportStatus = out.Status, out.ImportStatus
		s.publish()
	}
}

// publish shows the scan in the status.
func (s *scan) publish() {
	if n := len(s.status.Scans); n > 0 && s.status.Scans[n-1].Number == s.number {
		s.status.Scans[n-1] = s.record
		return
	}
	s.status.Scans = append(s.status.Scans, s.record)
}

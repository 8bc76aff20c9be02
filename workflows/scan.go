package workflows

// One scan, from its policy to its facts.

import (
	"errors"
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
	window  string // in which it may be launched, and for how long that must stay open
	margin  remediation.Duration
}

// scanOwner wants a scan and is told how it goes.
type scanOwner interface {
	enter(ctx workflow.Context, p Phase)
	record(scan Scan)
	judged(ctx workflow.Context, j remediation.Judgement)
	note(format string, args ...any)
	waits(ctx workflow.Context, w *Waiting)       // nil: no longer
	attributes() []temporal.SearchAttributeUpdate // by which its ticket is found
}

// scanned is what a scan found.
type scanned struct {
	facts     remediation.Facts     // as far as they are known
	judgement remediation.Judgement // unless the scan was interrupted
	leftover  string                // what could not be cleaned up, as a sentence
}

// scan is one scan from its policy to its facts. It owns both: whatever happens, it stops the scan that it launched and
// deletes the policy that it made.
type scan struct {
	scanOrder
	*interrupt
	owner     scanOwner
	shown     Scan // as the owner knows it
	own       activities.Ownership
	judgement remediation.Judgement // the last one recorded
	policy    activities.PolicyResult
	launch    activities.LaunchResult
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
	err := s.steps(ctx)
	if errors.Is(err, errInterrupted) && s.why == remediation.Expired && s.lastLook(ctx) {
		err = nil
	}
	leftover := s.cleanUp(ctx) // not deferred: it blocks, and must not run while a workflow is evicted or panics
	return scanned{facts: s.facts, judgement: s.judgement, leftover: leftover}, err
}

func (s *scan) steps(ctx workflow.Context) error {
	for _, step := range []func(workflow.Context) error{s.createPolicy, s.start, s.await, s.assess} {
		if s.why != "" {
			return errInterrupted
		}
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s *scan) createPolicy(ctx workflow.Context) error {
	portRange := s.options.PortRange
	if portRange == "auto" {
		portRange = remediation.PortRange(s.facts.Baseline, s.facts.Plugin.NeedsLogin())
	}
	s.facts.Scan = &remediation.Scan{Number: s.number, PortRange: portRange}
	s.owner.enter(ctx, PhasePolicy)
	in := &activities.PolicyInput{
		SC: s.sc, Mark: s.own.Mark, PortRange: portRange, Preferences: s.options.Preferences,
		Plugin: activities.PolicyPlugin{ID: s.facts.Plugin.ID, Family: s.facts.Plugin.FamilyID}, Proof: s.proof,
	}
	err := s.unlessHeld(ctx, func() (string, error) {
		s.lost, s.policy = in, activities.PolicyResult{}
		err := s.write(writing(ctx, "a policy for one use, ports "+portRange), acts.CreatePolicy, in, &s.policy)
		if err == nil || refused(err) {
			s.lost = nil
		}
		return s.policy.Held, err
	})
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
	err := s.unlessHeld(ctx, func() (string, error) {
		s.launched, s.uncertain, s.launch = true, true, activities.LaunchResult{}
		err := s.write(writing(ctx, "the remediation scan"), acts.Launch, activities.LaunchInput{
			SC: s.sc, Own: s.own, Repository: s.facts.Repository.ID, Plugin: s.facts.Plugin.ID, Options: s.options,
			Targets: s.targets, Assets: s.assets, Window: s.window, Margin: s.margin,
		}, &s.launch)
		s.uncertain = err != nil && !refused(err)
		s.launched = s.launch.Held == ""
		return s.launch.Held, err
	})
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

// unlessHeld makes something in Security Center. While somebody holds its launches nothing is made: it waits for the release and tries
// again. That wait is a reading one, so who calls it off leaves nothing behind.
func (s *scan) unlessHeld(ctx workflow.Context, try func() (held string, err error)) error {
	for {
		held, err := try()
		if err != nil || held == "" {
			return err
		}
		s.owner.waits(ctx, &Waiting{For: "release", Since: workflow.Now(ctx).UTC(), Text: held})
		err = s.read(reading(ctx, "until launches are released"), acts.AwaitRelease, activities.AwaitReleaseInput{SC: s.sc}, nil)
		s.owner.waits(ctx, nil)
		if err != nil {
			return err
		}
	}
}

// refused reports whether Security Center gave a definite answer, so that nothing of ours can still come into being.
func refused(err error) bool {
	app, ok := errors.AsType[*temporal.ApplicationError](err)
	return ok && app.NonRetryable()
}

// await waits for the scan and its import.
func (s *scan) await(ctx workflow.Context) error {
	s.owner.enter(ctx, PhaseScanning)
	var end activities.AwaitResult
	if err := s.read(reading(ctx, "scan result "+s.shown.ScanResultID), acts.AwaitScan, s.awaited(), &end); err != nil {
		return err
	}
	s.ended(end)
	return nil
}

func (s *scan) awaited() activities.AwaitInput {
	return activities.AwaitInput{
		SC: s.sc, ResultID: s.launch.ResultID, Targets: s.targets, Poll: s.poll, Stall: s.stall, Own: s.own, Others: s.launch.Repeated,
	}
}

// ended records how the scan stands. Where it has not ended, nothing follows from it.
func (s *scan) ended(end activities.AwaitResult) {
	if len(end.Extra) > 0 {
		s.owner.note("a launch whose answer was lost made another scan, which was stopped and not used: scan result %v", end.Extra)
	}
	s.shown.Status, s.shown.ImportStatus = end.Status, end.ImportStatus
	s.owner.record(s.shown)
	found := s.facts.Scan
	found.Ended, found.Import, found.ImportedAt = end.Ended, end.Import, end.ImportedAt
	found.Error, found.Scanned, found.Dead = end.Error, end.Scanned, end.Dead
	found.Began, found.Finished = end.Began, end.Finished
}

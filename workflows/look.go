package workflows

// Looking: what is judged is recorded at once, and at the deadline there is a last look.

import (
	"time"

	"go.temporal.io/sdk/workflow"

	"patchproof/activities"
	"patchproof/remediation"
)

const (
	// maxLooks bounds the judgements that are recorded while something is pending. One of the largest ticket costs 400 KiB
	// of history with its question; so many stay below the 10 MiB at which Temporal warns. After them only the end of the
	// wait is recorded.
	maxLooks = 20
	// lastLookTimeout is how long the deadline is overrun to look a last time.
	lastLookTimeout = 2 * time.Minute
)

// assess reads the facts until nothing is pending. Each judgement that says something new is recorded: what is known is not
// lost to what comes later, and one finding that is pending holds no other's verdict back.
func (s *scan) assess(ctx workflow.Context) error {
	s.owner.enter(ctx, PhaseVerifying)
	for looks := 1; ; looks++ {
		in := s.assessed()
		if looks > 1 {
			in.Known, in.All = activities.Verdicts(s.judgement), looks > maxLooks
		}
		var out activities.AssessResult
		if err := s.read(reading(ctx, "own result, open and mitigated findings"), acts.Assess, in, &out); err != nil {
			return err
		}
		s.learn(ctx, out)
		if s.judgement.Outcome != "" {
			return nil
		}
	}
}

// assessed asks for the facts anew: what an earlier look read is not sent along.
func (s *scan) assessed() activities.AssessInput {
	in := activities.AssessInput{SC: s.sc, ResultID: s.launch.ResultID, Policy: s.policy.Name, Facts: unread(s.facts), Poll: s.poll}
	if !s.options.ScanAssets {
		in.Targets = s.targets
	}
	return in
}

func unread(f remediation.Facts) remediation.Facts {
	f.Open, f.Mitigated = nil, nil
	if f.Scan != nil {
		scan := *f.Scan
		scan.Seen, scan.Hosts, scan.Mitigated = nil, nil, nil
		f.Scan = &scan
	}
	return f
}

// learn records a judgement and its facts.
func (s *scan) learn(ctx workflow.Context, out activities.AssessResult) {
	out.Facts.Baseline, out.Facts.Before = s.facts.Baseline, s.facts.Before
	s.facts, s.judgement = out.Facts, out.Judgement
	s.owner.judged(ctx, s.judgement)
}

// lastLook looks once more at the deadline, in whatever phase it came: the scan may have ended while no worker was there,
// and what came true in the last interval counts. It reports whether there was anything to be seen in time.
func (s *scan) lastLook(ctx workflow.Context) bool {
	until := workflow.Now(ctx).Add(lastLookTimeout)
	if s.launch.ResultID != 0 && s.facts.Scan.Ended == "" {
		in := s.awaited()
		in.Once = true
		var end activities.AwaitResult
		if look(ctx, until, acts.AwaitScan, in, &end) != nil {
			return false
		}
		s.ended(end)
	}
	in := s.assessed()
	in.Facts.Interrupted = remediation.Expired
	var out activities.AssessResult
	if look(ctx, until, acts.Assess, in, &out) != nil {
		return false
	}
	s.learn(ctx, out)
	return true
}

// lastLook is that of a verification that has no scan yet: what the databases say. Facts that cannot be had in time stay
// as they are.
func (v *verification) lastLook(ctx workflow.Context, facts *remediation.Facts) {
	until := workflow.Now(ctx).Add(lastLookTimeout)
	if facts.BaselineAt.IsZero() {
		var baseline activities.BaselineResult
		if look(ctx, until, acts.Baseline, activities.BaselineInput{Request: v.request}, &baseline) == nil {
			v.begin(facts, baseline)
		}
		return // it has just read the databases
	}
	in := activities.AssessInput{SC: v.request.SC, Facts: unread(*facts), Poll: v.request.Poll}
	in.Facts.Interrupted = remediation.Expired
	var out activities.AssessResult
	if look(ctx, until, acts.Assess, in, &out) == nil {
		out.Facts.Baseline, out.Facts.Before = facts.Baseline, facts.Before
		*facts = out.Facts
	}
}

// look runs an activity that reads, until a moment.
func look(ctx workflow.Context, until time.Time, activity, in, out any) error {
	left := until.Sub(workflow.Now(ctx))
	if left <= 0 {
		return errInterrupted
	}
	return workflow.ExecuteActivity(limited(ctx, "the last look, at the deadline", left), activity, in).Get(ctx, out)
}

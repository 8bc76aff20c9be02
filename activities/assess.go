package activities

// Judging what is known, and waiting for what is still pending.

import (
	"context"
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/activity"

	"patchproof/remediation"
)

// AssessInput asks for a judgement on what a scan and the databases say now.
type AssessInput struct {
	SC       string `json:"sc"`
	ResultID int    `json:"resultId,omitempty"` // 0 before there is a scan: then the databases alone are read
	// Facts are those known so far: the baseline, the plugin and our scan's end.
	Facts remediation.Facts `json:"facts"`
	// Targets are the addresses that the scan was given, whatever it made of them; none if it was given assets, whose
	// addresses may have changed since.
	Targets []string `json:"targets,omitempty"`
	// Policy is the name of the policy that was made for the scan.
	Policy string               `json:"policy,omitempty"`
	Poll   remediation.Duration `json:"poll"`
	// Known are the verdicts of the judgement that the caller has: the answer waits until there are others, or, with All,
	// until nothing is pending. Without Known the answer is what the first complete look shows.
	Known []remediation.Verdict `json:"known,omitempty"`
	All   bool                  `json:"all,omitempty"`
}

// AssessResult is the judgement and the facts that it rests on, without the baseline that the caller has. Both are
// recorded, so that a later version of the rules cannot change what an old history says.
type AssessResult struct {
	Facts     remediation.Facts     `json:"facts"`
	Judgement remediation.Judgement `json:"judgement"`
}

// Assess reads what our scan saw and what the databases say, and judges. It looks once per attempt until it sees more than
// the caller knows.
func (a *Activities) Assess(ctx context.Context, in AssessInput) (*AssessResult, error) {
	most := watchRefusals
	if in.Known != nil {
		most = 0 // what is known must not be lost to a refusal: the deadline ends the wait
	}
	watch, stop := startWatch(ctx, most)
	defer stop()
	sc, err := a.sc(in.SC)
	if err != nil {
		return nil, watch.failed(err) // another worker may know it
	}
	if in.Known != nil && activity.GetInfo(ctx).Attempt == 1 {
		return nil, watch.waiting(mitigations(in.Known), time.Duration(in.Poll)) // the caller has just looked
	}
	facts := in.Facts
	if err := readFacts(ctx, sc, in, &facts); err != nil {
		return nil, watch.failed(err)
	}
	judgement, facts := remediation.JudgeAndTrim(facts)
	now := Verdicts(judgement)
	pending := slices.Contains(now, remediation.Pending)
	if in.Known != nil && pending && (in.All || slices.Equal(now, in.Known)) {
		return nil, watch.waiting(mitigations(now), time.Duration(in.Poll))
	}
	facts.Baseline, facts.Before = nil, nil
	out := &AssessResult{Facts: facts, Judgement: judgement}
	if err := fitJudgement(out, len(in.Facts.Baseline)); err != nil {
		return nil, err
	}
	return out, nil
}

// Verdicts are those of a judgement, in its order; never nil.
func Verdicts(j remediation.Judgement) []remediation.Verdict {
	out := make([]remediation.Verdict, 0, len(j.Findings))
	for _, f := range j.Findings {
		out = append(out, f.Verdict)
	}
	return out
}

func mitigations(verdicts []remediation.Verdict) string {
	pending := 0
	for _, v := range verdicts {
		if v == remediation.Pending {
			pending++
		}
	}
	return fmt.Sprintf("waiting for %d of %d mitigations to show", pending, len(verdicts))
}

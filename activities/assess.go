package activities

// Judging a scan, and waiting for what is still pending.

import (
	"context"
	"fmt"
	"time"

	"patchproof/remediation"
)

// AssessInput asks for the judgement after a scan.
type AssessInput struct {
	SC       string `json:"sc"`
	ResultID int    `json:"resultId"`
	// Targets are the addresses that the scan was asked to look at.
	Targets []string `json:"targets,omitempty"`
	// Facts are those known so far: the baseline, the plugin and our scan's end.
	Facts remediation.Facts    `json:"facts"`
	Poll  remediation.Duration `json:"poll"`
	// Final asks for a judgement now, whatever is still pending.
	Final bool `json:"final,omitempty"`
}

// AssessResult is the judgement and the facts that it rests on, without the baseline that the caller has. Both are
// recorded, so that a later version of the rules cannot change what an old history says.
type AssessResult struct {
	Facts     remediation.Facts     `json:"facts"`
	Judgement remediation.Judgement `json:"judgement"`
}

// Assess reads what our scan saw and what the databases say, and judges. While something is pending it asks again at the
// next poll, unless the answer is wanted now.
func (a *Activities) Assess(ctx context.Context, in AssessInput) (*AssessResult, error) {
	watch, stop := startWatch(ctx, watchRefusals)
	defer stop()
	sc, err := a.sc(in.SC)
	if err != nil {
		return nil, err
	}
	facts := in.Facts
	if err := readFacts(ctx, sc, in, &facts); err != nil {
		return nil, watch.failed(err)
	}
	judgement, facts := remediation.JudgeAndTrim(facts)
	if pending := countPending(judgement); pending > 0 && !in.Final {
		return nil, watch.waiting(fmt.Sprintf("waiting for %d of %d mitigations to show", pending, len(judgement.Findings)), time.Duration(in.Poll))
	}
	facts.Baseline, facts.Before = nil, nil
	return &AssessResult{Facts: facts, Judgement: judgement}, nil
}

func countPending(j remediation.Judgement) int {
	n := 0
	for _, f := range j.Findings {
		if f.Verdict == remediation.Pending {
			n++
		}
	}
	return n
}

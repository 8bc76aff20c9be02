package activities

// Undoing what a scan may have left.

import (
	"context"
	"time"

	"patchproof/remediation"
	"patchproof/sclient"
)

// CleanUpInput names what a scan may have left.
type CleanUpInput struct {
	SC       string    `json:"sc"`
	Own      Ownership `json:"own"`
	ResultID int       `json:"resultId,omitempty"`
	// Launched says that a launch was tried; Uncertain that its fate is not known, so that a scan may still show up.
	Launched  bool `json:"launched,omitempty"`
	Uncertain bool `json:"uncertain,omitempty"`
	// Stray says that there may be another policy of ours, which nobody used.
	Stray bool `json:"stray,omitempty"`
	// Lost is the policy whose creation was tried with an unknown fate; nil if there is none.
	Lost *PolicyInput `json:"lost,omitempty"`
	// Patience is how much time may go by in vain; Probe is what an earlier clean-up left, as its result says.
	Patience remediation.Duration `json:"patience"`
	Probe    int                  `json:"probe,omitempty"`
}

// CleanUpResult is how the scan ended that was stopped, if one was.
type CleanUpResult struct {
	Status       string `json:"status,omitempty"`
	ImportStatus string `json:"importStatus,omitempty"`
	// Left says why the clean-up gave up, "" if it is done. Probe is a policy that it made and that has to go as well.
	Left  string `json:"left,omitempty"`
	Probe int    `json:"probe,omitempty"`
}

// stopPoll is how soon a stopped scan is looked at again: its scanners finish the check they are at.
const stopPoll = 2 * time.Second

// cleanUp is an attempt to stop what still runs of our scan, to wait until it has stopped, and to delete the policy. What is
// gone already is fine; what belongs to others is never touched.
func (a *Activities) cleanUp(ctx context.Context, in CleanUpInput, watch watch) (*CleanUpResult, error) {
	sc, err := a.sc(in.SC)
	if err != nil {
		return nil, err
	}
	out := &CleanUpResult{}
	if in.Launched {
		running, last, err := stopOurs(ctx, sc, in)
		if err != nil {
			return nil, watch.failed(err)
		}
		if running > 0 {
			return nil, watch.waiting("waiting for our scan to stop", stopPoll)
		}
		if memo := watch.last; in.Uncertain && last.ID == 0 && memo.Rounds < deadRounds {
			memo.Rounds++
			watch.remember(memo)
			return nil, watch.waiting("a launch of unknown fate may still show up; looking again", settleRound)
		}
		out.Status, out.ImportStatus = last.Status, last.ImportStatus
	}
	policyID, stray := in.Own.Policy.ID, in.Stray
	if in.Lost != nil {
		stray = true
		if policyID, err = probe(ctx, sc, *in.Lost, watch); err != nil {
			return nil, watch.failed(err)
		}
	}
	if err := deletePolicies(ctx, sc, policyID, stray, in.Own.Mark); err != nil {
		return nil, watch.failed(err)
	}
	return out, nil
}

// probe makes another policy: those for one use are in no list, but its number shows where the lost one must be.
func probe(ctx context.Context, sc SecurityCenter, lost PolicyInput, watch watch) (int, error) {
	memo := watch.state().Memo
	if memo.Probe == 0 {
		policy, err := sc.CreatePolicy(ctx, policyRequest(lost))
		if err != nil {
			return 0, err
		}
		memo.Probe = int(policy.ID)
		watch.remember(memo)
	}
	return memo.Probe, nil
}

// stopOurs stops every scan of ours that has not ended and counts them.
func stopOurs(ctx context.Context, sc SecurityCenter, in CleanUpInput) (running int, last sclient.ScanResult, err error) {
	ours, err := in.Own.results(ctx, sc)
	if err != nil {
		return 0, last, err
	}
	for _, r := range ours {
		if int(r.ID) == in.ResultID || last.ID == 0 {
			last = r
		}
		if r.Ended() {
			continue
		}
		running++
		if err := stopIfRunning(ctx, sc, r); err != nil {
			return running, last, err
		}
	}
	return running, last, nil
}

// strayReach is how many policy IDs around ours are looked at for one that a lost answer left behind. Policies for one
// use are in no list, but their IDs are handed out in order.
const strayReach = 10

// deletePolicies deletes our policy, if there is one, and one that bears our mark beside it, if there may be one.
func deletePolicies(ctx context.Context, sc SecurityCenter, ours int, stray bool, mark string) error {
	if ours == 0 {
		return nil
	}
	if err := deletePolicy(ctx, sc, ours); err != nil || !stray {
		return err
	}
	for id := ours - strayReach; id <= ours+strayReach; id++ {
		policy, err := sc.Policy(ctx, sclient.ID(id))
		switch {
		case sclient.IsNotFound(err), sclient.IsForbidden(err), sclient.IsInvalidRequest(err):
			continue // nobody's, or not ours to see
		case err != nil:
			return err
		case policy.Description != mark:
			continue
		}
		if err := deletePolicy(ctx, sc, id); err != nil {
			return err
		}
	}
	return nil
}

func deletePolicy(ctx context.Context, sc SecurityCenter, id int) error {
	err := sc.DeletePolicy(ctx, sclient.ID(id))
	if sclient.IsNotFound(err) {
		return nil // Security Center deletes policies for one use itself
	}
	return err
}

package activities

import (
	"context"
	"time"

	"patchproof/sclient"
)

// CleanUpInput names what a scan may have left.
type CleanUpInput struct {
	SC       string       `json:"sc"`
	Begun    time.Time    `json:"begun"`
	Marker   string       `json:"marker"`
	Policy   PolicyResult `json:"policy"` // zero: none that we know of
	ResultID int          `json:"resultId,omitempty"`
	// Launched says that a launch was tried; Uncertain that its fate is not known, so that a scan may still show up.
	Launched  bool `json:"launched,omitempty"`
	Uncertain bool `json:"uncertain,omitempty"`
	// Lost is the policy whose creation was tried with an unknown fate; nil if there is none.
	Lost *PolicyInput `json:"lost,omitempty"`
}

// CleanUpResult is how the scan ended that was stopped, if one was.
type CleanUpResult struct {
	Status       string `json:"status,omitempty"`
	ImportStatus string `json:"importStatus,omitempty"`
}

// stopPoll is how soon a stopped scan is looked at again: its scanners finish the check they are at.
const stopPoll = 2 * time.Second

// CleanUp stops what still runs of our scan, waits until it has stopped, and deletes the policy. What is gone already is
// fine; what belongs to others is never touched.
func (a *Activities) CleanUp(ctx context.Context, in CleanUpInput) (*CleanUpResult, error) {
	watch, stop := startWatch(ctx)
	defer stop()
	sc, err := a.sc(in.SC)
	if err != nil {
		return nil, err
	}
	out := &CleanUpResult{}
	if in.Launched {
		running, last, err := stopOurs(ctx, sc, in)
		if err != nil {
			return nil, watch.insist(err)
		}
		if running > 0 {
			return nil, watch.waiting("waiting for our scan to stop", stopPoll)
		}
		if in.Uncertain && last.ID == 0 && watch.last.Rounds < deadRounds {
			watch.set(Progress{Text: "a launch of unknown fate may still show up", Rounds: watch.last.Rounds + 1})
			return nil, notYet("a launch of unknown fate may still show up; looking again", settleRound)
		}
		out.Status, out.ImportStatus = last.Status, last.ImportStatus
	}
	if in.Lost != nil {
		if in.Policy, err = probe(ctx, sc, *in.Lost, watch); err != nil {
			return nil, watch.insist(err)
		}
	}
	if err := deletePolicies(ctx, sc, in); err != nil {
		return nil, watch.insist(err)
	}
	return out, nil
}

// probe makes another policy: those for one use are in no list, but its number shows where the lost one must be. Both are
// deleted then.
func probe(ctx context.Context, sc SecurityCenter, lost PolicyInput, watch watch) (PolicyResult, error) {
	p := watch.now()
	if p.Probe == 0 {
		policy, err := sc.CreatePolicy(ctx, policyRequest(lost))
		if err != nil {
			return PolicyResult{}, err
		}
		p.Probe = int(policy.ID)
		watch.set(p)
	}
	return PolicyResult{ID: p.Probe, Stray: true}, nil
}

// stopOurs stops every scan of ours that has not ended and counts them.
func stopOurs(ctx context.Context, sc SecurityCenter, in CleanUpInput) (running int, last sclient.ScanResult, err error) {
	mine, err := ours(ctx, sc, LaunchInput{Begun: in.Begun, Marker: in.Marker, Policy: in.Policy}, 0)
	if err != nil {
		return 0, last, err
	}
	for _, r := range mine {
		if int(r.ID) == in.ResultID || last.ID == 0 {
			last = r
		}
		if terminal(r.Status) {
			continue
		}
		running++
		if err := stopIfRunning(ctx, sc, r); err != nil {
			return running, last, err
		}
	}
	return running, last, nil
}

// stopIfRunning asks a scan to stop. One that ended in the meantime cannot be stopped and need not be.
func stopIfRunning(ctx context.Context, sc SecurityCenter, r sclient.ScanResult) error {
	if terminal(r.Status) || r.Status == "Stopping" {
		return nil
	}
	err := sc.StopScanResult(ctx, r.ID)
	if err == nil || sclient.IsNotFound(err) {
		return nil
	}
	if now, again := sc.ScanResult(ctx, r.ID); again == nil && (terminal(now.Status) || now.Status == "Stopping") {
		return nil
	}
	return err
}

// strayReach is how many policy IDs around ours are looked at for one that a lost answer left behind. Policies for one
// use are in no list, but their IDs are handed out in order.
const strayReach = 10

func deletePolicies(ctx context.Context, sc SecurityCenter, in CleanUpInput) error {
	if in.Policy.ID == 0 {
		return nil
	}
	if err := deletePolicy(ctx, sc, in.Policy.ID); err != nil || !in.Policy.Stray {
		return err
	}
	for id := in.Policy.ID - strayReach; id <= in.Policy.ID+strayReach; id++ {
		policy, err := sc.Policy(ctx, sclient.ID(id))
		switch {
		case sclient.IsNotFound(err), sclient.IsForbidden(err), sclient.IsInvalidRequest(err):
			continue // nobody's, or not ours to see
		case err != nil:
			return err
		case policy.Description != in.Marker:
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

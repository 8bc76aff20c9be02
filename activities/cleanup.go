package activities

// Undoing what a scan may have left.

import (
	"context"
	"fmt"
	"slices"
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
	// Stray is how many other policies of ours there may be, which nobody used.
	Stray int `json:"stray,omitempty"`
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
	// Notes say what may be left all the same, each in a sentence.
	Notes []string `json:"notes,omitempty"`
	// Left says why the clean-up gave up, "" if it is done. Probe is a policy that it made and that has to go as well.
	Left  string `json:"left,omitempty"`
	Probe int    `json:"probe,omitempty"`
}

const (
	// stopPoll is how soon a stopped scan is looked at again: its scanners finish the check they are at.
	stopPoll = 2 * time.Second
	// goneLooks is how often in a row what has a number must be missing before it is believed to be gone: one such answer may be odd.
	goneLooks = 3
)

// cleanUp is an attempt to stop what still runs of our scan, to wait until it has stopped, and to delete the policy. What is gone
// already is fine; what belongs to others is never touched, whatever its number.
func (a *Activities) cleanUp(ctx context.Context, in CleanUpInput, watch watch) (*CleanUpResult, error) {
	sc, err := a.sc(in.SC)
	if err != nil {
		return nil, watch.failed(err) // another worker may know it
	}
	own, err := a.owner(ctx, sc, in.SC, in.Own)
	if err != nil {
		return nil, watch.failed(err)
	}
	c := &undoing{CleanUpInput: in, sc: sc, own: own, watch: watch, out: &CleanUpResult{}}
	for _, step := range []func(context.Context) error{c.stopScans, c.probePolicy, c.deletePolicy, c.deleteStrays} {
		if err := step(ctx); err != nil {
			return nil, watch.failed(err)
		}
	}
	return c.out, nil
}

// undoing is what one attempt knows.
type undoing struct {
	CleanUpInput
	sc    SecurityCenter
	own   owner
	watch watch
	out   *CleanUpResult
	ended bool // our scan was there, and Security Center deletes its policy itself
}

// stopScans stops every scan of ours that has not ended, and waits for it.
func (c *undoing) stopScans(ctx context.Context) error {
	if !c.Launched {
		return nil
	}
	ours, err := c.own.results(ctx, c.sc)
	if err != nil {
		return err
	}
	if ours, err = c.withNumbered(ctx, ours); err != nil {
		return err
	}
	running := 0
	for i, r := range ours {
		if int(r.ID) == c.ResultID || i == 0 {
			now := stands(&r)
			c.out.Status, c.out.ImportStatus = now.Status, now.ImportStatus
		}
		if r.Ended() {
			continue
		}
		running++
		if err := stopIfRunning(ctx, c.sc, r); err != nil {
			return err
		}
	}
	c.ended = len(ours) > 0
	if running > 0 {
		return c.watch.waiting("waiting for our scan to stop", stopPoll)
	}
	if memo := c.watch.state().Memo; c.Uncertain && len(ours) == 0 && memo.Rounds < deadRounds {
		memo.Rounds++
		c.watch.remember(memo)
		return c.watch.waiting("a launch of unknown fate may still show up; looking again", settleRound)
	}
	return nil
}

// withNumbered adds the result whose number we hold, if the list lacks it: lists are filtered, by times among others.
func (c *undoing) withNumbered(ctx context.Context, ours []sclient.ScanResult) ([]sclient.ScanResult, error) {
	listed := slices.ContainsFunc(ours, func(r sclient.ScanResult) bool { return int(r.ID) == c.ResultID })
	if c.ResultID == 0 || listed {
		return ours, nil
	}
	r, err := c.sc.ScanResult(ctx, sclient.ID(c.ResultID))
	switch {
	case sclient.IsNotFound(err):
		return ours, c.gone("looking again for our scan's result, which is not there")
	case err != nil:
		return ours, err
	case c.own.owns(*r):
		return append(ours, *r), nil
	case !r.Ended():
		c.note("scan result %d, which Security Center named as ours, bears neither our mark nor our user and repository, so it was not "+
			"stopped: if it is a scan of this ticket, stop it in Security Center", c.ResultID)
	}
	return ours, nil
}

// gone asks for another look until what is missing was missing often enough.
func (c *undoing) gone(text string) error {
	memo := c.watch.state().Memo
	if memo.Gone++; memo.Gone >= goneLooks {
		return nil
	}
	c.watch.remember(memo)
	return c.watch.waiting(text, stopPoll)
}

// probePolicy makes another policy after a lost one: those for one use are in no list, but its number shows where the lost one must be.
func (c *undoing) probePolicy(ctx context.Context) error {
	if c.Lost == nil {
		return nil
	}
	memo := c.watch.state().Memo
	if memo.Probe == 0 {
		policy, err := c.sc.CreatePolicy(context.WithoutCancel(ctx), policyRequest(*c.Lost))
		if err != nil {
			return err
		}
		memo.Probe = int(policy.ID)
		c.watch.remember(memo)
	}
	c.own.Policy.ID, c.Stray = memo.Probe, max(1, c.Stray)
	return nil
}

// deletePolicy deletes our policy, if what bears its number is ours.
func (c *undoing) deletePolicy(ctx context.Context) error {
	if c.own.Policy.ID == 0 {
		return nil
	}
	policy, err := c.sc.Policy(ctx, sclient.ID(c.own.Policy.ID))
	switch {
	case err == nil && c.own.ownsPolicy(policy):
		return c.delete(ctx, c.own.Policy.ID)
	case err == nil:
		return nil // ours is gone, and its number was used again
	case !sclient.IsNotFound(err):
		return err
	case c.ended:
		return nil // Security Center itself deletes a policy for one use after its scan
	}
	return c.gone("looking again for our policy, which is not there")
}

// A policy that a lost answer left behind is in no list, but numbers are handed out in order: it lies before ours, with what others made
// meanwhile, or shortly after if its request was late. So numbers are looked at downwards in blocks, until one is certainly too old. Where
// a whole block is empty, or after maxBlocks, five hundred policies of others within minutes, it is not searched further but told: most
// likely it was never made, but many verifications that began together leave such a gap as well, once their policies are deleted.
const (
	strayAfter = 10
	strayBlock = 50
	maxBlocks  = 10
)

// deleteStrays deletes the other policies that bear our mark, if there may be any.
func (c *undoing) deleteStrays(ctx context.Context) error {
	ours := c.own.Policy.ID
	if ours == 0 || c.Stray == 0 {
		return nil
	}
	found := 0
	for id := ours + 1; id <= ours+strayAfter; id++ {
		what, err := c.look(ctx, id)
		if err != nil {
			return err
		}
		if what == policyOurs {
			found++
		}
	}
	lowest := ours
	for used := true; used && lowest > ours-maxBlocks*strayBlock; {
		top := lowest - 1
		used, lowest = false, lowest-strayBlock
		for id := top; id >= max(1, lowest); id-- {
			what, err := c.look(ctx, id)
			if err != nil {
				return err
			}
			switch what {
			case policyOurs:
				found++
			case policyOlder:
				return nil
			}
			used = used || what != policyNone
		}
		if found >= c.Stray {
			return nil
		}
	}
	c.note("the answer to the creation of a policy was lost, and the policy was not found among the numbers %d to %d: if it was made, "+
		"it may be left in Security Center, unused, with %q in its description", max(1, lowest), ours+strayAfter, c.own.Mark)
	return nil
}

// What is found under a number: nothing, a policy of ours (that is gone now), one that is older than the run, another one.
const (
	policyNone = iota
	policyOurs
	policyOlder
	policyOther
)

// look deletes the policy of that number if it is ours, and says what it was.
func (c *undoing) look(ctx context.Context, id int) (what int, err error) {
	policy, err := c.sc.Policy(ctx, sclient.ID(id))
	switch {
	case sclient.IsNotFound(err):
		return policyNone, nil
	case sclient.IsForbidden(err), sclient.IsInvalidRequest(err):
		return policyOther, nil // not ours to see
	case err != nil:
		return policyNone, err
	case c.own.ownsPolicy(policy):
		return policyOurs, c.delete(ctx, id)
	case !policy.CreatedTime.IsZero() && policy.CreatedTime.Before(c.own.Begun.Add(-listBefore)): // as for results: clocks are set back
		return policyOlder, nil
	}
	return policyOther, nil
}

func (c *undoing) delete(ctx context.Context, id int) error {
	err := c.sc.DeletePolicy(ctx, sclient.ID(id))
	if sclient.IsNotFound(err) {
		return nil // in between
	}
	return err
}

func (c *undoing) note(format string, args ...any) {
	c.out.Notes = append(c.out.Notes, fmt.Sprintf(format, args...))
}

package doctor

// What earlier verifications may have left.

import (
	"context"
	"maps"
	"slices"

	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/sclient"
	"patchproof/starter/internal/namespace"
	"patchproof/starter/internal/term"
	"patchproof/workflows"
)

// leftovers are policies and scans with our mark, by the digits of the run that made them. (Policies for one use are in no list.)
// Those of another user are told apart: whoever copies a scan copies its mark.
func (d *doctor) leftovers(user sclient.ID) (found map[string][]string, foreign []string) {
	l := d.inventory()
	found = map[string][]string{}
	note := func(what string, owner sclient.ID, texts ...string) {
		for _, text := range texts {
			run, ok := workflows.RunOfMark(text)
			if !ok {
				continue
			}
			// An owner that is not told may be us.
			if owner.Valid() && owner != user {
				foreign = append(foreign, what)
			} else {
				found[run] = append(found[run], what)
			}
			return
		}
	}
	for _, p := range l.policies {
		note("policy "+p.ID.String(), p.Owner.ID, p.Description, p.Name)
	}
	for _, s := range l.scans {
		note("scan "+s.ID.String(), s.Owner.ID, s.Name, s.Description)
	}
	for _, r := range l.results {
		if !r.Ended() {
			owner := r.Owner.ID
			if !owner.Valid() {
				owner = r.Initiator.ID
			}
			note("running scan result "+r.ID.String(), owner, r.Name, r.Description, r.Details)
		}
	}
	return found, foreign
}

func (d *doctor) checkLeftovers(ctx context.Context) Answer {
	user, err := d.user()
	if err != nil || !user.ID.Valid() {
		return skipped("Security Center does not say who we are")
	}
	found, foreign := d.leftovers(user.ID)
	answer := d.judgeLeftovers(ctx, found)
	if len(foreign) > 0 {
		answer.Detail += "; of another user, though with our mark: " + few(foreign)
	}
	return answer
}

// judgeLeftovers tells which of them still belong to a verification.
func (d *doctor) judgeLeftovers(ctx context.Context, found map[string][]string) Answer {
	l := d.inventory()
	if l.noPolicies != nil || l.noScans != nil || l.noResults != nil {
		return skipped("we may not list policies, scans and results")
	}
	if len(found) == 0 {
		return fine("no policy or scan of ours")
	}
	ns, err := d.namespace()
	if err != nil {
		return doubtful(term.Count(len(found), "verification")+" left policies or scans, but only Temporal knows whether they still run", "")
	}
	working, err := ns.Working(ctx, slices.Sorted(maps.Keys(found)))
	if err != nil {
		return doubtful("Temporal does not tell which verifications still run: "+ns.Explain(err).Error(), "")
	}
	var orphans, cleaned []string
	running := 0
	for _, run := range slices.Sorted(maps.Keys(found)) {
		switch working[run] {
		case namespace.WorkRunning:
			running++
		case namespace.WorkCleaningUp:
			cleaned = append(cleaned, found[run]...)
		default:
			orphans = append(orphans, found[run]...)
		}
	}
	switch {
	case len(orphans) > 0:
		return doubtful(few(orphans)+" belong to no running verification of namespace "+ns.Name+beside(cleaned),
			"stop and delete them in Security Center, unless another namespace verifies there too")
	case len(cleaned) > 0 && running == 0:
		return fine("being cleaned up: %s", few(cleaned))
	}
	return fine("policies and scans of %s%s", term.Count(running, "running verification"), beside(cleaned))
}

// beside tells what a workflow of ours is still cleaning up: that is no leftover yet.
func beside(cleaned []string) string {
	if len(cleaned) == 0 {
		return ""
	}
	return "; being cleaned up: " + few(cleaned)
}

// checkCleanUps tells of the clean-ups that could not end, whatever Security Center says: policies for one use are in no list of its,
// and while it is down it says nothing at all.
func (d *doctor) checkCleanUps(ctx context.Context) Answer {
	ns, err := d.namespace()
	if err != nil {
		return wrong(err.Error(), "")
	}
	failed, err := ns.CleanUps(ctx, enumspb.WORKFLOW_EXECUTION_STATUS_FAILED)
	if err != nil {
		return doubtful("Temporal does not tell: "+ns.Explain(err).Error(), "")
	}
	if len(failed) > 0 {
		return doubtful("gave up after a week: "+few(failed), "stop and delete in Security Center what each names as its failure")
	}
	running, err := ns.CleanUps(ctx, enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING)
	switch {
	case err != nil:
		return doubtful("Temporal does not tell: "+ns.Explain(err).Error(), "")
	case len(running) > 0:
		return doubtful("still trying to stop and delete what a verification left: "+few(running), "nothing, once Security Center answers; Temporal shows what keeps them")
	}
	return fine("none goes on after its verification")
}

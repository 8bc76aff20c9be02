package doctor

// What earlier verifications may have left.

import (
	"context"
	"maps"
	"slices"

	"patchproof/starter/internal/term"
	"patchproof/workflows"
)

// leftovers are policies and scans of ours, by the run that made them.
func (d *doctor) leftovers() map[string][]string {
	l := d.inventory()
	found := map[string][]string{}
	note := func(what string, texts ...string) {
		for _, text := range texts {
			if run, ok := workflows.RunOfMark(text); ok {
				found[run] = append(found[run], what)
				return
			}
		}
	}
	for _, p := range l.policies {
		note("policy "+p.ID.String(), p.Description, p.Name)
	}
	for _, s := range l.scans {
		note("scan "+s.ID.String(), s.Description, s.Name)
	}
	for _, r := range l.results {
		if !r.Ended() {
			note("running scan result "+r.ID.String(), r.Description, r.Name)
		}
	}
	return found
}

func (d *doctor) checkLeftovers(ctx context.Context) Answer {
	l := d.inventory()
	if l.noPolicies != nil || l.noScans != nil || l.noResults != nil {
		return skipped("we may not list policies, scans and results")
	}
	found := d.leftovers()
	if len(found) == 0 {
		return fine("no policy or scan of ours")
	}
	ns, err := d.namespace()
	if err != nil {
		return doubtful(term.Count(len(found), "verification")+" left policies or scans, but only Temporal knows whether they still run", "")
	}
	var orphans []string
	for _, run := range slices.Sorted(maps.Keys(found)) {
		open, err := ns.StillOpen(ctx, run)
		if err != nil {
			return doubtful("Temporal does not tell which verifications still run: "+ns.Explain(err).Error(), "")
		}
		if !open {
			orphans = append(orphans, found[run]...)
		}
	}
	if len(orphans) > 0 {
		return doubtful(few(orphans)+" belong to no running verification of namespace "+ns.Name,
			"stop and delete them in Security Center, unless another namespace verifies there too")
	}
	return fine("policies and scans of %s", term.Count(len(found), "running verification"))
}

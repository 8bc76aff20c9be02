package remediation

// What a scan has to look at, and which rows matter.

import (
	"cmp"
	"slices"

	"go4.org/netipx"
)

// ScanTargets are the addresses that a scan has to look at, in their shortest form: the hosts of the baseline's findings
// that a scan can say something about. Empty means that a scan would prove nothing. It uses ranges and no CIDRs, because
// scanners disagree on whether a CIDR's first and last address belong to it.
func ScanTargets(repository Repository, baseline []Finding) []string {
	ranges := addressList(repository.Ranges)
	var set netipx.IPSetBuilder
	for _, f := range baseline {
		addr, ok := f.Host.Addr()
		if ok && cmp.Or(absent(f), outOfScope(repository, ranges, f), agentOnly(repository, f)) == (ruling{}) {
			set.Add(addr)
		}
	}
	all, _ := set.IPSet() // only addresses went in
	var out []string
	for _, r := range all.Ranges() {
		out = append(out, rangeText(r, false))
	}
	return out
}

// Concerns reports whether a row about a host can matter to the baseline: it is one of its addresses, or one of its
// machines under another address.
func Concerns(baseline []Finding, h Host) bool {
	return slices.ContainsFunc(baseline, func(f Finding) bool {
		return f.Host.sameAddress(h) || f.Host.sameMachine(h)
	})
}

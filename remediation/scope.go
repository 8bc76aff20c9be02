package remediation

import (
	"cmp"
	"net/netip"
	"slices"

	"go4.org/netipx"
)

// ScanTargets are the addresses that a scan has to look at: the hosts of the baseline's findings that a scan can say
// something about. Empty means that a scan would prove nothing.
func ScanTargets(repository Repository, baseline []Finding) []string {
	ranges := addressList(repository.Ranges)
	var addresses []string
	for _, f := range baseline {
		standing := cmp.Or(outOfScope(repository, ranges, f), agentOnly(repository, f))
		if f.State != StateAbsent && standing == (ruling{}) {
			addresses = append(addresses, f.Host.Address)
		}
	}
	return compactAddresses(addresses)
}

// Concerns reports whether a row about a host can matter to the baseline: it is one of its addresses, or one of its
// machines under another address.
func Concerns(baseline []Finding, h Host) bool {
	return slices.ContainsFunc(baseline, func(f Finding) bool {
		return f.Host.Address != "" && f.Host.Address == h.Address || f.Host.sameMachine(h)
	})
}

// compactAddresses writes addresses in the shortest form, for a scan's target list. It uses ranges and no CIDRs, because
// scanners disagree on whether a CIDR's first and last address belong to it. What is no address is left out.
func compactAddresses(list []string) []string {
	var set netipx.IPSetBuilder
	for _, a := range list {
		if addr, err := netip.ParseAddr(a); err == nil {
			set.Add(addr.Unmap())
		}
	}
	all, err := set.IPSet()
	if err != nil {
		return list
	}
	var out []string
	for _, r := range all.Ranges() {
		if r.From() == r.To() {
			out = append(out, r.From().String())
		} else {
			out = append(out, r.String())
		}
	}
	return out
}

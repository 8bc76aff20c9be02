package remediation

import "slices"

// ScanTargets are the addresses that a scan has to look at: the hosts of the baseline's findings that a scan can say
// something about. Empty means that a scan would prove nothing.
func ScanTargets(repository Repository, baseline []Finding) []string {
	c := &evidence{facts: Facts{Repository: repository}}
	var addresses []string
	for _, f := range baseline {
		if f.State == StateAbsent || f.Host.Address == "" {
			continue
		}
		if v, _ := outOfScope(c, f); v != "" {
			continue
		}
		if v, _ := agentOnly(c, f); v != "" {
			continue
		}
		addresses = append(addresses, f.Host.Address)
	}
	return CompactAddresses(addresses)
}

// Concerns reports whether a row about a host can matter to the baseline: it is one of its addresses, or one of its
// machines under another address.
func Concerns(baseline []Finding, h Host) bool {
	return slices.ContainsFunc(baseline, func(f Finding) bool {
		return f.Host.Address != "" && f.Host.Address == h.Address || f.Host.sameMachine(h)
	})
}

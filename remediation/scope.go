package remediation

// What a scan has to look at, and which rows matter.

import (
	"cmp"
	"slices"

	"go4.org/netipx"
)

// ScanTargets are the addresses that a scan has to look at, in their shortest form: the hosts of the baseline's findings
// that a scan can say something about. Empty means that a scan would prove nothing. An address that was named without
// having the finding is looked at along with others: the host may have moved there. It uses ranges and no CIDRs, because
// scanners disagree on whether a CIDR's first and last address belong to it.
func ScanTargets(f Facts) []string {
	e := examine(f)
	var set, along netipx.IPSetBuilder
	for _, f := range f.Baseline {
		addr, ok := f.Host.Addr()
		if !ok || cmp.Or(outOfScope(e.Repository, e.ranges, f), agentOnly(e.Repository, f), e.trusted(f, rows{})) != (ruling{}) {
			continue
		}
		if f.State == StateAbsent {
			along.Add(addr)
			continue
		}
		set.Add(addr)
	}
	all, _ := set.IPSet() // only addresses went in
	if len(all.Ranges()) == 0 {
		return nil
	}
	if others, _ := along.IPSet(); others != nil {
		set.AddSet(others)
	}
	all, _ = set.IPSet()
	var out []string
	for _, r := range all.Ranges() {
		out = append(out, rangeText(r, false))
	}
	return out
}

// Baseline finds rows that can matter to findings among those of a whole repository.
type Baseline struct {
	findings []Finding
	by       map[string][]int // the findings that an address or another identity belongs to
}

// NewBaseline indexes the findings.
func NewBaseline(findings []Finding) Baseline {
	b := Baseline{findings, map[string][]int{}}
	for i, f := range findings {
		for _, key := range identities(f.Host) {
			b.by[key] = append(b.by[key], i)
		}
	}
	return b
}

// Concerns reports whether a row about a host can matter: it is at one of the addresses, or one of the machines under another
// address, or it may be, because it does not say where.
func (b Baseline) Concerns(h Host) bool {
	about := func(f Finding) bool { return sameAddress(f.Host, h) || f.Host.maybeSameMachine(h) }
	if _, ok := h.Addr(); !ok {
		return slices.ContainsFunc(b.findings, about)
	}
	return slices.ContainsFunc(identities(h), func(key string) bool {
		return slices.ContainsFunc(b.by[key], func(i int) bool { return about(b.findings[i]) })
	})
}

// HasAddress reports whether a host is at an address of the baseline.
func (b Baseline) HasAddress(h Host) bool {
	addr, ok := h.Addr()
	return ok && len(b.by[addr.String()]) > 0
}

// MayHaveAddress is HasAddress, and true as well of a host of which nobody says at which address it is.
func (b Baseline) MayHaveAddress(h Host) bool {
	_, ok := h.Addr()
	return !ok || b.HasAddress(h)
}

// identities are the keys by which rows of one host find each other.
func identities(h Host) []string {
	var keys []string
	if addr, ok := h.Addr(); ok {
		keys = append(keys, addr.String())
	}
	if h.UUID != "" {
		keys = append(keys, "uuid "+normalName(h.UUID))
	}
	if name := firstLabel(h.DNSName); name != "" {
		keys = append(keys, "name "+name)
	}
	for _, mac := range macs(h.MAC) {
		keys = append(keys, "mac "+mac)
	}
	return keys
}

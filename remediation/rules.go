package remediation

// What an organisation has laid down for a repository.

import "go4.org/netipx"

// Rules are what an organisation has laid down for the scans of a repository, whoever asks for them.
type Rules struct {
	// Credentials and Zone are used where a request names none.
	Credentials []int
	Zone        int
	// Windows are when scans may begin.
	Windows Windows
	// Trusted are the addresses at which the machine is believed to be the same, where nothing shows who it is.
	Trusted Targets
	// Allowed are the only addresses that may be scanned; if it is empty, all may.
	Allowed Targets
	// Never are the addresses that must not be scanned.
	Never Targets
}

// Forbidden are those of a list of addresses and ranges that must not be scanned, in their shortest form.
func (r Rules) Forbidden(list []string) (forbidden []string, err error) {
	asked, err := ParseTargets(list)
	if err != nil {
		return nil, err
	}
	var never, outside netipx.IPSetBuilder
	never.AddSet(asked.set())
	never.Intersect(r.Never.set())
	if !r.Allowed.Empty() {
		outside.AddSet(asked.set())
		outside.RemoveSet(r.Allowed.set())
	}
	others, err := outside.IPSet()
	if err != nil {
		return nil, err
	}
	never.AddSet(others)
	set, err := never.IPSet()
	if err != nil {
		return nil, err
	}
	for _, one := range set.Ranges() {
		forbidden = append(forbidden, rangeText(one, false))
	}
	return forbidden, nil
}

func (t Targets) set() *netipx.IPSet {
	if t.addresses == nil {
		return new(netipx.IPSet)
	}
	return t.addresses
}

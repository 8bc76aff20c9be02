package remediation

// Hosts, findings, and the baseline made of them.

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// State is where the scanner's records had a finding when the baseline was taken.
type State string

// The states of a finding.
const (
	StateOpen      State = "open"
	StateMitigated State = "mitigated"
	StateAbsent    State = "absent" // in neither database
)

// NoPort is the port of a row whose records do not name one. It is no port, and not the host as a whole either.
const NoPort = -1

// Finding is one weakness on one port of one host.
type Finding struct {
	Host     Host   `json:"host"`
	Port     int    `json:"port"`     // 0: the host as a whole; NoPort: the records do not say
	Protocol string `json:"protocol"` // TCP, UDP, …; "" for an absent finding, or where the records do not say
	State    State  `json:"state,omitempty"`

	FirstSeen    time.Time `json:"firstSeen,omitzero"`
	LastSeen     time.Time `json:"lastSeen,omitzero"`
	RiskAccepted bool      `json:"riskAccepted,omitempty"`
	RiskRecast   bool      `json:"riskRecast,omitempty"` // somebody changed its severity
	// FromAgent says that an agent on the host reported it: no remote scan can look again.
	FromAgent bool `json:"fromAgent,omitempty"`
	// SinceBaseline is for mitigated findings: the records say that it was mitigated at or after the baseline.
	SinceBaseline bool `json:"sinceBaseline,omitempty"`
	// LongAgo is for absent findings: it was mitigated, but longer ago than the request looks back.
	LongAgo bool `json:"longAgo,omitempty"`
	// LookedSince is for mitigated findings of the baseline: the host was scanned after the mitigation.
	LookedSince bool `json:"lookedSince,omitempty"`
	// Output is what the check wrote about it.
	Output string `json:"output,omitempty"`
}

// samePort is for proof: what the records do not say is no proof.
func (f Finding) samePort(o Finding) bool {
	return f.Port >= 0 && f.Port == o.Port && f.Protocol != "" && strings.EqualFold(f.Protocol, o.Protocol)
}

// maybeSamePort is for what speaks against proof: what the records do not say may well be the same.
func (f Finding) maybeSamePort(o Finding) bool {
	port := f.Port == o.Port || f.Port < 0 || o.Port < 0
	return port && (f.Protocol == "" || o.Protocol == "" || strings.EqualFold(f.Protocol, o.Protocol))
}

func compareFindings(a, b Finding) int {
	return cmp.Or(
		compareAddresses(a.Host.Address, b.Host.Address),
		cmp.Compare(a.Host.DNSName, b.Host.DNSName),
		cmp.Compare(a.Host.UUID, b.Host.UUID),
		cmp.Compare(a.Port, b.Port),
		cmp.Compare(a.Protocol, b.Protocol),
	)
}

// Records are what the databases list for the plugin and the targets when the baseline is taken.
type Records struct {
	Open, Mitigated []Finding
	// Recent are those of Mitigated that were mitigated within the time that the request looks back.
	Recent []Finding
}

// Merge makes the baseline's list: the open findings; the mitigated ones that are not open as well (those came back);
// and for every address or name that was named singly and has neither, one absent finding. Of what was mitigated longer ago
// than the request looks back, only that of singly named addresses belongs to the ticket: a network is full of old findings
// of hosts that are long gone. left is how many were left out.
func (r Records) Merge(targets Targets) (list []Finding, left int) {
	list = make([]Finding, 0, len(r.Open)+len(r.Mitigated))
	for _, f := range r.Open {
		f.State = StateOpen
		list = append(list, f)
	}
	recent := map[findingKey]bool{}
	for _, f := range r.Recent {
		recent[f.key()] = true
	}
	var longAgo []Finding
	for _, f := range r.Mitigated {
		again := slices.ContainsFunc(r.Open, func(o Finding) bool { return sameAddress(o.Host, f.Host) && o.maybeSamePort(f) })
		switch {
		case again:
		case recent[f.key()] || targets.isSingle(f.Host):
			f.State = StateMitigated
			list = append(list, f)
		default:
			longAgo = append(longAgo, f)
		}
	}
	for _, addr := range targets.Single() {
		list = appendAbsent(list, Host{Address: addr.String()}, longAgo, func(h Host) bool { a, ok := h.Addr(); return ok && a == addr })
	}
	for _, name := range targets.Names() {
		list = appendAbsent(list, Host{DNSName: name}, longAgo, func(h Host) bool { return normalName(h.DNSName) == name })
	}
	slices.SortStableFunc(list, func(a, b Finding) int { return cmp.Or(compareFindings(a, b), b.LastSeen.Compare(a.LastSeen)) })
	list = slices.CompactFunc(list, func(a, b Finding) bool { return compareFindings(a, b) == 0 && a.State == b.State })
	return list, len(longAgo)
}

// findingKey is what a database tells findings apart by.
type findingKey struct {
	address, dnsName, uuid, protocol string
	port                             int
}

// SameAs reports whether a row of a database is about the same finding.
func (f Finding) SameAs(o Finding) bool { return f.key() == o.key() }

func (f Finding) key() findingKey {
	address := f.Host.Address
	if addr, ok := f.Host.Addr(); ok {
		address = addr.String()
	}
	return findingKey{address, normalName(f.Host.DNSName), strings.ToLower(f.Host.UUID), strings.ToUpper(f.Protocol), f.Port}
}

func appendAbsent(list []Finding, host Host, longAgo []Finding, is func(Host) bool) []Finding {
	about := func(f Finding) bool { return is(f.Host) }
	if slices.ContainsFunc(list, about) {
		return list
	}
	return append(list, Finding{Host: host, State: StateAbsent, LongAgo: slices.ContainsFunc(longAgo, about)})
}

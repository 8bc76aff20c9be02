package remediation

// Hosts, findings, and the baseline made of them.

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Host is one machine as a scanner knew it. Only the address is always there.
type Host struct {
	Address string `json:"address,omitempty"`
	DNSName string `json:"dnsName,omitempty"`
	NetBIOS string `json:"netbios,omitempty"`
	// MAC may list several addresses, separated by commas or white space.
	MAC  string `json:"mac,omitempty"`
	UUID string `json:"uuid,omitempty"`
}

// Addr is the host's address as a value; false where it has none.
func (h Host) Addr() (netip.Addr, bool) {
	addr, err := netip.ParseAddr(h.Address)
	return addr.Unmap(), err == nil
}

// Label is what people call the host.
func (h Host) Label() string { return cmp.Or(h.Address, h.DNSName, h.UUID) }

func (h Host) sameAddress(o Host) bool { return h.Address != "" && h.Address == o.Address }

// sameMachine reports whether two hosts share an identity other than their address.
func (h Host) sameMachine(o Host) bool {
	return h.UUID != "" && strings.EqualFold(h.UUID, o.UUID) ||
		h.DNSName != "" && normalName(h.DNSName) == normalName(o.DNSName) ||
		h.NetBIOS != "" && strings.EqualFold(h.NetBIOS, o.NetBIOS) ||
		shareMAC(h.MAC, o.MAC)
}

// contradiction names the first identity that both hosts have and that differs; "" if there is none.
func (h Host) contradiction(o Host) string {
	switch {
	case h.UUID != "" && o.UUID != "" && !strings.EqualFold(h.UUID, o.UUID):
		return "UUID was " + h.UUID + ", is " + o.UUID
	case h.MAC != "" && o.MAC != "" && !shareMAC(h.MAC, o.MAC):
		return "MAC address was " + h.MAC + ", is " + o.MAC
	case h.DNSName != "" && o.DNSName != "" && normalName(h.DNSName) != normalName(o.DNSName):
		return "DNS name was " + h.DNSName + ", is " + o.DNSName
	case h.NetBIOS != "" && o.NetBIOS != "" && !strings.EqualFold(h.NetBIOS, o.NetBIOS):
		return "NetBIOS name was " + h.NetBIOS + ", is " + o.NetBIOS
	}
	return ""
}

func shareMAC(a, b string) bool {
	split := func(s string) []string {
		return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return r == ',' || r == ' ' || r == '\n' })
	}
	bs := split(b)
	return slices.ContainsFunc(split(a), func(m string) bool { return slices.Contains(bs, m) })
}

// State is where the scanner's records had a finding when the baseline was taken.
type State string

// The states of a finding.
const (
	StateOpen      State = "open"
	StateMitigated State = "mitigated"
	StateAbsent    State = "absent" // in neither database
)

// Finding is one weakness on one port of one host.
type Finding struct {
	Host     Host   `json:"host"`
	Port     int    `json:"port"`     // 0: the host as a whole
	Protocol string `json:"protocol"` // TCP, UDP, …; "" for an absent finding
	State    State  `json:"state,omitempty"`

	FirstSeen    time.Time `json:"firstSeen,omitzero"`
	LastSeen     time.Time `json:"lastSeen,omitzero"`
	RiskAccepted bool      `json:"riskAccepted,omitempty"`
	// FromAgent says that an agent on the host reported it: no remote scan can look again.
	FromAgent bool `json:"fromAgent,omitempty"`
	// SinceBaseline is for mitigated findings: the records say that it was mitigated at or after the baseline.
	SinceBaseline bool `json:"sinceBaseline,omitempty"`
	// Output is what the check wrote about it.
	Output string `json:"output,omitempty"`
}

func (f Finding) samePort(o Finding) bool {
	return f.Port == o.Port && strings.EqualFold(f.Protocol, o.Protocol)
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

// Merge makes the baseline's list: the open findings; the mitigated ones that are not open as well (those came back);
// and for every address or name that was named singly and has neither, one absent finding.
func Merge(targets Targets, open, mitigated []Finding) []Finding {
	out := make([]Finding, 0, len(open)+len(mitigated))
	for _, f := range open {
		f.State = StateOpen
		out = append(out, f)
	}
	for _, f := range mitigated {
		again := slices.ContainsFunc(open, func(o Finding) bool { return o.Host.Address == f.Host.Address && o.samePort(f) })
		if !again {
			f.State = StateMitigated
			out = append(out, f)
		}
	}
	for _, addr := range targets.Single() {
		out = appendAbsent(out, Host{Address: addr.String()}, func(h Host) bool { a, ok := h.Addr(); return ok && a == addr })
	}
	for _, name := range targets.Names() {
		out = appendAbsent(out, Host{DNSName: name}, func(h Host) bool { return normalName(h.DNSName) == name })
	}
	slices.SortFunc(out, compareFindings)
	return slices.CompactFunc(out, func(a, b Finding) bool { return compareFindings(a, b) == 0 && a.State == b.State })
}

func appendAbsent(list []Finding, host Host, is func(Host) bool) []Finding {
	if slices.ContainsFunc(list, func(f Finding) bool { return is(f.Host) }) {
		return list
	}
	return append(list, Finding{Host: host, State: StateAbsent})
}

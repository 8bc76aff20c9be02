package remediation

// Who a host is: which identities it has, and whether two descriptions are of one machine.

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"
	"unicode"
)

// Host is one machine as a scanner knew it. Only the address is nearly always there.
type Host struct {
	Address string `json:"address,omitempty"`
	DNSName string `json:"dnsName,omitempty"`
	NetBIOS string `json:"netbios,omitempty"`
	// MAC may list several addresses, separated by commas or white space.
	MAC  string `json:"mac,omitempty"`
	UUID string `json:"uuid,omitempty"`
}

// Addr is the host's address as a value; false where it has none. An IPv4 address written as an IPv6 one is the IPv4 address.
func (h Host) Addr() (netip.Addr, bool) {
	addr, err := netip.ParseAddr(strings.TrimSpace(h.Address))
	return addr.Unmap().WithZone(""), err == nil
}

// Label is what people call the host.
func (h Host) Label() string { return cmp.Or(h.Address, h.DNSName, h.UUID) }

// anonymous reports whether nothing but an address tells who the host is.
func (h Host) anonymous() bool {
	return h.UUID == "" && firstLabel(h.DNSName) == "" && h.NetBIOS == "" && len(macs(h.MAC)) == 0
}

func sameAddress(a, b Host) bool {
	x, okX := a.Addr()
	y, okY := b.Addr()
	return okX && okY && x == y
}

// likeness is what the identities of two descriptions say.
type likeness int

const (
	unknown   likeness = iota // they share no kind of identity that decides
	same                      // one machine
	different                 // two machines
)

// compare asks the identities in the order of their strength; the first kind that both know decides. A UUID outlives a
// network card, and both outweigh names: a name moves with a line in the DNS. NetBIOS names can tell machines apart but never
// make two of them one, because machines installed from one image share them. why names what differs.
func (h Host) compare(o Host) (l likeness, why string) {
	switch {
	case h.UUID != "" && o.UUID != "":
		return verdictOf(strings.EqualFold(h.UUID, o.UUID), "UUID", h.UUID, o.UUID)
	case len(macs(h.MAC)) > 0 && len(macs(o.MAC)) > 0:
		return verdictOf(shareMAC(h.MAC, o.MAC), "MAC address", h.MAC, o.MAC)
	case firstLabel(h.DNSName) != "" && firstLabel(o.DNSName) != "":
		return verdictOf(firstLabel(h.DNSName) == firstLabel(o.DNSName), "DNS name", h.DNSName, o.DNSName)
	case h.NetBIOS != "" && o.NetBIOS != "" && !strings.EqualFold(machineName(h.NetBIOS), machineName(o.NetBIOS)):
		return verdictOf(false, "NetBIOS name", h.NetBIOS, o.NetBIOS)
	}
	return unknown, ""
}

func verdictOf(agree bool, kind, was, is string) (likeness, string) {
	if agree {
		return same, ""
	}
	return different, kind + " was " + was + ", is " + is
}

// Contradicts reports whether the identities say that these are two machines.
func (h Host) Contradicts(o Host) bool {
	l, _ := h.compare(o)
	return l == different
}

// sameMachine reports whether a row at another address is about this machine. Of names, only a full one or the bare first
// label of it counts here: www.a.example and www.b.example share a label and nothing else.
func (h Host) sameMachine(o Host) bool {
	l, _ := h.compare(o)
	if l != same {
		return false
	}
	byName := (h.UUID == "" || o.UUID == "") && (len(macs(h.MAC)) == 0 || len(macs(o.MAC)) == 0)
	if !byName {
		return true
	}
	a, b := normalName(h.DNSName), normalName(o.DNSName)
	return a == b || !strings.Contains(a, ".") || !strings.Contains(b, ".")
}

// firstLabel is what names are compared by; "" for the name that every machine has for itself, and for an address that stands
// where a name should: it tells nothing of who answers there.
func firstLabel(name string) string {
	name = normalName(name)
	label, _, _ := strings.Cut(name, ".")
	if _, err := netip.ParseAddr(name); err == nil || label == "localhost" {
		return ""
	}
	return label
}

// machineName is a NetBIOS name without its domain.
func machineName(netBIOS string) string { return netBIOS[strings.LastIndexByte(netBIOS, '\\')+1:] }

// macs reads a list of MAC addresses, as they are written with colons, hyphens, dots or nothing.
func macs(list string) []string {
	var out []string
	for _, entry := range strings.FieldsFunc(list, func(r rune) bool { return unicode.IsSpace(r) || r == ',' || r == ';' }) {
		digits := strings.ToLower(strings.NewReplacer(":", "", "-", "", ".", "").Replace(entry))
		if len(digits) == 12 && strings.Trim(digits, "0123456789abcdef") == "" && strings.Trim(digits, "0") != "" {
			out = append(out, digits)
		}
	}
	return out
}

func shareMAC(a, b string) bool {
	bs := macs(b)
	return slices.ContainsFunc(macs(a), func(m string) bool { return slices.Contains(bs, m) })
}

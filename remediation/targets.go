package remediation

// The hosts that a ticket names.

import (
	"cmp"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"go4.org/netipx"
)

// Targets is a set of hosts as a ticket names them: addresses, CIDRs, ranges and DNS names.
type Targets struct {
	addresses *netipx.IPSet
	// single holds the addresses that were named one by one: only for these is "nothing found" an answer of its own.
	single []netip.Addr
	names  []string
}

// dnsName accepts host names as RFC 1123 has them, with underscores because Windows networks use them. The letters are
// written out: ignoring their case would let in two letters beyond ASCII.
var dnsName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(\.[A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*$`)

// ParseTargets reads a list of addresses (IPv4 or IPv6), CIDRs, ranges ("a-b") and DNS names. IPv4 written as IPv6 is IPv4.
// A network or a range of one address ("a/32", "a-a") does not name it singly. The error names the entry that is malformed.
func ParseTargets(list []string) (Targets, error) {
	var set netipx.IPSetBuilder
	var t Targets
	for _, entry := range list {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			return Targets{}, errors.New("an entry is empty")
		}
		if err := t.add(&set, entry); err != nil {
			return Targets{}, err
		}
	}
	addresses, err := set.IPSet()
	if err != nil {
		return Targets{}, err
	}
	t.addresses = addresses
	t.single = slices.Compact(slices.SortedFunc(slices.Values(t.single), netip.Addr.Compare))
	t.names = sorted(t.names)
	return t, nil
}

func (t *Targets) add(set *netipx.IPSetBuilder, entry string) error {
	if addr, err := netip.ParseAddr(entry); err == nil {
		if addr.Zone() != "" {
			return fmt.Errorf("%s: an address with a zone means nothing to a remote scanner", quote(entry))
		}
		addr = addr.Unmap()
		set.Add(addr)
		t.single = append(t.single, addr)
		return nil
	}
	if strings.Contains(entry, "/") {
		prefix, ok := parsePrefix(entry)
		if !ok {
			return fmt.Errorf("%s is not a CIDR such as 10.0.0.0/24", quote(entry))
		}
		set.AddPrefix(prefix)
		return nil
	}
	if r, ok := parseRange(entry); ok {
		set.AddRange(r)
		return nil
	}
	if err := checkName(entry); err != nil {
		return err
	}
	t.names = append(t.names, normalName(entry))
	return nil
}

// parsePrefix reads a CIDR. One of IPv4 written as IPv6 is a CIDR of IPv4, unless it is wider than all of IPv4.
func parsePrefix(s string) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, false
	}
	if p.Addr().Is4In6() {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96) // not valid below zero
	}
	return p.Masked(), p.IsValid()
}

// parseRange reads "first-last". Either end may be IPv4 written as IPv6.
func parseRange(s string) (netipx.IPRange, bool) {
	first, last, _ := strings.Cut(s, "-")
	a, errA := netip.ParseAddr(strings.TrimSpace(first))
	b, errB := netip.ParseAddr(strings.TrimSpace(last))
	if errA != nil || errB != nil || a.Zone()+b.Zone() != "" {
		return netipx.IPRange{}, false
	}
	r := netipx.IPRangeFrom(a.Unmap(), b.Unmap())
	return r, r.IsValid()
}

// checkName refuses what is neither a name nor an address. A name whose last label is a number is a mistyped address
// (10.0.0.256, 10.0.0.5-10.0.0.1, 0x7f000001): no top-level domain is numeric.
func checkName(entry string) error {
	name := strings.TrimSuffix(entry, ".")
	last := strings.ToLower(name[strings.LastIndex(name, ".")+1:])
	digits := last != "" && strings.Trim(last, "0123456789-") == ""
	hex, isHex := strings.CutPrefix(last, "0x")
	if len(entry) > 253 || digits || isHex && strings.Trim(hex, "0123456789abcdef") == "" || !dnsName.MatchString(name) {
		return fmt.Errorf("%s is neither an address, a CIDR, a range (first-last) nor a DNS name", quote(entry))
	}
	return nil
}

// normalName lowers the letters of ASCII alone: a name has no others, and the lower case of some of them is in ASCII.
func normalName(name string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, strings.TrimSuffix(name, "."))
}

// Empty reports whether nothing is named.
func (t Targets) Empty() bool {
	return len(t.names) == 0 && (t.addresses == nil || len(t.addresses.Ranges()) == 0)
}

// Contains reports whether a host is among the targets, by its address or by its DNS name.
func (t Targets) Contains(h Host) bool {
	if addr, ok := h.Addr(); ok && t.addresses != nil && t.addresses.Contains(addr) {
		return true
	}
	_, named := slices.BinarySearch(t.names, normalName(h.DNSName))
	return named && h.DNSName != ""
}

// Addresses gives the addressed part in the shortest form, sorted: addresses, CIDRs and ranges.
func (t Targets) Addresses() []string {
	if t.addresses == nil {
		return nil
	}
	var out []string
	for _, r := range t.addresses.Ranges() {
		out = append(out, rangeText(r, true))
	}
	return out
}

func rangeText(r netipx.IPRange, cidrs bool) string {
	if r.From() == r.To() {
		return r.From().String()
	}
	if p, ok := r.Prefix(); ok && cidrs {
		return p.String()
	}
	return r.String()
}

// Names gives the DNS names, lower case and sorted.
func (t Targets) Names() []string { return t.names }

// Single gives the addresses that were named one by one.
func (t Targets) Single() []netip.Addr { return t.single }

// isSingle reports whether a host was named by its address alone.
func (t Targets) isSingle(h Host) bool {
	addr, ok := h.Addr()
	_, single := slices.BinarySearchFunc(t.single, addr, netip.Addr.Compare)
	return ok && single
}

// Strings writes the targets in normal form: sorted, without repetition, the singly named addresses one by one. It is read
// back as the same targets: a single address that nobody named singly is written as a network of one (10.0.0.5/32).
func (t Targets) Strings() []string {
	var out []string
	var rest netipx.IPSetBuilder
	rest.AddSet(t.addresses)
	for _, addr := range t.single {
		out = append(out, addr.String())
		rest.Remove(addr)
	}
	set, _ := rest.IPSet() // only what was valid went in
	for _, r := range set.Ranges() {
		if p, ok := r.Prefix(); ok {
			out = append(out, p.String())
		} else {
			out = append(out, r.String())
		}
	}
	return append(out, t.names...)
}

// Equal reports whether two target lists mean the same hosts, however they are written.
func (t Targets) Equal(o Targets) bool {
	return slices.Equal(t.Addresses(), o.Addresses()) && slices.Equal(t.names, o.names)
}

// Merge adds ranges of addresses; those are not "named one by one".
func (t Targets) Merge(more []netipx.IPRange) (Targets, error) {
	var set netipx.IPSetBuilder
	set.AddSet(t.addresses)
	for _, r := range more {
		set.AddRange(r)
	}
	all, err := set.IPSet()
	if err != nil {
		return Targets{}, err
	}
	return Targets{addresses: all, single: t.single, names: t.names}, nil
}

// addressList reads addresses that a scanner reports as one text: "10.0.0.1,10.0.0.3-10.0.0.5,10.1.0.0/24". It is
// forgiving about entries it cannot read: one odd entry must not hide the others.
func addressList(text string) *netipx.IPSet {
	var set netipx.IPSetBuilder
	for entry := range strings.SplitSeq(text, ",") {
		entry = strings.TrimSpace(entry)
		if p, ok := parsePrefix(entry); ok {
			set.AddPrefix(p)
		} else if r, ok := parseRange(entry); ok {
			set.AddRange(r)
		} else if a, err := netip.ParseAddr(entry); err == nil && a.Zone() == "" {
			set.Add(a.Unmap())
		}
	}
	all, _ := set.IPSet() // its errors are of entries that are not valid, and those are not added
	return all
}

// compareAddresses sorts addresses as numbers and whatever is no address as text after them.
func compareAddresses(a, b string) int {
	x, errX := netip.ParseAddr(a)
	y, errY := netip.ParseAddr(b)
	switch {
	case errX == nil && errY == nil:
		return x.Compare(y)
	case errX == nil:
		return -1
	case errY == nil:
		return 1
	}
	return cmp.Compare(a, b)
}

package sclient

// Sets of addresses as SC writes them.

import (
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"go4.org/netipx"

	"patchproof/sclient/internal/spelling"
)

// Addresses is a set of addresses as SC writes it: single ones, CIDRs and ranges, separated by commas or line breaks, with
// DNS names between them. SC reorders and merges what it is given, so compare sets, never texts. The zero value is empty.
type Addresses struct {
	set   *netipx.IPSet
	names []string
}

// ParseAddresses never fails: what is no address, CIDR or range is kept as a name (see [Addresses.Names]).
func ParseAddresses(text string) Addresses {
	var builder netipx.IPSetBuilder
	var names []string
	for _, part := range splitAddresses(text) {
		if addresses, ok := parseRange(part); ok {
			builder.AddRange(addresses)
		} else {
			names = append(names, part)
		}
	}
	return build(&builder, names)
}

// AddressesOf returns the set of the given addresses.
func AddressesOf(addrs ...netip.Addr) Addresses {
	var builder netipx.IPSetBuilder
	for _, addr := range addrs {
		builder.Add(addr.WithZone("").Unmap())
	}
	return build(&builder, nil)
}

// build drops repeated names and keeps the order of the rest.
func build(builder *netipx.IPSetBuilder, names []string) Addresses {
	seen := make(map[string]bool, len(names))
	names = slices.DeleteFunc(names, func(name string) bool {
		known := seen[name]
		seen[name] = true
		return known
	})
	set, _ := builder.IPSet() // the error lists invalid members, such as a zero netip.Addr; the others are in the set
	return Addresses{set: set, names: names}
}

// splitAddresses also splits at the double quotes and bars that SC puts into asset lists ("ip|name" per line).
func splitAddresses(text string) []string {
	text = strings.NewReplacer(" - ", "-", " -", "-", "- ", "-").Replace(text)
	return strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;|\" \t\r\n", r) })
}

func parseRange(text string) (netipx.IPRange, bool) {
	if addr, ok := parseAddr(text); ok {
		return netipx.IPRangeFrom(addr, addr), true
	}
	if first, last, ok := strings.Cut(text, "-"); ok {
		return parseFromTo(first, last)
	}
	host, bits, ok := strings.Cut(text, "/")
	addr, isAddr := parseAddr(host)
	if !ok || !isAddr {
		return netipx.IPRange{}, false
	}
	length, ok := prefixLength(bits)
	if !ok {
		return netipx.IPRange{}, false
	}
	prefix, err := addr.Prefix(length)
	return netipx.RangeOfPrefix(prefix), err == nil
}

// parseFromTo also reads the short form 10.0.0.5-9, in which the last octet alone ends the range.
func parseFromTo(first, last string) (netipx.IPRange, bool) {
	from, ok := parseAddr(first)
	if !ok {
		return netipx.IPRange{}, false
	}
	if octet, err := strconv.ParseUint(last, 10, 8); err == nil && from.Is4() {
		end := from.As4()
		end[3] = byte(octet)
		r := netipx.IPRangeFrom(from, netip.AddrFrom4(end))
		return r, r.IsValid()
	}
	to, ok := parseAddr(last)
	r := netipx.IPRangeFrom(from, to)
	return r, ok && r.IsValid()
}

// prefixLength reads 24 and 255.255.255.0.
func prefixLength(text string) (int, bool) {
	if n, err := strconv.Atoi(text); err == nil {
		return n, true
	}
	mask, ok := parseAddr(text)
	if !ok || !mask.Is4() {
		return 0, false
	}
	length, bits := net.IPMask(mask.AsSlice()).Size()
	return length, bits > 0 // 0 bits: ones and zeros are mixed
}

// parseAddr drops zone and IPv4-in-IPv6 form, so that an address has one spelling.
func parseAddr(text string) (netip.Addr, bool) {
	addr, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return addr.WithZone("").Unmap(), err == nil
}

// Contains reports whether the address is in the set.
func (a Addresses) Contains(addr netip.Addr) bool {
	return a.set != nil && addr.IsValid() && a.set.Contains(addr.WithZone("").Unmap())
}

// ContainsName reports whether the DNS name is listed, without regard to case.
func (a Addresses) ContainsName(name string) bool {
	return slices.ContainsFunc(a.names, func(n string) bool { return strings.EqualFold(n, name) })
}

// Names returns the parts that are no addresses: DNS names, or what cannot be read.
func (a Addresses) Names() []string { return slices.Clone(a.names) }

// Ranges returns the addresses as sorted ranges that neither touch nor overlap.
func (a Addresses) Ranges() []netipx.IPRange {
	if a.set == nil {
		return nil
	}
	return a.set.Ranges()
}

// Set returns the addresses without the names; never nil.
func (a Addresses) Set() *netipx.IPSet {
	if a.set == nil {
		return new(netipx.IPSet)
	}
	return a.set
}

// IsEmpty reports whether there is neither an address nor a name.
func (a Addresses) IsEmpty() bool { return len(a.Ranges()) == 0 && len(a.names) == 0 }

// Union returns what is in either.
func (a Addresses) Union(b Addresses) Addresses {
	var builder netipx.IPSetBuilder
	builder.AddSet(a.Set())
	builder.AddSet(b.Set())
	return build(&builder, slices.Concat(a.names, b.names))
}

// Equal compares as sets.
func (a Addresses) Equal(b Addresses) bool {
	sorted := func(names []string) []string {
		lower := strings.Fields(strings.ToLower(strings.Join(names, " ")))
		slices.Sort(lower)
		return slices.Compact(lower)
	}
	return a.Set().Equal(b.Set()) && slices.Equal(sorted(a.names), sorted(b.names))
}

// String writes single addresses and ranges as SC does, sorted, then the names.
func (a Addresses) String() string {
	var parts []string
	for _, r := range a.Ranges() {
		if r.From() == r.To() {
			parts = append(parts, r.From().String())
		} else {
			parts = append(parts, r.From().String()+"-"+r.To().String())
		}
	}
	return strings.Join(append(parts, a.names...), ",")
}

// maxAddresses bounds the text of a set in an answer: reading one costs thirty times its length. A /14 of which every second host answers, which
// is the worst way to write a network, needs 1.8 MB.
const maxAddresses = 2 << 20

// UnmarshalJSON reads a text or a list of texts; "" and null are the empty set.
func (a *Addresses) UnmarshalJSON(data []byte) error {
	*a = Addresses{}
	if len(data) > maxAddresses {
		return fmt.Errorf("addresses in %d characters, which is more than %d", len(data), maxAddresses)
	}
	if spelling.IsNothing(data) {
		return nil
	}
	var text string
	if err := json.Unmarshal(data, &text); err == nil {
		*a = ParseAddresses(text)
		return nil
	}
	var list List[string]
	if err := json.Unmarshal(data, &list); err != nil {
		return fmt.Errorf("%s where addresses belong", spelling.Quote(data))
	}
	*a = ParseAddresses(strings.Join(list, ","))
	return nil
}

// MarshalJSON writes the text of String.
func (a Addresses) MarshalJSON() ([]byte, error) { return json.Marshal(a.String()) }

// checkTarget says what is wrong with one element of a target list: an address, CIDR or range, or a DNS name if allowed.
func checkTarget(text string, namesAllowed bool) error {
	if _, ok := parseRange(text); ok {
		return nil
	}
	if !namesAllowed {
		return fmt.Errorf("%.80q is not an address, CIDR or range", text)
	}
	if !isDNSName(text) {
		return fmt.Errorf("%.80q is not an address, CIDR, range or DNS name", text)
	}
	return nil
}

// isDNSName refuses names with a numeric last label: those are mistyped addresses.
func isDNSName(text string) bool {
	labels := strings.Split(strings.TrimSuffix(text, "."), ".")
	for _, label := range labels {
		odd := func(r rune) bool {
			return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
		}
		if label == "" || len(label) > 63 || strings.ContainsFunc(label, odd) || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
	}
	_, err := strconv.Atoi(labels[len(labels)-1])
	return err != nil && len(text) <= 254
}

// Package addresses reads and writes lists of addresses, as people and servers write them.
package addresses

import (
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"strings"

	"go4.org/netipx"
)

var (
	hostname = regexp.MustCompile(`^([A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?\.)*[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?\.?$`)
	listGaps = regexp.MustCompile(`[\s,]+`)
)

// Parse reads addresses, networks, ranges and DNS names, separated by commas or newlines.
func Parse(list string) (*netipx.IPSet, []string, error) {
	var (
		set   netipx.IPSetBuilder
		names []string
	)
	for _, item := range listGaps.Split(strings.TrimSpace(list), -1) {
		if item == "" {
			continue
		}
		if addTarget(&set, item) {
			continue
		}
		if !hostname.MatchString(item) {
			return nil, nil, fmt.Errorf("%q is neither an address, a network, a range nor a name", item)
		}
		names = append(names, strings.ToLower(strings.TrimSuffix(item, ".")))
	}
	built, err := set.IPSet()
	if err != nil {
		return nil, nil, fmt.Errorf("%q: %w", list, err)
	}
	return built, names, nil
}

func addTarget(set *netipx.IPSetBuilder, item string) bool {
	if prefix, err := netip.ParsePrefix(item); err == nil {
		set.AddPrefix(prefix)
		return true
	}
	if addr, err := netip.ParseAddr(item); err == nil && addr.Zone() == "" {
		set.Add(addr.Unmap())
		return true
	}
	if r, err := netipx.ParseIPRange(item); err == nil {
		set.AddRange(r)
		return true
	}
	return false
}

// Format writes a set as servers do: ranges where addresses touch, joined by commas.
func Format(set *netipx.IPSet) string {
	if set == nil {
		return ""
	}
	var parts []string
	for _, r := range set.Ranges() {
		if r.From() == r.To() {
			parts = append(parts, r.From().String())
			continue
		}
		parts = append(parts, r.String())
	}
	return strings.Join(parts, ",")
}

// Count counts the addresses of a set; IPv6 networks beyond counting give the largest number.
func Count(set *netipx.IPSet) int {
	if set == nil {
		return 0
	}
	size := 0
	for _, prefix := range set.Prefixes() {
		bits := prefix.Addr().BitLen() - prefix.Bits()
		if bits > 32 || size > math.MaxInt32 {
			return math.MaxInt32
		}
		size += 1 << bits
	}
	return size
}

// Of is the set of some addresses.
func Of(addrs []netip.Addr) *netipx.IPSet {
	var b netipx.IPSetBuilder
	for _, a := range addrs {
		b.Add(a)
	}
	return built(&b)
}

// Union is what is in any of the sets.
func Union(sets ...*netipx.IPSet) *netipx.IPSet {
	var b netipx.IPSetBuilder
	for _, set := range sets {
		b.AddSet(set)
	}
	return built(&b)
}

// Minus is what is in the set and not in the other.
func Minus(set, other *netipx.IPSet) *netipx.IPSet {
	var b netipx.IPSetBuilder
	b.AddSet(set)
	b.RemoveSet(other)
	return built(&b)
}

// built drops the builder's error: every address put in was parsed before, so there is none.
func built(b *netipx.IPSetBuilder) *netipx.IPSet {
	set, err := b.IPSet()
	if err != nil {
		return new(netipx.IPSet)
	}
	return set
}

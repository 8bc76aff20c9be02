package remediation

// The networks that no ticket means, and how large one may be.

import (
	"encoding/binary"
	"fmt"
	"net/netip"
	"strings"

	"go4.org/netipx"
)

const (
	// maxIPv4 is the largest private network, 10.0.0.0/8. What is larger is a slip of the finger, or somebody else's.
	maxIPv4 = 1 << 24
	// maxIPv6 is what a whole organisation is given.
	maxIPv6 = 32
)

// special are networks where a scanner finds itself, whoever happens to be next to it, or the keys of its cloud, but never
// the host of a ticket.
var special = []struct {
	what     string
	networks []netip.Prefix
}{
	{"unspecified", prefixes("0.0.0.0/8", "::/128")},
	// Azure and Alibaba have theirs outside the link-local network; AWS and Google have one in IPv6 as well.
	{"cloud metadata", prefixes("169.254.169.254/32", "168.63.129.16/32", "100.100.100.200/32", "fd00:ec2::/64", "fd20:ce::254/128", "64:ff9b::a9fe:0/112")},
	{"loopback", prefixes("127.0.0.0/8", "::1/128", "64:ff9b::7f00:0/104")}, // 64:ff9b:: leads back to IPv4
	{"link-local", prefixes("169.254.0.0/16", "fe80::/10")},
	{"multicast", prefixes("224.0.0.0/4", "ff00::/8")},
	{"broadcast", prefixes("255.255.255.255/32")},
	{"IPv4 written as IPv6", prefixes("::ffff:0:0/96")}, // a single one is read as IPv4; this is a network around them
}

// specialNames mean such an address everywhere.
var specialNames = map[string]string{
	"localhost": "loopback", "localhost.localdomain": "loopback", "localhost4": "loopback", "localhost6": "loopback",
	"ip6-localhost": "loopback", "ip6-loopback": "loopback", "broadcasthost": "broadcast",
	"metadata.google.internal": "cloud metadata", "instance-data.ec2.internal": "cloud metadata",
}

func prefixes(list ...string) []netip.Prefix {
	var out []netip.Prefix
	for _, p := range list {
		out = append(out, netip.MustParsePrefix(p))
	}
	return out
}

// Check refuses targets that no scan should be sent to: the networks of special meaning, and networks that are too large.
// Whoever adds addresses to targets, as assets do, asks again.
func (t Targets) Check() error {
	for _, name := range t.names {
		what, is := specialNames[name]
		if strings.HasSuffix(name, ".localhost") {
			what, is = "loopback", true
		}
		if is {
			return fmt.Errorf("%s is a name of the %s network: no host of a ticket is there", name, what)
		}
	}
	if t.addresses == nil {
		return nil
	}
	return checkRanges(t.addresses.Ranges())
}

func checkRanges(ranges []netipx.IPRange) error {
	total := 0
	for _, r := range ranges {
		if what, network, is := specialIn(r); is {
			return fmt.Errorf("%s has addresses of the %s network (%s): no host of a ticket is there", rangeText(r, true), what, network)
		}
		if r.From().Is4() {
			total += addresses(r)
			continue
		}
		first, last := r.From().As16(), r.To().As16()
		if [maxIPv6 / 8]byte(first[:]) != [maxIPv6 / 8]byte(last[:]) {
			return fmt.Errorf("%s is more than a /%d: name the networks that the ticket is about", rangeText(r, true), maxIPv6)
		}
	}
	if total > maxIPv4 {
		return fmt.Errorf("%d addresses are more than the %d of the largest private network: name the networks that the ticket is about", total, maxIPv4)
	}
	return nil
}

func specialIn(r netipx.IPRange) (what string, network netip.Prefix, is bool) {
	for _, s := range special {
		for _, p := range s.networks {
			if r.Overlaps(netipx.RangeOfPrefix(p)) {
				return s.what, p, true
			}
		}
	}
	return "", netip.Prefix{}, false
}

// addresses counts those of an IPv4 range.
func addresses(r netipx.IPRange) int {
	first, last := r.From().As4(), r.To().As4()
	return int(binary.BigEndian.Uint32(last[:])-binary.BigEndian.Uint32(first[:])) + 1
}

package remediation_test

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"patchproof/remediation"
)

// IPv4 written as IPv6 is IPv4: a scanner's rows name the address in its short form.
func TestMappedAddressesAreIPv4(t *testing.T) {
	t.Parallel()
	for entry, want := range map[string]string{
		"::ffff:10.0.0.5":                 "10.0.0.5",
		"::ffff:10.0.0.0/104":             "10.0.0.0/8",
		"::ffff:10.1.0.0/120":             "10.1.0.0/24",
		"::ffff:a00:5/128":                "10.0.0.5/32",
		"::ffff:10.0.0.1-::ffff:10.0.0.9": "10.0.0.1-10.0.0.9",
		"10.0.0.1-::ffff:10.0.0.9":        "10.0.0.1-10.0.0.9",
		"::ffff:10.0.0.1 - 10.0.0.9":      "10.0.0.1-10.0.0.9",
	} {
		r := valid()
		r.Targets = []string{entry}
		r, err := r.Complete()
		require.NoError(t, err, entry)
		require.Equal(t, []string{want}, r.Targets, entry)
		targets, err := remediation.ParseTargets(r.Targets)
		require.NoError(t, err)
		if want != "10.1.0.0/24" {
			require.True(t, targets.Contains(remediation.Host{Address: "10.0.0.5"}), entry)
		}
	}
	for _, wider := range []string{"::ffff:10.0.0.0/80", "::ffff:0:0/95", "::ffff:10.0.0.1-::1:0:0:0", "::fffe:0:0-::ffff:10.0.0.1", "10.0.0.1-fd00::1"} {
		r := valid()
		r.Targets = []string{wider}
		_, err := r.Complete()
		require.ErrorContains(t, err, "ip: ", wider)
	}
}

// A repository's ranges may be written so as well.
func TestMappedRangesOfARepository(t *testing.T) {
	t.Parallel()
	for _, ranges := range []string{"::ffff:10.0.0.0/104", "::ffff:10.0.0.1-::ffff:10.0.0.9", "::ffff:10.0.0.5", "web, ::ffff:10.0.0.5/128"} {
		facts := proven()
		facts.Repository.Ranges = ranges
		require.Equal(t, []string{"10.0.0.5"}, remediation.ScanTargets(facts), ranges)
	}
}

func TestNamesAreASCII(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"wor\u212aer.example.com", "\u017ferver", "web\u0661", "münchen.example.com", "0x7f000001", "10.0.0.0x1"} {
		_, err := remediation.ParseTargets([]string{name})
		require.Error(t, err, name)
	}
	targets, err := remediation.ParseTargets([]string{"worker.example.com"})
	require.NoError(t, err)
	require.True(t, targets.Contains(remediation.Host{DNSName: "WORKER.example.com."}))
	require.False(t, targets.Contains(remediation.Host{DNSName: "wor\u212aer.example.com"}), "the Kelvin sign is no letter of a name")
}

// A scanner that is sent there finds itself, its neighbours' routers or the cloud's keys, and never the ticket's host.
func TestNetworksThatNoTicketMeans(t *testing.T) {
	t.Parallel()
	for entry, word := range map[string]string{
		"127.0.0.1": "loopback", "127.8.0.0/16": "loopback", "::1": "loopback", "::ffff:127.0.0.1": "loopback", "126.255.255.255-127.0.0.1": "loopback",
		"localhost": "loopback", "LOCALHOST.": "loopback", "x.localhost": "loopback", "localhost.localdomain": "loopback", "ip6-localhost": "loopback",
		"169.254.1.1": "link-local", "fe80::1": "link-local", "fe80::/10": "link-local", "169.254.0.0/17": "link-local",
		"169.254.169.254": "cloud", "fd00:ec2::254": "cloud", "metadata.google.internal": "cloud", "::ffff:169.254.169.254": "cloud",
		"168.63.129.16": "cloud", "100.100.100.200": "cloud", "fd00:ec2::/64": "cloud", "fd20:ce::254": "cloud",
		"224.0.0.1": "multicast", "239.1.2.3": "multicast", "ff02::1": "multicast", "224.0.0.0/4": "multicast",
		"0.0.0.0": "unspecified", "::": "unspecified", "0.0.0.0/0": "", "::/0": "", "0.0.0.0/1": "", "128.0.0.0/1": "", "0.1.2.3": "unspecified",
		"255.255.255.255": "broadcast", "::/96": "", "::ffff:0:0/96": "", "64:ff9b::7f00:1": "loopback", "64:ff9b::169.254.169.254": "cloud",
		"10.0.0.0-12.0.0.0": "addresses", "8.0.0.0/7": "addresses", "2001:db8::/16": "2001::/16", "2001::-2002::": "",
	} {
		r := valid()
		r.Targets = []string{"10.0.0.5", entry}
		_, err := r.Complete()
		require.ErrorContains(t, err, "ip: ", entry)
		require.ErrorContains(t, err, word, entry)
	}
	for _, entry := range []string{"10.0.0.0/8", "192.168.0.0/16", "172.16.0.0/12", "100.64.0.0/16", "fd00::/32", "2001:db8::/32", "8.8.8.8", "localhost.example.com", "64:ff9b::a00:5"} {
		r := valid()
		r.Targets = []string{entry}
		_, err := r.Complete()
		require.NoError(t, err, entry)
	}
	r := valid()
	r.Targets = []string{"10.0.0.0/8", "11.0.0.1"}
	_, err := r.Complete()
	require.ErrorContains(t, err, "16777217 addresses", "together they are too many")
}

// The same holds for what assets turn out to be.
func TestCheckOfResolvedTargets(t *testing.T) {
	t.Parallel()
	targets, err := remediation.ParseTargets([]string{"10.0.0.5"})
	require.NoError(t, err)
	require.NoError(t, targets.Check())
	more, err := remediation.ParseTargets([]string{"126.0.0.0-128.0.0.0"})
	require.NoError(t, err)
	require.ErrorContains(t, more.Check(), "loopback")
}

func TestNormalFormKeepsWhatWasNamedSingly(t *testing.T) {
	t.Parallel()
	for _, list := range [][]string{
		{"10.0.0.4/31", "10.0.0.4"}, // leaves 10.0.0.5, which nobody named
		{"10.0.0.1-10.0.0.3", "10.0.0.1", "10.0.0.3"},
		{"10.0.0.5/32"},
		{"10.0.0.5-10.0.0.5"},
		{"10.0.0.5/32", "10.0.0.5"},
		{"fd00::/127", "fd00::1"},
	} {
		targets, err := remediation.ParseTargets(list)
		require.NoError(t, err)
		again, err := remediation.ParseTargets(targets.Strings())
		require.NoError(t, err)
		require.Equal(t, targets.Single(), again.Single(), "%v became %v", list, targets.Strings())
		require.True(t, targets.Equal(again))
	}
}

// The normal form means what was written, however it was written, and is its own normal form.
func TestNormalFormParsesBack(t *testing.T) {
	t.Parallel()
	octet := rapid.IntRange(0, 12)
	address := rapid.Custom(func(t *rapid.T) netip.Addr {
		n := byte(octet.Draw(t, "octet"))
		switch rapid.IntRange(0, 2).Draw(t, "kind") {
		case 0:
			return netip.AddrFrom4([4]byte{10, 0, 0, n})
		case 1:
			return netip.AddrFrom16(netip.AddrFrom4([4]byte{10, 0, 0, n}).As16()) // mapped
		default:
			return netip.AddrFrom16([16]byte{0: 0xfd, 15: n})
		}
	})
	entry := rapid.Custom(func(t *rapid.T) string {
		a := address.Draw(t, "address")
		switch rapid.IntRange(0, 3).Draw(t, "form") {
		case 0:
			return a.String()
		case 1:
			return fmt.Sprintf("%s/%d", a, a.BitLen()-rapid.IntRange(0, 4).Draw(t, "bits"))
		case 2:
			b := a
			for range rapid.IntRange(0, 5).Draw(t, "length") {
				b = b.Next()
			}
			return a.String() + "-" + b.String()
		default:
			return rapid.StringMatching(`[a-zA-Z]([a-z0-9-]{0,5}[a-z0-9])?(\.[a-z]{1,3})?\.?`).Draw(t, "name")
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		list := rapid.SliceOfN(entry, 1, 8).Draw(t, "list")
		targets, err := remediation.ParseTargets(list)
		require.NoError(t, err)
		normal := targets.Strings()
		again, err := remediation.ParseTargets(normal)
		require.NoError(t, err, "%v", normal)
		require.True(t, targets.Equal(again))
		require.Equal(t, targets.Single(), again.Single(), "%v", normal)
		require.Equal(t, targets.Names(), again.Names())
		require.Equal(t, normal, again.Strings(), "%s", strings.Join(list, ","))
	})
}

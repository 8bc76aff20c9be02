package sclient

import (
	"encoding/json"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

func addr(text string) netip.Addr { return netip.MustParseAddr(text) }

func TestParseAddresses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                 "",
		"10.0.0.5":                         "10.0.0.5",
		"10.0.0.5,10.0.0.6":                "10.0.0.5-10.0.0.6",
		"10.0.0.0/30":                      "10.0.0.0-10.0.0.3",
		"10.0.0.2/30":                      "10.0.0.0-10.0.0.3",
		"10.0.0.0/255.255.255.252":         "10.0.0.0-10.0.0.3",
		"10.0.0.0/255.0.255.0":             "10.0.0.0/255.0.255.0",
		"10.0.0.5-9":                       "10.0.0.5-10.0.0.9",
		"10.0.0.5 - 10.0.0.9":              "10.0.0.5-10.0.0.9",
		"10.0.0.9\n\"10.0.0.7\"\r\n":       "10.0.0.7,10.0.0.9",
		"10.0.0.1|web\n10.0.0.2|\n":        "10.0.0.1-10.0.0.2,web",
		"10.0.0.9-10.0.0.5,10.0.0.1":       "10.0.0.1,10.0.0.9-10.0.0.5",
		"web-1.example.com,10.0.0.1":       "10.0.0.1,web-1.example.com",
		"2001:db8::1-2001:db8::2,[::1]":    "::1,2001:db8::1-2001:db8::2",
		"::ffff:10.0.0.1,fe80::1%eth0":     "10.0.0.1,fe80::1",
		"0.0.0.0/0":                        "0.0.0.0-255.255.255.255",
		"10.0.0.1-2001:db8::1":             "10.0.0.1-2001:db8::1",
		"10.0.0.5/33,10.0.0.256,nonsense/": "10.0.0.5/33,10.0.0.256,nonsense/",
	} {
		parsed := ParseAddresses(text)
		require.Equal(t, want, parsed.String(), text)
		require.True(t, parsed.Equal(ParseAddresses(parsed.String())), text)
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	var empty Addresses
	require.True(t, empty.IsEmpty())
	require.False(t, empty.Contains(addr("10.0.0.1")))
	require.True(t, empty.Equal(ParseAddresses(" ,")))
	require.Empty(t, empty.Set().Ranges())

	set := ParseAddresses("10.0.0.1-10.0.0.3,Web.example.com")
	require.True(t, set.Contains(addr("::ffff:10.0.0.2")))
	require.False(t, set.Contains(netip.Addr{}))
	require.True(t, set.ContainsName("web.EXAMPLE.com"))
	require.True(t, set.Equal(ParseAddresses("web.example.com,10.0.0.2/31,10.0.0.1")))
	require.False(t, set.Equal(ParseAddresses("10.0.0.1-10.0.0.3")))
	require.Equal(t, "10.0.0.1-10.0.0.4,Web.example.com", set.Union(AddressesOf(addr("10.0.0.4"))).String())
}

func TestAddressesJSON(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`"10.0.0.1,10.0.0.2"`:     `"10.0.0.1-10.0.0.2"`,
		`["10.0.0.1","10.0.0.9"]`: `"10.0.0.1,10.0.0.9"`,
		`{"0":"10.0.0.1"}`:        `"10.0.0.1"`,
		`null`:                    `""`,
		`""`:                      `""`,
		`[]`:                      `""`,
	} {
		var parsed Addresses
		require.NoError(t, json.Unmarshal([]byte(text), &parsed), text)
		out, err := json.Marshal(parsed)
		require.NoError(t, err)
		require.Equal(t, want, string(out))
	}
	require.Error(t, json.Unmarshal([]byte(`{"a":1}`), &Addresses{}))
}

package sc

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/sclient"
)

func TestPeriods(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0:7":                   "0:7",
		"14:7":                  "7:14",
		" 0:0 ":                 "0:0",
		"1700000000-1700003600": "1700000000-1700003600",
		"2026-11-01T00:00:00Z-2026-11-08T00:00:00Z":           "1793491200-1794096000",
		"2026-11-01T00:00:00-05:00-2026-11-08T00:00:00-05:00": "1793509200-1794114000",
		"2026-11-01T00:00:00+02:00-1794096000":                "1793484000-1794096000",
		"1793491200-2026-11-08T00:00:00.5Z":                   "1793491200-1794096001",
		"2026-11-01T00:00:00Z - 2026-11-08T00:00:00Z":         "1793491200-1794096000",
	} {
		period, err := parsePeriod(text)
		require.NoError(t, err, text)
		require.Equal(t, want, period.String(), text)
	}
	for _, text := range []string{
		"", "-", ":", "7", "0:", ":7", "-1:7", "0-30", "2026-11-01-2026-11-08", "2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z-",
		"-1700000000", "1700000000-", "1700000000-1699999999", "1700000000:1700003600", "99999999999999999999:1", "1-2-3",
		"2026-13-01T00:00:00Z-2026-13-02T00:00:00Z", "0001-01-01T00:00:00Z-1700000000",
	} {
		_, err := parsePeriod(text)
		require.Error(t, err, text)
	}
}

func TestFilterSyntax(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]sclient.Filter{
		"pluginName=a=b":    sclient.RawFilter("pluginName", "=", "a=b"),
		"pluginID!=5":       sclient.RawFilter("pluginID", "!=", "5"),
		"pluginID>=5":       sclient.RawFilter("pluginID", ">=", "5"),
		"dnsName~=web":      sclient.RawFilter("dnsName", "~=", "web"),
		"dnsName:pcre=^w.b": sclient.RawFilter("dnsName", "pcre", "^w.b"),
	} {
		got, err := parseFilter(text)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, text := range []string{"", "=", "a", "a=", "=b", "a b=c", "1a=b", `asset={"id"`} {
		_, err := parseFilter(text)
		require.Error(t, err, text)
	}
}

func TestMoments(t *testing.T) {
	t.Parallel()
	at, ok := parseMoment("1700000000")
	require.True(t, ok)
	require.Equal(t, time.Unix(1700000000, 0).UTC(), at)
	for _, text := range []string{"12345678", "1700000000000", "2026-11-01", "2026-11-01 00:00:00", ""} {
		_, ok := parseMoment(text)
		require.False(t, ok, text)
	}
}

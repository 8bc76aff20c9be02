package remediation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
)

func TestDifferences(t *testing.T) {
	t.Parallel()
	a := valid()
	b, err := valid().Complete()
	require.NoError(t, err)
	require.Empty(t, remediation.Differences(a, b), "what was not set is the default")

	b.Timeout, b.Scan.PortRange, b.Scan.ClassifyMitigatedAge = remediation.Duration(time.Hour), "all", new(int)
	b.TrustPatched, b.Reason, b.Scan.Preferences, b.Scan.Credentials = true, "x", map[string]string{"a": "b"}, []int{4}
	require.Equal(t, []string{
		"timeout", "scan.portRange", "scan.preferences", "scan.credentials", "scan.classifyMitigatedAge", "trustPatched", "reason",
	}, remediation.Differences(a, b))

	a.Targets, b = []string{"10.0.0.5/32"}, valid()
	require.True(t, a.SameTargets(b))
	require.Equal(t, []string{"targets"}, remediation.Differences(a, b), "nothing found is an answer only for what is named singly")
}

func TestFlags(t *testing.T) {
	t.Parallel()
	for path, flag := range map[string]string{
		"targets": "ip", "assets": "asset", "scan.portRange": "port-range", "scan.dhcpTracking": "dhcp-tracking", "scan.scanAssets": "scan-asset",
		"scan.credentials": "credential", "scan.preferences": "preference", "sc": "sc", "mitigatedWithin": "mitigated-within",
	} {
		require.Equal(t, flag, remediation.Flag(path))
	}
}

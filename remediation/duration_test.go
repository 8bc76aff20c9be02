package remediation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
)

func TestJitter(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"a", "b", "patchproof/default/1/97833/VULN-3"} {
		j := remediation.Jitter(time.Minute, id)
		require.GreaterOrEqual(t, j, remediation.Jitter(0, id))
		require.Less(t, j, time.Minute)
		require.Equal(t, j, remediation.Jitter(time.Minute, id))
	}
	require.NotEqual(t, remediation.Jitter(time.Hour, "a"), remediation.Jitter(time.Hour, "b"))
}

package workflows_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
)

// What an ordinary verification asks of Security Center, polls apart, is what many of them cost it together.
func TestRequestsOfAnOrdinaryVerification(t *testing.T) {
	t.Parallel()
	s := newStage(t, strings.ReplaceAll(scenario, "10.0.0.9, repository: 1, up: false", "10.0.0.9, repository: 1"))
	status := s.run(request("10.0.0.5", "10.0.0.8", "10.0.0.9"))
	require.Equal(t, map[string]remediation.Verdict{
		"10.0.0.5": remediation.FixedConfirmed, "10.0.0.8": remediation.StillVulnerable, "10.0.0.9": remediation.FixedConfirmed,
	}, verdicts(status))
	calls := s.sim.Calls()
	require.Equal(t, 8, calls["POST /rest/analysis"], "queries of findings: %v", calls)
}

package workflows

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
)

func TestDetails(t *testing.T) {
	t.Parallel()
	status := Status{
		Ticket: "VULN-1 | x", Plugin: 97833, PluginName: "MS17-010", Repository: 1, Outcome: remediation.OutcomeNotFixed,
		Scans: []Scan{{Number: 1, ScanResultID: "170", Status: "Completed", ImportStatus: "Finished"}},
		Notes: []string{"extended by eve"},
	}
	for i := range 60 {
		status.Findings = append(status.Findings, remediation.Judged{
			Host: fmt.Sprintf("10.0.0.%d", i), Port: 445, Protocol: "TCP", Verdict: remediation.StillVulnerable, Reason: "seen\nagain",
		})
	}
	text := details(status)
	require.Contains(t, text, `**VULN-1 \| x**: plugin 97833 (MS17-010), repository 1`)
	require.Contains(t, text, "Outcome: **not-fixed**")
	require.Contains(t, text, "Scan 1: result 170, Completed, import Finished")
	require.Contains(t, text, "| 10.0.0.49 | 445/TCP | still-vulnerable | seen again |")
	require.NotContains(t, text, "10.0.0.50")
	require.Contains(t, text, "and 10 more")
	require.Contains(t, text, "- extended by eve")
	require.Less(t, len(text), 20000, "Temporal's limit for details")
	require.Equal(t, 1, strings.Count(text, "| host |"))
}

func TestJitter(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"a", "b", "patchproof/default/1/97833/VULN-3"} {
		j := jitter(24*60*60*1e9, id)
		require.GreaterOrEqual(t, j, jitter(0, id))
		require.LessOrEqual(t, j.Minutes(), 1.0)
		require.Equal(t, j, jitter(24*60*60*1e9, id))
	}
	require.NotEqual(t, jitter(1e15, "a"), jitter(1e15, "b"))
}

package workflows_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"patchproof/remediation"
	"patchproof/sctest"
	"patchproof/workflows"
)

// slow is a request for one host whose mitigation shows late and for one that is still vulnerable.
func slow(t *testing.T) (*stage, remediation.Request) {
	t.Helper()
	s := newStage(t, replaceLag(scenario, "10h"))
	r := request("10.0.0.5", "10.0.0.8")
	r.Timeout, r.ConfirmFor = remediation.Duration(3*time.Hour), remediation.Duration(24*time.Hour)
	return s, r
}

// What a look after the scan has shown is not lost to an outage, a cancel or the deadline.
func TestKnownVerdictsStay(t *testing.T) {
	t.Parallel()
	t.Run("at the deadline, while Security Center is down", func(t *testing.T) {
		t.Parallel()
		s, r := slow(t)
		s.outage(150 * time.Minute)
		status := s.run(r)
		require.Equal(t, map[string]remediation.Verdict{"10.0.0.5": remediation.TimedOut, "10.0.0.8": remediation.StillVulnerable}, verdicts(status))
		require.Equal(t, remediation.OutcomeNotFixed, status.Outcome)
	})
	t.Run("after a cancel", func(t *testing.T) {
		t.Parallel()
		s, r := slow(t)
		s.say(time.Hour, workflows.CancelUpdate, workflows.Cancel{Actor: "eve", Reason: "wrong host"}, func(_ any, err error) { require.NoError(t, err) })
		status := s.run(r)
		require.Equal(t, map[string]remediation.Verdict{"10.0.0.5": remediation.Pending, "10.0.0.8": remediation.StillVulnerable}, verdicts(status))
		require.Contains(t, status.Findings[0].Reason, "cancelled before it was decided")
		require.Equal(t, remediation.OutcomeCancelled, status.Outcome)
		s.nothingLeft()
	})
	t.Run("when Security Center refuses for good", func(t *testing.T) {
		t.Parallel()
		s, r := slow(t)
		s.env.RegisterDelayedCallback(func() {
			s.fault(sctest.Fault{Path: "/rest/analysis", Do: "status", Status: 404, Body: "json", Times: 1_000_000})
		}, time.Hour)
		status := s.run(r)
		require.Equal(t, map[string]remediation.Verdict{"10.0.0.5": remediation.TimedOut, "10.0.0.8": remediation.StillVulnerable}, verdicts(status))
		require.Equal(t, remediation.OutcomeNotFixed, status.Outcome)
	})
}

// One finding that is pending holds nobody else's verdict back.
func TestFirstJudgementIsShown(t *testing.T) {
	t.Parallel()
	s, r := slow(t)
	var open []int64
	s.env.OnUpsertTypedSearchAttributes(mock.MatchedBy(func(list temporal.SearchAttributes) bool {
		if n, ok := list.GetInt64(workflows.OpenFindingsAttribute); ok {
			open = append(open, n)
		}
		return true
	})).Return(nil)
	asked := false
	s.ask(time.Hour, func(status workflows.Status) {
		asked = true
		require.Equal(t, workflows.PhaseVerifying, status.Phase)
		require.Equal(t, map[string]remediation.Verdict{"10.0.0.5": remediation.Pending, "10.0.0.8": remediation.StillVulnerable}, verdicts(status))
		require.NotContains(t, status.Findings[0].Reason, "no scan of ours has ended")
		require.Empty(t, status.Outcome)
	})
	s.run(r)
	require.True(t, asked)
	require.NotEmpty(t, open)
}

// A finding that is in neither database any more stays pending; the others go on being decided meanwhile, and what was
// decided in between stays when Security Center goes down.
func TestDecidedWhileOthersArePending(t *testing.T) {
	t.Parallel()
	s := newStage(t, strings.Replace(replaceLag(scenario, "30m"), "hosts:\n", "hosts:\n  - {ip: 10.0.0.7, repository: 1, findings: [{plugin: 97833, port: 445, fixed: true}]}\n", 1))
	r := request("10.0.0.5", "10.0.0.7", "10.0.0.8")
	r.Timeout, r.ConfirmFor = remediation.Duration(3*time.Hour), remediation.Duration(24*time.Hour)
	begun := s.env.Now()
	s.alter = func(req *http.Request, asked, answer string) string {
		if req.URL.Path != "/rest/analysis" || strings.Contains(asked, `"view":"all"`) || s.env.Now().Sub(begun) < 30*time.Second {
			return answer
		}
		return withoutRows(t, answer, "10.0.0.7")
	}
	s.ask(2*time.Hour, func(status workflows.Status) {
		require.Equal(t, remediation.FixedConfirmed, verdicts(status)["10.0.0.5"])
	})
	s.outage(150 * time.Minute)
	status := s.run(r)
	require.Equal(t, map[string]remediation.Verdict{
		"10.0.0.5": remediation.FixedConfirmed, "10.0.0.7": remediation.TimedOut, "10.0.0.8": remediation.StillVulnerable,
	}, verdicts(status))
	require.Equal(t, remediation.OutcomePartlyFixed, status.Outcome)
}

// withoutRows takes the rows of an address out of an analysis.
func withoutRows(t *testing.T, answer, address string) string {
	t.Helper()
	var envelope, response map[string]any
	require.NoError(t, json.Unmarshal([]byte(answer), &envelope))
	response, ok := envelope["response"].(map[string]any)
	if !ok {
		return answer
	}
	var kept []any
	for _, row := range response["results"].([]any) {
		if row.(map[string]any)["ip"] != address {
			kept = append(kept, row)
		}
	}
	if kept == nil {
		kept = []any{}
	}
	response["results"], response["totalRecords"], response["returnedRecords"] = kept, len(kept), len(kept)
	text, err := json.Marshal(envelope)
	require.NoError(t, err)
	return string(text)
}

// What the baseline decides by itself is shown before anything else is known.
func TestBaselineIsShown(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	s.fault(sctest.Fault{Path: "/rest/plugin", Do: "refuse", Times: 8})
	asked := false
	s.ask(20*time.Second, func(status workflows.Status) {
		asked = true
		require.Equal(t, workflows.PhaseFamily, status.Phase)
		require.Equal(t, map[string]remediation.Verdict{"10.0.0.5": remediation.Pending, "10.0.0.11": remediation.RiskAccepted}, verdicts(status))
	})
	s.run(request("10.0.0.5", "10.0.0.11"))
	require.True(t, asked)
}

package workflows_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
	"patchproof/sclient"
)

// The worker was away and comes back just after the deadline: what came true meanwhile counts, whatever the phase was.
func TestLastLookInEveryPhase(t *testing.T) {
	t.Parallel()
	const back = 90 * time.Minute // the deadline is at an hour
	for name, test := range map[string]struct {
		away     func(s *stage)
		expected map[string]remediation.Verdict
		outcome  remediation.Outcome
	}{
		"baseline": {
			func(s *stage) { away(s, s.acts.Baseline, back) },
			map[string]remediation.Verdict{"10.0.0.5": remediation.TimedOut, "10.0.0.8": remediation.TimedOut, "10.0.0.11": remediation.RiskAccepted},
			remediation.OutcomeTimedOut,
		},
		"family": {
			func(s *stage) { away(s, s.acts.Plugin, back) },
			map[string]remediation.Verdict{"10.0.0.5": remediation.TimedOut, "10.0.0.8": remediation.StillVulnerable, "10.0.0.11": remediation.RiskAccepted},
			remediation.OutcomeNotFixed,
		},
		"policy": {
			func(s *stage) { away(s, s.acts.CreatePolicy, back) },
			map[string]remediation.Verdict{"10.0.0.5": remediation.TimedOut, "10.0.0.8": remediation.StillVulnerable, "10.0.0.11": remediation.RiskAccepted},
			remediation.OutcomeNotFixed,
		},
		"launch": {
			func(s *stage) { away(s, s.acts.Launch, back) },
			map[string]remediation.Verdict{"10.0.0.5": remediation.TimedOut, "10.0.0.8": remediation.StillVulnerable, "10.0.0.11": remediation.RiskAccepted},
			remediation.OutcomeNotFixed,
		},
		"scanning": {
			func(s *stage) { away(s, s.acts.AwaitScan, back) },
			map[string]remediation.Verdict{"10.0.0.5": remediation.FixedConfirmed, "10.0.0.8": remediation.StillVulnerable, "10.0.0.11": remediation.RiskAccepted},
			remediation.OutcomePartlyFixed,
		},
		"verifying": {
			func(s *stage) { away(s, s.acts.Assess, back) },
			map[string]remediation.Verdict{"10.0.0.5": remediation.FixedConfirmed, "10.0.0.8": remediation.StillVulnerable, "10.0.0.11": remediation.RiskAccepted},
			remediation.OutcomePartlyFixed,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, scenario)
			test.away(s)
			s.env.RegisterDelayedCallback(func() { s.otherScan("10.0.0.8") }, 10*time.Minute)
			r := request("10.0.0.5", "10.0.0.8", "10.0.0.11")
			r.Timeout = remediation.Duration(time.Hour)
			status := s.run(r)
			require.Equal(t, test.expected, verdicts(status))
			require.Equal(t, test.outcome, status.Outcome)
			require.Less(t, status.FinishedAt.Sub(status.StartedAt), 70*time.Minute, "the look is bounded")
			s.nothingLeft()
		})
	}
}

// The last look waits for nobody: a scan that is still at work is stopped, an outage ends it within minutes.
func TestLastLookIsBounded(t *testing.T) {
	t.Parallel()
	t.Run("the scan still runs", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, strings.Replace(scenario, "perHost: 20s", "perHost: 20h", 1))
		r := request("10.0.0.5")
		r.Timeout = remediation.Duration(time.Hour)
		status := s.run(r)
		require.Equal(t, remediation.OutcomeTimedOut, status.Outcome)
		require.Less(t, status.FinishedAt.Sub(status.StartedAt), 63*time.Minute)
		s.nothingLeft()
	})
	t.Run("Security Center is down", func(t *testing.T) {
		t.Parallel()
		s := newStage(t, scenario)
		r := request("10.0.0.5")
		r.Timeout = remediation.Duration(time.Hour)
		s.outage(40 * time.Second)
		status := s.run(r)
		require.Equal(t, remediation.OutcomeTimedOut, status.Outcome)
		require.Less(t, status.FinishedAt.Sub(status.StartedAt), 63*time.Minute+20*time.Minute, "the look, and the clean-up")
	})
}

// A partial result may hold rows of hosts that its progress does not list. They were asked to be scanned, so they are read.
func TestPartialResultOfAHostThatIsNotListed(t *testing.T) {
	t.Parallel()
	for name, assets := range map[string][]int{"addresses": nil, "assets": {24}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// The asset has a host of which the ticket knows nothing; it is scanned all the same.
			s := newStage(t, strings.Replace(scenario, `"10.0.0.5,10.0.0.8-10.0.0.9"`, `"10.0.0.5,10.0.0.8,10.0.0.13"`, 1))
			s.alter = func(req *http.Request, _, answer string) string {
				if !strings.HasPrefix(req.URL.Path, "/rest/scanResult/") {
					return answer
				}
				answer = strings.ReplaceAll(answer, `"Completed"`, `"Partial"`)
				return strings.ReplaceAll(answer, `"10.0.0.5,10.0.0.8`, `"10.0.0.8`)
			}
			r := request("10.0.0.5", "10.0.0.8")
			if assets != nil {
				r.Targets, r.Assets, r.Scan.ScanAssets = nil, assets, true
			}
			status := s.run(r)
			require.Equal(t, remediation.ScanIncomplete, verdicts(status)["10.0.0.5"])
			require.Equal(t, remediation.StillVulnerable, verdicts(status)["10.0.0.8"])
			require.Less(t, status.FinishedAt.Sub(status.StartedAt), time.Hour)
		})
	}
}

// otherScan is a scan of somebody else.
func (s *stage) otherScan(ip string) {
	s.t.Helper()
	policy, err := s.sc.CreatePolicy(s.t.Context(), sclient.PolicyRequest{
		Context: sclient.ContextScan, Description: "somebody else's",
		Families: []sclient.PolicyFamily{{ID: 20, Plugins: []sclient.ID{97833}}, {ID: 41, Plugins: []sclient.ID{sclient.PluginScanInfo}}},
	})
	require.NoError(s.t, err)
	_, err = s.sc.CreateScan(s.t.Context(), sclient.ScanRequest{
		Name: "weekly", RepositoryID: 1, PolicyID: policy.ID, PluginID: 97833, IPList: []string{ip}, ClassifyMitigatedAge: 365,
		TimeoutAction: sclient.TimeoutImport,
	})
	require.NoError(s.t, err)
}

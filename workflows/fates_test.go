package workflows_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"

	"patchproof/remediation"
	"patchproof/sclient"
	"patchproof/sctest"
	"patchproof/workflows"
)

// denied is a refusal of Security Center with a text, so many times.
func denied(method, path string, times int) sctest.Fault {
	return sctest.Fault{Method: method, Path: path, Do: "status", Status: 403, Body: "json", Times: times}
}

// No time tells a scan of ours from another: Security Center's clock may be set back at any moment, and still there is one.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		method, path string
		lost         bool
	}{
		"between baseline and launch":                  {"POST", "/rest/policy", false},
		"between baseline and a launch that is lost":   {"POST", "/rest/policy", true},
		"between a launch and the look for its answer": {"GET", "/rest/scanResult", true},
	} {
		for _, by := range []time.Duration{time.Hour, 2 * time.Hour, 20 * time.Hour} {
			t.Run(name+", by "+by.String(), func(t *testing.T) {
				t.Parallel()
				s := newStage(t, scenario)
				if test.lost {
					s.fault(sctest.Fault{Method: "POST", Path: "/rest/scan", Do: "drop-response"})
				}
				var once sync.Once
				launched := !test.lost || test.method == "POST"
				s.asked = func(r *http.Request) {
					launched = launched || r.Method == http.MethodPost && r.URL.Path == "/rest/scan"
					if launched && r.Method == test.method && strings.HasPrefix(r.URL.Path, test.path) {
						once.Do(func() { s.skew.Store(int64(-by)) })
					}
				}
				r := request("10.0.0.5")
				// What the verdict is does not matter here. The simulator's scan ends by its clock.
				r.Timeout, r.Poll = remediation.Duration(2*time.Hour+by), remediation.Duration(10*time.Minute)
				status := s.run(r)
				require.Equal(t, remediation.OutcomeFixed, status.Outcome, "%+v", status.Findings)
				require.Len(t, s.sim.State().Scans, 1)
				require.Equal(t, 1, s.sim.Calls()["POST /rest/scan"])
				require.Zero(t, s.sim.Calls()["POST /rest/scanResult/{id}/stop"], "it was let run")
				s.nothingLeft()
			})
		}
	}
}

// After a lost answer no refusal is believed: what was asked for may have come into being.
func TestLostAnswerThenRefusals(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string][]sctest.Fault{
		"policy lost, refused":             {lost("/rest/policy"), denied("POST", "/rest/policy", 1)},
		"policy lost, refused for long":    {lost("/rest/policy"), denied("POST", "/rest/policy", 30)},
		"policy lost twice, refused":       {lost("/rest/policy"), denied("POST", "/rest/policy", 2), lost("/rest/policy"), denied("POST", "/rest/policy", 2)},
		"scan lost, list refused":          {lost("/rest/scan"), denied("GET", "/rest/scanResult", 1)},
		"scan lost, list refused for long": {lost("/rest/scan"), denied("GET", "/rest/scanResult", 30)},
		"scan refused before its effect, then for long": {
			{Method: "POST", Path: "/rest/scan", Do: "truncate", Times: 1},
			denied("GET", "/rest/scanResult", 12), denied("POST", "/rest/scan", 30),
		},
		"nothing came of it, refused for long": {
			{Method: "POST", Path: "/rest/scan", Do: "status", Status: 502, Body: "html", Times: 1}, denied("POST", "/rest/scan", 30),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, scenario)
			s.faultsAt(faults)
			require.Equal(t, remediation.OutcomeFixed, s.run(request("10.0.0.5")).Outcome)
			require.Len(t, s.sim.State().Scans, 1)
			s.nothingLeft()
		})
	}
}

// faultsAt orders the faults in the moment of the first request that the first of them spoils.
func (s *stage) faultsAt(faults []sctest.Fault) {
	var once sync.Once
	s.asked = func(r *http.Request) {
		if r.Method == faults[0].Method && r.URL.Path == faults[0].Path {
			once.Do(func() { s.sim.AddFaults(faults...) })
		}
	}
}

func lost(path string) sctest.Fault {
	return sctest.Fault{Method: "POST", Path: path, Do: "drop-response"}
}

// Who is refused for ever after a lost answer waits until the deadline or a cancel, and nothing is left without a word.
func TestLostAnswerThenRefusedForEver(t *testing.T) {
	t.Parallel()
	const ever = 1000000
	for name, test := range map[string]struct {
		faults []sctest.Fault
		left   bool // a policy that nobody can find
	}{
		"policy":       {[]sctest.Fault{lost("/rest/policy"), denied("POST", "/rest/policy", ever)}, true},
		"scan":         {[]sctest.Fault{{Method: "POST", Path: "/rest/scan", Do: "status", Status: 502, Times: 1}, denied("POST", "/rest/scan", ever)}, false},
		"list of runs": {[]sctest.Fault{lost("/rest/scan"), denied("GET", "/rest/scanResult", ever)}, true},
	} {
		for _, end := range []remediation.Outcome{remediation.OutcomeTimedOut, remediation.OutcomeCancelled} {
			t.Run(name+" "+string(end), func(t *testing.T) {
				t.Parallel()
				s := newStage(t, scenario)
				s.faultsAt(test.faults)
				r := request("10.0.0.5")
				r.Timeout = remediation.Duration(3 * time.Hour)
				if end == remediation.OutcomeCancelled {
					s.say(2*time.Hour, workflows.CancelUpdate, workflows.Cancel{Actor: "eve", Reason: "enough"}, func(_ any, err error) {
						require.NoError(t, err)
					})
				}
				status := s.run(r)
				require.Equal(t, end, status.Outcome)
				if test.left {
					require.Contains(t, strings.Join(status.Notes, "\n"), "may be left", "what is left is told")
				} else {
					s.nothingLeft()
				}
			})
		}
	}
}

// Security Center answers nearly everything with 403, and so do proxies: before anything was made, a refusal has minutes to go away.
func TestRefusalsGoAway(t *testing.T) {
	t.Parallel()
	for _, at := range []struct{ method, path string }{
		{"GET", "/rest/repository"},
		{"GET", "/rest/plugin"},
		{"POST", "/rest/analysis"},
		{"POST", "/rest/policy"},
		{"POST", "/rest/scan"},
		{"GET", "/rest/scanResult"},
		{"GET", "/rest/currentUser"},
	} {
		for _, kind := range []sctest.Fault{
			{Status: 403, Body: "json"}, {Status: 403, Body: "html"}, {Status: 403, Body: "empty"}, {Status: 404, Body: "json"}, {Status: 400, Body: "json"},
		} {
			t.Run(at.method+" "+at.path+" "+http.StatusText(kind.Status)+" "+kind.Body, func(t *testing.T) {
				t.Parallel()
				s := newStage(t, scenario)
				kind.Method, kind.Path, kind.Do, kind.Times = at.method, at.path, "status", 9
				s.fault(kind)
				require.Equal(t, remediation.OutcomeFixed, s.run(request("10.0.0.5")).Outcome)
				require.Len(t, s.sim.State().Scans, 1)
				s.nothingLeft()
			})
		}
	}
}

// What is refused for minutes is refused: the sentence names every text that was given, and nothing was made.
func TestRefusalsThatStay(t *testing.T) {
	t.Parallel()
	for _, at := range []struct{ method, path string }{
		{"GET", "/rest/repository"}, {"POST", "/rest/policy"}, {"POST", "/rest/scan"},
	} {
		t.Run(at.method+" "+at.path, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, scenario)
			s.fault(sctest.Fault{Method: at.method, Path: at.path, Do: "status", Status: 403, Body: "html", Times: 1})
			s.fault(denied(at.method, at.path, 1000000))
			begun := s.env.Now()
			sentence := s.refuse(request("10.0.0.5"))
			require.Contains(t, sentence, "simulated fault: 403 Forbidden")
			require.Contains(t, sentence, "a proxy or gateway answered")
			require.Less(t, len(sentence), 3000)
			took := s.env.Now().Sub(begun)
			require.Greater(t, took, 2*time.Minute)
			require.Less(t, took, 4*time.Minute)
			var app *temporal.ApplicationError
			require.ErrorAs(t, s.env.GetWorkflowError(), &app)
		})
	}
}

// Which texts of a scan reach its result depends on the server; whatever is lost on the way, there is one scan.
func TestOneScanWhateverItsResultTells(t *testing.T) {
	t.Parallel()
	post := func(do string) sctest.Fault { return sctest.Fault{Method: "POST", Path: "/rest/scan", Do: do} }
	for _, tells := range []string{"resultDetails: policy", "resultDetails: plugin", "resultDetails: none", "resultDetails: none\nresultDescription: true"} {
		for name, faults := range map[string][]sctest.Fault{
			"nothing lost": nil, "answer lost": {post("drop-response")}, "answer cut": {post("truncate")}, "never came": {post("refuse")},
			"lost twice": {post("refuse"), post("drop-response")}, "a warning without the scan": {{Method: "POST", Path: "/rest/scan", Do: "status", Status: 200, Body: "json"}},
		} {
			t.Run(tells+" "+name, func(t *testing.T) {
				t.Parallel()
				s := newStage(t, tells+"\n"+scenario)
				for _, f := range faults {
					s.fault(f)
				}
				r := request("10.0.0.5")
				r.Timeout = remediation.Duration(20 * time.Minute)
				status := s.run(r)
				require.Equal(t, remediation.OutcomeFixed, status.Outcome, "%+v", status.Findings)
				require.Len(t, s.sim.State().Scans, 1)
				require.Zero(t, s.sim.Calls()["POST /rest/scanResult/{id}/stop"])
				require.Regexp(t, `^Remediation Scan of Plugin #97833 pp-[0-9a-f]{12}-1-$`, s.sim.State().Scans[0].Name)
				s.nothingLeft()
			})
		}
	}
}

// A cancel stops our scan on every server, and a scan of somebody else for the same plugin goes on.
func TestOnlyOurScanIsStopped(t *testing.T) {
	t.Parallel()
	for _, tells := range []string{"policy", "plugin", "none"} {
		t.Run(tells, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, "resultDetails: "+tells+"\n"+scenario)
			s.env.RegisterDelayedCallback(func() {
				sc := s.client()
				policy, err := sc.CreatePolicy(t.Context(), sclient.PolicyRequest{
					Context: "scan", Families: []sclient.PolicyFamily{{ID: 20, Plugins: []sclient.ID{97833}}},
				})
				require.NoError(t, err)
				_, err = sc.CreateScan(t.Context(), sclient.ScanRequest{
					Name: "Remediation Scan of Plugin #97833", RepositoryID: 1, PolicyID: policy.ID, PluginID: 97833,
					IPList: []string{"10.0.0.5"}, TimeoutAction: "import",
				})
				require.NoError(t, err)
			}, 35*time.Second)
			s.say(40*time.Second, workflows.CancelUpdate, workflows.Cancel{Actor: "eve", Reason: "wrong host"}, func(_ any, err error) {
				require.NoError(t, err)
			})
			require.Equal(t, remediation.OutcomeCancelled, s.run(request("10.0.0.5")).Outcome)
			require.Equal(t, 1, s.sim.Calls()["POST /rest/scanResult/{id}/stop"])
			require.Len(t, s.sim.State().ScanResults, 2)
			for _, r := range s.sim.State().ScanResults {
				ours := strings.Contains(r.Name, "pp-")
				require.Equal(t, ours, slices.Contains([]string{"Completed", "Partial", "Error"}, r.Status), "%s: %s", r.Name, r.Status)
			}
			require.Len(t, s.sim.State().Policies, 1, "the other one's")
		})
	}
}

// A server that uses numbers again gives ours to somebody else, once it is deleted: that one stays.
func TestReusedNumberOfAPolicy(t *testing.T) {
	t.Parallel()
	s := newStage(t, "reuseIds: true\n"+scenario)
	s.faultsAt([]sctest.Fault{{Method: "POST", Path: "/rest/scan", Do: "status", Status: 502, Times: 1000}})
	s.env.RegisterDelayedCallback(func() {
		sc, left := s.client(), s.sim.State().Policies
		require.Len(t, left, 1)
		require.NoError(t, sc.DeletePolicy(t.Context(), sclient.ID(left[0].ID)))
		policy, err := sc.CreatePolicy(t.Context(), sclient.PolicyRequest{
			Name: "Eve's", Families: []sclient.PolicyFamily{{ID: 20, Plugins: []sclient.ID{97833}}},
		})
		require.NoError(t, err)
		require.Equal(t, sclient.ID(left[0].ID), policy.ID, "used again")
	}, 10*time.Minute)
	s.say(20*time.Minute, workflows.CancelUpdate, workflows.Cancel{Actor: "eve", Reason: "enough"}, func(_ any, err error) { require.NoError(t, err) })
	require.Equal(t, remediation.OutcomeCancelled, s.run(request("10.0.0.5")).Outcome)
	require.Len(t, s.sim.State().Policies, 1)
	require.Equal(t, "Eve's", s.sim.State().Policies[0].Name)
}

// What went wrong beside a success is a note: the scan that was made runs, and the verification goes on.
func TestSuccessWithAWarning(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/rest/scan", "/rest/policy"} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, scenario)
			s.fault(sctest.Fault{Method: "POST", Path: path, Do: "warn"})
			status := s.run(request("10.0.0.5"))
			require.Equal(t, remediation.OutcomeFixed, status.Outcome)
			require.Len(t, s.sim.State().Scans, 1)
			require.Zero(t, s.sim.Calls()["POST /rest/scanResult/{id}/stop"])
			require.Contains(t, strings.Join(status.Notes, "\n"), "Error sending email.")
			s.nothingLeft()
		})
	}
}

// client is somebody else's way to the same Security Center.
func (s *stage) client() *sclient.Client {
	server := httptest.NewServer(s.sim)
	s.t.Cleanup(server.Close)
	return &sclient.Client{URL: server.URL, AccessKey: sclient.NewSecret(sctest.DefaultAccessKey), SecretKey: sclient.NewSecret(sctest.DefaultSecretKey)}
}

// A result that was deleted leaves its number to the next one: a stranger's scan is neither read nor stopped.
func TestReusedNumberOfAResult(t *testing.T) {
	t.Parallel()
	s := newStage(t, "reuseIds: true\nresultDetails: plugin\n"+scenario)
	s.env.RegisterDelayedCallback(func() {
		sc, ours := s.client(), s.sim.State().ScanResults[0].ID
		require.NoError(t, sc.StopScanResult(t.Context(), sclient.ID(ours)))
		s.sim.Advance(time.Minute)
		deleteResult(t, sc, ours)
		policy, err := sc.CreatePolicy(t.Context(), sclient.PolicyRequest{Context: "scan", Families: []sclient.PolicyFamily{{ID: 20, Plugins: []sclient.ID{97833}}}})
		require.NoError(t, err)
		scan, err := sc.CreateScan(t.Context(), sclient.ScanRequest{
			Name: "Hers", RepositoryID: 1, PolicyID: policy.ID, PluginID: 97833, IPList: []string{"10.0.0.5"}, TimeoutAction: "import",
		})
		require.NoError(t, err)
		require.Equal(t, sclient.ID(ours), scan.ScanResultID, "used again")
	}, 20*time.Second)
	require.Contains(t, s.refuse(request("10.0.0.5")), "is no longer that of our scan")
	require.Equal(t, 1, s.sim.Calls()["POST /rest/scanResult/{id}/stop"], "only ours")
}

// deleteResult is what a person can do, and our client never does.
func deleteResult(t *testing.T, sc *sclient.Client, id int) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, fmt.Sprintf("%s/rest/scanResult/%d", sc.URL, id), strings.NewReader("{}"))
	require.NoError(t, err)
	request.Header.Set("X-Apikey", "accesskey="+sctest.DefaultAccessKey+"; secretkey="+sctest.DefaultSecretKey+";")
	answer, err := (&http.Client{Timeout: 10 * time.Second}).Do(request)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
}

// A cancel of Temporal's own cannot be refused as an update is; too late it changes nothing and says so.
func TestCancelledInTemporalTooLate(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	s.fault(sctest.Fault{Method: "GET", Path: "/rest/policy", Do: "refuse", Times: 12})
	s.ask(200*time.Second, func(status workflows.Status) { require.Equal(t, workflows.PhaseReporting, status.Phase) })
	s.env.RegisterDelayedCallback(s.env.CancelWorkflow, 200*time.Second)
	status := s.run(request("10.0.0.5"))
	require.Equal(t, remediation.OutcomeFixed, status.Outcome)
	require.Equal(t, []string{"somebody cancelled it in Temporal when it was decided already; that changed nothing"}, status.Notes)
	s.nothingLeft()
}

package workflows_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"

	"patchproof/activities"
	"patchproof/remediation"
	"patchproof/sclient"
	"patchproof/sctest"
	"patchproof/workflows"
)

// stage is a workflow in the test environment before a simulated Security Center that runs on the workflow's clock: a
// day of waiting takes milliseconds.
type stage struct {
	t   *testing.T
	env *testsuite.TestWorkflowEnvironment
	sim *sctest.Server
	// skew is how far Security Center's clock is off, and asked is told of every request before it is served.
	skew  atomic.Int64
	asked func(*http.Request)
	sc    *sclient.Client
	// acts are the real activities.
	acts *activities.Activities
	// alter, if set, changes what Security Center answers to a request.
	alter func(r *http.Request, asked, answer string) string
	// down says that Security Center does not answer.
	down atomic.Bool
}

const scenario = `
repositories: [{id: 1, name: Default, dataFormat: IPv4, type: Local, ipRange: 10.0.0.0/8}]
families:     [{id: 20, name: Windows, type: active}, {id: 10, name: "Windows : Microsoft Bulletins", type: active}, {id: 30, name: Web, type: passive}]
plugins:
  - {id: 97833, name: MS17-010 check, family: 20, type: active, checkType: remote, severity: 4, cves: [CVE-2017-0144]}
  - {id: 97737, name: MS17-010 local check, family: 10, type: active, checkType: local, severity: 4}
  - {id: 5000, name: A passive one, family: 30, type: passive, checkType: remote, severity: 2}
credentials:  [{id: 4, name: domain admin}]
assets:       [{id: 24, name: Web servers, definedIPs: "10.0.0.5,10.0.0.8-10.0.0.9"}]
timing:       {queue: 30s, perHost: 20s, import: 45s, mitigationLag: 0s}
hosts:
  - {ip: 10.0.0.5, dns: web1.example.com, repository: 1, findings: [{plugin: 97833, port: 445, fixed: true}]}
  - {ip: 10.0.0.6, repository: 1, findings: [{plugin: 97737, port: 445, fixed: true}]}
  - {ip: 10.0.0.8, repository: 1, findings: [{plugin: 97833, port: 445}]}
  - {ip: 10.0.0.9, repository: 1, up: false, findings: [{plugin: 97833, port: 445, fixed: true}]}
  - {ip: 10.0.0.10, repository: 1, findings: [{plugin: 97833, port: 445, fixed: true, portOpen: false}]}
  - {ip: 10.0.0.11, repository: 1, findings: [{plugin: 97833, port: 445, acceptRisk: true}]}
  - {ip: 10.0.0.12, repository: 1, findings: [{plugin: 97833, port: 445, mitigated: true}]}
  - {ip: 10.0.0.13, repository: 1, findings: []}
  - {ip: 10.0.0.14, repository: 1, dns: old.example.com, becomes: {dns: new.example.com, mac: "00:00:5e:00:53:01", after: 1s}, findings: [{plugin: 97833, port: 445, fixed: true}]}
`

func newStage(t *testing.T, yaml string) *stage {
	t.Helper()
	s := &stage{t: t, env: newEnvironment()}
	parsed, err := sctest.ParseScenario([]byte(yaml))
	require.NoError(t, err)
	s.sim = &sctest.Server{Scenario: parsed, Now: func() time.Time { return s.env.Now().Add(time.Duration(s.skew.Load())) }}
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(func() {
		server.Close()
		require.Empty(t, s.sim.Unknown(), "the simulator was asked what it does not know")
	})
	s.sc = &sclient.Client{URL: server.URL, AccessKey: sclient.NewSecret(sctest.DefaultAccessKey), SecretKey: sclient.NewSecret(sctest.DefaultSecretKey)}
	s.acts = &activities.Activities{SCs: map[string]activities.Site{remediation.DefaultSC: {SecurityCenter: s.sc}}, Now: func() time.Time { return s.env.Now() }}
	workflows.Register(s.env, s.acts)
	return s
}

func newEnvironment() *testsuite.TestWorkflowEnvironment {
	suite := new(testsuite.WorkflowTestSuite)
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	env.SetTestTimeout(time.Minute) // of real time; a test takes a fraction of a second
	return env
}

// serve lets the simulator answer, and the test put other words into its mouth.
func (s *stage) serve(w http.ResponseWriter, r *http.Request) {
	if s.asked != nil {
		s.asked(r)
	}
	if s.down.Load() {
		w.WriteHeader(http.StatusBadGateway) // what stands before it says so
		return
	}
	if s.alter == nil {
		s.sim.ServeHTTP(w, r)
		return
	}
	asked, err := io.ReadAll(r.Body)
	if err != nil {
		return // the client has gone
	}
	r.Body = io.NopCloser(bytes.NewReader(asked))
	answer := httptest.NewRecorder()
	s.sim.ServeHTTP(answer, r)
	maps.Copy(w.Header(), answer.Header())
	w.Header().Del("Content-Length")
	w.WriteHeader(answer.Code)
	_, _ = io.WriteString(w, s.alter(r, string(asked), answer.Body.String())) // the client may have heard enough
}

// outage lets Security Center be down from a time of the workflow's clock.
func (s *stage) outage(after time.Duration) {
	s.env.RegisterDelayedCallback(func() { s.down.Store(true) }, after)
}

// away lets an activity's first attempt find no worker until the given time has passed.
func away[I, R any](s *stage, activity func(context.Context, I) (*R, error), until time.Duration) {
	var tried atomic.Bool
	s.env.OnActivity(activity, mock.Anything, mock.Anything).Return(func(ctx context.Context, in I) (*R, error) {
		if tried.CompareAndSwap(false, true) {
			return nil, temporal.NewApplicationErrorWithOptions("no worker", "NoWorker", temporal.ApplicationErrorOptions{NextRetryDelay: until})
		}
		return activity(ctx, in)
	})
}

// ask queries the workflow at a time of its clock.
func (s *stage) ask(after time.Duration, check func(status workflows.Status)) {
	s.env.RegisterDelayedCallback(func() {
		value, err := s.env.QueryWorkflow(workflows.StatusQuery)
		require.NoError(s.t, err)
		var status workflows.Status
		require.NoError(s.t, value.Get(&status))
		check(status)
	}, after)
}

// posts notes what was made in Security Center, and how long after the start.
func (s *stage) posts(start time.Time) map[string][]time.Duration {
	at := map[string][]time.Duration{}
	s.asked = func(r *http.Request) {
		if r.Method == http.MethodPost && (r.URL.Path == "/rest/scan" || r.URL.Path == "/rest/policy") {
			at[r.URL.Path] = append(at[r.URL.Path], s.env.Now().Sub(start))
		}
	}
	return at
}

func (s *stage) fault(f sctest.Fault) { s.sim.AddFaults(f) }

func request(ips ...string) remediation.Request {
	return remediation.Request{Ticket: "VULN-1", Plugin: 97833, Repository: 1, Targets: ips, RequestedBy: "eve"}
}

// run executes the workflow to its end and gives its result.
func (s *stage) run(r remediation.Request) workflows.Status {
	s.t.Helper()
	s.env.ExecuteWorkflow(workflows.RemediationWorkflow, r)
	require.True(s.t, s.env.IsWorkflowCompleted())
	require.NoError(s.t, s.env.GetWorkflowError())
	var status workflows.Status
	require.NoError(s.t, s.env.GetWorkflowResult(&status))
	require.Equal(s.t, workflows.PhaseDone, status.Phase)
	require.NotNil(s.t, status.FinishedAt)
	return status
}

// refuse executes the workflow and gives the sentence with which it failed.
func (s *stage) refuse(r remediation.Request) string {
	s.t.Helper()
	s.env.ExecuteWorkflow(workflows.RemediationWorkflow, r)
	require.True(s.t, s.env.IsWorkflowCompleted())
	var app *temporal.ApplicationError
	require.ErrorAs(s.t, s.env.GetWorkflowError(), &app)
	require.True(s.t, app.NonRetryable())
	s.nothingLeft()
	return app.Message()
}

// nothingLeft checks that no scan of ours runs and no policy of ours exists.
func (s *stage) nothingLeft() {
	s.t.Helper()
	state := s.sim.State()
	require.Empty(s.t, state.Policies)
	for _, r := range state.ScanResults {
		require.Contains(s.t, []string{"Completed", "Partial", "Error"}, r.Status)
	}
}

// say sends an update at a time of the workflow's clock and gives the error with which it is refused, if it is.
func (s *stage) say(after time.Duration, name string, arg any, check func(result any, err error)) {
	s.env.RegisterDelayedCallback(func() {
		s.env.UpdateWorkflow(name, "", &callback{
			reject:   func(err error) { check(nil, err) },
			complete: check,
		}, arg)
	}, after)
}

type callback struct {
	reject   func(error)
	complete func(any, error)
}

func (c *callback) Accept()                        {}
func (c *callback) Reject(err error)               { c.reject(err) }
func (c *callback) Complete(result any, err error) { c.complete(result, err) }

func verdicts(status workflows.Status) map[string]remediation.Verdict {
	out := map[string]remediation.Verdict{}
	for _, f := range status.Findings {
		out[f.Host] = f.Verdict
	}
	return out
}

// lagging is the scenario with how long the simulator's databases take to show a mitigation.
func lagging(lag string) string {
	return strings.Replace(scenario, "mitigationLag: 0s", "mitigationLag: "+lag, 1)
}

package e2e_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/e2e/stack"
	"patchproof/sctest"
)

// The keys of every scenario here. They must not show up anywhere; 32 characters, as real ones.
const (
	canaryAccess = "CANARYACCESSKEY0123456789abcdefg"
	canarySecret = "CANARYSECRETKEY0123456789abcdefg"
	canary       = "CANARY"
)

// world is a scenario: what differs from the usual three hosts, in YAML.
type world struct {
	hosts, timing, faults, extra string
	speed                        float64
	env                          map[string]string
	name                         string          // tells several rigs of one test apart
	server                       *stack.Temporal // instead of the shared one
}

const usualHosts = `
  - {ip: 10.0.0.5, repository: 1, dns: web1.example.com, findings: [{plugin: 97833, port: 445, fixed: true}]}
  - {ip: 10.0.0.8, repository: 1, dns: web2.example.com, findings: [{plugin: 97833, port: 445}]}
  - {ip: 10.0.0.9, repository: 1, dns: web3.example.com, up: false, findings: [{plugin: 97833, port: 445, fixed: true}]}
`

func (w world) yaml() string {
	if w.hosts == "" {
		w.hosts = usualHosts
	}
	if w.timing == "" {
		w.timing = "{queue: 30s, perHost: 20s, import: 45s}"
	}
	text := `
users: [{username: api, password: secret, accessKey: ` + canaryAccess + `, secretKey: ` + canarySecret + `}]
repositories: [{id: 1, name: Default, ipRange: 10.0.0.0/8}, {id: 6, name: Six, dataFormat: IPv6}]
families: [{id: 20, name: Windows}, {id: 30, name: Passive, type: passive}]
plugins:
  - {id: 97833, name: MS17-010 check, family: 20, severity: 4, cves: [CVE-2017-0144]}
  - {id: 7001, name: Passive check, family: 30, type: passive}
timing: ` + w.timing + `
hosts:` + w.hosts
	if w.faults != "" {
		text += "\nfaults:" + w.faults
	}
	return text + "\n" + w.extra
}

// ownServer starts a Temporal server for one test, which may do to it what it likes.
func ownServer(t *testing.T) (*stack.Temporal, stack.ServerConfig) {
	t.Helper()
	if shared.skip != "" {
		t.Skip(shared.skip)
	}
	config := stack.ServerConfig{Binary: shared.temporal, Dir: t.TempDir(), Headless: true}
	server, err := stack.StartTemporal(t.Context(), config)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Kill()) })
	require.NoError(t, server.Setup(t.Context(), shared.bin))
	return server, config
}

// rig is one stack and what a test does with it.
type rig struct {
	*stack.Stack
	t      *testing.T
	ticket string

	mu     sync.Mutex
	output strings.Builder // of all commands
}

// start runs a stack for one test, on a task queue of its own.
func start(t *testing.T, w world) *rig {
	t.Helper()
	if shared.skip != "" {
		t.Skip(shared.skip)
	}
	dir := t.TempDir()
	scenario := filepath.Join(t.TempDir(), "scenario.yaml")
	require.NoError(t, os.WriteFile(scenario, []byte(w.yaml()), 0o600))
	name := strings.NewReplacer("/", "-", " ", "-").Replace(t.Name()) + w.name
	s, err := stack.Start(t.Context(), stack.Config{
		Bin: shared.bin, Dir: dir, Temporal: cmp.Or(w.server, shared.server), Scenario: scenario, Speed: w.speed, TaskQueue: name, Env: w.env,
	})
	require.NoError(t, err)
	r := &rig{Stack: s, t: t, ticket: name}
	t.Cleanup(r.end)
	return r
}

// end stops everything, shows what happened if the test failed, and looks for keys where none belong.
func (r *rig) end() {
	if r.t.Failed() {
		r.t.Log(r.Worker().Tail(25))
		r.t.Log(r.Simulator.Tail(5))
	}
	if err := r.Stop(); err != nil {
		r.t.Error(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if strings.Contains(r.output.String(), canary) {
		r.t.Error("a key was printed by a command:", r.output.String())
	}
	for _, log := range []string{r.Worker().Log, r.Simulator.Log} {
		if data, err := os.ReadFile(log); err != nil || strings.Contains(string(data), canary) {
			r.t.Errorf("a key is in %s (or it cannot be read: %v)", log, err)
		}
	}
}

// run runs the patchproof command.
func (r *rig) run(args ...string) stack.Result {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), 3*time.Minute)
	defer cancel()
	result, err := r.Patchproof(ctx, args...)
	require.NoError(r.t, err)
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintln(&r.output, result.Stdout, result.Stderr)
	return result
}

// verify runs the verify command with what is the same everywhere.
func (r *rig) verify(ip string, more ...string) stack.Result {
	r.t.Helper()
	return r.run(append([]string{"verify", "--ticket", r.ticket, "--plugin", "97833", "--repository", "1", "--ip", ip, "--poll", "1s"}, more...)...)
}

// begin starts a verification and does not wait for it.
func (r *rig) begin(ip string, more ...string) {
	r.t.Helper()
	result := r.verify(ip, more...)
	require.Zero(r.t, result.Code, result.Stderr)
}

// about adds what tells the test's verification from others, so that the index, which is behind, is not waited for.
func (r *rig) about(command string, more ...string) []string {
	return append([]string{command, r.ticket, "--plugin", "97833", "--repository", "1"}, more...)
}

// wait follows the verification to its end.
func (r *rig) wait() answer {
	r.t.Helper()
	result := r.run(r.about("status", "--wait", "-o", "json")...)
	return parse(r.t, result)
}

// status is how far it is.
func (r *rig) status() answer {
	r.t.Helper()
	return parse(r.t, r.run(r.about("status", "-o", "json")...))
}

// state is what the simulator holds.
func (r *rig) state() sctest.State {
	r.t.Helper()
	state, err := r.Simulator.State(r.t.Context())
	require.NoError(r.t, err)
	return state
}

// calls is how often a route was called.
func (r *rig) calls(route string) int {
	r.t.Helper()
	calls, err := r.Simulator.Calls(r.t.Context())
	require.NoError(r.t, err)
	return calls[route]
}

// called waits until a route was called so often.
func (r *rig) called(route string, times int) {
	r.t.Helper()
	eventually(r.t, time.Minute, func() error {
		if n := r.calls(route); n < times {
			return fmt.Errorf("%s: %d calls, expected %d", route, n, times)
		}
		return nil
	})
}

// reaches waits until the verification is in a phase.
func (r *rig) reaches(phase string) {
	r.t.Helper()
	eventually(r.t, time.Minute, func() error {
		if now := r.status().Phase; now != phase {
			return fmt.Errorf("phase %s, expected %s", now, phase)
		}
		return nil
	})
}

func (r *rig) fault(faults ...stack.Fault) {
	r.t.Helper()
	require.NoError(r.t, r.Simulator.AddFaults(r.t.Context(), faults...))
}

// tidy checks that nothing of ours was left on Security Center: no policy, and no scan that still runs.
func (r *rig) tidy() {
	r.t.Helper()
	state := r.state()
	require.Empty(r.t, state.Policies, "a policy was left")
	for _, result := range state.ScanResults {
		require.Contains(r.t, []string{"Completed", "Partial", "Error"}, result.Status, "scan result %d still runs", result.ID)
	}
	unknown, err := r.Simulator.Unknown(r.t.Context())
	require.NoError(r.t, err)
	require.Empty(r.t, unknown, "the simulator was asked for what it does not know")
}

// oneScan checks that exactly one scan was ever made, and nothing was left.
func (r *rig) oneScan() {
	r.t.Helper()
	state := r.state()
	require.Len(r.t, state.Scans, 1, "scans")
	require.Len(r.t, state.ScanResults, 1, "scan results")
	r.tidy()
}

// answer is the JSON of verify and status, as a program reads it.
type answer struct {
	Ticket     string    `json:"ticket"`
	WorkflowID string    `json:"workflowId"`
	RunID      string    `json:"runId"`
	Phase      string    `json:"phase"`
	Outcome    string    `json:"outcome"`
	StartedAt  time.Time `json:"startedAt"`
	Deadline   time.Time `json:"deadline"`
	Findings   []struct {
		Host    string `json:"host"`
		Port    int    `json:"port"`
		Verdict string `json:"verdict"`
		Reason  string `json:"reason"`
	} `json:"findings"`
	Scans []struct {
		ScanResultID string `json:"scanResultId"`
		Status       string `json:"status"`
		ImportStatus string `json:"importStatus"`
	} `json:"scans"`
	Notes []string `json:"notes"`

	code int // the command's exit code
}

// verdicts are the verdicts by host.
func (a answer) verdicts() map[string]string {
	out := map[string]string{}
	for _, f := range a.Findings {
		out[f.Host] = f.Verdict
	}
	return out
}

func parse(t *testing.T, result stack.Result) answer {
	t.Helper()
	out := answer{code: result.Code}
	require.NoError(t, json.Unmarshal([]byte(result.Stdout), &out), "exit code %d\nstdout: %s\nstderr: %s", result.Code, result.Stdout, result.Stderr)
	return out
}

// eventually polls until there is no error any more.
func eventually(t *testing.T, within time.Duration, try func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	require.NoError(t, stack.Until(ctx, 100*time.Millisecond, try))
}

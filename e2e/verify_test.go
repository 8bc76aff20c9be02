package e2e_test

import (
	"bytes"
	"encoding/json"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestOutcomes(t *testing.T) {
	t.Parallel()
	r := start(t, world{hosts: usualHosts + `
  - {ip: 10.0.0.20, repository: 1, findings: [{plugin: 97833, port: 445, portOpen: false, fixed: true}]}
  - {ip: 10.0.0.21, repository: 1, findings: [{plugin: 97833, port: 445, acceptRisk: true}]}
  - {ip: 10.0.0.22, repository: 1, findings: [{plugin: 97833, port: 0, fixed: true}]}
  - {ip: 10.0.0.23, repository: 1, findings: [{plugin: 97833, port: 445, fixed: true}]}
  - {ip: 10.0.0.24, repository: 1, findings: [{plugin: 97833, port: 445, fixed: true}]}
  - {ip: 10.0.0.25, repository: 1, findings: [{plugin: 97833, port: 445, mitigated: 10d}]}
`})
	for _, c := range []struct {
		name, ip, outcome string
		code              int
		verdicts          map[string]string
	}{
		{"fixed", "10.0.0.5", "fixed", 0, map[string]string{"10.0.0.5": "fixed-confirmed"}},
		{"not-fixed", "10.0.0.8", "not-fixed", 3, map[string]string{"10.0.0.8": "still-vulnerable"}},
		{"dead", "10.0.0.9", "inconclusive", 4, map[string]string{"10.0.0.9": "host-unreachable"}},
		{"partly", "10.0.0.23,10.0.0.8", "partly-fixed", 3, map[string]string{"10.0.0.23": "fixed-confirmed", "10.0.0.8": "still-vulnerable"}},
		{"some-dead", "10.0.0.24,10.0.0.9", "inconclusive", 4, map[string]string{"10.0.0.24": "fixed-confirmed", "10.0.0.9": "host-unreachable"}},
		{"unknown-host", "10.0.0.77", "nothing-found", 4, map[string]string{"10.0.0.77": "no-baseline"}},
		{"closed-port", "10.0.0.20", "inconclusive", 4, map[string]string{"10.0.0.20": "port-not-observed"}},
		{"accepted", "10.0.0.21", "risk-accepted", 3, map[string]string{"10.0.0.21": "risk-accepted"}},
		{"whole-host", "10.0.0.22", "fixed", 0, map[string]string{"10.0.0.22": "fixed-confirmed"}},
		{"mitigated-before", "10.0.0.25", "fixed", 0, map[string]string{"10.0.0.25": "already-fixed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			mine := &rig{Stack: r.Stack, t: t, ticket: r.ticket + c.name}
			result := mine.verify(c.ip, "--wait", "-o", "json")
			got := parse(t, result)
			require.Equal(t, c.outcome, got.Outcome, result.Stdout)
			require.Equal(t, c.verdicts, got.verdicts())
			require.Equal(t, c.code, result.Code)
			requireContract(t, result.Stdout)
		})
	}
}

// requireContract checks the fields and types of the JSON that programs rely on.
func requireContract(t *testing.T, text string) {
	t.Helper()
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	var got map[string]any
	require.NoError(t, decoder.Decode(&got))
	require.ErrorIs(t, decoder.Decode(new(any)), io.EOF, "more than one JSON value")

	for _, field := range []string{"ticket", "sc", "workflowId", "runId", "phase", "outcome"} {
		require.IsType(t, "", got[field], field)
		require.NotEmpty(t, got[field], field)
	}
	requireNumber(t, "97833", got["plugin"])
	requireNumber(t, "1", got["repository"])
	started, finished, deadline := requireTime(t, got["startedAt"]), requireTime(t, got["finishedAt"]), requireTime(t, got["deadline"])
	require.True(t, started.Before(finished) && finished.Before(deadline), "started %s, finished %s, deadline %s", started, finished, deadline)

	for _, finding := range requireList(t, got["findings"]) {
		require.IsType(t, json.Number(""), finding["port"])
		for _, field := range []string{"host", "protocol", "verdict", "reason"} {
			require.IsType(t, "", finding[field], field)
		}
		require.NotEmpty(t, finding["reason"])
	}
	for _, scan := range requireList(t, got["scans"]) {
		requireNumber(t, "1", scan["number"])
		for _, field := range []string{"policyId", "scanId", "scanResultId", "status", "importStatus"} {
			require.IsType(t, "", scan[field], field)
			require.NotEmpty(t, scan[field], field)
		}
	}
}

func requireNumber(t *testing.T, want string, got any) {
	t.Helper()
	require.Equal(t, json.Number(want), got)
}

func requireTime(t *testing.T, got any) time.Time {
	t.Helper()
	text, ok := got.(string)
	require.True(t, ok, "not a text: %v", got)
	at, err := time.Parse(time.RFC3339, text)
	require.NoError(t, err)
	return at
}

func requireList(t *testing.T, got any) []map[string]any {
	t.Helper()
	list, ok := got.([]any)
	require.True(t, ok, "not a list: %v", got)
	var out []map[string]any
	for _, item := range list {
		object, ok := item.(map[string]any)
		require.True(t, ok, "not an object: %v", item)
		out = append(out, object)
	}
	return out
}

// A host that is down, with an age of 0: Security Center drops its findings at once, as if they were mitigated.
func TestDeadHostIsNotFixedEvenWhenItsFindingsVanish(t *testing.T) {
	t.Parallel()
	r := start(t, world{})
	got := parse(t, r.verify("10.0.0.9", "--classify-mitigated-age", "0", "--wait", "-o", "json"))
	require.Equal(t, "inconclusive", got.Outcome)
	require.Equal(t, map[string]string{"10.0.0.9": "host-unreachable"}, got.verdicts())
	require.Equal(t, 4, got.code)
	// The scenario is what it claims to be: the finding did vanish.
	for _, row := range r.state().Cumulative {
		require.False(t, row.PluginID == 97833 && row.IP == "10.0.0.9", "the finding is still open")
	}
	r.oneScan()
}

func TestScansThatProveNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ fault, verdict string }{
		{"scan-partial", "scan-incomplete"},
		{"scan-error", "scan-incomplete"},
		{"import-error", "import-failed"},
		{"no-results", "scan-incomplete"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			t.Parallel()
			r := start(t, world{faults: "\n  - {do: " + c.fault + "}"})
			got := parse(t, r.verify("10.0.0.5", "--wait", "-o", "json"))
			require.Equal(t, "inconclusive", got.Outcome)
			require.Equal(t, map[string]string{"10.0.0.5": c.verdict}, got.verdicts())
			require.Equal(t, 4, got.code)
			r.oneScan()
		})
	}
}

// A verification after a closed one asks anew: here the host was fixed and then fell back.
func TestVerifyAgainMakesAScanOfItsOwn(t *testing.T) {
	t.Parallel()
	r := start(t, world{hosts: `
  - {ip: 10.0.0.5, repository: 1, findings: [{plugin: 97833, port: 445, fixed: true, reopensAfter: 24h}]}
`})
	first := parse(t, r.verify("10.0.0.5", "--wait", "-o", "json"))
	require.Equal(t, "fixed", first.Outcome)

	require.NoError(t, r.Simulator.Advance(t.Context(), 25*time.Hour))
	second := parse(t, r.verify("10.0.0.5", "--wait", "-o", "json"))
	require.Equal(t, "not-fixed", second.Outcome)
	require.Equal(t, first.WorkflowID, second.WorkflowID)
	require.NotEqual(t, first.RunID, second.RunID)
	require.NotEqual(t, first.Scans[0].ScanResultID, second.Scans[0].ScanResultID)
	require.Len(t, r.state().Scans, 2)
	r.tidy()
}

func TestSecondVerifyWhileOneRuns(t *testing.T) {
	t.Parallel()
	r := start(t, world{timing: "{queue: 1h, perHost: 20s, import: 45s}"})
	r.begin("10.0.0.5,10.0.0.8")
	first := r.status()

	// The same targets, written in another way.
	same := r.verify("10.0.0.8/32,10.0.0.5", "-o", "json")
	require.Zero(t, same.Code, same.Stderr)
	require.Equal(t, first.RunID, parse(t, same).RunID)
	require.Contains(t, same.Stderr, "runs already")

	other := r.verify("10.0.0.9")
	require.Equal(t, 1, other.Code)
	require.Empty(t, other.Stdout)
	requireSentence(t, other.Stderr, "other targets")

	r.reaches("scanning")
	require.Len(t, r.state().Scans, 1)
	require.Zero(t, r.run(r.about("cancel", "--reason", "the test is over")...).Code)
	require.Equal(t, "cancelled", r.wait().Outcome)
	r.oneScan()
}

// Hosts can be named in every way that people write them down.
func TestTargets(t *testing.T) {
	t.Parallel()
	r := start(t, world{
		hosts: usualHosts + "\n  - {ip: \"2001:db8::5\", repository: 6, findings: [{plugin: 97833, port: 445, fixed: true}]}\n",
		extra: "assets: [{id: 24, name: Web servers, definedIPs: \"10.0.0.5,10.0.0.8-10.0.0.9\"}]\n",
	})
	all := map[string]string{"10.0.0.5": "fixed-confirmed", "10.0.0.8": "still-vulnerable", "10.0.0.9": "host-unreachable"}
	for _, c := range []struct {
		name, flag, value string
		verdicts          map[string]string
	}{
		{"asset", "--asset", "24", all},
		{"range", "--ip", "10.0.0.5-10.0.0.9", all},
		{"network", "--ip", "10.0.0.0/28", all},
		{"name", "--ip", "web2.example.com", map[string]string{"10.0.0.8": "still-vulnerable"}},
		{"IPv6", "--ip", "2001:DB8:0::5", map[string]string{"2001:db8::5": "fixed-confirmed"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			mine := &rig{Stack: r.Stack, t: t, ticket: r.ticket + c.name}
			repository := "1"
			if c.name == "IPv6" {
				repository = "6"
			}
			got := parse(t, mine.run("verify", "--ticket", mine.ticket, "--plugin", "97833", "--repository", repository,
				c.flag, c.value, "--poll", "1s", "--wait", "-o", "json"))
			verdicts := got.verdicts()
			if verdicts["10.0.0.5"] == "already-fixed" {
				verdicts["10.0.0.5"] = "fixed-confirmed" // another of these tests had it mitigated first
			}
			require.Equal(t, c.verdicts, verdicts)
		})
	}
}

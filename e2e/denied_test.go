package e2e_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// requireSentence checks that the message is one line for a person, and what it is about.
func requireSentence(t *testing.T, stderr string, about ...string) {
	t.Helper()
	line := strings.TrimSuffix(stderr, "\n")
	require.NotContains(t, line, "\n", "more than one line")
	for _, word := range about {
		require.Contains(t, line, word)
	}
	for _, frame := range []string{"workflow execution error", "ApplicationError", "(type:", "retryable", "runID", "goroutine"} {
		require.NotContains(t, line, frame, "Temporal's frame around the sentence")
	}
}

// What Security Center says no to is told once, and nothing is made there.
func TestRefusedBySecurityCenter(t *testing.T) {
	t.Parallel()
	r := start(t, world{hosts: usualHosts + `
  - {ip: 10.0.0.30, repository: 1, findings: [{plugin: 7001, port: 0}]}
`})
	cases := []struct {
		name  string
		args  []string
		about []string
	}{
		{"repository", []string{"--plugin", "97833", "--repository", "42", "--ip", "10.0.0.5"}, []string{"repository", "42"}},
		{"passive plugin", []string{"--plugin", "7001", "--repository", "1", "--ip", "10.0.0.30"}, []string{"plugin", "7001", "passive", "active"}},
		{"plugin", []string{"--plugin", "424242", "--repository", "1", "--ip", "10.0.0.5"}, []string{"plugin", "424242"}},
		{"asset", []string{"--plugin", "97833", "--repository", "1", "--asset", "77"}, []string{"asset", "77"}},
	}
	// All at once, because each waits for ten refusals.
	for _, c := range cases {
		started := r.run(append([]string{"verify", "--ticket", r.ticket + c.name}, c.args...)...)
		require.Zero(t, started.Code, started.Stderr)
	}
	for _, c := range cases {
		result := r.run(append([]string{"status", r.ticket + c.name, "--wait", "-o", "json"}, c.args[:4]...)...)
		require.Equal(t, 1, result.Code, result.Stdout)
		requireError(t, result.Stdout, c.about...)
		requireSentence(t, result.Stderr, c.about...)
	}
	require.Empty(t, r.state().Scans)
	require.Empty(t, r.state().Policies)
}

// Wrong use is noticed before anything starts: no workflow, no call.
func TestWrongUse(t *testing.T) {
	t.Parallel()
	r := start(t, world{})
	good := map[string]string{"--ticket": r.ticket, "--plugin": "97833", "--repository": "1", "--ip": "10.0.0.5"}
	for _, c := range []struct {
		name  string
		set   map[string]string // "-" removes a flag
		about string
	}{
		{"no ticket", map[string]string{"--ticket": "-"}, "--ticket"},
		{"no plugin", map[string]string{"--plugin": "-"}, "--plugin"},
		{"plugin is a word", map[string]string{"--plugin": "smb"}, "plugin"},
		{"negative plugin", map[string]string{"--plugin": "-3"}, "plugin"},
		{"no repository", map[string]string{"--repository": "-"}, "--repository"},
		{"no targets", map[string]string{"--ip": "-"}, "--ip"},
		{"both kinds of targets", map[string]string{"--asset": "24"}, "--ip"},
		{"malformed address", map[string]string{"--ip": "10.0.0.256"}, "10.0.0.256"},
		{"malformed network", map[string]string{"--ip": "10.0.0.0/33"}, "10.0.0.0/33"},
		{"range the wrong way round", map[string]string{"--ip": "10.0.0.9-10.0.0.5"}, "10.0.0.9-10.0.0.5"},
		{"empty entry", map[string]string{"--ip": "10.0.0.5,,10.0.0.8"}, "ip"},
		{"unknown flag", map[string]string{"--colour": "red"}, "--colour"},
		{"age that the guide does not allow", map[string]string{"--classify-mitigated-age": "7"}, "classify-mitigated-age"},
		{"scan time that the guide does not allow", map[string]string{"--max-scan-time": "10m"}, "max-scan-time"},
		{"rollover without its action", map[string]string{"--rollover-type": "nextday"}, "rollover-type"},
		{"unknown time-out action", map[string]string{"--timeout-action": "explode"}, "timeout-action"},
		{"unknown time zone", map[string]string{"--schedule-time-zone": "Mars/Olympus"}, "schedule-time-zone"},
		{"poll of no time", map[string]string{"--poll": "0s"}, "poll"},
		{"time-out without a unit", map[string]string{"--timeout": "24"}, "timeout"},
		{"unknown output", map[string]string{"-o": "xml"}, "output"},
		{"preference without a value", map[string]string{"--preference": "thorough"}, "preference"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			mine := &rig{Stack: r.Stack, t: t, ticket: r.ticket}
			args := []string{"verify"}
			for name, value := range good {
				if replaced, ok := c.set[name]; ok {
					value = replaced
				}
				if value != "-" {
					args = append(args, name+"="+value)
				}
			}
			for name, value := range c.set {
				if _, known := good[name]; !known {
					args = append(args, strings.TrimSuffix(name+"="+value, "="))
				}
			}
			result := mine.run(args...)
			require.Equal(t, 2, result.Code, "%v: %s", args, result.Stderr)
			require.Empty(t, result.Stdout)
			requireSentence(t, result.Stderr, c.about)
		})
	}
	t.Cleanup(func() {
		ctx := withoutCancel(t)
		calls, err := r.Simulator.Calls(ctx)
		require.NoError(t, err)
		require.Empty(t, calls, "Security Center was called")
		require.Empty(t, executions(ctx, t, r.ticket), "a workflow was started")
	})
}

// A key that Security Center does not take ends the verification with a sentence, and is not in it.
func TestRefusedKeys(t *testing.T) {
	t.Parallel()
	r := start(t, world{env: map[string]string{"SC_SECRET_KEY": canary + "-IS-NOT-THE-RIGHT-KEY-HERE"}})
	result := r.verify("10.0.0.5", "--wait", "-o", "json")
	require.Equal(t, 1, result.Code)
	requireError(t, result.Stdout, "key")
	require.NotContains(t, result.Stdout+result.Stderr, canary)
	require.Contains(t, result.Stderr, "key")
}

// requireError checks the JSON of a verification that could not be done: one value, which says why.
func requireError(t *testing.T, stdout string, about ...string) {
	t.Helper()
	var status struct {
		Phase   string `json:"phase"`
		Outcome string `json:"outcome"`
		Error   string `json:"error"`
	}
	require.NoError(t, json.Unmarshal([]byte(stdout), &status), stdout)
	require.Equal(t, "done", status.Phase)
	require.Empty(t, status.Outcome)
	for _, word := range about {
		require.Contains(t, status.Error, word)
	}
}

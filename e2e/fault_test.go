package e2e_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The request had its effect and the answer was lost: nothing is made twice.
func TestLostAnswers(t *testing.T) {
	t.Parallel()
	for name, faults := range map[string]string{
		"scan":   "\n  - {method: POST, path: /rest/scan, do: drop-response}",
		"policy": "\n  - {method: POST, path: /rest/policy, do: drop-response}",
		"both":   "\n  - {method: POST, path: /rest/scan, do: drop-response}\n  - {method: POST, path: /rest/policy, do: drop-response}",
		"every answer once": "\n  - {method: GET, path: /rest/repository, do: drop-response}\n  - {method: POST, path: /rest/analysis, do: drop-response}" +
			"\n  - {method: GET, path: /rest/scanResult, do: drop-response}\n  - {method: DELETE, path: /rest/policy, do: drop-response}",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := start(t, world{faults: faults})
			got := parse(t, r.verify("10.0.0.5", "--wait", "-o", "json"))
			require.Equal(t, "fixed", got.Outcome)
			require.Zero(t, got.code)
			r.oneScan()
		})
	}
}

// What Security Center does in its bad hours, once on every route.
func TestTroubleOnEveryRoute(t *testing.T) {
	t.Parallel()
	routes := []string{
		"method: GET, path: /rest/repository", "method: GET, path: /rest/plugin", "method: POST, path: /rest/policy",
		"method: POST, path: /rest/scan", "method: GET, path: /rest/scanResult", "method: GET, path: /rest/scanResult/1",
		"method: POST, path: /rest/analysis", "method: DELETE, path: /rest/policy",
	}
	for _, c := range []struct{ name, do string }{
		{"refuse", "do: refuse"},
		{"bad gateway", "do: status, status: 502, body: html"},
		{"unavailable", "do: status, status: 503, body: empty, retryAfter: 1s"},
		{"truncate", "do: truncate"},
		{"locked", "do: locked"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var faults strings.Builder
			for _, route := range routes {
				fmt.Fprintf(&faults, "\n  - {%s, %s}", route, c.do)
			}
			r := start(t, world{faults: faults.String()})
			got := parse(t, r.verify("10.0.0.5", "--wait", "-o", "json"))
			require.Equal(t, "fixed", got.Outcome)
			for _, note := range got.Notes {
				require.Contains(t, note, "the answer to the creation of a policy was lost")
			}
			r.oneScan()
		})
	}
}

// An outage in the middle of a scan, longer than a few attempts.
func TestOutageWhileScanning(t *testing.T) {
	t.Parallel()
	r := start(t, world{faults: "\n  - {path: /rest/scanResult/1, do: refuse, times: 5}"})
	require.Equal(t, "fixed", parse(t, r.verify("10.0.0.5", "--wait", "-o", "json")).Outcome)
	r.oneScan()
}

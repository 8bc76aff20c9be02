package sctest_test

// What the simulator does not know: it says so, and a 501 leaves no trace.

import (
	"maps"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/sctest"
)

func TestRealButNotSimulated(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts)
	change := func(query m) m {
		body := analysis("cumulative", "vulndetails")
		maps.Copy(body["query"].(m), query)
		return body
	}
	policy := func(template int) m {
		body := policyBody([]int{97833}, nil)
		body["policyTemplate"] = m{"id": template}
		return body
	}
	pattern := func(text string) m { return m{"filterName": "dnsName", "operator": "pcre", "value": text} }
	for name, tt := range map[string]struct {
		method, path string
		body         any
		status       int
	}{
		"tool":              {"POST", "/rest/analysis", change(m{"tool": "trend"}), 501},
		"no tool":           {"POST", "/rest/analysis", change(m{"tool": "magic"}), 403},
		"query type":        {"POST", "/rest/analysis", change(m{"type": "mobile"}), 501},
		"no query type":     {"POST", "/rest/analysis", change(m{"type": "magic"}), 403},
		"filter":            {"POST", "/rest/analysis", analysis("cumulative", "vulndetails", filter("seolDate", "1:2")), 501},
		"no filter":         {"POST", "/rest/analysis", analysis("cumulative", "vulndetails", filter("magic", "1")), 403},
		"asset type":        {"POST", "/rest/asset", m{"name": "a", "type": "watchlist", "definedIPs": "10.0.0.1"}, 501},
		"no asset type":     {"POST", "/rest/asset", m{"name": "a", "type": "magic", "definedIPs": "10.0.0.1"}, 403},
		"template":          {"POST", "/rest/policy", policy(2), 501},
		"no template":       {"POST", "/rest/policy", policy(0), 403},
		"template's page":   {"GET", "/rest/policyTemplate/2", nil, 501},
		"no template's":     {"GET", "/rest/policyTemplate/2000", nil, 403},
		"agents' template":  {"GET", "/rest/policyTemplate/25", nil, 200},
		"route":             {"GET", "/rest/alert", nil, 501},
		"stored query":      {"POST", "/rest/analysis", m{"type": "vuln", "sourceType": "cumulative", "query": m{"id": "5"}}, 501},
		"log":               {"POST", "/rest/analysis", m{"type": "scLog", "query": m{"type": "scLog", "filters": []any{}}}, 501},
		"word for a time":   {"POST", "/rest/analysis", analysis("cumulative", "vulndetails", filter("lastSeen", "currentMonth")), 501},
		"no time":           {"POST", "/rest/analysis", analysis("cumulative", "vulndetails", filter("lastSeen", "yesterday")), 403},
		"Perl's pattern":    {"POST", "/rest/analysis", analysis("cumulative", "vulndetails", pattern("^(?=web)w")), 501},
		"no pattern":        {"POST", "/rest/analysis", analysis("cumulative", "vulndetails", pattern("(")), 403},
		"audit files":       {"POST", "/rest/policy", m{"name": "x", "policyTemplate": m{"id": 1}, "auditFiles": []any{m{"id": 4}}}, 501},
		"method of a route": {"PUT", "/rest/policy/7", m{}, 501},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := l.do(tt.method, tt.path, tt.body)
			require.Equal(t, tt.status, r.status, r.raw)
			if tt.status == http.StatusForbidden {
				require.NotZero(t, r.code)
			}
		})
	}
}

func TestNotSimulatedLeavesNoTrace(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts)
	r := l.do("GET", "/rest/alert", nil, "Accept", "*/*")
	require.Equal(t, 501, r.status)
	require.Empty(t, r.header.Values("Set-Cookie"))

	// A session is as old afterwards as it was before.
	login := l.logIn(false)
	l.clock.forward(40 * time.Minute)
	body := analysis("cumulative", "trend")
	require.Equal(t, 501, l.do("POST", "/rest/analysis", body, login...).status)
	l.clock.forward(40 * time.Minute)
	require.Equal(t, 12, l.do("GET", "/rest/currentUser", nil, login...).code)
	require.Equal(t, []string{"GET /rest/alert", "POST /rest/analysis"}, l.sim.Unknown())
	require.Empty(t, l.sim.State().Assets)
}

// Plugin scans were there until 5.20, and have been refused since.
func TestPluginScans(t *testing.T) {
	t.Parallel()
	for version, status := range map[string]int{"5.8": 501, "5.23": 403, "6.5": 403} {
		v := newVisitor(t, "version: '"+version+"'\n"+threeHosts)
		v.headers = http.Header{}
		login := v.logIn(false)
		body := scanBody(0, "10.0.0.5", m{"type": "plugin", "policy": nil})
		require.Equal(t, status, v.do("POST", "/rest/scan", body, login...).status, version)
		require.Empty(t, v.sim.State().Scans)
	}
}

// A fault waits for a request that the simulator can answer.
func TestNotSimulatedSpendsNoFault(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"individual-denied", "foreign-rows"} {
		l := newLab(t, threeHosts)
		id := l.scanned("10.0.0.5", nil, nil)
		l.sim.AddFaults(sctest.Fault{Do: kind})
		require.Equal(t, 501, l.do("POST", "/rest/analysis", individually(id, "all", "trend")).status)
		require.Equal(t, 501, l.do("POST", "/rest/analysis", individually(id, "all", "listvuln", filter("seolDate", "1:2"))).status)
		r := l.do("POST", "/rest/analysis", individually(id, "all", "vulndetails", filter("ip", "10.0.0.8")))
		require.True(t, r.status == 403 || len(r.response.(m)["results"].([]any)) > 0, kind)
	}
}

func TestParametersInABody(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts)
	list := l.ok("GET", "/rest/plugin", m{"fields": "id,type", "filterField": "id", "op": "eq", "value": 97833}).([]any)
	require.Equal(t, []any{m{"id": "97833", "type": "active"}}, list)
	list = l.ok("GET", "/rest/plugin?fields=id", m{"fields": []any{"id", "type"}, "startOffset": 0, "endOffset": 1}).([]any)
	require.Equal(t, []any{m{"id": "10150"}}, list, "the address decides")
	l.refused("GET", "/rest/plugin", "[1]", 146, "not a JSON object")
}

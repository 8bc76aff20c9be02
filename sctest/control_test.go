package sctest_test

// The control paths.

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/sctest"
)

func (l *lab) state() sctest.State {
	l.t.Helper()
	r := l.do("GET", "/_sim/state", nil, "Accept", "*/*")
	require.Equal(l.t, 200, r.status)
	var st sctest.State
	require.NoError(l.t, json.Unmarshal([]byte(r.raw), &st))
	return st
}

func TestControl(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts)
	id := l.launch("10.0.0.5", nil, nil)
	l.result(id)
	l.result(id)
	st := l.state()
	require.Equal(t, noon, st.Now.UTC())
	require.Equal(t, []any{97833, 1, "10.0.0.5", "Queued", true, st.Policies[0].ID, "run-1"}, []any{
		st.Scans[0].PluginID, st.Scans[0].Repository, st.Scans[0].IPList, st.Scans[0].Status, st.Scans[0].Running, st.Scans[0].Policy,
		st.Scans[0].Description,
	})
	require.Equal(t, "scan", st.Policies[0].Context)
	require.Equal(t, []any{true, "10.0.0.5", st.Policies[0].Name}, []any{st.ScanResults[0].Running, st.ScanResults[0].IPList, st.ScanResults[0].Details})

	r := l.do("POST", "/_sim/advance", `{"by":"1h"}`, "Accept", "*/*")
	require.Equal(t, 200, r.status, r.raw)
	st = l.state()
	require.Equal(t, noon.Add(time.Hour), st.Now.UTC())
	require.Equal(t, []any{"Completed", "Finished", false}, []any{st.Scans[0].Status, st.Scans[0].ImportStatus, st.ScanResults[0].Running})
	require.Empty(t, st.Policies)
	require.Equal(t, "10.0.0.5", st.Patched[0].IP)
	require.NotNil(t, st.Patched[0].Mitigated)

	var calls map[string]int
	require.NoError(t, json.Unmarshal([]byte(l.do("GET", "/_sim/calls", nil).raw), &calls))
	require.Equal(t, map[string]int{"POST /rest/policy": 1, "POST /rest/scan": 1, "GET /rest/scanResult/{id}": 2}, calls)

	require.Equal(t, 200, l.do("POST", "/_sim/faults", `{"path":"/rest/status","do":"status","status":503}`).status)
	require.Equal(t, 200, l.do("POST", "/_sim/faults", `[{"path":"/rest/status","do":"locked","times":2},{"do":"scan-pause"}]`).status)
	require.Equal(t, 200, l.do("POST", "/_sim/faults", "{\n\t\"path\": \"/rest/zone\",\n\t\"do\": \"locked\"\n}").status)
	require.Equal(t, 503, l.do("GET", "/rest/status", nil).status)
	require.Equal(t, 403, l.do("GET", "/rest/status", nil).status)

	require.Equal(t, 200, l.do("POST", "/_sim/reset", nil).status)
	st = l.state()
	require.Equal(t, noon.Add(time.Hour), st.Now.UTC(), "time goes on")
	require.Empty(t, st.Scans)
	require.Empty(t, st.ScanResults)
	require.Len(t, st.Cumulative, 6)
	require.Empty(t, l.sim.Calls())
	require.Equal(t, 200, l.do("GET", "/rest/status", nil).status, "ordered faults are forgotten")
}

func TestRefusedControl(t *testing.T) {
	t.Parallel()
	l := newLab(t, base)
	for _, tt := range []struct{ path, body, want string }{
		{"/_sim/advance", `{"by":"soon"}`, "by: "},
		{"/_sim/advance", `{"by":"-1h"}`, "by: "},
		{"/_sim/advance", `{}`, "by: "},
		{"/_sim/advance", `{"to":"1h"}`, `"to`},
		{"/_sim/faults", `{"do":"explode"}`, "do: "},
		{"/_sim/faults", `[{"do":"refuse"},{"do":"delay"}]`, "faults[1].delay"},
		{"/_sim/faults", `{"do":"refuse","time":2}`, `"time`},
		{"/_sim/faults", `{`, "line 1"},
	} {
		r := l.do("POST", tt.path, tt.body)
		require.Equal(t, 400, r.status, "%s: %s", tt.body, r.raw)
		var answer map[string]string
		require.NoError(t, json.Unmarshal([]byte(r.raw), &answer))
		require.Contains(t, answer["error"], tt.want)
	}
	require.Equal(t, 404, l.do("GET", "/_sim/nothing", nil).status)
	require.Equal(t, 200, l.do("GET", "/rest/status", nil).status, "no fault was ordered")
}

func TestAdvanceBeforeTheFirstRequest(t *testing.T) {
	t.Parallel()
	c := &clock{now: noon}
	sim := &sctest.Server{Now: c.Now}
	sim.Advance(time.Hour)
	require.Equal(t, noon.Add(time.Hour), sim.State().Now)
	require.Equal(t, noon.Add(time.Hour), sim.Time())
}

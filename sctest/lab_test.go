package sctest_test

// The laboratory: a server on a clock of its own, and requests as the guide writes them.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/sctest"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// clock is a time that only tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

type lab struct {
	t     *testing.T
	sim   *sctest.Server
	http  *httptest.Server
	clock *clock
	keys  string
}

type m = map[string]any

// reply is an answer taken apart.
type reply struct {
	status   int
	header   http.Header
	raw      string
	response any
	code     int
	message  string
}

const base = `
plugins:
  - {id: 97833, name: MS17-010 check, family: 20, severity: 4, cves: [CVE-2017-0144]}
  - {id: 97737, name: MS17-010 patch, family: 20, severity: 4, checkType: local}
  - {id: 41028, name: SNMP default, family: 20, severity: 3}
timing: {queue: 40s, perHost: 20s, import: 40s}
`

func newLab(t *testing.T, scenario string) *lab {
	t.Helper()
	parsed, err := sctest.ParseScenario([]byte(scenario))
	require.NoError(t, err)
	c := &clock{now: noon}
	sim := &sctest.Server{Now: c.Now, Scenario: parsed}
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	keys := "accesskey=" + sctest.DefaultAccessKey + "; secretkey=" + sctest.DefaultSecretKey + ";"
	l := &lab{t: t, sim: sim, http: server, clock: c, keys: keys}
	// The scenario begins with the server, not with its first request.
	sim.State()
	return l
}

// send makes a request without any connection reuse, so that net/http repeats nothing by itself.
func (l *lab) send(method, path, body string, headers ...string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(l.t.Context(), method, l.http.URL+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Close = true
	if len(headers) == 0 {
		headers = []string{"x-apikey", l.keys}
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	return l.http.Client().Do(req)
}

func (l *lab) do(method, path string, body any, headers ...string) reply {
	l.t.Helper()
	text := ""
	switch body := body.(type) {
	case nil:
	case string:
		text = body
	default:
		encoded, err := json.Marshal(body)
		require.NoError(l.t, err)
		text = string(encoded)
	}
	resp, err := l.send(method, path, text, headers...)
	require.NoError(l.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(l.t, err)
	r := reply{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	var env struct {
		Type     string `json:"type"`
		Response any    `json:"response"`
		Code     int    `json:"error_code"`
		Message  string `json:"error_msg"`
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if decoder.Decode(&env) == nil {
		r.response, r.code, r.message = env.Response, env.Code, env.Message
	}
	return r
}

// ok demands success and returns the response.
func (l *lab) ok(method, path string, body any) any {
	l.t.Helper()
	r := l.do(method, path, body)
	require.Equal(l.t, http.StatusOK, r.status, "%s %s: %s", method, path, r.raw)
	require.Zero(l.t, r.code)
	return r.response
}

func (l *lab) refused(method, path string, body any, code int, text string) {
	l.t.Helper()
	r := l.do(method, path, body)
	require.Equal(l.t, http.StatusForbidden, r.status, r.raw)
	require.Equal(l.t, code, r.code, r.raw)
	require.Contains(l.t, r.message, text)
	require.Empty(l.t, r.response)
	require.IsType(l.t, "", r.response)
}

var proofPlugins = map[string][]int{
	"41": {19506, 21745, 24786, 104410, 110385, 110723, 117885, 117887, 141118},
	"42": {11219, 10335, 34277, 34220, 14272},
	"24": {22964},
	"20": {26917, 10150},
	"23": {35716},
	"30": {12053, 86420},
}

// policyBody is the guide's request, with the proof plugins.
func policyBody(plugins []int, preferences m) m {
	prefs := m{
		"portscan_range": "445", "tcp_scanner": "no", "syn_scanner": "yes", "udp_scanner": "no",
		"syn_firewall_detection": "Automatic (normal)",
	}
	maps.Copy(prefs, preferences)
	families := []m{}
	add := func(family string, ids []int) {
		list := []m{}
		for _, id := range ids {
			list = append(list, m{"id": fmt.Sprint(id)})
		}
		families = append(families, m{"id": family, "plugins": list})
	}
	add("20", plugins)
	for family, ids := range proofPlugins {
		add(family, ids)
	}
	return m{
		"name": "", "description": "", "context": "scan", "createdTime": 0, "modifiedTime": 0, "groups": []any{},
		"policyTemplate": m{"id": 1}, "auditFiles": []any{}, "preferences": prefs, "families": families,
	}
}

// scanBody is the guide's request.
func scanBody(policy any, ipList string, changes m) m {
	body := m{
		"name": "Remediation Scan of Plugin #97833", "description": "run-1", "context": "", "createdTime": 0, "modifiedTime": 0,
		"groups": []any{}, "repository": m{"id": 1},
		"schedule":     m{"start": "TZID=America/New_York:20171212T160900", "repeatRule": "FREQ=NOW;INTERVAL=1", "type": "now"},
		"dhcpTracking": "false", "emailOnLaunch": "false", "emailOnFinish": "false", "reports": []any{}, "type": "policy",
		"policy": m{"id": policy}, "pluginID": "97833", "timeoutAction": "import", "scanningVirtualHosts": "false",
		"classifyMitigatedAge": 365, "ipList": ipList, "assets": []any{}, "credentials": []any{}, "maxScanTime": "unlimited",
	}
	for k, v := range changes {
		if v == nil {
			delete(body, k)
			continue
		}
		body[k] = v
	}
	return body
}

// launch makes policy and scan and returns the result's ID.
func (l *lab) launch(ipList string, policyPrefs, scanChanges m, plugins ...int) string {
	l.t.Helper()
	if len(plugins) == 0 {
		plugins = []int{97833, 97737, 41028}
	}
	policy := l.ok("POST", "/rest/policy", policyBody(plugins, policyPrefs)).(m)
	scan := l.ok("POST", "/rest/scan", scanBody(policy["id"], ipList, scanChanges)).(m)
	require.IsType(l.t, "", scan["scanResultID"])
	return scan["scanResultID"].(string)
}

// scanned launches and lets the clock pass import and mitigation.
func (l *lab) scanned(ipList string, policyPrefs, scanChanges m, plugins ...int) string {
	l.t.Helper()
	id := l.launch(ipList, policyPrefs, scanChanges, plugins...)
	l.clock.forward(time.Hour)
	return id
}

func (l *lab) result(id string) m {
	l.t.Helper()
	return l.ok("GET", "/rest/scanResult/"+id, nil).(m)
}

func filter(name string, value any) m {
	return m{"filterName": name, "operator": "=", "value": value}
}

func analysis(source, tool string, filters ...m) m {
	if filters == nil {
		filters = []m{}
	}
	return m{
		"query": m{
			"name": "", "description": "", "context": "", "groups": []any{}, "type": "vuln", "tool": tool, "sourceType": source,
			"startOffset": 0, "endOffset": 1000, "filters": filters,
		},
		"sourceType": source, "columns": []any{}, "type": "vuln",
	}
}

func (l *lab) rows(body m) []m {
	l.t.Helper()
	out := l.ok("POST", "/rest/analysis", body).(m)
	rows := []m{}
	for _, row := range out["results"].([]any) {
		rows = append(rows, row.(m))
	}
	return rows
}

func (l *lab) individual(id, view string, filters ...m) []m {
	l.t.Helper()
	return l.rows(individually(id, view, "vulndetails", filters...))
}

// individually asks for one result, in the places of old and of new servers.
func individually(id any, view, tool string, filters ...m) m {
	body := analysis("individual", tool, filters...)
	body["scanID"], body["view"] = id, view
	body["query"].(m)["scanID"], body["query"].(m)["view"] = id, view
	return body
}

// addresses names the rows of a plugin in a database as ip:port.
func (l *lab) addresses(source string, plugin int) []string {
	l.t.Helper()
	list := []string{}
	for _, row := range l.rows(analysis(source, "vulndetails", filter("pluginID", fmt.Sprint(plugin)))) {
		list = append(list, fmt.Sprintf("%s:%s", row["ip"], row["port"]))
	}
	return list
}

func (l *lab) seen(result string, plugin int) []string {
	l.t.Helper()
	list := []string{}
	for _, row := range l.individual(result, "all", filter("pluginID", fmt.Sprint(plugin))) {
		list = append(list, fmt.Sprintf("%s:%s", row["ip"], row["port"]))
	}
	return list
}

// scanInfo is the text of plugin 19506 for the first host.
func (l *lab) scanInfo(result string) string {
	l.t.Helper()
	rows := l.individual(result, "all", filter("pluginID", "19506"), filter("ip", "10.0.0.5"))
	require.NotEmpty(l.t, rows)
	return rows[0]["pluginText"].(string)
}

// wait polls in real time, for what delays hold up.
func (l *lab) wait(until func() bool) {
	l.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	give := time.NewTimer(10 * time.Second)
	defer give.Stop()
	for !until() {
		select {
		case <-tick.C:
		case <-give.C:
			require.FailNow(l.t, "it never came")
		}
	}
}

// clockFault sets the server's clock at the next request.
func clockFault(t *testing.T, by time.Duration) sctest.Fault {
	t.Helper()
	return sctest.Fault{Do: sctest.FaultClock, By: by}
}

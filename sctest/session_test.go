package sctest_test

// Keys, sessions, roles.

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// logIn returns the headers of a session.
func (l *lab) logIn(release bool) []string {
	l.t.Helper()
	r := l.do("POST", "/rest/token", m{"username": "api", "password": "secret", "releaseSession": release}, "Accept", "*/*")
	require.Equal(l.t, 200, r.status, r.raw)
	token, ok := r.response.(m)["token"].(json.Number)
	require.True(l.t, ok, "the token is a number: %s", r.raw)
	cookie, _, _ := strings.Cut(r.header.Get("Set-Cookie"), ";")
	require.Regexp(l.t, `^TNS_SESSIONID=[0-9a-f]{32}$`, cookie)
	return []string{"X-SecurityCenter", token.String(), "Cookie", cookie}
}

func TestSessions(t *testing.T) {
	t.Parallel()
	l := newLab(t, base+"sessionLimit: 2\nsessionTimeout: 10m\n")
	require.Equal(t, 403, l.do("POST", "/rest/token", m{"username": "api", "password": "wrong"}, "Accept", "*/*").status)
	first := l.logIn(false)
	l.clock.forward(time.Second)
	second := l.logIn(false)

	full := l.do("POST", "/rest/token", m{"username": "api", "password": "secret"}, "Accept", "*/*")
	require.Equal(t, []any{200, m{"releaseSession": true}}, []any{full.status, full.response})
	third := l.logIn(true)
	require.Equal(t, 12, l.do("GET", "/rest/status", nil, first...).code, "the oldest had to go")
	require.Equal(t, 200, l.do("GET", "/rest/status", nil, second...).status)

	half := l.do("GET", "/rest/status", nil, third[:2]...)
	require.Equal(t, []any{403, 12, "text/html; charset=UTF-8"}, []any{half.status, half.code, half.header.Get("Content-Type")})
	l.clock.forward(9 * time.Minute)
	require.Equal(t, 200, l.do("GET", "/rest/status", nil, third...).status)
	l.clock.forward(9 * time.Minute)
	require.Equal(t, 200, l.do("GET", "/rest/status", nil, third...).status, "use keeps a session")
	require.Equal(t, 12, l.do("GET", "/rest/status", nil, second...).code, "disuse ends it")
	require.Equal(t, 200, l.do("DELETE", "/rest/token", nil, third...).status)
	require.Equal(t, 12, l.do("GET", "/rest/status", nil, third...).code)
}

func TestKeys(t *testing.T) {
	t.Parallel()
	l := newLab(t, base)
	a, b := strings.Repeat("a", 32), strings.Repeat("b", 32)
	for header, want := range map[string]int{
		"accesskey=" + a + "; secretkey=" + b + ";":            200,
		"accessKey=" + a + "; secretKey=" + b:                  200,
		"ACCESSKEY=" + a + ";SECRETKEY=" + b:                   200,
		"accesskey=" + a + "; secretkey=" + a + ";":            403,
		"accesskey=" + a + "a; secretkey=" + b[1:] + ";":       403,
		"accesskey=" + strings.ToUpper(a) + "; secretkey=" + b: 403,
		"accesskey=" + a: 403,
		"nonsense":       403,
	} {
		r := l.do("GET", "/rest/currentUser", nil, "X-ApiKey", header)
		require.Equal(t, want, r.status, header)
		if want == 403 {
			require.Equal(t, []any{0, "", "text/html; charset=UTF-8"}, []any{r.code, r.message, r.header.Get("Content-Type")})
		}
	}
	both := append(l.logIn(false), "x-apikey", l.keys)
	require.Equal(t, 400, l.do("GET", "/rest/currentUser", nil, both...).status)
	require.Equal(t, 403, l.do("GET", "/rest/system", nil, "x-apikey", "accesskey=x; secretkey=y").status, "wrong keys spoil public routes, too")
}

func TestRoles(t *testing.T) {
	t.Parallel()
	admin, limited := strings.Repeat("c", 32), strings.Repeat("d", 32)
	l := newLab(t, `
users:
  - {username: root, accessKey: `+admin+`, secretKey: `+admin+`, role: administrator}
  - {username: few, accessKey: `+limited+`, secretKey: `+limited+`, repositories: [2], permissions: [policy, analysis]}
repositories: [{id: 1, name: A}, {id: 2, name: B}]
assets: [{id: 24, name: Web, definedIPs: 10.0.0.5}]
hosts:
  - {ip: 10.0.0.5, repository: 1, findings: [{plugin: 11219, port: 80}]}
  - {ip: 10.0.0.6, repository: 2, findings: [{plugin: 11219, port: 80}]}
`)
	l.keys = "accesskey=" + admin + "; secretkey=" + admin
	require.Equal(t, json.Number("0"), l.ok("GET", "/rest/currentUser", nil).(m)["organization"].(m)["id"])
	require.IsType(t, []any{}, l.ok("GET", "/rest/policy", nil))
	require.IsType(t, []any{}, l.ok("GET", "/rest/asset", nil))
	l.refused("GET", "/rest/asset/24", nil, 147, "does not exist")
	l.ok("GET", "/rest/asset/24?orgID=1", nil)
	l.refused("POST", "/rest/analysis", analysis("cumulative", "listvuln"), 146, "permission")
	l.refused("POST", "/rest/scan", scanBody(1, "10.0.0.5", nil), 146, "permission")

	l.keys = "accesskey=" + limited + "; secretkey=" + limited
	require.Equal(t, "none", l.ok("GET", "/rest/currentUser", nil).(m)["role"].(m)["permScan"])
	require.Equal(t, []string{"10.0.0.6:80"}, l.addresses("cumulative", 11219))
	require.Len(t, l.ok("GET", "/rest/repository", nil), 1)
	l.refused("GET", "/rest/repository/1", nil, 147, "does not exist")
	l.refused("POST", "/rest/scan", scanBody(1, "10.0.0.5", nil), 146, "permission")
	l.refused("POST", "/rest/asset", assetRequest, 146, "permission")
}

func TestDialects(t *testing.T) {
	t.Parallel()
	t.Run("5.8", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, "version: '5.8'\n"+threeHosts)
		r := l.do("GET", "/rest/system", nil, "Accept", "*/*")
		require.Equal(t, "5.8.0", r.response.(m)["version"])
		require.Equal(t, "5.8.0", r.header.Get("Securitycenter"))
		require.Contains(t, r.header.Get("Set-Cookie"), "TNS_SESSIONID=")
		require.Equal(t, 12, l.do("GET", "/rest/currentUser", nil).code, "no keys before 5.13")
		login := l.logIn(false)
		require.Contains(t, l.do("GET", "/rest/status", nil, login...).response, "PluginSubscriptionStatus")
		row := l.do("POST", "/rest/analysis", analysis("cumulative", "vulndetails"), login...).response.(m)["results"].([]any)[0].(m)
		require.Equal(t, m{"id": "1", "name": "Default", "description": "", "dataFormat": "IPv4"}, row["repository"])
		require.NotContains(t, row, "vulnUniqueness")
	})
	t.Run("5.23", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, "version: '5.23'\n"+threeHosts)
		r := l.do("GET", "/rest/system", nil, "Accept", "*/*")
		require.NotContains(t, r.response, "version")
		require.Empty(t, r.header.Get("Securitycenter"))
		require.Equal(t, "5.23.1", l.ok("GET", "/rest/system", nil).(m)["version"])
		l.refused("POST", "/rest/analysis", analysis("cumulative", "listvuln", filter("wasVuln", "excludeWas")), 146, "valid filters: ")
		// Five-point-something servers only look at the root.
		id := l.scanned("10.0.0.5", nil, nil)
		body := analysis("individual", "vulndetails", filter("pluginID", "97833"))
		body["scanID"], body["view"] = id, "all"
		require.Empty(t, l.rows(body))
	})
	t.Run("6.5", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, threeHosts) // the default
		row := l.rows(analysis("cumulative", "vulndetails", filter("wasVuln", "excludeWas")))[0]
		require.Equal(t, "1", row["repository"].(m)["id"])
		listed := l.rows(analysis("cumulative", "listvuln"))[0]
		require.Equal(t, json.Number("1"), listed["repository"].(m)["id"], "some answers have the ID as a number")
		require.Contains(t, row, "vulnUniqueness")
		require.Contains(t, l.ok("GET", "/rest/status", nil), "pluginSubscriptionStatus")
		policy := l.ok("POST", "/rest/policy", policyBody([]int{97833}, nil)).(m)
		l.refused("POST", "/rest/scan", scanBody(policy["id"], "10.0.0.5", m{"maxScanTime": "3600"}), 146, "Please modify Inactivity Timeout")
		l.ok("POST", "/rest/scan", scanBody(policy["id"], "10.0.0.5", m{"maxScanTime": "3600", "inactivityTimeout": "3600"}))

		id := l.scanned("10.0.0.5", nil, nil)
		body := analysis("individual", "vulndetails", filter("pluginID", "97833"))
		body["scanID"], body["view"] = id, "all"
		require.Len(t, l.rows(body), 2, "without the ID in the query everything open is answered")
		require.Empty(t, l.individual(id, "all", filter("pluginID", "97833")))
	})
}

func TestZeroValue(t *testing.T) {
	t.Parallel()
	l := newLab(t, "")
	require.Equal(t, "api", l.ok("GET", "/rest/currentUser", nil).(m)["username"])
	require.Len(t, l.ok("GET", "/rest/repository", nil), 1)
	require.Equal(t, http.StatusNotImplemented, l.do("PATCH", "/rest/group/7", m{}).status)
	require.Equal(t, http.StatusNotImplemented, l.do("GET", "/rest/nothing", nil).status)
	require.Equal(t, []string{"PATCH /rest/group/7", "GET /rest/nothing"}, l.sim.Unknown())
}

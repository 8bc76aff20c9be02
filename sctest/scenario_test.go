package sctest_test

// Scenario files: what is understood, and what is refused by name.

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/sctest"
)

func TestDesignScenario(t *testing.T) {
	t.Parallel()
	s, err := sctest.ParseScenario([]byte(`
version: "5.23"                   # dialect
users:        [{username: api, password: secret, accessKey: 0123456789abcdef0123456789abcdef, secretKey: 0123456789abcdef0123456789abcdef, role: organization}]
repositories: [{id: 1, name: Default, dataFormat: IPv4, type: Local, ipRange: 0.0.0.0/0}]
families:     [{id: 20, name: Windows, type: active}, {id: 41, name: Settings, type: active}]
plugins:      [{id: 97833, name: MS17-010 check, family: 20, type: active, checkType: remote, severity: 4, cves: [CVE-2017-0144]}]
credentials:  [{id: 4, name: domain admin}]
zones:        [{id: 1, name: Inside}]
assets:       [{id: 24, name: Web servers, definedIPs: "10.0.0.5,10.0.0.8-10.0.0.9"}]
hosts:
  - {ip: 10.0.0.5, dns: web1.example.com, repository: 1, up: true, credentials: true,
     findings: [{plugin: 97833, port: 445, protocol: TCP, fixed: true}]}
  - {ip: 10.0.0.8, repository: 1, findings: [{plugin: 97833, port: 445, fixedAfter: 2h}]}
  - {ip: 10.0.0.9, repository: 1, up: false, findings: [{plugin: 97833, port: 445, fixed: true}]}
  - {ip: 10.0.0.10, upAfter: 1h, downAfter: 2h, credentials: [4], becomes: {dns: new, mac: "00:11", after: 1h}, movesTo: 10.0.0.11, agent: true, scannable: false}
  - {ip: "2001:db8::5", credentials: insufficient, findings: [{plugin: 97833, firstSeen: 30d, lastSeen: 36h, acceptRisk: true, recastRisk: true, reopened: true, portOpen: false, reopensAfter: 1h, movesToPort: 446}]}
  - {ip: 10.0.0.12, credentials: false, findings: [{plugin: 97833, mitigated: 3d}, {plugin: 19506, mitigated: true}]}
timing:       {queue: 30s, perHost: 20s, import: 45s, mitigationLag: 0s}
faults:
  - {method: POST, path: /rest/scan, do: drop-response, times: 1}
  - {path: /rest/analysis, do: status, status: 502, body: html, times: 3}
  - {path: /rest/scanResult, do: delay, delay: 5s, when: before, times: 2}
  - {do: refuse}
resultDescription: true
`))
	require.NoError(t, err)
	require.Equal(t, sctest.Timing{Queue: 30 * time.Second, PerHost: 20 * time.Second, Import: 45 * time.Second}, *s.Timing)
	require.Equal(t, 2*time.Hour, s.Hosts[1].Findings[0].FixedAfter)
	require.False(t, *s.Hosts[2].Up)
	require.True(t, *s.Hosts[0].Up)
	require.Nil(t, s.Hosts[1].Up)
	require.Equal(t, []int{4}, s.Hosts[3].Credentials.IDs)
	require.True(t, s.Hosts[4].Credentials.Insufficient)
	require.True(t, s.Hosts[5].Credentials.Refused)
	require.Equal(t, 30*24*time.Hour, s.Hosts[4].Findings[0].FirstSeen)
	require.Equal(t, sctest.Mitigated{Yes: true, Ago: 72 * time.Hour}, s.Hosts[5].Findings[0].Mitigated)
	require.Equal(t, 5*time.Second, s.Faults[2].Delay)
	require.Equal(t, 1, s.Faults[3].Times)
}

func TestDemoScenario(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "docs", "demo.yaml"))
	require.NoError(t, err)
	s, err := sctest.ParseScenario(data)
	require.NoError(t, err)
	require.Len(t, s.Hosts, 3)
}

func TestRefusedScenarios(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ yaml, want string }{
		"unknown key":        {"version: '5.23'\nhost: []", `line 2: unknown field "host"`},
		"unknown nested key": {host("{ip: 10.0.0.5, findings: [{plugin: 97833, porta: 445}]}"), `unknown field "porta"`},
		"twice the same key": {"version: '5.8'\nversion: '5.23'", "line 2"},
		"two documents":      {"version: '6.5'\n---\nversion: '5.8'", "line 3: there is more than one document"},
		"half a port":        {host("{ip: 10.0.0.5, findings: [{plugin: 97833, port: 4.5}]}"), "hosts[0].findings[0].port: 4.5 is not a whole number"},
		"half a repository":  {"users: [{username: a, repositories: [1.5]}]", "users[0].repositories: [1.5] is not a whole number"},
		"never":              {"faults: [{do: refuse, times: 0}]", "faults[0].times: must be above zero"},
		"beyond time":        {"timing: {queue: 99999999d}", `timing.queue: "99999999d" is not a duration`},
		"zone of an address": {host("{ip: 'fe80::1%eth0'}"), `hosts[0].ip: "fe80::1%eth0" is not an address`},
		"same host mapped":   {"hosts: [{ip: 10.0.0.5}, {ip: '::ffff:10.0.0.5'}]", "hosts[1].ip: ::ffff:10.0.0.5 is in repository 1 already"},
		"same finding":       {host("{ip: 10.0.0.5, findings: [{plugin: 97833, port: 445}, {plugin: 97833, port: 445, fixed: true}]}"), "hosts[0].findings[1]: plugin 97833 on port 445/TCP is there twice"},
		"no YAML":            {"hosts: [", "line 1"},
		"version":            {"version: '7.0'", `version: "7.0" is unknown; use one of 5.8, 5.23, 6.5`},
		"plugin":             {host("{ip: 10.0.0.5, findings: [{plugin: 1}]}"), "hosts[0].findings[0].plugin: 1 is not among the plugins"},
		"repository":         {host("{ip: 10.0.0.5, repository: 7}"), "hosts[0].repository: 7 is not among the repositories"},
		"which repository": {
			"repositories: [{id: 1, name: A}, {id: 2, name: B}]\nhosts: [{ip: 10.0.0.5}]", "hosts[0].repository: 0 is not among",
		},
		"address":           {host("{ip: 10.0.0.500}"), `hosts[0].ip: "10.0.0.500"`},
		"moves nowhere":     {host("{ip: 10.0.0.5, movesTo: away}"), "hosts[0].movesTo"},
		"becomes nothing":   {host("{ip: 10.0.0.5, becomes: {after: 1h}}"), "hosts[0].becomes"},
		"credential":        {host("{ip: 10.0.0.5, credentials: [4]}"), "hosts[0].credentials: 4"},
		"credential word":   {host("{ip: 10.0.0.5, credentials: some}"), "hosts[0].credentials: must be true, false, insufficient, intermittent or a list"},
		"mitigated word":    {host("{ip: 10.0.0.5, findings: [{plugin: 97833, mitigated: long ago}]}"), "hosts[0].findings[0].mitigated: must be"},
		"duration":          {host("{ip: 10.0.0.5, upAfter: soon}"), `hosts[0].upAfter: "soon" is not a duration`},
		"bare number":       {"timing: {queue: 30}", `timing.queue: "30" is not a duration`},
		"wrong kind":        {"version: '5.8'\nfaults: [{do: refuse, times: many}]", `line 2: times: "many" is of the wrong kind`},
		"negative duration": {"timing: {queue: -30s}", "timing.queue: must not be negative"},
		"protocol":          {host("{ip: 10.0.0.5, findings: [{plugin: 97833, protocol: SCTP}]}"), `findings[0].protocol: "SCTP" is unknown`},
		"port":              {host("{ip: 10.0.0.5, findings: [{plugin: 97833, port: 70000}]}"), "findings[0].port: 70000"},
		"other port":        {host("{ip: 10.0.0.5, findings: [{plugin: 97833, movesToPort: -1}]}"), "findings[0].movesToPort"},
		"seen backward":     {host("{ip: 10.0.0.5, findings: [{plugin: 97833, firstSeen: 1h, lastSeen: 2h}]}"), "findings[0].firstSeen"},
		"open and closed":   {host("{ip: 10.0.0.5, findings: [{plugin: 97833, mitigated: true, reopened: true}]}"), "findings[0].reopened"},
		"twins":             {base + "hosts: [{ip: 10.0.0.5}, {ip: 10.0.0.5}]", "hosts[1].ip: 10.0.0.5 is in repository 1 already"},
		"family":            {"plugins: [{id: 5, name: x, family: 99}]", "plugins[0].family: 99"},
		"plugin type":       {"plugins: [{id: 5, name: x, family: 20, type: odd}]", "plugins[0].type"},
		"check type":        {"plugins: [{id: 5, name: x, family: 20, checkType: odd}]", "plugins[0].checkType"},
		"severity":          {"plugins: [{id: 5, name: x, family: 20, severity: 5}]", "plugins[0].severity"},
		"published":         {"plugins: [{id: 5, name: x, family: 20, published: May}]", "plugins[0].published"},
		"same ID":           {"zones: [{id: 1, name: a}, {id: 1, name: b}]", "zones[1].id: 1 is used twice"},
		"no ID":             {"zones: [{name: a}]", "zones[0].id"},
		"asset":             {"assets: [{id: 1, name: a, definedIPs: web}]", "assets[0].definedIPs"},
		"range":             {"repositories: [{id: 1, name: a, ipRange: all}]", "repositories[0].ipRange"},
		"data format":       {"repositories: [{id: 1, name: a, dataFormat: IPv5}]", "repositories[0].dataFormat"},
		"repository type":   {"repositories: [{id: 1, name: a, type: Near}]", "repositories[0].type"},
		"short key":         {"users: [{username: a, accessKey: abc, secretKey: abc}]", "users[0].accessKey: must have 32 characters, has 3"},
		"role":              {"users: [{username: a, role: king}]", "users[0].role"},
		"permission":        {"users: [{username: a, permissions: [fly]}]", "users[0].permissions"},
		"user's repository": {"users: [{username: a, repositories: [7]}]", "users[0].repositories: 7"},
		"feed":              {"pluginFeed: today", "pluginFeed"},
		"fault":             {"faults: [{do: explode}]", `faults[0].do: "explode" is unknown; use one of drop-response, refuse,`},
		"fault's status":    {"faults: [{do: status}]", "faults[0].status"},
		"fault's body":      {"faults: [{do: status, status: 500, body: xml}]", "faults[0].body"},
		"fault's delay":     {"faults: [{do: delay}]", "faults[0].delay"},
		"fault's when":      {"faults: [{do: delay, delay: 1s, when: never}]", "faults[0].when"},
		"fault's times":     {"faults: [{do: refuse, times: -1}]", "faults[0].times"},
		"fault's path":      {"faults: [{do: refuse, path: rest/scan}]", "faults[0].path"},
		"details":           {"resultDetails: all", `resultDetails: "all" is unknown; use one of policy, plugin, none`},
		"identities":        {"identities: never", "identities"},
		"dead hosts":        {"deadHosts: keep", "deadHosts"},
		"needs":             {"plugins: [{id: 5, name: x, family: 20, needs: [luck]}]", "plugins[0].needs"},
		"dependency":        {"plugins: [{id: 5, name: x, family: 20, dependencies: [6]}]", "plugins[0].dependencies: 6"},
		"missing plugin":    {"missingPlugins: [97833]\n" + host("{ip: 10.0.0.5, findings: [{plugin: 97833}]}"), "97833 is not among the plugins"},
		"scanned with odd":  {host("{ip: 10.0.0.5, scannedWith: {through: true}}"), `unknown field "through"`},
		"paranoia":          {host("{ip: 10.0.0.5, scannedWith: {paranoia: 3}}"), "scannedWith.paranoia"},
		"scanned ago":       {host("{ip: 10.0.0.5, scannedWith: {ago: long}}"), "hosts[0].scannedWith.ago"},
		"login protocol":    {host("{ip: 10.0.0.5, logins: {telnet: worked}}"), "hosts[0].logins"},
		"login word":        {host("{ip: 10.0.0.5, logins: {ssh: maybe}}"), "hosts[0].logins.ssh"},
		"zone's ranges":     {"zones: [{id: 1, name: a, ranges: all}]", "zones[0].ranges"},
		"asset's type":      {"assets: [{id: 1, name: a, type: odd, definedIPs: 10.0.0.5}]", "assets[0].type"},
		"dynamic asset":     {"assets: [{id: 1, name: a, type: dynamic, definedIPs: 10.0.0.5}]", "assets[0].definedIPs"},
		"static asset":      {"assets: [{id: 1, name: a, definedIPs: 10.0.0.5, viewableIPs: 10.0.0.5}]", "assets[0].viewableIPs"},
		"fault's fields":    {"faults: [{do: without}]", "faults[0].fields"},
		"fault's late when": {"faults: [{do: status, status: 500, when: never}]", "faults[0].when"},
		"fault's clock":     {"faults: [{do: clock}]", "faults[0].by"},
		"fault's size":      {"faults: [{do: huge, what: air}]", "faults[0].what"},
		"fault's method":    {"faults: [{do: refuse, method: FETCH}]", "faults[0].method"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := sctest.ParseScenario([]byte(tt.yaml))
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "\n>", "no excerpts")
		})
	}
}

// Go code can hand over what no file would contain; it is told on the first request.
func TestImpossibleScenarioInCode(t *testing.T) {
	t.Parallel()
	l := newLab(t, base)
	l.sim.Scenario = sctest.Scenario{Version: "7.0"}
	l.sim.Reset()
	r := l.do("GET", "/rest/system", nil)
	require.Equal(t, 500, r.status)
	require.Contains(t, r.raw, "version")
	require.Empty(t, l.sim.State().Scans)
	require.Empty(t, l.sim.Calls())
	require.Empty(t, l.sim.Unknown())
}

package main

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/sclient"
	"patchproof/sctest"
	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/flags"
)

// lab is a simulated Security Center with a little of everything.
func lab(t *testing.T, version string) *sctest.Server {
	t.Helper()
	return &sctest.Server{
		Now: func() time.Time { return noon },
		Scenario: sctest.Scenario{
			Version:      version,
			Repositories: []sctest.Repository{{ID: 1, Name: "Default"}, {ID: 7, Name: "Agents", DataFormat: "agent"}},
			Credentials:  []sctest.Credential{{ID: 4, Name: "domain"}},
			Zones:        []sctest.Zone{{ID: 2, Name: "DMZ"}},
			Assets:       []sctest.Asset{{ID: 35, Name: "web", DefinedIPs: "10.0.0.5,10.0.0.8"}},
			Plugins: []sctest.Plugin{
				{ID: 97833, Name: "MS17-010 check", Family: 20, Severity: 4, CVEs: []string{"CVE-2017-0143", "CVE-2017-0144"}},
				{ID: 10107, Name: "HTTP Server Type", Family: 11},
			},
			Families: []sctest.Family{{ID: 20, Name: "Windows"}, {ID: 11, Name: "Web Servers"}},
			Hosts: []sctest.Host{
				{IP: "10.0.0.5", DNS: "web1.example.com", Repository: 1, Findings: []sctest.Finding{{Plugin: 97833, Port: 445}, {Plugin: 10107, Port: 80}}},
				{IP: "10.0.0.8", Repository: 1, Findings: []sctest.Finding{{Plugin: 97833, Port: 445, Mitigated: sctest.Mitigated{Yes: true}}}},
			},
		},
	}
}

// serve starts the handler, and gives the environment of a command that talks to it.
func serve(t *testing.T, h http.Handler) (url string, environ []string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL, []string{
		"SC_URL=" + server.URL, "SC_ACCESS_KEY=" + sctest.DefaultAccessKey, "SC_SECRET_KEY=" + sctest.DefaultSecretKey,
	}
}

// serveSession is serve for servers that know no keys.
func serveSession(t *testing.T, h http.Handler) []string {
	t.Helper()
	url, _ := serve(t, h)
	return []string{"SC_URL=" + url, "SC_USERNAME=" + sctest.DefaultUsername, "SC_PASSWORD=" + sctest.DefaultPassword}
}

// ask runs `patchproof sc …` against the environment.
func ask(t *testing.T, environ []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	i := newTrial(t, append([]string{"sc"}, args...)...)
	i.Environ = append(i.Environ, environ...)
	code = i.run(t)
	return code, i.stdout.String(), i.stderr.String()
}

// dialects are the environments of the same laboratory as servers of different ages show it.
func dialects(t *testing.T) map[string]struct {
	server  *sctest.Server
	environ []string
} {
	t.Helper()
	all := map[string]struct {
		server  *sctest.Server
		environ []string
	}{}
	for _, version := range []string{"5.8", "5.23", "6.5"} {
		entry := all[version]
		entry.server = lab(t, version)
		if version == "5.8" { // knows no keys
			entry.environ = serveSession(t, entry.server)
		} else {
			_, entry.environ = serve(t, entry.server)
		}
		all[version] = entry
	}
	return all
}

func TestEveryCommandInEveryDialectAndFormat(t *testing.T) {
	t.Parallel()
	for version, d := range dialects(t) {
		for _, args := range [][]string{
			{"whoami"},
			{"status"},
			{"plugin", "97833"},
			{"families"},
			{"repositories"},
			{"credentials"},
			{"zones"},
			{"scans"},
			{"results"},
			{"vulns"},
			{"vulns", "--tool", "listvuln"},
			{"vulns", "--tool", "sumip"},
			{"vulns", "--tool", "sumid"},
			{"vulns", "--tool", "vulnipdetail"},
			{"vulns", "--tool", "vulnipsummary"},
			{"vulns", "--tool", "sumseverity"},
			{"vulns", "--tool", "sumcve"},
			{"vulns", "--tool", "sumdnsname"},
			{"vulns", "--tool", "sumfamily"},
			{"vulns", "--tool", "sumport"},
			{"vulns", "--tool", "sumprotocol"},
			{"vulns", "--source", "patched", "--last-mitigated", "0:30"},
			{"assets"},
			{"assets", "35"},
			{"assets", "--filter", "usable", "--fields", "name,ipCount"},
		} {
			for _, format := range []string{flags.OutputTable, flags.OutputJSON, flags.OutputLines, flags.OutputCSV} {
				code, stdout, stderr := ask(t, d.environ, append(args, "-o", format)...)
				require.Equal(t, exit.OK, code, "%s %v %s: %s", version, args, format, stderr)
				require.Empty(t, stderr)
				checkForm(t, format, stdout)
			}
		}
		require.Empty(t, d.server.Unknown())
		require.Equal(t, d.server.Calls()["POST /rest/token"], d.server.Calls()["DELETE /rest/token"], "every session is closed")
	}
}

// checkForm holds an output to what its format promises.
func checkForm(t *testing.T, format, text string) {
	t.Helper()
	switch format {
	case flags.OutputJSON:
		require.True(t, json.Valid([]byte(text)), text)
		require.True(t, strings.HasSuffix(text, "}\n") || strings.HasSuffix(text, "]\n"), text)
	case flags.OutputLines:
		for line := range strings.Lines(text) {
			require.True(t, json.Valid([]byte(line)), line)
			require.True(t, strings.HasPrefix(line, "{") && strings.HasSuffix(line, "}\n"), line)
		}
	case flags.OutputCSV:
		records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		require.NoError(t, err)
		require.NotEqual(t, 1, len(records), "a header has rows")
	default:
		for line := range strings.Lines(text) {
			require.Equal(t, strings.TrimRight(line, " \n")+"\n", line)
		}
	}
}

func TestWhoami(t *testing.T) {
	t.Parallel()
	_, environ := serve(t, lab(t, "5.23"))
	_, stdout, _ := ask(t, environ, "whoami")
	require.Equal(t, `User            api (#1)
Name            api user
Role            Security Manager (#2)
Group           Full Access
Organization    Example
Authentication  tns
Locked          no
`, stdout)
	_, stdout, _ = ask(t, environ, "whoami", "-o", "jsonl")
	exactly(t, `{"authType":"tns","email":"","failedLogins":0,"firstname":"api","group":{"description":"Full Access group","id":0,"name":"Full Access"},`+
		`"id":1,"lastLogin":null,"lastname":"user","locked":false,"orgName":"Example",`+
		`"organization":{"description":"","id":1,"name":"Example"},"role":{"description":"","id":2,"name":"Security Manager",`+
		`"permCreatePolicies":true,"permManageAssets":true,"permScan":"full"},"status":0,"username":"api"}`+"\n", stdout)
}

func TestPlugin(t *testing.T) {
	t.Parallel()
	_, environ := serve(t, lab(t, "5.23"))
	_, stdout, _ := ask(t, environ, "plugin", "97833")
	require.Equal(t, `Plugin       MS17-010 check (#97833)
Family       Windows (#20)
Type         active
Check type   remote
Risk         Critical
CVEs         CVE-2017-0143, CVE-2017-0144
Exploit      no
Synopsis     MS17-010 check
Solution     n/a
Version      1.1
Published    2017-03-20 00:00:00
Modified     2017-03-20 00:00:00
In our feed  2017-03-20 00:00:00
Description  What MS17-010 check is about.
`, stdout)
	code, stdout, stderr := ask(t, environ, "plugin", "4711")
	require.Equal(t, exit.Failed, code)
	require.Empty(t, stdout)
	require.Equal(t, "patchproof: Security Center knows no plugin 4711, or you may not see it\n", stderr)
}

func TestListsOfEveryFormat(t *testing.T) {
	t.Parallel()
	_, environ := serve(t, lab(t, "5.23"))
	_, stdout, _ := ask(t, environ, "repositories")
	require.Equal(t, `ID  NAME     TYPE   FORMAT  FINDINGS  LAST UPDATE          DESCRIPTION
1   Default  Local  IPv4    4         2026-11-22 12:00:00
7   Agents   Local  agent   0         2026-11-22 12:00:00
`, stdout)
	const first = `{"dataFormat":"IPv4","description":"","id":1,"lastVulnUpdate":"2026-11-22T12:00:00Z","name":"Default","running":false,"type":"Local","vulnCount":4}`
	const second = `{"dataFormat":"agent","description":"","id":7,"lastVulnUpdate":"2026-11-22T12:00:00Z","name":"Agents","running":false,"type":"Local","vulnCount":0}`
	_, stdout, _ = ask(t, environ, "repositories", "-o", "json")
	exactly(t, "[\n"+first+",\n"+second+"\n]\n", stdout)
	_, stdout, _ = ask(t, environ, "repositories", "-o", "jsonl")
	exactly(t, first+"\n"+second+"\n", stdout)
	_, stdout, _ = ask(t, environ, "repositories", "-o", "csv")
	require.Equal(t, `dataFormat,description,id,lastVulnUpdate,name,running,type,vulnCount
IPv4,,1,2026-11-22T12:00:00Z,Default,false,Local,4
agent,,7,2026-11-22T12:00:00Z,Agents,false,Local,0
`, stdout)
}

func TestEmptyLists(t *testing.T) {
	t.Parallel()
	_, environ := serve(t, &sctest.Server{})
	for format, want := range map[string]string{flags.OutputTable: "no scan result found\n", flags.OutputJSON: "[]\n", flags.OutputLines: "", flags.OutputCSV: ""} {
		_, stdout, _ := ask(t, environ, "results", "-o", format)
		require.Equal(t, want, stdout, format)
	}
	_, stdout, _ := ask(t, environ, "vulns")
	require.Equal(t, "no finding found\n", stdout)
}

func TestVulns(t *testing.T) {
	t.Parallel()
	_, environ := serve(t, lab(t, "5.23"))
	_, stdout, _ := ask(t, environ, "vulns", "--severity", "critical,1", "--ip", "10.0.0.0/24")
	require.Equal(t, `PLUGIN  NAME            SEVERITY  IP        DNS NAME          PORT  PROTOCOL  REPOSITORY  FIRST SEEN           LAST SEEN
97833   MS17-010 check  Critical  10.0.0.5  web1.example.com  445   TCP       Default     2026-10-23 12:00:00  2026-11-21 12:00:00
`, stdout)
	_, stdout, _ = ask(t, environ, "vulns", "--plugin", "97833", "--tool", "listvuln", "-o", "jsonl")
	exactly(t, `{"dnsName":"web1.example.com","family":{"id":20,"name":"Windows","type":"active"},"ip":"10.0.0.5","macAddress":"",`+
		`"name":"MS17-010 check","netbiosName":"","pluginID":97833,"pluginInfo":"97833 (445/6) MS17-010 check","port":445,"protocol":"TCP",`+
		`"repository":{"dataFormat":"IPv4","description":"","id":1,"name":"Default","type":"Local","uuid":"DAD44C48-BC54-80A8-A1C9-D6F09567B8C0"},`+
		`"severity":{"description":"Critical Severity","id":4,"name":"Critical"},"uniqueness":"repositoryID,ip,dnsName","uuid":""}`+"\n", stdout)
	_, stdout, _ = ask(t, environ, "vulns", "--tool", "sumid", "--sort", "pluginID", "--start", "1", "--end", "2", "-o", "csv")
	require.Equal(t, "family.id,family.name,family.type,hostTotal,name,pluginID,severity.description,severity.id,severity.name,total\n"+
		"41,Settings,active,2,Nessus Scan Information,19506,Informative,0,Info,2\n", stdout)
	_, stdout, _ = ask(t, environ, "vulns", "--tool", "vulnipdetail", "--plugin", "19506")
	require.Equal(t, `PLUGIN  NAME                     SEVERITY  TOTAL  HOSTS
19506   Nessus Scan Information  Info      2      10.0.0.5 10.0.0.8
`, stdout)
	_, stdout, _ = ask(t, environ, "vulns", "--source", "patched", "--last-mitigated", "2026-11-01T00:00:00Z-2026-11-22T12:00:00Z", "-o", "json")
	require.Contains(t, stdout, `"ip":"10.0.0.8"`)
}

func TestAssetsThroughTheirLife(t *testing.T) {
	t.Parallel()
	server := lab(t, "6.5")
	_, environ := serve(t, server)
	code, stdout, stderr := ask(t, environ, "asset-add", "--name", "ticket 3", "--ips", "10.0.0.6,10.0.0.7,10.1.0.0/30", "--description", "for VULN-3")
	require.Equal(t, exit.OK, code, stderr)
	require.Equal(t, "asset 36 \"ticket 3\" is created; read back, it has exactly the 6 addresses asked for: 10.0.0.6-10.0.0.7,10.1.0.0-10.1.0.3\n", stdout)
	_, stdout, _ = ask(t, environ, "assets", "36")
	require.Contains(t, stdout, "Defined addresses  6: 10.0.0.6-10.0.0.7, 10.1.0.0")
	_, stdout, _ = ask(t, environ, "asset-delete", "36", "-o", "jsonl")
	require.Equal(t, `{"id":36,"deleted":true}`+"\n", stdout)
	for _, args := range [][]string{{"asset-delete", "36"}, {"assets", "36"}} {
		code, stdout, stderr = ask(t, environ, args...)
		require.Equal(t, exit.Failed, code)
		require.Empty(t, stdout)
		require.Equal(t, "patchproof: Security Center knows no asset 36, or you may not see it\n", stderr)
	}
}

// A host that has a name is one host, in each repository that knows it.
func TestHostsOfAnAsset(t *testing.T) {
	t.Parallel()
	for version, d := range dialects(t) {
		code, stdout, stderr := ask(t, d.environ, "assets", "35")
		require.Equal(t, exit.OK, code, stderr)
		require.Regexp(t, `(?m)^Found +2: 10\.0\.0\.5, 10\.0\.0\.8$`, stdout, version)
	}
}

func TestAssetThatIsStoredDifferently(t *testing.T) {
	t.Parallel()
	server := lab(t, "5.23")
	server.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet || r.URL.Path != "/rest/asset/36" {
			return false
		}
		_, _ = io.WriteString(w, `{"response":{"id":"36","name":"x","typeFields":{"definedIPs":"10.0.0.6"}},"error_code":0,"error_msg":""}`)
		return true
	}
	_, environ := serve(t, server)
	code, stdout, stderr := ask(t, environ, "asset-add", "--name", "x", "--ips", "10.0.0.6,10.0.0.7", "-o", "json")
	require.Equal(t, exit.Failed, code)
	require.Empty(t, stdout)
	require.Equal(t, "patchproof: asset 36 was created, but with other addresses than asked for (10.0.0.6-10.0.0.7): it has 10.0.0.6; "+
		"delete it with `patchproof sc asset-delete 36`\n", stderr)
}

func TestScanResult(t *testing.T) {
	t.Parallel()
	server := lab(t, "5.23")
	now := noon
	server.Now = func() time.Time { return now }
	url, environ := serve(t, server)
	sc := &sclient.Client{URL: url, AccessKey: sclient.NewSecret(sctest.DefaultAccessKey), SecretKey: sclient.NewSecret(sctest.DefaultSecretKey)}
	policy, err := sc.CreatePolicy(t.Context(), sclient.PolicyRequest{
		Context:  sclient.ContextScan,
		Families: []sclient.PolicyFamily{{ID: 20, Plugins: []sclient.ID{97833}}, {ID: 41, Plugins: []sclient.ID{19506}}},
	})
	require.NoError(t, err)
	scan, err := sc.CreateScan(t.Context(), sclient.ScanRequest{
		RepositoryID: 1, PolicyID: policy.ID, PluginID: 97833, IPList: []string{"10.0.0.5", "10.0.0.77"}, ClassifyMitigatedAge: 365,
		Name: "check", TimeoutAction: sclient.TimeoutImport,
	})
	require.NoError(t, err)
	now = now.Add(24 * time.Hour)
	id := scan.ScanResultID.String()
	_, stdout, _ := ask(t, environ, "results", id)
	require.Contains(t, stdout, "Status      Completed\n")
	require.Contains(t, stdout, "Hosts done  2 of 2, the dead ones included\n")
	require.Contains(t, stdout, "Answered    1: 10.0.0.5\n")
	require.Contains(t, stdout, "Dead        1: 10.0.0.77\n")
	_, stdout, _ = ask(t, environ, "results", id, "-o", "jsonl")
	require.Contains(t, stdout, `"deadHostIPs":"10.0.0.77","deadHostSize":1`)
	require.Contains(t, stdout, `"running":false`)
	_, stdout, _ = ask(t, environ, "results", "--since", "2026-11-22T00:00:00Z", "--until", "1795521600", "-o", "jsonl")
	require.Equal(t, 1, strings.Count(stdout, "\n"))
	_, stdout, _ = ask(t, environ, "vulns", "--source", "individual", "--scan-result", id, "-o", "jsonl", "--tool", "listvuln")
	require.Contains(t, stdout, `"pluginID":97833`)
	require.NotContains(t, stdout, "10.0.0.8")
}

func TestIndividualRowsOfAnotherScan(t *testing.T) {
	t.Parallel()
	server := lab(t, "5.23")
	server.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		switch r.URL.Path {
		case "/rest/scanResult/5":
			_, _ = io.WriteString(w, `{"response":{"id":"5","progress":{"scannedIPs":"10.0.0.5","deadHostIPs":""}},"error_code":0,"error_msg":""}`)
		case "/rest/analysis":
			_, _ = io.WriteString(w, `{"response":{"totalRecords":"1","results":[{"ip":"10.9.9.9","pluginID":"1"}]},"error_code":0,"error_msg":""}`)
		default:
			return false
		}
		return true
	}
	_, environ := serve(t, server)
	code, stdout, stderr := ask(t, environ, "vulns", "--source", "individual", "--scan-result", "5", "-o", "jsonl")
	require.Equal(t, exit.Failed, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, "10.9.9.9, which scan result 5 was not to scan")
}

// exactly compares texts byte by byte: an output is more than its meaning.
func exactly(t *testing.T, want, got string) {
	t.Helper()
	require.Equal(t, want, got)
}

// A tool without a total answers once, in its own order; nothing is wrong with its rows.
func TestVulnsOfAToolWithoutATotal(t *testing.T) {
	t.Parallel()
	for version, d := range dialects(t) {
		code, stdout, stderr := ask(t, d.environ, "vulns", "--tool", "iplist", "-o", flags.OutputJSON)
		require.Equal(t, exit.OK, code, "%s: %s", version, stderr)
		require.Empty(t, stderr)
		require.JSONEq(t, `["10.0.0.5","10.0.0.8"]`, stdout)
		require.Equal(t, 1, d.server.Calls()["POST /rest/analysis"])
	}
}

// What is said of a large asset is what was compared: all of it.
func TestAssetAddCountsWhatItCompared(t *testing.T) {
	t.Parallel()
	for ips, want := range map[string]string{
		"10.0.0.0/8":              "exactly the 16777216 addresses asked for: 10.0.0.0-10.255.255.255\n",
		"10.0.0.0/8,11.0.0.0/8":   "exactly the 33554432 addresses asked for: 10.0.0.0-11.255.255.255\n",
		"2001:db8::/32":           "exactly the 79228162514264337593543950336 addresses asked for",
		"10.0.0.1":                "exactly the 1 address asked for: 10.0.0.1\n",
		"10.0.0.0/12,10.0.0.0/11": "exactly the 2097152 addresses asked for: 10.0.0.0-10.31.255.255\n",
	} {
		_, environ := serve(t, lab(t, "6.5"))
		code, stdout, stderr := ask(t, environ, "asset-add", "--name", "x", "--ips", ips)
		require.Equal(t, exit.OK, code, stderr)
		require.Contains(t, stdout, want)
	}
	// A server that keeps all but the last address of a million.
	_, environ := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, `{"response":{"id":"9","name":"x","typeFields":{"definedIPs":"10.0.0.0-10.255.255.254"}},"error_code":0,`+
			map[bool]string{true: `"error_msg":"Notification failed.\n"}`, false: `"error_msg":""}`}[r.Method == http.MethodPost])
	}))
	code, stdout, stderr := ask(t, environ, "asset-add", "--name", "x", "--ips", "10.0.0.0/8")
	require.Equal(t, exit.Failed, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, "with other addresses than asked for (10.0.0.0-10.255.255.255): it has 10.0.0.0-10.255.255.254")
	require.Contains(t, stderr, "asset 9 was created, but Security Center adds: Notification failed.\n")
}

func TestUnsafeConnectionsAreWarnedAbout(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(lab(t, "6.5"))
	t.Cleanup(server.Close)
	environ := []string{
		"SC_URL=" + server.URL, "SC_ACCESS_KEY=" + sctest.DefaultAccessKey, "SC_SECRET_KEY=" + sctest.DefaultSecretKey, "SC_TLS_SKIP_VERIFY=true",
	}
	for _, args := range [][]string{{"whoami", "-o", "json"}, {"vulns", "--page-size", "1", "-o", "json"}} {
		code, stdout, stderr := ask(t, environ, args...)
		require.Equal(t, exit.OK, code, stderr)
		require.True(t, json.Valid([]byte(stdout)))
		require.Equal(t, 1, strings.Count(stderr, "\n"), "once: %s", stderr)
		require.Contains(t, stderr, "patchproof: warning: the certificate of Security Center is not verified")
	}
	code, _, stderr := ask(t, []string{"SC_URL=http://sc.example.com", "SC_ACCESS_KEY=" + sctest.DefaultAccessKey, "SC_SECRET_KEY=" + sctest.DefaultSecretKey}, "whoami")
	require.Equal(t, exit.Failed, code)
	require.Contains(t, stderr, "SC_ALLOW_HTTP=true")
}

package sctest_test

// The proof plugins: who sees which port from where, who learns whose name, and what is said of the scan itself.

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const withLogin = "credentials: [{id: 4, name: domain admin}]\n"

var sent = m{"credentials": []any{m{"id": 4}}}

func TestPortObservers(t *testing.T) {
	t.Parallel()
	const (
		tcp = "{plugin: 97833, port: 445, fixed: true}"
		udp = "{plugin: 41028, port: 161, protocol: udp, fixed: true}"
	)
	for name, tt := range map[string]struct {
		findings string
		prefs    m
		scan     m
		rows     map[int]string
	}{
		"syn":                  {findings: tcp, rows: map[int]string{11219: "445/TCP", 22964: "445/TCP"}},
		"connect":              {findings: tcp, prefs: m{"syn_scanner": "no", "tcp_scanner": "yes"}, rows: map[int]string{10335: "445/TCP", 22964: "445/TCP"}},
		"both":                 {findings: tcp, prefs: m{"tcp_scanner": "yes"}, rows: map[int]string{11219: "445/TCP", 10335: "445/TCP", 22964: "445/TCP"}},
		"no scanner":           {findings: tcp, prefs: m{"syn_scanner": "no"}, rows: map[int]string{}},
		"out of range":         {findings: tcp, prefs: m{"portscan_range": "80"}, rows: map[int]string{}},
		"udp":                  {findings: udp, prefs: m{"portscan_range": "U:161", "udp_scanner": "yes"}, rows: map[int]string{34277: "161/UDP"}},
		"udp scanner off":      {findings: udp, prefs: m{"portscan_range": "U:161"}, rows: map[int]string{}},
		"udp not in the range": {findings: udp, prefs: m{"portscan_range": "T:161", "udp_scanner": "yes"}, rows: map[int]string{}},
		"filtered":             {findings: "{plugin: 97833, port: 445, filtered: true}", rows: map[int]string{}},
		"filtered, from inside": {
			findings: "{plugin: 97833, port: 445, filtered: true}", scan: sent, rows: map[int]string{34220: "445/TCP"},
		},
		"from both sides": {findings: tcp, scan: sent, rows: map[int]string{11219: "445/TCP", 22964: "445/TCP", 34220: "445/TCP"}},
		"enumeration first": {
			findings: tcp, scan: sent, prefs: m{"only_portscan_if_enum_failed": "yes"}, rows: map[int]string{22964: "445/TCP", 34220: "445/TCP"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, withLogin+host("{ip: 10.0.0.5, netbios: WEB1, findings: ["+tt.findings+"]}"))
			id := l.scanned("10.0.0.5", tt.prefs, tt.scan)
			got := map[int]string{}
			for _, plugin := range []int{11219, 10335, 34277, 22964, 34220, 14272} {
				for _, row := range l.individual(id, "all", filter("pluginID", fmt.Sprint(plugin))) {
					got[plugin] += fmt.Sprintf("%s/%s", row["port"], row["protocol"])
				}
			}
			require.Equal(t, tt.rows, got)
		})
	}
}

// A host firewall: the check sees nothing, netstat lists the port, and the server believes that it is fixed. It is not.
func TestFilteredPortIsMitigatedAlthoughNobodyLooked(t *testing.T) {
	t.Parallel()
	for _, line := range []string{
		"{ip: 10.0.0.5, findings: [{plugin: 97833, port: 445, filtered: true}]}",
		"{ip: 10.0.0.5, filtered: true, findings: [{plugin: 97833, port: 445}]}",
	} {
		l := newLab(t, withLogin+host(line))
		id := l.scanned("10.0.0.5", nil, sent)
		require.Empty(t, l.seen(id, 97833))
		require.Empty(t, l.seen(id, 11219))
		require.Equal(t, []string{"10.0.0.5:445"}, l.seen(id, 34220))
		require.Equal(t, []string{"10.0.0.5:445"}, l.addresses("patched", 97833))
	}
}

func TestNetstatWidensThePortsThatAreScanned(t *testing.T) {
	t.Parallel()
	const outside = "{ip: 10.0.0.5, findings: [{plugin: 97833, port: 445, fixed: true}, {plugin: 41028, port: 446}]}"
	l := newLab(t, withLogin+host(outside))
	l.scanned("10.0.0.5", m{"portscan_range": "80"}, nil)
	require.Empty(t, l.addresses("patched", 97833))

	l = newLab(t, withLogin+host(outside))
	id := l.scanned("10.0.0.5", m{"portscan_range": "80"}, sent)
	require.Equal(t, []string{"10.0.0.5:445"}, l.addresses("patched", 97833))
	require.Equal(t, []string{"10.0.0.5:446"}, l.seen(id, 41028))
}

func TestIdentityIsKnownFromPluginsOnly(t *testing.T) {
	t.Parallel()
	const known = "{ip: 10.0.0.5, dns: web1.example.com, mac: '00:50:56:9a:11:22', netbios: 'CORP\\WEB1', uuid: 11111111-2222-3333-4444-555555555555, " +
		"findings: [{plugin: 97833, port: 445}]}"
	for name, tt := range map[string]struct {
		prelude string
		plugins map[string][]int
		targets string
		scan    m
		want    []any
	}{
		"no plugin":    {want: []any{"", "", "", ""}},
		"name":         {plugins: map[string][]int{"30": {12053}}, want: []any{"web1.example.com", "", "", ""}},
		"named target": {targets: "web1.example.com", want: []any{"web1.example.com", "", "", ""}},
		"MAC":          {plugins: map[string][]int{"30": {86420}}, want: []any{"", "00:50:56:9a:11:22", "", ""}},
		"card":         {plugins: map[string][]int{"23": {35716}}, want: []any{"", "00:50:56:9a:11:22", "", ""}},
		"NetBIOS":      {plugins: map[string][]int{"20": {97833, 10150}}, want: []any{"", "", `CORP\WEB1`, ""}},
		"login":        {scan: sent, want: []any{"", "", "", "11111111-2222-3333-4444-555555555555"}},
		"not in the feed": {
			prelude: "missingPlugins: [86420]\n", plugins: map[string][]int{"23": {35716}}, want: []any{"", "00:50:56:9a:11:22", "", ""},
		},
		"other reading": {
			prelude: "identities: always\n", want: []any{"web1.example.com", "00:50:56:9a:11:22", `CORP\WEB1`, "11111111-2222-3333-4444-555555555555"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, tt.prelude+withLogin+host(known))
			families := []m{{"id": "41", "plugins": []m{{"id": "19506"}}}}
			if tt.plugins["20"] == nil {
				families = append(families, m{"id": "20", "plugins": []m{{"id": "97833"}}})
			}
			for family, ids := range tt.plugins {
				var list []m
				for _, id := range ids {
					list = append(list, m{"id": fmt.Sprint(id)})
				}
				families = append(families, m{"id": family, "plugins": list})
			}
			body := policyBody(nil, nil)
			body["families"] = families
			targets := tt.targets
			if targets == "" {
				targets = "10.0.0.5"
			}
			policy := l.ok("POST", "/rest/policy", body).(m)
			scan := l.ok("POST", "/rest/scan", scanBody(policy["id"], targets, tt.scan)).(m)
			l.clock.forward(time.Hour)
			row := l.individual(scan["scanResultID"].(string), "all", filter("pluginID", "97833"))[0]
			require.Equal(t, tt.want, []any{row["dnsName"], row["macAddress"], row["netbiosName"], row["uuid"]})
			row = l.rows(analysis("cumulative", "vulndetails", filter("pluginID", "97833")))[0]
			require.Equal(t, "web1.example.com", row["dnsName"], "what was known stays known")
		})
	}
}

func TestAnonymousHosts(t *testing.T) {
	t.Parallel()
	l := newLab(t, withLogin+host("{ip: 10.0.0.5, anonymous: true, dns: web1.example.com, mac: '00:50:56:9a:11:22', netbios: WEB1, uuid: 1111, findings: [{plugin: 97833, port: 445}]}"))
	id := l.scanned("10.0.0.5", nil, sent)
	row := l.individual(id, "all", filter("pluginID", "97833"))[0]
	require.Equal(t, []any{"", "", "", ""}, []any{row["dnsName"], row["macAddress"], row["netbiosName"], row["uuid"]})
	for _, plugin := range []int{12053, 10150, 86420, 35716} {
		require.Empty(t, l.seen(id, plugin))
	}
	require.Equal(t, "web1.example.com", l.rows(analysis("cumulative", "vulndetails", filter("pluginID", "97833")))[0]["dnsName"])
}

func TestIdentityTexts(t *testing.T) {
	t.Parallel()
	l := newLab(t, host("{ip: 10.0.0.5, dns: web1.example.com, mac: '00:50:56:9a:11:22', netbios: WEB1, findings: [{plugin: 97833, port: 445}]}"))
	id := l.scanned("10.0.0.5", nil, nil)
	for plugin, text := range map[string]string{
		"12053": "10.0.0.5 resolves as web1.example.com.", "86420": "\n  - 00:50:56:9A:11:22\n", "35716": "00:50:56:9A:11:22 : VMware, Inc.",
		"10150": " WEB1             = Computer name\n",
	} {
		require.Contains(t, l.individual(id, "all", filter("pluginID", plugin))[0]["pluginText"], text)
	}
}

func TestChecksThatAreNotRemoteNeedALogin(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"local", "combined", "summary", "settings", "thirdparty"} {
		scenario := withLogin + "plugins: [{id: 97833, name: x, family: 20, checkType: " + kind + "}, {id: 97737, name: y, family: 20}, {id: 41028, name: z, family: 20}]\n" +
			"hosts: [{ip: 10.0.0.5, findings: [{plugin: 97833, port: 445}]}]\n"
		l := newLab(t, scenario)
		require.Empty(t, l.seen(l.scanned("10.0.0.5", nil, nil), 97833), kind)
		l = newLab(t, scenario)
		require.Len(t, l.seen(l.scanned("10.0.0.5", nil, sent), 97833), 1, kind)
	}
}

func TestScanInformationSaysHowTheScanLooked(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		prefs m
		lines []string
	}{
		"usual": {nil, []string{
			"Plugin feed version : 202603020600", "Scan type : Normal", "Scan name : Remediation Scan of Plugin #97833",
			"Scan policy used : 6d32dff0-2e6e-5fef-982f-80b05a31fcad-1000001/_", "Port scanner(s) : nessus_syn_scanner", "Port range : 445",
			"Thorough tests : no", "Experimental tests : no", "Plugin debugging enabled : no", "Paranoia level : 1", "Safe checks : yes",
			"Credentialed checks : no", "Display superseded patches : yes", "CGI scanning : disabled", "Web application tests : disabled",
			"Scan Start Date : 2026/3/2 12:00 UTC", "Scan duration : 20 sec",
		}},
		"thorough":    {m{"thorough_tests": "yes"}, []string{"Thorough tests : yes"}},
		"paranoid":    {m{"report_paranoia": "Paranoid (more false alarms)"}, []string{"Paranoia level : 2"}},
		"wary":        {m{"report_paranoia": "Avoid false alarms"}, []string{"Paranoia level : 0"}},
		"unsafe":      {m{"safe_checks": "no"}, []string{"Safe checks : no"}},
		"web":         {m{"scan_webapps": "yes"}, []string{"CGI scanning : enabled", "Web application tests : enabled"}},
		"superseded":  {m{"report_superseded_patches": "no"}, []string{"Display superseded patches : no"}},
		"experiment":  {m{"experimental_tests": "yes"}, []string{"Experimental tests : yes"}},
		"no scanners": {m{"syn_scanner": "no"}, []string{"WARNING : No port scanner was enabled during the scan."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, host("{ip: 10.0.0.5, findings: [{plugin: 97833, port: 445}]}"))
			text := l.scanInfo(l.scanned("10.0.0.5", tt.prefs, nil))
			for _, line := range tt.lines {
				require.Contains(t, text, "\n"+line)
			}
		})
	}
}

func TestHowAHostWasScannedBefore(t *testing.T) {
	t.Parallel()
	l := newLab(t, host("{ip: 10.0.0.5, scannedWith: {thorough: true, paranoia: 2, safeChecks: false, cgi: true, webTests: true, experimental: true, "+
		"superseded: false, credentials: false, portRange: 1-65535, policy: Deep, scanner: 192.0.2.77, feed: '202601010000', ago: 72h}, "+
		"findings: [{plugin: 97833, port: 445}]}"))
	row := l.rows(analysis("cumulative", "vulndetails", filter("pluginID", "19506")))[0]
	require.Equal(t, fmt.Sprint(noon.Add(-72*time.Hour).Unix()), row["lastSeen"])
	for _, line := range []string{
		"Thorough tests : yes", "Paranoia level : 2", "Safe checks : no", "CGI scanning : enabled", "Web application tests : enabled",
		"Experimental tests : yes", "Display superseded patches : no", "Credentialed checks : no", "Port range : 1-65535", "-621/Deep",
		"Scanner IP : 192.0.2.77", "Plugin feed version : 202601010000",
	} {
		require.Contains(t, row["pluginText"], line)
	}
	l = newLab(t, host("{ip: 10.0.0.5, scannedWith: {agent: true}, findings: [{plugin: 97833, port: 445}]}"))
	text := l.rows(analysis("cumulative", "vulndetails", filter("pluginID", "19506")))[0]["pluginText"]
	require.Contains(t, text, "Scan type : Windows Agent")
	require.NotContains(t, text, "Port range")
}

func TestScanInformationMayLackLines(t *testing.T) {
	t.Parallel()
	l := newLab(t, host("{ip: 10.0.0.5, scanInfoWithout: [Plugin feed version], findings: [{plugin: 97833, port: 445}]}"))
	text := l.scanInfo(l.scanned("10.0.0.5", nil, nil))
	require.NotContains(t, text, "feed")
	require.Contains(t, text, "Nessus version")
}

// What a plugin needs decides what a scan sees; servers know of two needs only when they mitigate.
func TestWhatChecksNeed(t *testing.T) {
	t.Parallel()
	for need, tt := range map[string]struct {
		prefs     m
		mitigated bool
	}{
		"thorough":     {m{"thorough_tests": "yes"}, false},
		"paranoid":     {m{"report_paranoia": "Paranoid (more false alarms)"}, false},
		"unsafe":       {m{"safe_checks": "no"}, true},
		"cgi":          {m{"cgi_scanning": "yes"}, true},
		"webTests":     {m{"scan_webapps": "yes"}, true},
		"experimental": {m{"experimental_tests": "yes"}, true},
	} {
		scenario := "plugins: [{id: 97833, name: x, family: 20, needs: [" + need + "]}, {id: 97737, name: y, family: 20}, {id: 41028, name: z, family: 20}]\n" +
			"hosts: [{ip: 10.0.0.5, findings: [{plugin: 97833, port: 445}]}]\n"
		l := newLab(t, scenario)
		require.Empty(t, l.seen(l.scanned("10.0.0.5", nil, nil), 97833), need)
		require.Equal(t, tt.mitigated, len(l.addresses("patched", 97833)) == 1, need)
		l = newLab(t, scenario)
		require.Len(t, l.seen(l.scanned("10.0.0.5", tt.prefs, nil), 97833), 1, need)
	}
}

func TestDeprecatedPluginsAndOldFeedsSeeNothing(t *testing.T) {
	t.Parallel()
	for _, prelude := range []string{
		"plugins: [{id: 97833, name: x, family: 20, deprecated: true}, {id: 97737, name: y, family: 20}, {id: 41028, name: z, family: 20}]\n",
		"pluginFeed: '201601010000'\nplugins: [{id: 97833, name: x, family: 20}, {id: 97737, name: y, family: 20}, {id: 41028, name: z, family: 20}]\n",
	} {
		l := newLab(t, prelude+"hosts: [{ip: 10.0.0.5, findings: [{plugin: 97833, port: 445}]}]\n")
		require.Empty(t, l.seen(l.scanned("10.0.0.5", nil, nil), 97833))
		require.Len(t, l.addresses("patched", 97833), 1, "which servers take for a repair")
	}
}

func TestLoginsByProtocol(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		host string
		rows map[int]string
		seen int
		says string
	}{
		"SMB failed, SSH worked": {
			"logins: {smb: refused, ssh: worked}", map[int]string{104410: "445", 21745: "0", 141118: "22", 117887: "0", 14272: "445"}, 0, "via ssh",
		},
		"SMB worked, SSH failed": {
			"logins: {smb: worked, ssh: refused}", map[int]string{104410: "22", 21745: "0", 141118: "445", 117887: "0", 34220: "445"}, 1, "via smb",
		},
		"intermittent": {"credentials: intermittent", map[int]string{117885: "445", 141118: "445", 117887: "0"}, 0, "via smb"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, withLogin+host("{ip: 10.0.0.5, "+tt.host+", findings: [{plugin: 97737, port: 445}]}"))
			id := l.scanned("10.0.0.5", nil, sent)
			got := map[int]string{}
			for _, plugin := range []int{21745, 24786, 26917, 104410, 110385, 110723, 117885, 117887, 141118, 34220, 14272} {
				for _, row := range l.individual(id, "all", filter("pluginID", fmt.Sprint(plugin))) {
					got[plugin] += row["port"].(string)
				}
			}
			require.Equal(t, tt.rows, got)
			require.Len(t, l.seen(id, 97737), tt.seen)
			require.Contains(t, l.scanInfo(id), tt.says)
		})
	}
}

// A login by another protocol is of no use to a check.
func TestChecksNeedTheirOwnProtocol(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		logins     string
		smb, linux int
	}{
		{"{smb: refused, ssh: worked}", 0, 1}, {"{smb: worked, ssh: refused}", 1, 0}, {"{smb: worked, ssh: insufficient}", 1, 0}, {"{ssh: worked}", 0, 1},
	} {
		l := newLab(t, withLogin+"families: [{id: 1, name: Red Hat Local Security Checks}]\nplugins: [{id: 97737, name: x, family: 20, checkType: local}, "+
			"{id: 50001, name: y, family: 1, checkType: local}]\nhosts: [{ip: 10.0.0.5, logins: "+tt.logins+", findings: [{plugin: 97737}, {plugin: 50001}]}]\n")
		body := policyBody([]int{97737}, nil)
		body["families"] = append(body["families"].([]m), m{"id": "1", "plugins": []m{{"id": "50001"}}})
		policy := l.ok("POST", "/rest/policy", body).(m)
		scan := l.ok("POST", "/rest/scan", scanBody(policy["id"], "10.0.0.5", m{"pluginID": 97737, "credentials": []any{m{"id": 4}}})).(m)
		l.clock.forward(time.Hour)
		id := scan["scanResultID"].(string)
		require.Len(t, l.seen(id, 97737), tt.smb, tt.logins)
		require.Len(t, l.seen(id, 50001), tt.linux, tt.logins)
	}
}

func TestScansMaySayNothingOfThemselves(t *testing.T) {
	t.Parallel()
	l := newLab(t, host("{ip: 10.0.0.5, scanInfo: false, scannedWith: {ago: 72h}, findings: [{plugin: 97833, port: 445, fixed: true}]}"))
	id := l.scanned("10.0.0.5", nil, nil)
	require.Empty(t, l.seen(id, 19506))
	require.Len(t, l.addresses("cumulative", 97833), 1, "so nothing is mitigated")
	require.Len(t, l.addresses("cumulative", 19506), 1, "and the old one stays")
}

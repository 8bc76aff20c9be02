package sctest_test

// The mitigation logic, rule by rule: a finding that is really fixed stays open unless every rule holds.

import (
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func host(line string) string { return base + "hosts:\n  - " + line + "\n" }

const fixedOn445 = "{ip: 10.0.0.5, dns: web1.example.com, findings: [{plugin: 97833, port: 445, fixed: true}]}"

func TestMitigationRules(t *testing.T) {
	t.Parallel()
	const two = "repositories: [{id: 1, name: Default}, {id: 2, name: Other}]\n"
	creds := "credentials: [{id: 4, name: domain admin}, {id: 5, name: other}]\n"
	withCreds := m{"credentials": []any{m{"id": 4}}}
	local := func(accepts string) string {
		return creds + host("{ip: 10.0.0.5, credentials: "+accepts+", findings: [{plugin: 97737, port: 445, fixed: true}]}")
	}
	for name, tt := range map[string]struct {
		scenario   string
		targets    string
		prefs      m
		scan       m
		plugins    []int
		mitigation bool
	}{
		"all rules hold":    {scenario: host(fixedOn445), mitigation: true},
		"other repository":  {scenario: two + host("{ip: 10.0.0.5, repository: 2, findings: [{plugin: 97833, port: 445, fixed: true}]}")},
		"not a target":      {scenario: host(fixedOn445), targets: "10.0.0.6"},
		"network of target": {scenario: host(fixedOn445), targets: "10.0.0.0/29", mitigation: true},
		"name of target":    {scenario: host(fixedOn445), targets: "WEB1.example.com", mitigation: true},
		"plugin disabled":   {scenario: host(fixedOn445), plugins: []int{41028}},
		"port not scanned":  {scenario: host(fixedOn445), prefs: m{"portscan_range": "446"}},
		"port default":      {scenario: host(fixedOn445), prefs: m{"portscan_range": "default"}, mitigation: true},
		"port all":          {scenario: host(fixedOn445), prefs: m{"portscan_range": "all"}, mitigation: true},
		"port range":        {scenario: host(fixedOn445), prefs: m{"portscan_range": "1-400,444-446"}, mitigation: true},
		"tcp prefix":        {scenario: host(fixedOn445), prefs: m{"portscan_range": "T:445,U:161"}, mitigation: true},
		"udp prefix only":   {scenario: host(fixedOn445), prefs: m{"portscan_range": "U:445"}},
		"odd port in default": {
			scenario: host("{ip: 10.0.0.5, findings: [{plugin: 97833, port: 8834, fixed: true}]}"), prefs: m{"portscan_range": "default"},
		},
		"port 0 needs none": {
			scenario:   host("{ip: 10.0.0.5, findings: [{plugin: 97833, port: 0, fixed: true}]}"),
			mitigation: true,
		},
		"udp without udp scanner": {
			scenario: host("{ip: 10.0.0.5, findings: [{plugin: 41028, port: 161, protocol: udp, fixed: true}]}"),
			prefs:    m{"portscan_range": "U:161"},
		},
		"udp with udp scanner": {
			scenario: host("{ip: 10.0.0.5, findings: [{plugin: 41028, port: 161, protocol: udp, fixed: true}]}"),
			prefs:    m{"portscan_range": "U:161", "udp_scanner": "yes"}, mitigation: true,
		},
		"dead host":         {scenario: host("{ip: 10.0.0.5, up: false, findings: [{plugin: 97833, port: 445, fixed: true}]}")},
		"excluded host":     {scenario: host("{ip: 10.0.0.5, scannable: false, findings: [{plugin: 97833, port: 445, fixed: true}]}")},
		"agent's finding":   {scenario: host("{ip: 10.0.0.5, agent: true, findings: [{plugin: 97833, port: 445, fixed: true}]}")},
		"outside of range":  {scenario: "repositories: [{id: 1, name: A, ipRange: 10.0.1.0/24}]\n" + host(fixedOn445)},
		"still there":       {scenario: host("{ip: 10.0.0.5, findings: [{plugin: 97833, port: 445}]}")},
		"fixed in time":     {scenario: host("{ip: 10.0.0.5, findings: [{plugin: 97833, port: 445, fixedAfter: 1m}]}"), mitigation: true},
		"fixed too late":    {scenario: host("{ip: 10.0.0.5, findings: [{plugin: 97833, port: 445, fixedAfter: 61s}]}")},
		"relapsed":          {scenario: host("{ip: 10.0.0.5, findings: [{plugin: 97833, port: 445, fixed: true, reopensAfter: 30s}]}")},
		"fixed after that":  {scenario: host("{ip: 10.0.0.5, findings: [{plugin: 97833, port: 445, reopensAfter: 1s, fixedAfter: 2s}]}"), mitigation: true},
		"port closed":       {scenario: host("{ip: 10.0.0.5, findings: [{plugin: 97833, port: 445, portOpen: false}]}"), mitigation: true},
		"local, no login":   {scenario: local("true")},
		"local, any login":  {scenario: local("true"), scan: withCreds, mitigation: true},
		"local, this login": {scenario: local("[4]"), scan: withCreds, mitigation: true},
		"local, other one":  {scenario: local("[5]"), scan: withCreds},
		"local, refused":    {scenario: local("false"), scan: withCreds},
		"local, few rights": {scenario: local("insufficient"), scan: withCreds, mitigation: true},
		"another machine": {
			scenario:   host("{ip: 10.0.0.5, dns: a.example.com, becomes: {dns: b.example.com}, findings: [{plugin: 97833, port: 445}]}"),
			mitigation: true,
		},
		"another machine, tracked by name": {
			scenario: host("{ip: 10.0.0.5, dns: a.example.com, becomes: {dns: b.example.com}, findings: [{plugin: 97833, port: 445}]}"),
			scan:     m{"dhcpTracking": "true"},
		},
		"another machine, virtual hosts": {
			scenario: host("{ip: 10.0.0.5, dns: a.example.com, becomes: {dns: b.example.com}, findings: [{plugin: 97833, port: 445}]}"),
			scan:     m{"scanningVirtualHosts": "true"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, tt.scenario)
			targets := tt.targets
			if targets == "" {
				targets = "10.0.0.5"
			}
			open, patched := l.openAndPatched()
			require.Equal(t, []int{1, 0}, []int{open, patched})
			l.scanned(targets, tt.prefs, tt.scan, tt.plugins...)
			open, patched = l.openAndPatched()
			if tt.mitigation {
				require.Equal(t, []int{0, 1}, []int{open, patched})
			} else {
				require.Equal(t, []int{1, 0}, []int{open, patched})
			}
		})
	}
}

// openAndPatched counts the scenario's findings, which alone have plugins above 41000 and no proof among them.
func (l *lab) openAndPatched() (open, patched int) {
	l.t.Helper()
	for _, plugin := range []int{97833, 97737, 41028} {
		open += len(l.addresses("cumulative", plugin))
		patched += len(l.addresses("patched", plugin))
	}
	return open, patched
}

func TestWithoutScanInformationNothingIsMitigated(t *testing.T) {
	t.Parallel()
	l := newLab(t, host(fixedOn445))
	body := policyBody([]int{97833}, nil)
	body["families"] = []m{{"id": "20", "plugins": []m{{"id": "97833"}}}}
	policy := l.ok("POST", "/rest/policy", body).(m)
	scan := l.ok("POST", "/rest/scan", scanBody(policy["id"], "10.0.0.5", nil)).(m)
	l.clock.forward(time.Hour)
	require.Empty(t, l.individual(scan["scanResultID"].(string), "all"))
	require.Len(t, l.addresses("cumulative", 97833), 1)
}

// The age is in days since the findings of a dead host were last seen. What is that old is removed, and fixed by nobody.
func TestDeadHostAndMitigatedAge(t *testing.T) {
	t.Parallel()
	const dead = "{ip: 10.0.0.5, up: false, findings: [{plugin: 97833, port: 445}, {plugin: 41028, port: 8000, lastSeen: 100d, firstSeen: 200d}]}"
	for name, tt := range map[string]struct {
		prelude             string
		age                 int
		open, patched, info int
	}{
		"at once":            {age: 0},
		"a day":              {age: 1},
		"ninety days":        {age: 90, open: 1, info: 1},
		"a year":             {age: 365, open: 2, info: 1},
		"the other reading":  {prelude: "deadHosts: mitigate\n", age: 0, patched: 2},
		"of ninety days too": {prelude: "deadHosts: mitigate\n", age: 90, open: 1, patched: 1, info: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, tt.prelude+host(dead))
			id := l.scanned("10.0.0.5", nil, m{"classifyMitigatedAge": tt.age})
			require.Equal(t, "10.0.0.5", l.result(id)["progress"].(m)["deadHostIPs"])
			open, patched := l.openAndPatched()
			require.Equal(t, []int{tt.open, tt.patched}, []int{open, patched})
			require.Len(t, l.addresses("cumulative", 19506), tt.info)
		})
	}
}

func TestMitigatedAndBackUnseen(t *testing.T) {
	t.Parallel()
	l := newLab(t, host("{ip: 10.0.0.5, findings: [{plugin: 97833, port: 445, mitigated: 10d, fixed: false}, {plugin: 41028, port: 80, mitigated: true, fixed: true}]}"))
	require.Equal(t, []string{"10.0.0.5:445"}, l.addresses("patched", 97833))
	require.Empty(t, l.addresses("cumulative", 97833))
	id := l.scanned("10.0.0.5", m{"portscan_range": "1-1024"}, nil)
	require.Equal(t, []string{"10.0.0.5:445"}, l.seen(id, 97833))
	require.Equal(t, []string{"10.0.0.5:445"}, l.addresses("cumulative", 97833))
	require.Empty(t, l.seen(id, 41028))
}

func TestMitigationLag(t *testing.T) {
	t.Parallel()
	l := newLab(t, host(fixedOn445))
	l.sim.Scenario.Timing.MitigationLag = 10 * time.Minute
	l.sim.Reset()
	id := l.launch("10.0.0.5", nil, nil)
	l.clock.forward(2 * time.Minute)
	require.Equal(t, "Finished", l.result(id)["importStatus"])
	require.Len(t, l.addresses("cumulative", 97833), 1)
	require.Empty(t, l.addresses("patched", 97833))
	l.clock.forward(10 * time.Minute)
	require.Empty(t, l.addresses("cumulative", 97833))
	require.Len(t, l.addresses("patched", 97833), 1)
}

func TestCredentialRows(t *testing.T) {
	t.Parallel()
	sent := m{"credentials": []any{m{"id": 4}}}
	for name, tt := range map[string]struct {
		accepts string
		scan    m
		rows    []int
		checks  string
	}{
		"worked":       {"true", sent, []int{117887, 141118, 34220}, "Credentialed checks : yes, as 'domain admin' via smb\n"},
		"refused":      {"false", sent, []int{104410, 21745}, "Credentialed checks : no\n"},
		"none sent":    {"true", nil, []int{110723}, "Credentialed checks : no\n"},
		"insufficient": {"insufficient", sent, []int{110385, 24786, 26917}, "Credentialed checks : yes, as 'domain admin' via smb\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, "credentials: [{id: 4, name: domain admin}]\n"+
				host("{ip: 10.0.0.5, credentials: "+tt.accepts+", findings: [{plugin: 97833, port: 445}]}"))
			id := l.scanned("10.0.0.5", nil, tt.scan)
			for _, plugin := range []int{21745, 24786, 26917, 104410, 110385, 110723, 117885, 117887, 141118, 34220, 14272} {
				want := 0
				for _, expected := range tt.rows {
					if expected == plugin {
						want = 1
					}
				}
				require.Len(t, l.seen(id, plugin), want, "plugin %d", plugin)
			}
			require.Contains(t, l.scanInfo(id), tt.checks)
		})
	}
}

func TestLinuxLogsInBySSH(t *testing.T) {
	t.Parallel()
	l := newLab(t, `
credentials: [{id: 4, name: root}]
families: [{id: 6, name: CGI abuses}]
plugins: [{id: 50000, name: page, family: 6}]
hosts: [{ip: 10.0.0.5, findings: [{plugin: 50000, port: 80}]}]
`)
	body := policyBody(nil, m{"portscan_range": "443"})
	body["families"] = append(body["families"].([]m)[1:], m{"id": "6", "plugins": []m{{"id": "50000"}}})
	policy := l.ok("POST", "/rest/policy", body).(m)
	scan := l.ok("POST", "/rest/scan", scanBody(policy["id"], "10.0.0.5", m{"pluginID": 50000, "credentials": []any{m{"id": "4"}}})).(m)
	l.clock.forward(time.Hour)
	id := scan["scanResultID"].(string)
	require.Contains(t, l.scanInfo(id), "yes, as 'root' via ssh")
	require.Equal(t, []string{"10.0.0.5:80"}, l.seen(id, 14272), "netstat sees ports outside of the range")
	require.Empty(t, l.seen(id, 11219))
	require.Empty(t, l.seen(id, 22964))
	require.Equal(t, []string{"10.0.0.5:80"}, l.seen(id, 50000), "and what netstat lists is looked at")
}

func TestClosedPort(t *testing.T) {
	t.Parallel()
	l := newLab(t, host("{ip: 10.0.0.5, findings: [{plugin: 97833, port: 445, portOpen: false}, {plugin: 41028, port: 80, fixed: true}]}"))
	id := l.scanned("10.0.0.5", m{"portscan_range": "1-1024"}, nil)
	require.Equal(t, []string{"10.0.0.5:80"}, l.seen(id, 11219))
	require.Equal(t, []string{"10.0.0.5:80"}, l.seen(id, 22964))
	require.Empty(t, l.seen(id, 97833))
}

func TestMovedPort(t *testing.T) {
	t.Parallel()
	l := newLab(t, host("{ip: 10.0.0.5, findings: [{plugin: 97833, port: 445, movesToPort: 4445}]}"))
	id := l.scanned("10.0.0.5", m{"portscan_range": "all"}, nil)
	require.Equal(t, []string{"10.0.0.5:4445"}, l.seen(id, 97833))
	require.Equal(t, []string{"10.0.0.5:4445"}, l.seen(id, 11219))
	require.Equal(t, []string{"10.0.0.5:4445"}, l.addresses("cumulative", 97833))
	require.Equal(t, []string{"10.0.0.5:445"}, l.addresses("patched", 97833))
}

func TestMovedHost(t *testing.T) {
	t.Parallel()
	const moved = "{ip: 10.0.0.5, dns: web1.example.com, movesTo: 10.0.0.7, findings: [{plugin: 97833, port: 445}]}"
	l := newLab(t, host(moved))
	id := l.scanned("10.0.0.5-10.0.0.7", nil, nil)
	progress := l.result(id)["progress"].(m)
	require.Equal(t, "10.0.0.7", progress["scannedIPs"])
	require.Equal(t, "10.0.0.5-10.0.0.6", progress["deadHostIPs"])
	require.Equal(t, []string{"10.0.0.5:445", "10.0.0.7:445"}, l.addresses("cumulative", 97833))

	l = newLab(t, host(moved))
	l.scanned("10.0.0.7", nil, m{"dhcpTracking": "true"})
	require.Equal(t, []string{"10.0.0.7:445"}, l.addresses("cumulative", 97833), "the tracked host takes its row along")
}

func TestReplacedHostKeepsPortsAndChangesName(t *testing.T) {
	t.Parallel()
	l := newLab(t, host("{ip: 10.0.0.5, dns: a.example.com, mac: 'aa:bb', becomes: {dns: b.example.com, mac: 'cc:dd', after: 1m}, "+
		"findings: [{plugin: 97833, port: 445}]}"))
	id := l.scanned("10.0.0.5", nil, nil)
	row := l.individual(id, "all", filter("pluginID", "11219"))[0]
	require.Equal(t, []any{"b.example.com", "cc:dd"}, []any{row["dnsName"], row["macAddress"]})
	require.Empty(t, l.seen(id, 97833))
}

func TestUpAndDownAfter(t *testing.T) {
	t.Parallel()
	for line, alive := range map[string]bool{
		"upAfter: 60s": true, "upAfter: 61s": false, "downAfter: 60s": false, "downAfter: 61s": true, "up: false, upAfter: 10s": true,
		"upAfter: 10s, downAfter: 30s": false, "downAfter: 10s, upAfter: 30s": true, "up: false": false,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, host("{ip: 10.0.0.5, "+line+", findings: [{plugin: 97833, port: 445}]}"))
			progress := l.result(l.scanned("10.0.0.5", nil, nil))["progress"].(m)
			if alive {
				require.Equal(t, []any{"10.0.0.5", ""}, []any{progress["scannedIPs"], progress["deadHostIPs"]})
			} else {
				require.Equal(t, []any{"", "10.0.0.5"}, []any{progress["scannedIPs"], progress["deadHostIPs"]})
			}
		})
	}
}

func TestExcludedHostIsNeitherScannedNorDead(t *testing.T) {
	t.Parallel()
	l := newLab(t, host("{ip: 10.0.0.5, scannable: false, findings: [{plugin: 97833, port: 445}]}"))
	result := l.result(l.scanned("10.0.0.5", nil, nil))
	progress := result["progress"].(m)
	require.Equal(t, []any{"Completed", "", ""}, []any{result["status"], progress["scannedIPs"], progress["deadHostIPs"]})
}

func TestReopenedMitigatedAndAccepted(t *testing.T) {
	t.Parallel()
	l := newLab(t, host("{ip: 10.0.0.5, findings: [{plugin: 97833, port: 445, mitigated: 10d, reopensAfter: 1s}, "+
		"{plugin: 97833, port: 139, reopened: true, acceptRisk: true, recastRisk: true}, {plugin: 97833, port: 80, mitigated: true}]}"))
	require.Equal(t, []string{"10.0.0.5:80", "10.0.0.5:445"}, l.addresses("patched", 97833))
	row := l.rows(analysis("cumulative", "vulndetails", filter("port", "139")))[0]
	require.Equal(t, []any{"1", "1", "1"}, []any{row["hasBeenMitigated"], row["acceptRisk"], row["recastRisk"]})
	info := l.rows(analysis("cumulative", "vulndetails", filter("pluginID", "19506")))
	require.Len(t, info, 1, "the scan that mitigated is known")

	id := l.scanned("10.0.0.5", m{"portscan_range": "1-1024"}, nil)
	require.Equal(t, []string{"10.0.0.5:139", "10.0.0.5:445"}, l.addresses("cumulative", 97833))
	require.Equal(t, []string{"10.0.0.5:80"}, l.addresses("patched", 97833))
	back := l.rows(analysis("cumulative", "vulndetails", filter("pluginID", "97833"), filter("port", "445")))[0]
	require.Equal(t, "1", back["hasBeenMitigated"])
	require.Equal(t, "1", l.individual(id, "all", filter("pluginID", "97833"), filter("port", "139"))[0]["acceptRisk"])
	require.Len(t, l.individual(id, "new", filter("pluginID", "97833")), 1)
}

// A host that has moved is known by the first mark that both sides have: DNS name, NetBIOS name, agent ID, MAC address.
func TestTrackedBy(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		marks string
		sent  m
		moved bool
	}{
		"name":              {"dns: a.example.com", nil, true},
		"NetBIOS name":      {"netbios: WEB1", nil, true},
		"agent ID":          {"uuid: 1111-2222", m{"credentials": []any{m{"id": 4}}}, true},
		"agent ID, unknown": {"uuid: 1111-2222", nil, false},
		"MAC":               {"mac: '00:50:56:9a:11:22'", nil, true},
		"MAC against name":  {"dns: a.example.com, mac: '00:50:56:9a:11:22', becomes: {dns: b.example.com}", nil, false},
		"nothing":           {"up: true", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, withLogin+host("{ip: 10.0.0.5, "+tt.marks+", movesTo: 10.0.0.7, findings: [{plugin: 97833, port: 445, fixed: true}, {plugin: 41028, port: 445}]}"))
			changes := m{"dhcpTracking": "true"}
			maps.Copy(changes, tt.sent)
			l.scanned("10.0.0.5,10.0.0.7", nil, changes)
			if tt.moved {
				require.Equal(t, []string{"10.0.0.7:445"}, l.addresses("cumulative", 41028), "its row went along")
				require.Equal(t, []string{"10.0.0.5:445"}, l.addresses("patched", 97833))
				return
			}
			require.Contains(t, l.addresses("cumulative", 41028), "10.0.0.5:445")
			require.Empty(t, l.addresses("patched", 97833))
		})
	}
}

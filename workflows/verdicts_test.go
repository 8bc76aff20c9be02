package workflows_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
)

// What a real network does to a verification, end to end: each line is a host of the simulated network, and what may be said
// of it after one scan. None of those that are not fixed may become it by whatever the scan did not see.
func TestFates(t *testing.T) {
	t.Parallel()
	const hole = "{plugin: 97833, port: 445, fixed: true}"
	const stopped = "findings: [{plugin: 97833, port: 8080, fixed: true, portOpen: false}, {plugin: 6001, port: 445, fixed: true}]"
	type test struct {
		host    string
		change  func(*remediation.Request)
		verdict remediation.Verdict
		reason  string
	}
	credentials := func(r *remediation.Request) { r.Scan.Credentials = []int{4} }
	prefer := func(key, value string) func(*remediation.Request) {
		return func(r *remediation.Request) { r.Scan.Preferences = map[string]string{key: value} }
	}
	plugin := func(id int) func(*remediation.Request) {
		return func(r *remediation.Request) { r.Plugin = id; credentials(r) }
	}
	for name, test := range map[string]test{
		// Ports.
		"a host firewall, and a login that sees the listener": {"filtered: true, findings: [" + hole + "]", credentials, remediation.PortNotObserved, "hidden from the scanner"},
		"a network firewall":                           {"filtered: true, findings: [" + hole + "]", nil, remediation.PortNotObserved, "closed or filtered"},
		"a stopped service, and a login that shows it": {stopped, credentials, remediation.PortNotObserved, "nothing listens there"},
		"a removed service, and somebody says so": {stopped, func(r *remediation.Request) {
			credentials(r)
			r.ClosedPortIsFixed, r.Reason = true, "decommissioned"
		}, remediation.FixedConfirmed, "a closed port was accepted by eve: decommissioned"},
		"a removed service, as somebody says, outside the range": {stopped, func(r *remediation.Request) {
			credentials(r)
			r.ClosedPortIsFixed, r.Reason, r.Scan.PortRange = true, "decommissioned", "80"
		}, remediation.PortNotObserved, "outside the range"},
		"UDP":                         {"findings: [{plugin: 97833, port: 161, protocol: UDP, fixed: true}]", nil, remediation.FixedConfirmed, ""},
		"UDP, and the port is closed": {"findings: [{plugin: 97833, port: 161, protocol: UDP, fixed: true, portOpen: false}]", nil, remediation.PortNotObserved, ""},

		// Parity.
		"found by a thorough scan":             {"scannedWith: {thorough: true}, findings: [" + hole + "]", nil, remediation.PluginNotRun, "thorough_tests=yes"},
		"found by a thorough scan, as ours is": {"scannedWith: {thorough: true}, findings: [" + hole + "]", prefer("thorough_tests", "yes"), remediation.FixedConfirmed, ""},
		"found by a paranoid scan":             {"scannedWith: {paranoia: 2}, findings: [" + hole + "]", nil, remediation.PluginNotRun, "report_paranoia"},
		"found by a paranoid scan, as ours is": {"scannedWith: {paranoia: 2}, findings: [" + hole + "]", prefer("report_paranoia", "Paranoid (more false alarms)"), remediation.FixedConfirmed, ""},
		"found by an unsafe scan":              {"scannedWith: {safeChecks: false}, findings: [" + hole + "]", nil, remediation.PluginNotRun, "safe_checks=no"},
		"found by an unsafe scan, as ours is":  {"scannedWith: {safeChecks: false}, findings: [" + hole + "]", prefer("safe_checks", "no"), remediation.FixedConfirmed, ""},
		"found by CGI scanning":                {"scannedWith: {cgi: true}, findings: [" + hole + "]", nil, remediation.PluginNotRun, "scan_webapps=yes"},
		"found by CGI scanning, as ours does":  {"scannedWith: {cgi: true}, findings: [" + hole + "]", prefer("scan_webapps", "yes"), remediation.FixedConfirmed, ""},
		"found by web tests":                   {"scannedWith: {webTests: true}, findings: [" + hole + "]", nil, remediation.PluginNotRun, "scan_webapps=yes"},
		"found by web tests, as ours does":     {"scannedWith: {webTests: true}, findings: [" + hole + "]", prefer("scan_webapps", "yes"), remediation.FixedConfirmed, ""},
		"found by experiments":                 {"scannedWith: {experimental: true}, findings: [" + hole + "]", nil, remediation.PluginNotRun, "experimental_scripts=yes"},
		"found by experiments, as ours does":   {"scannedWith: {experimental: true}, findings: [" + hole + "]", prefer("experimental_scripts", "yes"), remediation.FixedConfirmed, ""},
		"found while superseded patches show":  {"scannedWith: {superseded: true}, findings: [" + hole + "]", prefer("report_superseded_patches", "no"), remediation.PluginNotRun, "report_superseded_patches=yes"},

		// Identity.
		"known by MAC and name":               {"dns: web1.example.com, mac: '00:11:22:33:44:55', findings: [" + hole + "]", nil, remediation.FixedConfirmed, ""},
		"another name, the same MAC":          {"dns: a.example.com, mac: '00:11:22:33:44:55', becomes: {dns: b.example.com, mac: '00:11:22:33:44:55', after: 1s}, findings: [" + hole + "]", nil, remediation.FixedConfirmed, ""},
		"the bare name":                       {"dns: web1.example.com, becomes: {dns: WEB1, after: 1s}, findings: [" + hole + "]", nil, remediation.FixedConfirmed, ""},
		"another machine from the same image": {"dns: a.example.com, netbios: IMAGE, becomes: {dns: b.example.com, netbios: IMAGE, after: 1s}, findings: [" + hole + "]", nil, remediation.HostChanged, "DNS name"},

		"open at its other address as well": {
			"mac: '00:11:22:33:44:55', findings: [" + hole + "]}\n  - {ip: 10.0.0.21, repository: 1, mac: '00:11:22:33:44:55', findings: [{plugin: 97833, port: 445}]",
			nil, remediation.NotMitigated, "at another address of the machine",
		},

		// Logins.
		"a local check":                                     {"findings: [{plugin: 97737, port: 445, fixed: true}]", plugin(97737), remediation.FixedConfirmed, ""},
		"a local check with too few rights":                 {"credentials: insufficient, findings: [{plugin: 97737, port: 445, fixed: true}]", plugin(97737), remediation.AuthFailed, ""},
		"a local check of a host that is entered otherwise": {"logins: {ssh: worked, smb: refused}, findings: [{plugin: 97737, port: 445, fixed: true}]", plugin(97737), remediation.AuthFailed, ""},
		"a local check, and another login fails":            {"logins: {smb: worked, ssh: refused}, findings: [{plugin: 97737, port: 445, fixed: true}]", plugin(97737), remediation.FixedConfirmed, ""},
		"a summary without a login":                         {"findings: [{plugin: 6001, port: 445, fixed: true}]", func(r *remediation.Request) { r.Plugin = 6001 }, remediation.AuthFailed, ""},
		"a third party without a login":                     {"findings: [{plugin: 6002, port: 445, fixed: true}]", func(r *remediation.Request) { r.Plugin = 6002 }, remediation.AuthFailed, ""},

		// Whose account it is, and of when.
		"no scan information":                {"scanInfo: false, findings: [" + hole + "]", nil, remediation.PluginNotRun, "19506"},
		"scan information without a feed":    {"scanInfoWithout: [Plugin feed version], findings: [" + hole + "]", nil, remediation.PluginNotRun, "of when"},
		"scan information without a policy":  {"scanInfoWithout: [Scan policy used], findings: [" + hole + "]", nil, remediation.PluginNotRun, "another scan"},
		"two machines answer at the address": {"dns: web1.example.com, findings: [" + hole + "]}\n  - {ip: 10.0.0.20, repository: 1, dns: web2.example.com, findings: [{plugin: 97833, port: 8445, fixed: true}]", nil, remediation.HostChanged, ""},
		"it came back unseen":                {"findings: [{plugin: 97833, port: 445, mitigated: true, fixed: false}]", nil, remediation.StillVulnerable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, fates+"  - {ip: 10.0.0.20, repository: 1, "+test.host+"}\n")
			r := request("10.0.0.20")
			if test.change != nil {
				test.change(&r)
			}
			status := s.run(r)
			for _, f := range status.Findings {
				require.Equal(t, test.verdict, f.Verdict, f.Reason)
				require.Contains(t, f.Reason, test.reason)
			}
			s.nothingLeft()
		})
	}
}

var fates = strings.Split(strings.Replace(scenario, "plugins:\n", `plugins:
  - {id: 6001, name: A summary, family: 20, type: active, checkType: summary, severity: 2}
  - {id: 6002, name: A third party's, family: 20, type: active, checkType: thirdparty, severity: 2}
`, 1), "  - {ip: 10.0.0.5,")[0]

// Where nothing shows who answered, somebody may answer for it.
func TestNobodyKnowsWhoAnswered(t *testing.T) {
	t.Parallel()
	for _, trusted := range []bool{false, true} {
		s := newStage(t, "missingPlugins: [12053, 10150, 86420, 35716]"+fates+
			"  - {ip: 10.0.0.20, repository: 1, dns: web1.example.com, findings: [{plugin: 97833, port: 445, fixed: true}]}\n")
		r := request("10.0.0.20")
		r.TrustAddress, r.Reason = trusted, "static addresses"
		got := s.run(r).Findings[0]
		if trusted {
			require.Equal(t, remediation.FixedConfirmed, got.Verdict, got.Reason)
			require.Contains(t, got.Reason, "accepted by eve: static addresses")
		} else {
			require.Equal(t, remediation.HostUnconfirmed, got.Verdict, got.Reason)
			require.Contains(t, got.Reason, "still web1.example.com: --trust-address")
		}
	}
}

// Where a login lists the listeners, scanners do not look from the network unless they are told to.
func TestPortsAreSeenFromTheNetworkToo(t *testing.T) {
	t.Parallel()
	s := newStage(t, "enumerationFirst: true"+fates+"  - {ip: 10.0.0.20, repository: 1, findings: [{plugin: 97833, port: 161, protocol: UDP, fixed: true}]}\n")
	r := request("10.0.0.20")
	r.Scan.Credentials = []int{4}
	status := s.run(r)
	require.Equal(t, remediation.OutcomeFixed, status.Outcome, "%+v", status.Findings)
}

// What an asset resolves to is looked at as closely as what a ticket names.
func TestAssetOfSpecialAddresses(t *testing.T) {
	t.Parallel()
	s := newStage(t, strings.Replace(fates, `definedIPs: "10.0.0.5`, `definedIPs: "127.0.0.1,10.0.0.5`, 1)+
		"  - {ip: 10.0.0.5, repository: 1, findings: [{plugin: 97833, port: 445, fixed: true}]}\n")
	r := request()
	r.Assets = []int{24}
	require.Contains(t, s.refuse(r), "asset: 127.0.0.1 has addresses of the loopback network")
	require.Empty(t, s.sim.State().Scans)
}

// A clock that is set back loses no mitigation and makes none.
func TestClockSetBackAndTheVerdict(t *testing.T) {
	t.Parallel()
	for _, by := range []time.Duration{time.Hour, 2 * time.Hour} {
		for _, after := range []time.Duration{5 * time.Second, 40 * time.Second, 70 * time.Second} {
			t.Run(by.String()+" back after "+after.String(), func(t *testing.T) {
				t.Parallel()
				s := newStage(t, scenario)
				s.env.RegisterDelayedCallback(func() { s.skew.Store(int64(-by)) }, after)
				r := request("10.0.0.5", "10.0.0.8")
				r.Timeout = remediation.Duration(8 * time.Hour)
				require.Equal(t, map[string]remediation.Verdict{
					"10.0.0.5": remediation.FixedConfirmed, "10.0.0.8": remediation.StillVulnerable,
				}, verdicts(s.run(r)))
				require.Len(t, s.sim.State().Scans, 1)
			})
		}
	}
}

// A host that moved is found at the address where the ticket says that it is.
func TestHostThatMovedToANamedAddress(t *testing.T) {
	t.Parallel()
	s := newStage(t, fates+`
  - {ip: 10.0.0.20, repository: 1, dns: web1.example.com, mac: "00:11:22:33:44:55", movesTo: 10.0.0.21, findings: [{plugin: 97833, port: 445}]}
`)
	status := s.run(request("10.0.0.20", "10.0.0.21"))
	require.Equal(t, remediation.OutcomeNotFixed, status.Outcome, "%+v", status.Findings)
	require.Equal(t, "10.0.0.20-10.0.0.21", s.sim.State().Scans[0].IPList)
}

// Old mitigated findings of hosts that are gone do not make the ticket of a network inconclusive for ever.
func TestOldMitigationsOfANetwork(t *testing.T) {
	t.Parallel()
	s := newStage(t, fates+`
  - {ip: 10.0.0.20, repository: 1, findings: [{plugin: 97833, port: 445, fixed: true}]}
  - {ip: 10.0.0.21, repository: 1, up: false, findings: [{plugin: 97833, port: 445, mitigated: 2000h}]}
  - {ip: 10.0.0.22, repository: 1, findings: [{plugin: 97833, port: 445, mitigated: 100h}]}
`)
	status := s.run(request("10.0.0.0/24"))
	require.Equal(t, map[string]remediation.Verdict{
		"10.0.0.20": remediation.FixedConfirmed, "10.0.0.22": remediation.AlreadyFixed,
	}, verdicts(status))
	require.Equal(t, remediation.OutcomeFixed, status.Outcome)
	require.Contains(t, strings.Join(status.Notes, "\n"), "mitigated longer ago than 720h0m0s: 1 finding;")
}

// What was mitigated before can be believed without a scan, where somebody answers for it and the host was scanned since.
func TestTrustPatched(t *testing.T) {
	t.Parallel()
	for host, verdict := range map[string]remediation.Verdict{
		"scannedWith: {ago: 1h}, findings: [{plugin: 97833, port: 445, mitigated: 5h}]":   remediation.AlreadyFixed,
		"scannedWith: {ago: 100h}, findings: [{plugin: 97833, port: 445, mitigated: 5h}]": remediation.AlreadyFixed, // by our scan
	} {
		s := newStage(t, fates+"  - {ip: 10.0.0.20, repository: 1, "+host+"}\n")
		r := request("10.0.0.20")
		r.TrustPatched, r.Reason = true, "patched by hand"
		status := s.run(r)
		require.Equal(t, verdict, status.Findings[0].Verdict, status.Findings[0].Reason)
		trusted := strings.Contains(status.Findings[0].Reason, "trusted by eve: patched by hand")
		require.Equal(t, strings.Contains(host, "ago: 1h"), trusted, status.Findings[0].Reason)
		require.Equal(t, trusted, len(s.sim.State().Scans) == 0)
	}
}

// The same weakness in another repository is worth a note.
func TestOpenElsewhere(t *testing.T) {
	t.Parallel()
	s := newStage(t, strings.Replace(fates, "repositories: [", "repositories: [{id: 2, name: Other, ipRange: 10.0.0.0/8}, ", 1)+`
  - {ip: 10.0.0.20, repository: 1, findings: [{plugin: 97833, port: 445, fixed: true}]}
  - {ip: 10.0.0.20, repository: 2, findings: [{plugin: 97833, port: 445, fixed: true}]}
`)
	status := s.run(request("10.0.0.20"))
	require.Equal(t, remediation.OutcomeFixed, status.Outcome, "%+v", status.Findings)
	require.Contains(t, strings.Join(status.Notes, "\n"), "1 in repository 2")
}

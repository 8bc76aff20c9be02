package remediation_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
)

var eve = &remediation.Exception{By: "eve", Reason: "known"}

// A clean result is proof only where our own scan looked hard enough, at the right machine, from where the check looks. Each
// test takes one piece of that away from facts that are proven otherwise; reason is what the verdict has to say, and next who acts.
func TestWhetherOurScanLooked(t *testing.T) {
	t.Parallel()
	before := func(d ...remediation.Feature) func(*remediation.Facts) {
		return func(f *remediation.Facts) {
			f.Before = []remediation.HostScan{{Host: remediation.Host{Address: "::ffff:10.0.0.5"}, Report: "Nessus version : 10", Depth: d}}
		}
	}
	identity := func(was, is remediation.Host) func(*remediation.Facts) {
		return func(f *remediation.Facts) {
			was.Address, is.Address = "10.0.0.5", "10.0.0.5"
			f.Baseline[0].Host, f.Scan.Hosts[0].Host, f.Mitigated[0].Host = was, is, remediation.Host{Address: "10.0.0.5"}
		}
	}
	type host = remediation.Host
	for name, test := range map[string]struct {
		change       func(*remediation.Facts)
		verdict      remediation.Verdict
		reason, next string
	}{
		// Whose account it is.
		"of another policy":        {change(func(h *remediation.HostScan) { h.Ours = false }), remediation.PluginNotRun, "another scan", "scanner team"},
		"of days ago":              {change(func(h *remediation.HostScan) { h.At = begun.AddDate(0, 0, -2) }), remediation.PluginNotRun, "another scan", ""},
		"of an unknown time":       {change(func(h *remediation.HostScan) { h.At = time.Time{} }), remediation.PluginNotRun, "another scan", ""},
		"of an unknown scan":       {func(f *remediation.Facts) { f.Scan.Began = time.Time{} }, remediation.PluginNotRun, "another scan", ""},
		"by a scanner's own clock": {change(func(h *remediation.HostScan) { h.At = begun.Add(-10 * time.Minute) }), remediation.FixedConfirmed, "", ""},
		"no feed":                  {change(func(h *remediation.HostScan) { h.Feed = time.Time{} }), remediation.PluginNotRun, "does not say of when the scanner's plugins", ""},
		"a plugin without a date":  {func(f *remediation.Facts) { f.Plugin.Modified = time.Time{} }, remediation.PluginNotRun, "of when the plugin is", ""},
		"a deprecated plugin":      {func(f *remediation.Facts) { f.Plugin.Deprecated = "use 97834" }, remediation.PluginNotRun, "use 97834", ""},
		"two machines at one address, the second without an account": {func(f *remediation.Facts) {
			f.Scan.Hosts = append(f.Scan.Hosts, remediation.HostScan{Host: host{Address: "10.0.0.5", DNSName: "other"}})
		}, remediation.PluginNotRun, "no scan information", ""},
		"two machines at one address, the first another one": {func(f *remediation.Facts) {
			f.Scan.Hosts = append([]remediation.HostScan{account(host{Address: "10.0.0.5", MAC: "66:66:66:66:66:66"})}, f.Scan.Hosts...)
		}, remediation.HostChanged, "MAC address", "requester"},
		"an account by the address as IPv6": {change(func(h *remediation.HostScan) { h.Host.Address = "::ffff:10.0.0.5" }), remediation.FixedConfirmed, "", ""},

		// How hard it looked.
		"found by a thorough scan":              {before(remediation.Thorough), remediation.PluginNotRun, "thorough_tests=yes", "scanner team"},
		"found by a paranoid scan":              {before(remediation.Paranoid), remediation.PluginNotRun, "report_paranoia=Paranoid", "scanner team"},
		"found by a suspicious scan":            {before(remediation.Suspicious), remediation.PluginNotRun, "report_paranoia=Normal", "scanner team"},
		"found by an unsafe scan":               {before(remediation.Unsafe), remediation.PluginNotRun, "safe_checks=no", "scanner team"},
		"found by a CGI scan":                   {before(remediation.CGI), remediation.PluginNotRun, "scan_webapps=yes", "scanner team"},
		"found by web tests":                    {before(remediation.WebTests), remediation.PluginNotRun, "scan_webapps=yes", "scanner team"},
		"found by experimental tests":           {before(remediation.Experimental), remediation.PluginNotRun, "experimental", "scanner team"},
		"found by a scan of superseded patches": {before(remediation.Superseded), remediation.PluginNotRun, "report_superseded_patches=yes", "scanner team"},
		"found by a plain scan":                 {before(), remediation.FixedConfirmed, "", ""},
		"found by a thorough scan, like ours": {func(f *remediation.Facts) {
			before(remediation.Thorough, remediation.Suspicious)(f)
			f.Scan.Hosts[0].Depth = remediation.Depth{remediation.Paranoid, remediation.Suspicious, remediation.Thorough}
		}, remediation.FixedConfirmed, "", ""},

		// Who answered.
		"another UUID":                                {identity(host{UUID: "a", MAC: "00:11:22:33:44:55"}, host{UUID: "b", MAC: "00:11:22:33:44:55"}), remediation.HostChanged, "UUID", "requester"},
		"the same UUID, all else new":                 {identity(host{UUID: "a", MAC: "00:11:22:33:44:55", DNSName: "x"}, host{UUID: "A", MAC: "66:11:22:33:44:55", DNSName: "y"}), remediation.FixedConfirmed, "", ""},
		"another MAC under the same name":             {identity(host{DNSName: "web1", MAC: "00:11:22:33:44:55"}, host{DNSName: "web1", MAC: "66:11:22:33:44:55"}), remediation.HostChanged, "MAC", ""},
		"the same MAC, with hyphens and another name": {identity(host{DNSName: "a", MAC: "00:11:22:33:44:5A"}, host{DNSName: "b", MAC: "00-11-22-33-44-5a"}), remediation.FixedConfirmed, "", ""},
		"the same MAC, with dots":                     {identity(host{MAC: "00:11:22:33:44:5A"}, host{MAC: "0011.2233.445a"}), remediation.FixedConfirmed, "", ""},
		"another name":                                {identity(host{DNSName: "web1.example.com"}, host{DNSName: "printer.example.com"}), remediation.HostChanged, "DNS name", ""},
		"another name, the same NetBIOS":              {identity(host{DNSName: "web1", NetBIOS: "IMAGE"}, host{DNSName: "web2", NetBIOS: "IMAGE"}), remediation.HostChanged, "DNS name", ""},
		"the bare name":                               {identity(host{DNSName: "web1.example.com"}, host{DNSName: "WEB1"}), remediation.FixedConfirmed, "", ""},
		"another NetBIOS name":                        {identity(host{NetBIOS: `LAB\A`}, host{NetBIOS: `LAB\B`}), remediation.HostChanged, "NetBIOS", ""},
		"nothing but the NetBIOS name":                {identity(host{NetBIOS: `LAB\A`}, host{NetBIOS: `a`}), remediation.HostUnconfirmed, "nothing in our result shows", "scanner team"},
		"nothing is known any more":                   {identity(host{DNSName: "web1", MAC: "00:11:22:33:44:55"}, host{}), remediation.HostUnconfirmed, "web1", ""},
		"nothing of the same kind is known":           {identity(host{UUID: "a"}, host{DNSName: "web1"}), remediation.HostUnconfirmed, "UUID a", ""},
		"nothing was ever known":                      {identity(host{}, host{DNSName: "web1"}), remediation.FixedConfirmed, "", ""},
		"the name that all machines have":             {identity(host{DNSName: "localhost"}, host{DNSName: "web1"}), remediation.FixedConfirmed, "", ""},
		"nothing is known, and it is trusted": {func(f *remediation.Facts) {
			identity(host{DNSName: "web1"}, host{})(f)
			f.Exceptions.TrustAddress = eve
		}, remediation.FixedConfirmed, "accepted by eve: known", ""},
		"another name, and the address is trusted": {func(f *remediation.Facts) {
			identity(host{DNSName: "web1"}, host{DNSName: "web2"})(f)
			f.Exceptions.TrustAddress = eve
		}, remediation.HostChanged, "DNS name", ""},

		// Whether it could log in.
		"a login and its rights":            {login("local", "Ubuntu Local Security Checks", func(*remediation.HostScan) {}), remediation.FixedConfirmed, "", ""},
		"no login":                          {login("local", "", func(h *remediation.HostScan) { h.Credentials = remediation.LoginNo }), remediation.AuthFailed, "needs a login", "scanner team"},
		"nobody says whether it logged in":  {login("combined", "", func(h *remediation.HostScan) { h.Credentials = "" }), remediation.AuthFailed, "needs a login", ""},
		"a summary without a login":         {login("summary", "", func(h *remediation.HostScan) { h.Credentials = remediation.LoginNo }), remediation.AuthFailed, "needs a login", ""},
		"a third party without a login":     {login("thirdparty", "", func(h *remediation.HostScan) { h.Credentials = "" }), remediation.AuthFailed, "needs a login", ""},
		"an unknown kind without a login":   {login("", "", func(h *remediation.HostScan) { h.Credentials = "" }), remediation.AuthFailed, "needs a login", ""},
		"LOCAL in capitals without a login": {login("LOCAL", "", func(h *remediation.HostScan) { h.Credentials = "" }), remediation.AuthFailed, "needs a login", ""},
		"Remote in capitals needs none":     {login("Remote", "", func(h *remediation.HostScan) { h.Credentials, h.Logins = "", nil }), remediation.FixedConfirmed, "", ""},
		"a login of unknown rights":         {login("local", "", func(h *remediation.HostScan) { h.Logins = nil }), remediation.AuthFailed, "rights", ""},
		"too few rights": {login("local", "", func(h *remediation.HostScan) {
			h.LoginTroubles = []remediation.LoginTrouble{{Plugin: 110385, Protocol: "SSH"}}
		}), remediation.AuthFailed, "110385 SSH", ""},
		"a trouble of no protocol": {login("local", "", func(h *remediation.HostScan) {
			h.LoginTroubles = []remediation.LoginTrouble{{Plugin: 21745}}
		}), remediation.AuthFailed, "21745", ""},
		"SMB failed, SSH works": {login("local", "Misc.", func(h *remediation.HostScan) {
			h.LoginTroubles = []remediation.LoginTrouble{{Plugin: 104410, Protocol: "SMB"}}
		}), remediation.FixedConfirmed, "", ""},
		"an API of its own works": {login("local", "VMware ESX Local Security Checks", func(h *remediation.HostScan) {
			h.Logins = []string{"HTTPS"}
		}), remediation.FixedConfirmed, "", ""},
		"SSH works, and the check uses SMB": {login("local", "Windows : Microsoft Bulletins", func(*remediation.HostScan) {}), remediation.AuthFailed, "SMB", ""},
		"SSH works, SMB fails, and the check uses SMB": {login("combined", "Windows", func(h *remediation.HostScan) {
			h.Logins = []string{"SSH", "SMB"}
			h.LoginTroubles = []remediation.LoginTrouble{{Plugin: 24786, Protocol: "SMB"}}
		}), remediation.AuthFailed, "24786", ""},

		// Whether it came to the port.
		"a listener that a firewall hides": {change(func(h *remediation.HostScan) {
			h.Listed, h.OpenPorts = true, []remediation.Port{{Number: 445, Protocol: "TCP", Observer: 34220}}
		}), remediation.PortNotObserved, "hidden from the scanner", "network team"},
		"a listener that a firewall hides, closed ports accepted": {func(f *remediation.Facts) {
			f.Scan.Hosts[0].Listed, f.Scan.Hosts[0].OpenPorts[0].Network = true, false
			f.Exceptions.ClosedPorts = eve
		}, remediation.PortNotObserved, "hidden from the scanner", "network team"},
		"a listener, for a check that logs in": {login("combined", "Misc.", func(h *remediation.HostScan) {
			h.Listed, h.OpenPorts[0].Network = true, false
		}), remediation.FixedConfirmed, "", ""},
		"closed": {change(func(h *remediation.HostScan) { h.Listed, h.OpenPorts = true, nil }), remediation.PortNotObserved, "is closed", "patch owner"},
		"closed, and accepted": {func(f *remediation.Facts) {
			f.Scan.Hosts[0].Listed, f.Scan.Hosts[0].OpenPorts, f.Exceptions.ClosedPorts = true, nil, eve
		}, remediation.FixedConfirmed, "a closed port was accepted by eve: known", ""},
		"closed or filtered": {change(func(h *remediation.HostScan) { h.OpenPorts = nil }), remediation.PortNotObserved, "closed or filtered", "network team"},
		"closed or filtered, closed ports accepted": {func(f *remediation.Facts) {
			f.Scan.Hosts[0].OpenPorts, f.Exceptions.ClosedPorts = nil, eve
		}, remediation.PortNotObserved, "closed or filtered", ""},
		"outside the range, closed ports accepted": {func(f *remediation.Facts) {
			f.Scan.PortRange, f.Scan.Hosts[0].Listed, f.Exceptions.ClosedPorts = "80", true, eve
		}, remediation.PortNotObserved, "outside the range", "scanner team"},
		"not among the scanner's default ports, perhaps": {func(f *remediation.Facts) {
			f.Scan.PortRange, f.Scan.Hosts[0].Listed, f.Scan.Hosts[0].OpenPorts, f.Exceptions.ClosedPorts = "default", true, nil, eve
		}, remediation.PortNotObserved, "closed or filtered", ""},
		"a port that nobody names":     {func(f *remediation.Facts) { f.Baseline[0].Port = remediation.NoPort }, remediation.PortNotObserved, "do not say", ""},
		"a protocol that nobody names": {func(f *remediation.Facts) { f.Baseline[0].Protocol = "" }, remediation.PortNotObserved, "do not say", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			facts := proven()
			test.change(&facts)
			got := remediation.Judge(facts).Findings
			require.Len(t, got, 1)
			require.Equal(t, test.verdict, got[0].Verdict, got[0].Reason)
			require.Contains(t, got[0].Reason, test.reason)
			if test.next != "" {
				require.Equal(t, test.next, got[0].Next)
			}
			require.NotContains(t, got[0].Reason, "%!")
		})
	}
}

func TestNotes(t *testing.T) {
	t.Parallel()
	facts := proven()
	facts.Before = []remediation.HostScan{{Host: remediation.Host{Address: "10.0.0.5"}, Report: "Nessus version : 10", Scanner: "192.0.2.1"}}
	facts.Scan.Hosts[0].Scanner = "192.0.2.2"
	facts.Baseline[0].RiskRecast = true
	got := remediation.Judge(facts)
	require.Equal(t, remediation.OutcomeFixed, got.Outcome)
	require.Contains(t, strings.Join(got.Notes, " "), "recast the risk of 1 finding:")
	require.Contains(t, strings.Join(got.Notes, " "), "another scanner than before looked at 1 host:")
}

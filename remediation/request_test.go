package remediation_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
)

func TestParseTargets(t *testing.T) {
	t.Parallel()
	targets, err := remediation.ParseTargets([]string{"10.0.0.5", "10.0.0.6", "10.1.0.0/24", "10.2.0.1-10.2.0.3", "fd00::1", "Web1.Example.com.", "db_1"})
	require.NoError(t, err)
	require.Equal(t, []string{"10.0.0.5", "10.0.0.6", "fd00::1", "10.1.0.0/24", "10.2.0.1-10.2.0.3", "db_1", "web1.example.com"}, targets.Strings())
	for host, in := range map[remediation.Host]bool{
		{Address: "10.0.0.5"}:                                 true,
		{Address: "10.1.0.255"}:                               true,
		{Address: "10.2.0.4"}:                                 false,
		{Address: "fd00::1"}:                                  true,
		{Address: "192.168.0.1", DNSName: "WEB1.example.com"}: true,
		{DNSName: "other.example.com"}:                        false,
		{}:                                                    false,
	} {
		require.Equal(t, in, targets.Contains(host), "%v", host)
	}

	for _, bad := range []string{"", " ", "10.0.0.256", "10.0.0", "10.0.0.0/33", "10.0.0.5-10.0.0.1", "10.0.0.1-5", "a b", "-x.example.com", "x..y", "fe80::1%eth0", "http://web1", "10.0.0.5;10.0.0.6", strings.Repeat("a", 64) + ".com"} {
		_, err := remediation.ParseTargets([]string{"10.0.0.5", bad})
		require.Error(t, err, "%q", bad)
	}
}

func TestSameTargets(t *testing.T) {
	t.Parallel()
	request := func(targets ...string) remediation.Request { return remediation.Request{Targets: targets} }
	require.True(t, request("10.0.0.5", "10.0.0.6").SameTargets(request("10.0.0.5-10.0.0.6")))
	require.True(t, request("10.0.0.0/30", "A.example").SameTargets(request("a.example.", "10.0.0.2", "10.0.0.0/31", "10.0.0.3")))
	require.False(t, request("10.0.0.5").SameTargets(request("10.0.0.5", "10.0.0.6")))
	require.True(t, remediation.Request{Assets: []int{2, 1}}.SameTargets(remediation.Request{Assets: []int{1, 2, 2}}))
	require.False(t, remediation.Request{Assets: []int{2}}.SameTargets(request("10.0.0.5")))
}

func valid() remediation.Request {
	return remediation.Request{Ticket: "VULN-1", Plugin: 97833, Repository: 1, Targets: []string{"10.0.0.5"}}
}

func TestRequestDefaults(t *testing.T) {
	t.Parallel()
	r, err := valid().Complete()
	require.NoError(t, err)
	require.Equal(t, remediation.DefaultSC, r.SC)
	require.Equal(t, 365, *r.Scan.ClassifyMitigatedAge, "with the 0 of the guide's example a dead host's findings vanish")
	require.Equal(t, "Remediation Scan of Plugin #97833", r.Scan.Name)
	require.Equal(t, "import", r.Scan.TimeoutAction)
	require.Equal(t, r, r.WithDefaults(), "defaults are a fixed point")

	text, err := json.Marshal(r)
	require.NoError(t, err)
	require.Contains(t, string(text), `"timeout":"24h0m0s"`)
	var again remediation.Request
	require.NoError(t, json.Unmarshal(text, &again))
	require.Equal(t, r, again)
}

func TestRequestIsRefused(t *testing.T) {
	t.Parallel()
	age := func(days int) *int { return &days }
	for field, change := range map[string]func(*remediation.Request){
		"ticket: is missing":      func(r *remediation.Request) { r.Ticket = "  " },
		"ticket: is longer":       func(r *remediation.Request) { r.Ticket = strings.Repeat("é", 256) },
		"plugin: 0":               func(r *remediation.Request) { r.Plugin = 0 },
		"repository: -1":          func(r *remediation.Request) { r.Repository = -1 },
		"family: -3":              func(r *remediation.Request) { r.Family = -3 },
		"ip: is missing":          func(r *remediation.Request) { r.Targets = nil },
		"ip: give either":         func(r *remediation.Request) { r.Assets = []int{1} },
		"asset: -4":               func(r *remediation.Request) { r.Targets, r.Assets = nil, []int{-4} },
		"scan-asset: there is no": func(r *remediation.Request) { r.Scan.ScanAssets = true },
		"timeout: 1ms":            func(r *remediation.Request) { r.Timeout = remediation.Duration(time.Millisecond) },
		"poll: -1s":               func(r *remediation.Request) { r.Poll = remediation.Duration(-time.Second) },
		"max-scans: -1":           func(r *remediation.Request) { r.MaxScans = -1 },
		"max-scans: 2 cannot":     func(r *remediation.Request) { r.MaxScans = 2 },
		"rescan-delay: 1h0m0s":    func(r *remediation.Request) { r.RescanDelay = remediation.Duration(time.Hour) },
		"classify-mitigated-age: 7 days is not allowed: use one of 0, 1, 2": func(r *remediation.Request) { r.Scan.ClassifyMitigatedAge = age(7) },
		"max-scan-time: 30m0s":                         func(r *remediation.Request) { r.Scan.MaxScanTime = remediation.Duration(30 * time.Minute) },
		"max-scan-time: 121h0m0s":                      func(r *remediation.Request) { r.Scan.MaxScanTime = remediation.Duration(121 * time.Hour) },
		"timeout-action: \"stop\"":                     func(r *remediation.Request) { r.Scan.TimeoutAction = "stop" },
		"rollover-type: timeout-action rollover needs": func(r *remediation.Request) { r.Scan.TimeoutAction = "rollover" },
		"rollover-type: only goes with":                func(r *remediation.Request) { r.Scan.RolloverType = "nextday" },
		"port-range: port range: \"0\"":                func(r *remediation.Request) { r.Scan.PortRange = "445,0" },
		"schedule-time-zone: \"Mars/Olympus\"":         func(r *remediation.Request) { r.Scan.ScheduleTimeZone = "Mars/Olympus" },
		"credential: 0":                                func(r *remediation.Request) { r.Scan.Credentials = []int{4, 0} },
		"zone: -1":                                     func(r *remediation.Request) { r.Scan.Zone = -1 },
		"preference: \"portscan_range\" cannot be set": func(r *remediation.Request) { r.Scan.Preferences = map[string]string{"portscan_range": "1"} },
	} {
		r := valid()
		change(&r)
		_, err := r.Complete()
		require.ErrorContains(t, err, field)
	}
}

func TestPortRange(t *testing.T) {
	t.Parallel()
	finding := func(port int, protocol string) remediation.Finding {
		return remediation.Finding{Port: port, Protocol: protocol, State: remediation.StateOpen}
	}
	for _, test := range []struct {
		findings []remediation.Finding
		login    bool
		want     string
	}{
		{[]remediation.Finding{finding(445, "TCP"), finding(443, "TCP"), finding(445, "TCP")}, false, "443,445"},
		{[]remediation.Finding{finding(8000, "TCP"), finding(8001, "TCP"), finding(8002, "TCP")}, false, "8000-8002"},
		{[]remediation.Finding{finding(0, "TCP")}, false, "default"},
		{[]remediation.Finding{finding(0, "TCP")}, true, "22,135,139,445"},
		{[]remediation.Finding{finding(161, "udp")}, false, "U:161"},
		{[]remediation.Finding{finding(161, "UDP"), finding(445, "TCP")}, false, "T:445,U:161"},
		{[]remediation.Finding{{Port: 80, Protocol: "TCP", State: remediation.StateAbsent}}, false, "default"},
	} {
		got := remediation.PortRange(test.findings, test.login)
		require.Equal(t, test.want, got)
		require.NoError(t, remediation.ValidatePortRange(got))
		for _, f := range test.findings {
			if f.Port > 0 {
				require.True(t, remediation.PortRangeContains(got, f.Port, f.Protocol))
			}
		}
	}
	require.False(t, remediation.PortRangeContains("T:445,U:161", 161, "TCP"))
	require.False(t, remediation.PortRangeContains("T:1-100,200,U:161", 200, "UDP"))
	require.True(t, remediation.ScansUDP("T:445,U:161"))
	for _, bad := range []string{"", "x", "0", "65536", "10-5", "T:", "445,,446", "1-2-3", "+80", "-80", "8 0", "80-+90", "T:+1", "８０"} {
		require.Error(t, remediation.ValidatePortRange(bad), "%q", bad)
	}
}

// What is sent to the scanner is what was checked, and not another way to write it.
func TestPortRangeIsNormal(t *testing.T) {
	t.Parallel()
	r := valid()
	r.Scan.PortRange = " t:80, 443 ,u:161 "
	r, err := r.Complete()
	require.NoError(t, err)
	require.Equal(t, "T:80,443,U:161", r.Scan.PortRange)
}

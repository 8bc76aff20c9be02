package verification

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
)

func TestRequestOfFlags(t *testing.T) {
	t.Parallel()
	read := func(t *testing.T, args ...string) remediation.Request {
		t.Helper()
		c := newTrial(t)
		var f verifyFlags
		cmd := c.verifyCommand()
		cmd.ResetFlags()
		f.define(cmd.Flags())
		require.NoError(t, cmd.ParseFlags(args))
		request, err := f.read(cmd, c.Who())
		require.NoError(t, err)
		return request
	}
	least := read(t, "--ticket", "VULN-3", "--plugin", "97833", "--repository", "1", "--ip", "10.0.0.9,web.example.com", "--ip", "10.0.0.5")
	require.Equal(t, remediation.Request{
		Ticket: "VULN-3", Plugin: 97833, Repository: 1, Targets: []string{"10.0.0.5", "10.0.0.9", "web.example.com"}, RequestedBy: "jo",
	}.WithDefaults(), least)

	age := 0
	require.Equal(t, remediation.Request{
		Ticket: "VULN-4", SC: "berlin", Plugin: 5, Repository: 2, Assets: []int{3, 7, 24}, Family: 20,
		Timeout: remediation.Duration(2 * time.Hour), Poll: remediation.Duration(5 * time.Second),
		Stall: remediation.Duration(3 * time.Hour), ConfirmFor: remediation.Duration(time.Minute), MitigatedWithin: remediation.Duration(48 * time.Hour),
		TrustPatched: true, TrustAddress: true, ClosedPortIsFixed: true, Reason: "the service was removed",
		Scan: remediation.ScanOptions{
			Name: "mine", PortRange: "80,443", Preferences: map[string]string{"a": "1,2", "b": ""}, Credentials: []int{4, 5}, Zone: 3, ScanAssets: true,
			ClassifyMitigatedAge: &age, DHCPTracking: true, EmailOnLaunch: true, EmailOnFinish: true, ScanningVirtualHosts: true,
			MaxScanTime: remediation.Duration(3 * time.Hour), RolloverType: "nextday", TimeoutAction: "rollover", ScheduleTimeZone: "Europe/Berlin",
		},
		RequestedBy: "ann",
	}.WithDefaults(), read(t, "--ticket", " VULN-4 ", "--sc", "berlin", "--plugin", "5", "--repository", "2", "--asset", "24,7", "--asset", "3", "--family", "20",
		"--timeout", "2h", "--poll", "5s", "--stall", "3h", "--confirm-for", "1m", "--mitigated-within", "48h",
		"--trust-patched", "--trust-address", "--closed-port-is-fixed", "--reason", "the service was removed",
		"--name", "mine", "--port-range", "80,443", "--preference", "a=1,2", "--preference", "b=", "--credential", "4", "--credential", "5",
		"--zone", "3", "--scan-asset", "--classify-mitigated-age", "0", "--dhcp-tracking", "--email-on-launch", "--email-on-finish",
		"--scanning-virtual-hosts", "--max-scan-time", "3h", "--rollover-type", "nextday", "--timeout-action", "rollover",
		"--schedule-time-zone", "Europe/Berlin", "--requested-by", "ann"))
}

// Whatever a request can say, the command line can say: the text about what differs names it.
func TestEveryFieldHasAFlag(t *testing.T) {
	t.Parallel()
	cmd := newTrial(t).verifyCommand()
	var check func(prefix string, kind reflect.Type)
	check = func(prefix string, kind reflect.Type) {
		for field := range kind.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if field.Type.Kind() == reflect.Struct {
				check(prefix+name+".", field.Type)
				continue
			}
			require.NotNil(t, cmd.Flags().Lookup(remediation.Flag(prefix+name)), prefix+name)
		}
	}
	check("", reflect.TypeFor[remediation.Request]())
}

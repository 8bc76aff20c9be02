package remediation_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
)

// What would break a log, forge a line, hide in a list or outgrow a payload is refused, whoever brings it.
func TestTextsOfARequest(t *testing.T) {
	t.Parallel()
	fields := map[string]func(*remediation.Request, string){
		"ticket":             func(r *remediation.Request, s string) { r.Ticket = s },
		"sc":                 func(r *remediation.Request, s string) { r.SC = s },
		"requested-by":       func(r *remediation.Request, s string) { r.RequestedBy = s },
		"reason":             func(r *remediation.Request, s string) { r.Reason = s },
		"name":               func(r *remediation.Request, s string) { r.Scan.Name = s },
		"port-range":         func(r *remediation.Request, s string) { r.Scan.PortRange = s },
		"schedule-time-zone": func(r *remediation.Request, s string) { r.Scan.ScheduleTimeZone = s },
		"rollover-type":      func(r *remediation.Request, s string) { r.Scan.RolloverType = s },
		"timeout-action":     func(r *remediation.Request, s string) { r.Scan.TimeoutAction = s },
		"preference": func(r *remediation.Request, s string) {
			r.Scan.Preferences = map[string]string{s: "on"}
		},
		"preference: \"verbosity\"": func(r *remediation.Request, s string) {
			r.Scan.Preferences = map[string]string{"verbosity": s}
		},
		"ip": func(r *remediation.Request, s string) { r.Targets = []string{s} },
	}
	for what, text := range map[string]string{
		"a line end":             "A\nB",
		"an escape":              "A\x1b[2J",
		"a C1 control":           "A\u009b2J",
		"DEL":                    "A\x7f",
		"bytes that are no text": "A\xff\xfe",
		"what is left of them":   "A\ufffd",
		"a change of direction":  "A\u202eB",
		"an isolate":             "A\u2066B",
		"a zero-width space":     "A\u200bB",
		"a byte order mark":      "\ufeffA",
		"a line separator":       "A\u2028B",
		"far too many letters":   strings.Repeat("x", 100_000),
	} {
		for field, set := range fields {
			r := valid()
			set(&r, text)
			_, err := r.Complete()
			require.ErrorContains(t, err, field+": ", "%s: %s", field, what)
			require.Less(t, len(err.Error()), 1000, "an error is a sentence")
			require.NotContains(t, err.Error(), "\x1b")
			require.NotContains(t, err.Error(), "\u202e")
		}
	}
}

func TestTextsThatAreTaken(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"VULN-3", "Änderung 7 / Größe", "変更-12", "O'Brien \"x\" <a@b>", "100%_ü", "🔒 1"} {
		r := valid()
		r.Ticket, r.RequestedBy, r.Reason, r.Scan.Name = text, text, text, text
		r.Scan.Preferences = map[string]string{"silent_dependencies": text}
		_, err := r.Complete()
		require.NoError(t, err, text)
	}
}

func TestNumbersOfARequest(t *testing.T) {
	t.Parallel()
	ids := func(n int) (list []int) {
		for i := range n {
			list = append(list, i+1)
		}
		return list
	}
	for field, change := range map[string]func(*remediation.Request){
		"plugin: 4294967296 is not a plugin ID":         func(r *remediation.Request) { r.Plugin = 1 << 32 },
		"repository: 4294967296 is not a repository ID": func(r *remediation.Request) { r.Repository = 1 << 32 },
		"family: 4294967296 is not a family ID":         func(r *remediation.Request) { r.Family = 1 << 32 },
		"zone: 4294967296 is not an ID":                 func(r *remediation.Request) { r.Scan.Zone = 1 << 32 },
		"asset: 0 means all":                            func(r *remediation.Request) { r.Targets, r.Assets = nil, []int{0} },
		"asset: 4294967296":                             func(r *remediation.Request) { r.Targets, r.Assets = nil, []int{1 << 32} },
		"asset: 101 are more":                           func(r *remediation.Request) { r.Targets, r.Assets = nil, ids(101) },
		"credential: 101 are more":                      func(r *remediation.Request) { r.Scan.Credentials = ids(101) },
		"preference: 101 are more": func(r *remediation.Request) {
			r.Scan.Preferences = map[string]string{}
			for _, id := range ids(101) {
				r.Scan.Preferences[fmt.Sprint("p", id)] = "x"
			}
		},
		"preference: together": func(r *remediation.Request) {
			r.Scan.Preferences = map[string]string{}
			for _, id := range ids(50) {
				r.Scan.Preferences[fmt.Sprint("p", id)] = strings.Repeat("<", 900)
			}
		},
		"ip: together": func(r *remediation.Request) {
			r.Targets = nil
			for _, id := range ids(900) {
				r.Targets = append(r.Targets, fmt.Sprintf("h%d.%s", id, strings.Repeat(strings.Repeat("a", 60)+".", 3)))
			}
		},
	} {
		r := valid()
		change(&r)
		_, err := r.Complete()
		require.ErrorContains(t, err, field)
	}
}

func TestTimesOfARequest(t *testing.T) {
	t.Parallel()
	hours := func(n int) remediation.Duration { return remediation.Duration(time.Duration(n) * time.Hour) }
	for field, change := range map[string]func(*remediation.Request){
		"timeout: -1h0m0s":            func(r *remediation.Request) { r.Timeout = hours(-1) },
		"stall: -1h0m0s":              func(r *remediation.Request) { r.Stall = hours(-1) },
		"confirm-for: -1h0m0s":        func(r *remediation.Request) { r.ConfirmFor = hours(-1) },
		"mitigated-within: -1h0m0s":   func(r *remediation.Request) { r.MitigatedWithin = hours(-1) },
		"mitigated-within: 240000h":   func(r *remediation.Request) { r.MitigatedWithin = hours(240_000) },
		"max-scan-time: -1h0m0s":      func(r *remediation.Request) { r.Scan.MaxScanTime = hours(-1) },
		"rescan-delay: -1h0m0s":       func(r *remediation.Request) { r.RescanDelay = hours(-1) },
		"poll: 2h0m0s is longer than": func(r *remediation.Request) { r.Timeout, r.Poll = hours(1), hours(2) },
	} {
		r := valid()
		change(&r)
		_, err := r.Complete()
		require.ErrorContains(t, err, field)
	}

	r := valid()
	r.Timeout = remediation.Duration(30 * time.Second)
	r, err := r.Complete()
	require.NoError(t, err, "only a poll that was asked for can be too long")
	require.Equal(t, r.Timeout, r.Poll)
	require.Equal(t, hours(30*24), r.MitigatedWithin)
}

// Whoever sets a rule aside has a name and says why.
func TestExceptionsAreSigned(t *testing.T) {
	t.Parallel()
	for flag, set := range map[string]func(*remediation.Request){
		"trust-patched":        func(r *remediation.Request) { r.TrustPatched = true },
		"trust-address":        func(r *remediation.Request) { r.TrustAddress = true },
		"closed-port-is-fixed": func(r *remediation.Request) { r.ClosedPortIsFixed = true },
	} {
		r := valid()
		set(&r)
		r.RequestedBy = "eve"
		_, err := r.Complete()
		require.ErrorContains(t, err, "reason: is missing")
		require.ErrorContains(t, err, flag)
		r.RequestedBy, r.Reason = " ", "the service was removed"
		_, err = r.Complete()
		require.ErrorContains(t, err, "requested-by: is missing")
		require.ErrorContains(t, err, flag)
		r.RequestedBy = "eve"
		_, err = r.Complete()
		require.NoError(t, err)
	}
	r := valid()
	r.Reason = "change 12"
	_, err := r.Complete()
	require.NoError(t, err, "a reason alone harms nobody")
}

// A request stands in Temporal's history, which is no place for a secret.
func TestSecretsAreNoPreferences(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"password", "SSH password (unsafe!)", "ftp_passwd", "Passphrase for SSH key", "client-secret", "Private key", "private_key_file",
		"api token", "SNMP Community name", "community_string", "API key", "AccessKey", "http_pwd", "PIN", "login pass", "SSH_KEY", "credentials",
		"PASSWORD", "pass word", "Login configurations[password]:HTTP password :",
	} {
		r := valid()
		r.Scan.Preferences = map[string]string{name: "hunter2"}
		_, err := r.Complete()
		require.ErrorContains(t, err, "preference: ", name)
		require.ErrorContains(t, err, "credential", name)
		require.NotContains(t, err.Error(), "hunter2")
	}
	for _, name := range []string{
		"silent_dependencies", "safe_checks", "report_paranoia", "thorough_tests", "TestDefaultAccounts", "provided_creds_only", "tcp_scanner",
		"max_hosts", "bypass_proxy", "opinion", "keyboard_layout", "authoritative_only", "monkey",
	} {
		r := valid()
		r.Scan.Preferences = map[string]string{name: "yes"}
		_, err := r.Complete()
		require.NoError(t, err, name)
	}
}

package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"patchproof/remediation"
)

// noon is the time in tests.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// invocation is a run of the command in a test.
type invocation struct {
	Command
	stdout, stderr bytes.Buffer
}

// newInvocation is a command on no terminal, in an empty environment, that must not reach Temporal.
func newInvocation(t *testing.T, args ...string) *invocation {
	t.Helper()
	i := &invocation{}
	i.Command = Command{
		Args: args, Stdin: strings.NewReader(""), Stdout: &i.stdout, Stderr: &i.stderr,
		Environ:  []string{"USER=jo", "TEMPORAL_CONFIG_FILE=" + t.TempDir() + "/none.toml"},
		Terminal: func(io.Writer) (int, int, bool) { return 0, 0, false },
		Now:      func() time.Time { return noon },
		User:     func() string { return "nobody" },
		Connect: func(context.Context, client.Options) (temporalClient, error) {
			t.Error("Temporal was asked")
			return nil, errors.New("not in this test")
		},
		Tick: 10 * time.Millisecond, Patience: 50 * time.Millisecond, CheckTime: 10 * time.Second,
	}
	return i
}

func (i *invocation) run(t *testing.T) int {
	t.Helper()
	return run(t.Context(), i.Command)
}

func TestWrongUseStartsNothing(t *testing.T) {
	t.Parallel()
	verify := []string{"verify", "--ticket", "VULN-3", "--plugin", "97833", "--repository", "1"}
	with := func(args ...string) []string { return append(append([]string{}, verify...), args...) }
	for name, test := range map[string]struct {
		args []string
		want string // named in the sentence
	}{
		"unknown command":         {[]string{"verfy"}, `"verfy"`},
		"command of later":        {[]string{"serve"}, `"serve"`},
		"unknown help topic":      {[]string{"help", "nosuch"}, `"nosuch"`},
		"unknown shell":           {[]string{"completion", "foo"}, `"foo"`},
		"unknown flag":            {with("--ip", "10.0.0.5", "--bogus"), "--bogus"},
		"flag of later":           {with("--ip", "10.0.0.5", "--dry-run"), "--dry-run"},
		"no ticket":               {[]string{"verify", "--plugin", "1", "--repository", "1", "--ip", "10.0.0.5"}, "--ticket"},
		"no plugin":               {[]string{"verify", "--ticket", "A", "--repository", "1", "--ip", "10.0.0.5"}, "--plugin"},
		"no repository":           {[]string{"verify", "--ticket", "A", "--plugin", "1", "--ip", "10.0.0.5"}, "--repository"},
		"no targets":              {verify, "--ip"},
		"both kinds of targets":   {with("--ip", "10.0.0.5", "--asset", "3"), "--ip"},
		"empty ticket":            {[]string{"verify", "--ticket", " "}, "--ticket"},
		"ticket of two lines":     {[]string{"verify", "--ticket", "A\nB"}, "--ticket"},
		"malformed address":       {with("--ip", "10.0.0.256"), "--ip"},
		"empty entry":             {with("--ip", "10.0.0.5,"), "--ip"},
		"no address":              {with("--ip", ""), "--ip"},
		"asset that is no ID":     {with("--asset", "3,web"), "--asset"},
		"list with a blank":       {with("--ip", "10.0.0.5,", "10.0.0.6"), `"10.0.0.6"`},
		"plugin 0":                {[]string{"verify", "--plugin", "0"}, "--plugin"},
		"plugin of words":         {[]string{"verify", "--plugin", "x"}, "--plugin"},
		"negative repository":     {[]string{"verify", "--repository", "-1"}, "--repository"},
		"timeout without unit":    {with("--ip", "10.0.0.5", "--timeout", "24"), "--timeout"},
		"timeout of zero":         {with("--ip", "10.0.0.5", "--timeout", "0s"), "--timeout"},
		"timeout too long":        {with("--ip", "10.0.0.5", "--timeout", "3000h"), "--timeout"},
		"poll too short":          {with("--ip", "10.0.0.5", "--poll", "1ms"), "--poll"},
		"no scans":                {with("--ip", "10.0.0.5", "--max-scans", "0"), "--max-scans"},
		"scans of later":          {with("--ip", "10.0.0.5", "--max-scans", "1"), "--max-scans"},
		"rescans of later":        {with("--ip", "10.0.0.5", "--rescan-delay", "1m"), "--rescan-delay"},
		"mitigated age":           {with("--ip", "10.0.0.5", "--classify-mitigated-age", "7"), "--classify-mitigated-age"},
		"negative mitigated age":  {with("--ip", "10.0.0.5", "--classify-mitigated-age", "-1"), "--classify-mitigated-age"},
		"scan time":               {with("--ip", "10.0.0.5", "--max-scan-time", "500h"), "--max-scan-time"},
		"scan time in words":      {with("--ip", "10.0.0.5", "--max-scan-time", "forever"), "--max-scan-time"},
		"time-out action":         {with("--ip", "10.0.0.5", "--timeout-action", "explode"), "--timeout-action"},
		"rollover without action": {with("--ip", "10.0.0.5", "--rollover-type", "nextday"), "--rollover-type"},
		"port range":              {with("--ip", "10.0.0.5", "--port-range", "80-"), "--port-range"},
		"empty port range":        {with("--ip", "10.0.0.5", "--port-range", ""), "--port-range"},
		"time zone":               {with("--ip", "10.0.0.5", "--schedule-time-zone", "Mars/Base"), "--schedule-time-zone"},
		"credential":              {with("--ip", "10.0.0.5", "--credential", "0"), "--credential"},
		"zone":                    {with("--ip", "10.0.0.5", "--zone", "-3"), "--zone"},
		"preference":              {with("--ip", "10.0.0.5", "--preference", "verbose"), "--preference"},
		"preference twice":        {with("--ip", "10.0.0.5", "--preference", "a=1", "--preference", "a=2"), "--preference"},
		"ports as a preference":   {with("--ip", "10.0.0.5", "--preference", "portscan_range=1"), "--preference"},
		"asset to scan":           {with("--ip", "10.0.0.5", "--scan-asset"), "--scan-asset"},
		"switch":                  {with("--ip", "10.0.0.5", "--dhcp-tracking=perhaps"), "--dhcp-tracking"},
		"output":                  {with("--ip", "10.0.0.5", "-o", "yaml"), "--output"},
		"flag without value":      {[]string{"verify", "--ticket"}, "--ticket"},
		"status of nothing":       {[]string{"status"}, "KEY"},
		"status of an empty key":  {[]string{"status", ""}, "KEY"},
		"status output":           {[]string{"status", "A", "-o", "xml"}, "--output"},
		"list argument":           {[]string{"list", "VULN-3"}, `"VULN-3"`},
		"list phase":              {[]string{"list", "--phase", "scanning"}, "--phase"},
		"list outcome":            {[]string{"list", "--outcome", "good"}, "--outcome"},
		"list limit":              {[]string{"list", "--limit", "0"}, "--limit"},
		"cancel without reason":   {[]string{"cancel", "A"}, "--reason"},
		"cancel of two":           {[]string{"cancel", "A", "B", "--reason", "x"}, `"B"`},
		"cancel of nothing":       {[]string{"cancel", "--reason", "x"}, "KEY"},
		"cancel, empty reason":    {[]string{"cancel", "A", "--reason", ""}, "--reason"},
		"extend without by":       {[]string{"extend", "A", "--reason", "x"}, "--by"},
		"extend backwards":        {[]string{"extend", "A", "--by", "-1h", "--reason", "x"}, "--by"},
		"extend without reason":   {[]string{"extend", "A", "--by", "1h"}, "--reason"},
		"setup argument":          {[]string{"setup", "now"}, `"now"`},
		"version argument":        {[]string{"version", "1"}, `"1"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newInvocation(t, test.args...)
			require.Equal(t, exitUsage, i.run(t))
			require.Contains(t, i.stderr.String(), test.want)
			require.Contains(t, i.stderr.String(), "--help)")
			require.Equal(t, 1, strings.Count(i.stderr.String(), "\n"), "one sentence: %s", i.stderr.String())
			require.NotContains(t, i.stderr.String(), "strconv")
			require.Empty(t, i.stdout.String())
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		nil, {"help"}, {"verify", "--help"}, {"status", "-h"}, {"help", "list"}, {"cancel", "-h"}, {"extend", "-h"}, {"setup", "-h"}, {"version", "-h"},
	} {
		i := newInvocation(t, args...)
		require.Equal(t, exitOK, i.run(t), "%v", args)
		require.Contains(t, i.stdout.String(), "Examples:\n", "%v", args)
		require.Empty(t, i.stderr.String())
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	i := newInvocation(t, "version")
	require.Equal(t, exitOK, i.run(t))
	require.True(t, strings.HasPrefix(i.stdout.String(), "patchproof dev (go"), i.stdout.String())
}

func TestNoServer(t *testing.T) {
	t.Parallel()
	i := newInvocation(t, "list", "-o", "json")
	i.Connect = dial
	i.Environ = append(i.Environ, "TEMPORAL_ADDRESS=127.0.0.1:1")
	require.Equal(t, exitFailed, i.run(t))
	require.Equal(t, "patchproof: no Temporal server answers at 127.0.0.1:1: start one with `make dev` or set TEMPORAL_ADDRESS\n", i.stderr.String())
	require.Empty(t, i.stdout.String())
}

func TestBadProfile(t *testing.T) {
	t.Parallel()
	i := newInvocation(t, "list")
	i.Environ = append(i.Environ, "TEMPORAL_PROFILE=nosuch")
	require.Equal(t, exitFailed, i.run(t))
	require.Contains(t, i.stderr.String(), "nosuch")
}

func TestRequestOfFlags(t *testing.T) {
	t.Parallel()
	read := func(t *testing.T, args ...string) remediation.Request {
		t.Helper()
		a := &app{Command: newInvocation(t).Command}
		var f verifyFlags
		cmd := verifyCommand(a)
		cmd.ResetFlags()
		f.define(cmd.Flags())
		require.NoError(t, cmd.ParseFlags(args))
		request, err := f.read(cmd, a.user())
		require.NoError(t, err)
		return request
	}
	least := read(t, "--ticket", "VULN-3", "--plugin", "97833", "--repository", "1", "--ip", "10.0.0.9,web.example.com", "--ip", "10.0.0.5")
	require.Equal(t, remediation.Request{
		Ticket: "VULN-3", Plugin: 97833, Repository: 1, Targets: []string{"10.0.0.5", "10.0.0.9", "web.example.com"}, RequestedBy: "jo",
	}.WithDefaults(), least)

	age := 0
	require.Equal(t, remediation.Request{
		Ticket: "VULN-4", SC: "berlin", Plugin: 5, Repository: 2, Assets: []int{0, 7, 24}, Family: 20,
		Timeout: remediation.Duration(2 * time.Hour), Poll: remediation.Duration(5 * time.Second),
		Stall: remediation.Duration(3 * time.Hour), ConfirmFor: remediation.Duration(time.Minute),
		Scan: remediation.ScanOptions{
			Name: "mine", PortRange: "80,443", Preferences: map[string]string{"a": "1,2", "b": ""}, Credentials: []int{4, 5}, Zone: 3, ScanAssets: true,
			ClassifyMitigatedAge: &age, DHCPTracking: true, EmailOnLaunch: true, EmailOnFinish: true, ScanningVirtualHosts: true,
			MaxScanTime: remediation.Duration(3 * time.Hour), RolloverType: "nextday", TimeoutAction: "rollover", ScheduleTimeZone: "Europe/Berlin",
		},
		RequestedBy: "ann",
	}, read(t, "--ticket", " VULN-4 ", "--sc", "berlin", "--plugin", "5", "--repository", "2", "--asset", "24,7", "--asset", "0", "--family", "20",
		"--timeout", "2h", "--poll", "5s", "--stall", "3h", "--confirm-for", "1m",
		"--name", "mine", "--port-range", "80,443", "--preference", "a=1,2", "--preference", "b=", "--credential", "4", "--credential", "5",
		"--zone", "3", "--scan-asset", "--classify-mitigated-age", "0", "--dhcp-tracking", "--email-on-launch", "--email-on-finish",
		"--scanning-virtual-hosts", "--max-scan-time", "3h", "--rollover-type", "nextday", "--timeout-action", "rollover",
		"--schedule-time-zone", "Europe/Berlin", "--requested-by", "ann"))
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[remediation.Outcome]int{
		remediation.OutcomeFixed: 0, remediation.OutcomePartlyFixed: 3, remediation.OutcomeNotFixed: 3, remediation.OutcomeRiskAccepted: 3,
		remediation.OutcomeInconclusive: 4, remediation.OutcomeNothingFound: 4, remediation.OutcomeTimedOut: 4, remediation.OutcomeCancelled: 4, "": 1, "of a later version": 1,
	} {
		require.Equal(t, want, outcomeCode(outcome), outcome)
	}
	for _, test := range []struct {
		codes []int
		want  int
	}{{nil, 0}, {[]int{0, 0}, 0}, {[]int{0, 4}, 4}, {[]int{4, 3, 0}, 3}, {[]int{0, 3, 1, 4}, 1}} {
		require.Equal(t, test.want, worst(test.codes), "%v", test.codes)
	}
}

func TestIndexQuery(t *testing.T) {
	t.Parallel()
	all := filter{
		subject: subject{ticket: "VULN-3", plugin: 97833, repository: 1, sc: "berlin"}, phase: "done", outcome: "fixed", open: true,
	}
	require.Equal(t, "WorkflowType = 'RemediationWorkflow' AND PpTicket = 'VULN-3' AND PpPlugin = 97833 AND PpRepository = '1' AND "+
		"PpSC = 'berlin' AND PpPhase = 'done' AND PpOutcome = 'fixed' AND ExecutionStatus = 'Running'", all.query())
	require.Equal(t, "WorkflowType = 'RemediationWorkflow'", filter{}.query())
	for ticket, want := range map[string]string{
		"x' OR PpTicket != '":   " AND PpTicket STARTS_WITH 'x'",
		`back\slash`:            " AND PpTicket STARTS_WITH 'back'",
		`say "please"`:          " AND PpTicket STARTS_WITH 'say '",
		`100%_ü`:                " AND PpTicket = '100%_ü'",
		`"`:                     "",
		`' AND 1 = "1" \' OR '`: "",
	} {
		f := subject{ticket: ticket}.filter()
		require.Equal(t, "WorkflowType = 'RemediationWorkflow'"+want, f.query())
		require.True(t, f.takes(listed{Ticket: ticket}))
		require.False(t, f.takes(listed{Ticket: ticket + "x"}))
	}
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

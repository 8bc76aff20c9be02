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

	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/invocation"
	"patchproof/starter/internal/namespace"
	"patchproof/starter/verification"
)

// noon is the time in tests.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// trial is a run of the command in a test.
type trial struct {
	*command
	stdout, stderr bytes.Buffer
}

// newTrial is a command on no terminal, in an empty environment, that must not reach Temporal.
func newTrial(t *testing.T, args ...string) *trial {
	t.Helper()
	i := &trial{}
	i.command = &command{
		Invocation: invocation.Invocation{
			Args: args, Stdin: strings.NewReader(""), Stdout: &i.stdout, Stderr: &i.stderr,
			Environ:  []string{"USER=jo", "TEMPORAL_CONFIG_FILE=" + t.TempDir() + "/none.toml"},
			Terminal: func(io.Writer) (int, int, bool) { return 0, 0, false },
			Now:      func() time.Time { return noon },
			User:     func() string { return "nobody" },
		},
		Options: verification.Options{
			Connect: func(context.Context, client.Options) (namespace.Client, error) {
				t.Error("Temporal was asked")
				return nil, errors.New("not in this test")
			},
			Tick: 10 * time.Millisecond, Patience: 50 * time.Millisecond, Answer: 50 * time.Millisecond,
		},
		CheckTime: 10 * time.Second,
	}
	return i
}

func (i *trial) run(t *testing.T) int {
	t.Helper()
	return run(t.Context(), i.command)
}

func TestWrongUseStartsNothing(t *testing.T) {
	t.Parallel()
	verify := []string{"verify", "--ticket", "VULN-3", "--plugin", "97833", "--repository", "1"}
	with := func(args ...string) []string { return append(append([]string{}, verify...), args...) }
	for name, test := range map[string]struct {
		args []string
		want string // named in the sentence
	}{
		"unknown command":          {[]string{"verfy"}, `"verfy"`},
		"command of later":         {[]string{"serve"}, `"serve"`},
		"unknown help topic":       {[]string{"help", "nosuch"}, `"nosuch"`},
		"unknown shell":            {[]string{"completion", "foo"}, `"foo"`},
		"unknown flag":             {with("--ip", "10.0.0.5", "--bogus"), "--bogus"},
		"flag of later":            {with("--ip", "10.0.0.5", "--dry-run"), "--dry-run"},
		"no ticket":                {[]string{"verify", "--plugin", "1", "--repository", "1", "--ip", "10.0.0.5"}, "--ticket"},
		"no plugin":                {[]string{"verify", "--ticket", "A", "--repository", "1", "--ip", "10.0.0.5"}, "--plugin"},
		"no repository":            {[]string{"verify", "--ticket", "A", "--plugin", "1", "--ip", "10.0.0.5"}, "--repository"},
		"no targets":               {verify, "--ip"},
		"both kinds of targets":    {with("--ip", "10.0.0.5", "--asset", "3"), "--ip"},
		"empty ticket":             {[]string{"verify", "--ticket", " "}, "--ticket"},
		"ticket of two lines":      {[]string{"verify", "--ticket", "A\nB"}, "--ticket"},
		"malformed address":        {with("--ip", "10.0.0.256"), "--ip"},
		"empty entry":              {with("--ip", "10.0.0.5,"), "--ip"},
		"no address":               {with("--ip", ""), "--ip"},
		"asset that is no ID":      {with("--asset", "3,web"), "--asset"},
		"list with a blank":        {with("--ip", "10.0.0.5,", "10.0.0.6"), `"10.0.0.6"`},
		"plugin 0":                 {[]string{"verify", "--plugin", "0"}, "--plugin"},
		"plugin of words":          {[]string{"verify", "--plugin", "x"}, "--plugin"},
		"negative repository":      {[]string{"verify", "--repository", "-1"}, "--repository"},
		"timeout without unit":     {with("--ip", "10.0.0.5", "--timeout", "24"), "--timeout"},
		"timeout of zero":          {with("--ip", "10.0.0.5", "--timeout", "0s"), "--timeout"},
		"timeout too long":         {with("--ip", "10.0.0.5", "--timeout", "3000h"), "--timeout"},
		"poll too short":           {with("--ip", "10.0.0.5", "--poll", "1ms"), "--poll"},
		"poll beyond the timeout":  {with("--ip", "10.0.0.5", "--timeout", "1h", "--poll", "2h"), "--poll"},
		"exception without reason": {with("--ip", "10.0.0.5", "--trust-patched"), "--reason"},
		"mitigated when":           {with("--ip", "10.0.0.5", "--mitigated-within", "200000h"), "--mitigated-within"},
		"all defined ranges":       {with("--asset", "0"), "--asset"},
		"loopback":                 {with("--ip", "127.0.0.1"), "--ip"},
		"the whole internet":       {with("--ip", "0.0.0.0/0"), "--ip"},
		"cloud metadata":           {with("--ip", "::ffff:169.254.169.254"), "--ip"},
		"secret as a preference":   {with("--ip", "10.0.0.5", "--preference", "password=x"), "--preference"},
		"change of direction":      {[]string{"verify", "--ticket", "A\u202eB", "--plugin", "1", "--repository", "1", "--ip", "10.0.0.5"}, "--ticket"},
		"no scans":                 {with("--ip", "10.0.0.5", "--max-scans", "0"), "--max-scans"},
		"scans of later":           {with("--ip", "10.0.0.5", "--max-scans", "1"), "--max-scans"},
		"rescans of later":         {with("--ip", "10.0.0.5", "--rescan-delay", "1m"), "--rescan-delay"},
		"mitigated age":            {with("--ip", "10.0.0.5", "--classify-mitigated-age", "7"), "--classify-mitigated-age"},
		"negative mitigated age":   {with("--ip", "10.0.0.5", "--classify-mitigated-age", "-1"), "--classify-mitigated-age"},
		"scan time":                {with("--ip", "10.0.0.5", "--max-scan-time", "500h"), "--max-scan-time"},
		"scan time in words":       {with("--ip", "10.0.0.5", "--max-scan-time", "forever"), "--max-scan-time"},
		"time-out action":          {with("--ip", "10.0.0.5", "--timeout-action", "explode"), "--timeout-action"},
		"rollover without action":  {with("--ip", "10.0.0.5", "--rollover-type", "nextday"), "--rollover-type"},
		"port range":               {with("--ip", "10.0.0.5", "--port-range", "80-"), "--port-range"},
		"empty port range":         {with("--ip", "10.0.0.5", "--port-range", ""), "--port-range"},
		"time zone":                {with("--ip", "10.0.0.5", "--schedule-time-zone", "Mars/Base"), "--schedule-time-zone"},
		"credential":               {with("--ip", "10.0.0.5", "--credential", "0"), "--credential"},
		"zone":                     {with("--ip", "10.0.0.5", "--zone", "-3"), "--zone"},
		"preference":               {with("--ip", "10.0.0.5", "--preference", "verbose"), "--preference"},
		"preference twice":         {with("--ip", "10.0.0.5", "--preference", "a=1", "--preference", "a=2"), "--preference"},
		"ports as a preference":    {with("--ip", "10.0.0.5", "--preference", "portscan_range=1"), "--preference"},
		"asset to scan":            {with("--ip", "10.0.0.5", "--scan-asset"), "--scan-asset"},
		"switch":                   {with("--ip", "10.0.0.5", "--dhcp-tracking=perhaps"), "--dhcp-tracking"},
		"output":                   {with("--ip", "10.0.0.5", "-o", "yaml"), "--output"},
		"flag without value":       {[]string{"verify", "--ticket"}, "--ticket"},
		"status of nothing":        {[]string{"status"}, "KEY"},
		"status of an empty key":   {[]string{"status", ""}, "KEY"},
		"status output":            {[]string{"status", "A", "-o", "xml"}, "--output"},
		"list argument":            {[]string{"list", "VULN-3"}, `"VULN-3"`},
		"list phase":               {[]string{"list", "--phase", "scanning"}, "--phase"},
		"list outcome":             {[]string{"list", "--outcome", "good"}, "--outcome"},
		"list limit":               {[]string{"list", "--limit", "0"}, "--limit"},
		"cancel without reason":    {[]string{"cancel", "A"}, "--reason"},
		"cancel of two":            {[]string{"cancel", "A", "B", "--reason", "x"}, `"B"`},
		"cancel of nothing":        {[]string{"cancel", "--reason", "x"}, "KEY"},
		"cancel, empty reason":     {[]string{"cancel", "A", "--reason", ""}, "--reason"},
		"extend without by":        {[]string{"extend", "A", "--reason", "x"}, "--by"},
		"extend backwards":         {[]string{"extend", "A", "--by", "-1h", "--reason", "x"}, "--by"},
		"extend without reason":    {[]string{"extend", "A", "--by", "1h"}, "--reason"},
		"reason of directions":     {[]string{"cancel", "A", "--reason", "a\u202eb"}, "--reason"},
		"actor of directions":      {[]string{"extend", "A", "--by", "1h", "--reason", "x", "--actor", "a\u202eb"}, "--actor"},
		"hold of nothing":          {[]string{"hold", "--reason", "x"}, "--sc"},
		"hold without reason":      {[]string{"hold", "--sc", "default"}, "--reason"},
		"hold argument":            {[]string{"hold", "default"}, `"default"`},
		"reason of a hold":         {[]string{"hold", "--sc", "default", "--reason", "a\u202eb"}, "--reason"},
		"actor of a hold":          {[]string{"hold", "--sc", "default", "--reason", "x", "--actor", "a\u202eb"}, "--actor"},
		"hold of directions":       {[]string{"hold", "--sc", "a\u202eb", "--reason", "x"}, "--sc"},
		"long words of a hold":     {[]string{"hold", "--sc", "default", "--reason", strings.Repeat("x", 999)}, "--reason"},
		"release without reason":   {[]string{"release", "--sc", "default"}, "--reason"},
		"release of nothing":       {[]string{"release", "--reason", "x"}, "--sc"},
		"setup argument":           {[]string{"setup", "now"}, `"now"`},
		"version argument":         {[]string{"version", "1"}, `"1"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newTrial(t, test.args...)
			require.Equal(t, exit.Usage, i.run(t))
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
		nil, {"help"}, {"verify", "--help"}, {"status", "-h"}, {"help", "list"}, {"cancel", "-h"}, {"extend", "-h"}, {"hold", "-h"}, {"release", "-h"}, {"setup", "-h"}, {"version", "-h"},
	} {
		i := newTrial(t, args...)
		require.Equal(t, exit.OK, i.run(t), "%v", args)
		require.Contains(t, i.stdout.String(), "Examples:\n", "%v", args)
		require.Empty(t, i.stderr.String())
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	i := newTrial(t, "version")
	require.Equal(t, exit.OK, i.run(t))
	require.True(t, strings.HasPrefix(i.stdout.String(), "patchproof dev (go"), i.stdout.String())
}

func TestNoServer(t *testing.T) {
	t.Parallel()
	i := newTrial(t, "list", "-o", "json")
	i.Connect = namespace.Dial
	i.Environ = append(i.Environ, "TEMPORAL_ADDRESS=127.0.0.1:1")
	require.Equal(t, exit.Failed, i.run(t))
	require.Equal(t, "patchproof: no Temporal server answers at 127.0.0.1:1: start one with `make dev` or set TEMPORAL_ADDRESS\n", i.stderr.String())
	require.Empty(t, i.stdout.String())
}

func TestBadProfile(t *testing.T) {
	t.Parallel()
	i := newTrial(t, "list")
	i.Environ = append(i.Environ, "TEMPORAL_PROFILE=nosuch")
	require.Equal(t, exit.Failed, i.run(t))
	require.Contains(t, i.stderr.String(), "nosuch")
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

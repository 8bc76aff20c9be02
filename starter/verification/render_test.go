package verification

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/follow"
	"patchproof/starter/internal/namespace"
	"patchproof/starter/internal/term"
	"patchproof/workflows"
)

// decided is a verification that has ended.
func decided() follow.View {
	finished := noon.Add(-time.Minute)
	return follow.View{
		Ticket: "VULN-3", Known: true, Done: true,
		Status: workflows.Status{
			Ticket: "VULN-3", Plugin: 97833, PluginName: "MS17-010 check", Repository: 1, SC: "default",
			WorkflowID: "patchproof/default/1/97833/VULN-3", RunID: "0001", Phase: workflows.PhaseDone, Outcome: remediation.OutcomePartlyFixed,
			StartedAt: finished.Add(-90 * time.Second), FinishedAt: &finished, Deadline: noon.Add(24 * time.Hour),
			Findings: []remediation.Judged{
				{Host: "10.0.0.5", DNSName: "web1.example.com", Port: 445, Protocol: "TCP", Verdict: remediation.FixedConfirmed, Reason: "clean scan, and mitigated since"},
				{Host: "10.0.0.8", Port: 0, Protocol: "TCP", Verdict: remediation.StillVulnerable, Reason: "the scan saw it\x1b[2J again", Next: "patch owner"},
			},
			Scans: []workflows.Scan{{Number: 1, PolicyID: "1000001", ScanID: "7", ScanResultID: "12", Status: "Completed", ImportStatus: "Finished"}},
			Notes: []string{"Security Center lacks plugin 117887"},
		},
	}
}

func running() follow.View {
	return follow.View{
		Ticket: "VULN-4", Known: true,
		Status: workflows.Status{
			Ticket: "VULN-4", Plugin: 5, Repository: 2, Phase: workflows.PhaseScanning, StartedAt: noon.Add(-42 * time.Second),
			Deadline: noon.Add(time.Hour), Scans: []workflows.Scan{{Number: 1, Status: "Running"}},
		},
		Waiting: "scan Running, 1 of 3 hosts",
	}
}

func TestVerdictTable(t *testing.T) {
	t.Parallel()
	i := newTrial(t)
	ns := &namespace.Namespace{Name: "default", UI: "http://localhost:8233/"}
	_, err := i.report(ns, []follow.View{decided()}, form{output: flags.OutputTable})
	require.NoError(t, err)
	require.Equal(t, `VULN-3: partly-fixed after 1m30s: plugin 97833 (MS17-010 check) in repository 1, 2 findings, 1 scan

HOST                       PORT     VERDICT           REASON                           NEXT
10.0.0.5 web1.example.com  445/tcp  fixed-confirmed   clean scan, and mitigated since
10.0.0.8                   -        still-vulnerable  the scan saw it [2J again        patch owner

scan 1 Completed, import Finished (policy 1000001, scan 7, result 12)
Note: Security Center lacks plugin 117887
Temporal UI: http://localhost:8233/namespaces/default/workflows/patchproof%2Fdefault%2F1%2F97833%2FVULN-3/0001

`, i.stdout.String())
}

func TestTableOfARunningVerification(t *testing.T) {
	t.Parallel()
	i := newTrial(t)
	v := running()
	v.Trouble = follow.Trouble{Key: "x", Text: "no worker"}
	printView(i.Stdout, i.Style(i.Stdout), v, "", noon)
	require.Equal(t, `VULN-4: scanning for 42s: plugin 5 in repository 2, 0 findings, 1 scan, until 2026-11-22 13:00:00
scan 1 Running (policy -, scan -, result -)
Waiting: scan Running, 1 of 3 hosts
Trouble: no worker

`, i.stdout.String())
}

func TestColours(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		environ  []string
		coloured bool
	}{
		"terminal":      {nil, true},
		"NO_COLOR":      {[]string{"NO_COLOR=1"}, false},
		"dumb terminal": {[]string{"TERM=dumb"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newTrial(t)
			i.Environ = append(i.Environ, test.environ...)
			i.Terminal = func(io.Writer) (int, int, bool) { return 100, 30, true }
			printView(i.Stdout, i.Style(i.Stdout), decided(), "", noon)
			require.Equal(t, test.coloured, strings.Contains(i.stdout.String(), "\x1b["))
			require.Equal(t, test.coloured, strings.Contains(i.stdout.String(), "\x1b[32mfixed-confirmed\x1b[0m"))
			require.NotContains(t, i.stdout.String(), "\x1b[2J", "what others write must not redraw the terminal")
		})
	}
}

func TestReasonsWrapOnATerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	v := decided()
	v.Status.Findings[0].Reason = strings.Repeat("a long reason ", 20)
	printFindings(&out, term.Style{Columns: 100}, v.Status.Findings)
	for line := range strings.Lines(out.String()) {
		require.LessOrEqual(t, len(line), 100, line)
	}
}

func TestStatusesAsJSON(t *testing.T) {
	t.Parallel()
	i := newTrial(t)
	empty := workflows.Status{Ticket: "A<B", Findings: []remediation.Judged{}, Scans: []workflows.Scan{}}
	codes, err := i.report(&namespace.Namespace{}, []follow.View{{Ticket: "A<B", Status: empty, Done: true}}, form{output: flags.OutputJSON})
	require.NoError(t, err)
	require.Equal(t, []int{exit.Failed}, codes, "an outcome that we do not know is no success")
	want := `{
  "ticket": "A<B",
  "plugin": 0,
  "repository": 0,
  "sc": "",
  "workflowId": "",
  "runId": "",
  "phase": "",
  "outcome": "",
  "startedAt": "0001-01-01T00:00:00Z",
  "finishedAt": null,
  "deadline": "0001-01-01T00:00:00Z",
  "findings": [],
  "scans": []
}
`
	require.Equal(t, want, i.stdout.String(), "the form is meant too: indented, < as it is, [] for an empty list")

	i.stdout.Reset()
	_, err = i.report(&namespace.Namespace{}, []follow.View{{Ticket: "A", Status: empty, Done: true}}, form{output: flags.OutputJSON, several: true})
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(i.stdout.String(), "[\n"), "several keys give an array")
}

func TestList(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	require.NoError(t, printRecords(&out, term.Style{}, []namespace.Record{
		{Ticket: "VULN-3", Plugin: 97833, Repository: 1, State: "completed", Phase: "done", Outcome: "fixed", StartedAt: noon, Deadline: noon.Add(time.Hour)},
		{Ticket: "VULN-4", Plugin: 5, Repository: 12, State: "terminated", Phase: "waiting", StartedAt: noon, Deadline: noon.Add(time.Hour)},
	}, time.UTC))
	require.Equal(t, `TICKET  PLUGIN  REPOSITORY  PHASE       OUTCOME  STARTED              DEADLINE
VULN-3   97833           1  done        fixed    2026-11-22 12:00:00  2026-11-22 13:00:00
VULN-4       5          12  terminated           2026-11-22 12:00:00  2026-11-22 13:00:00
`, out.String())
}

func TestLinesOnlyWhenSomethingChanges(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	l := &lines{w: &out, last: map[string]follow.Line{}}
	v := running()
	l.show([]follow.View{v}, noon)
	l.show([]follow.View{v}, noon.Add(time.Second)) // nothing new
	v.Trouble = follow.Trouble{Key: "down", Text: "Security Center has not answered since 11:59:00 (attempt 2)"}
	l.show([]follow.View{v}, noon)
	v.Trouble.Text = "Security Center has not answered since 11:59:00 (attempt 3)" // the same trouble
	l.show([]follow.View{v}, noon)
	v.Trouble = follow.Trouble{}
	v.Status.Scans = []workflows.Scan{{Number: 1, Status: "Completed", ImportStatus: "Finished"}}
	v.Status.Phase, v.Waiting = workflows.PhaseVerifying, ""
	l.show([]follow.View{v}, noon.Add(time.Minute))
	v.Status.Phase, v.Status.Outcome, v.Done = workflows.PhaseDone, remediation.OutcomeFixed, true
	l.show([]follow.View{v}, noon.Add(2*time.Minute))
	l.show([]follow.View{{Ticket: "VULN-5", Done: true, Err: io.EOF}}, noon) // told once, by the report
	require.Equal(t, `VULN-4: scanning (42s)
VULN-4: scan 1 Running
VULN-4: scan Running, 1 of 3 hosts
VULN-4: Security Center has not answered since 11:59:00 (attempt 2)
VULN-4: verifying (1m42s)
VULN-4: scan 1 Completed, import Finished
VULN-4: the trouble is over
VULN-4: fixed (2m42s)
`, out.String())
}

func TestScreenIsRedrawnInPlace(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := &screen{w: &out, style: term.Style{Columns: 120, Rows: 24, Live: true}}
	v := running()
	v.Trouble = follow.Trouble{Key: "x", Text: "no worker"}
	s.show([]follow.View{decided(), v}, noon)
	require.Equal(t, "\r\x1b[K✗ VULN-3  partly-fixed  1m30s\n"+
		"\r\x1b[KVULN-4  plugin 5 in repository 2  42s, until 13:00:00\n"+
		"\r\x1b[K  ✓ baseline  ✓ family  ✓ policy  ✓ launch  ⠙ scanning  · verifying  · reporting\n"+
		"\r\x1b[K  scan Running, 1 of 3 hosts\n"+
		"\r\x1b[K  ! no worker\n", out.String())

	out.Reset()
	v.Trouble = follow.Trouble{}
	s.show([]follow.View{decided(), v}, noon.Add(time.Second))
	require.True(t, strings.HasPrefix(out.String(), "\x1b[5A"), "five lines were drawn: %q", out.String())
	require.Contains(t, out.String(), "⠹ scanning")
	require.True(t, strings.HasSuffix(out.String(), "\r\x1b[K\n\x1b[1A"), "the line of the trouble is wiped: %q", out.String())
}

func TestScreenFitsItsTerminal(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := &screen{w: &out, style: term.Style{Columns: 40, Rows: 8, Live: true}}
	views := []follow.View{running(), running(), running(), running()}
	s.show(views, noon)
	require.Equal(t, 7, strings.Count(out.String(), "\n"))
	require.Contains(t, out.String(), "… and 6 more lines")
	for line := range strings.Lines(out.String()) {
		text := strings.TrimRight(strings.TrimPrefix(line, "\r\x1b[K"), "\n")
		require.Less(t, len([]rune(text)), 40, text)
	}
}

package workflows

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/remediation"
)

func TestDetails(t *testing.T) {
	t.Parallel()
	status := Status{
		Ticket: "VULN-1 | x", Plugin: 97833, PluginName: "MS17-010", Repository: 1, Outcome: remediation.OutcomeNotFixed,
		Scans: []Scan{{Number: 1, ScanResultID: "170", Status: "Completed", ImportStatus: "Finished"}},
		Notes: []string{"extended by eve"},
	}
	for i := range 60 {
		status.Findings = append(status.Findings, remediation.Judged{
			Host: fmt.Sprintf("10.0.0.%d", i), Port: 445, Protocol: "TCP", Verdict: remediation.StillVulnerable, Reason: "seen\nagain",
		})
	}
	text := currentDetails(status)
	require.Contains(t, text, `**VULN-1 \| x**: plugin 97833 (MS17-010), repository 1`)
	require.Contains(t, text, "Outcome: **not-fixed**")
	require.Contains(t, text, "Scan 1: result 170, Completed, import Finished")
	require.Contains(t, text, "| 10.0.0.49 | 445/TCP | still-vulnerable | seen again |")
	require.NotContains(t, text, "10.0.0.50")
	require.Contains(t, text, "and 10 more")
	require.Contains(t, text, "- extended by eve")
	require.Less(t, len(text), 20000, "Temporal's limit for details")
	require.Equal(t, 1, strings.Count(text, "| host |"))
}

func TestStartOptions(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	r, err := remediation.Request{Ticket: "VULN-3", Plugin: 97833, Repository: 1, Targets: []string{"10.0.0.5", "web1.example.com"}}.Complete()
	require.NoError(t, err)
	o := StartOptions(r, "patchproof", now)
	require.Equal(t, "patchproof/default/1/97833/VULN-3", o.ID)
	require.Equal(t, "patchproof", o.TaskQueue)
	require.Equal(t, enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL, o.WorkflowIDConflictPolicy)
	require.Equal(t, enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE, o.WorkflowIDReusePolicy)
	require.True(t, o.WorkflowExecutionErrorWhenAlreadyStarted)
	require.Equal(t, "VULN-3: plugin 97833 in repository 1 on 2 targets", o.StaticSummary)
	require.Contains(t, o.StaticDetails, "- Targets: 10.0.0.5, web1.example.com\n")
	ticket, _ := o.TypedSearchAttributes.GetKeyword(TicketAttribute)
	require.Equal(t, "VULN-3", ticket)
	deadline, _ := o.TypedSearchAttributes.GetTime(DeadlineAttribute)
	require.Equal(t, now.Add(24*time.Hour), deadline)
	require.Equal(t, 6, o.TypedSearchAttributes.Size())
}

func TestSummaryAndStartDetails(t *testing.T) {
	t.Parallel()
	text := summary(remediation.Request{Ticket: strings.Repeat("ü", 100), Plugin: 97833, Repository: 1, Targets: []string{"10.0.0.5"}})
	require.LessOrEqual(t, len(text), maxSummary)
	require.True(t, utf8.ValidString(text), "cut between characters")
	require.NotContains(t, text, "10.0.0.5")
	require.True(t, strings.HasSuffix(text, ": plugin 97833 in repository 1 on 1 target"), text)
	require.Contains(t, summary(remediation.Request{Ticket: "A", Assets: []int{1, 2}}), "on 2 assets")

	var many []string
	for n := range 200 {
		many = append(many, fmt.Sprintf("host-%d.%s.example.com", n, strings.Repeat("x", 60)))
	}
	text = startDetails(remediation.Request{Ticket: "[click](https://example.com) <b>\n# x", Targets: many})
	require.Less(t, len(text), 20_000)
	require.Contains(t, text, "and 150 more")
	require.Contains(t, text, `**Ticket \[click\](https\[:\]//example.com) &lt;b&gt; \# x**`)
}

// Whatever a text of others looks like, it is shown and does nothing.
func TestDetailsOfHostileTexts(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"\n# Heading", "# Heading", "[a](https://example.com)", "![a](https://example.com/x.png)", "<img src=x>", "https://example.com", "www.example.com",
		"a | b", "`code", "~~~\nx", "- item", "1. item", "12) item", "+ item", "> quote", "===", "---", "* * *", "&#35; &lt;b&gt;", "eve@example.com", "a\r\n\r\n# b",
		"\\[a\\](b)", "$x$", "mailto:a@b.example", "\u2028# x", "    code", "\xff# x", "<https://example.com>",
	} {
		status := Status{
			Ticket: text, PluginName: text, Notes: []string{text},
			Scans:    []Scan{{Status: text, ImportStatus: text}},
			Findings: []remediation.Judged{{Host: text, Protocol: text, Verdict: remediation.StillVulnerable, Reason: text}},
		}
		page := currentDetails(status)
		lines := strings.Split(page, "\n")
		require.Len(t, lines, 11, "%q adds a line:\n%s", text, page)
		escaped := markdown(text)
		require.Equal(t, 5, strings.Count(lines[6], "|")-strings.Count(lines[6], `\|`)-1, "%q adds a column", text)
		require.NotRegexp(t, `^(#|>|[-+*]|\d+[.)]|=|~~~|\x60|\s)(\s|$|[-=])`, escaped, "%q begins a block", text)
		require.NotRegexp(t, `(^|[^\\])(\\\\)*[\[\]\x60*_#|~$<>]`, escaped, "%q has markup", text)
		require.NotRegexp(t, `://|www\.|[^\[]@|mailto:|&([^alg]|$)`, escaped, "%q is a link", text)
	}
}

func TestDetailsAreBounded(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"a", "<", "[", "\x00", "ü", "*", "://"} {
		huge := strings.Repeat(piece, 1<<18)
		status := Status{Ticket: huge, PluginName: huge, Scans: []Scan{{Status: remediation.Clip(huge, 50)}}}
		for range 300 {
			status.Findings = append(status.Findings, remediation.Judged{Host: huge, Reason: huge, Verdict: remediation.StillVulnerable})
			status.Notes = append(status.Notes, huge)
		}
		page := currentDetails(status)
		require.Less(t, len(page), 20_000)
		require.Equal(t, piece != "\x00", strings.Contains(page, "more notes"), "%q", piece)
		require.Less(t, len(startDetails(remediation.Request{Ticket: huge, SC: huge, RequestedBy: huge, Targets: []string{huge}, Scan: remediation.ScanOptions{PortRange: huge}})), 20_000)
	}
}

// A status is an answer of Temporal's: whatever it has to say, it stays below 256 KiB.
func TestStatusIsBounded(t *testing.T) {
	t.Parallel()
	for _, piece := range []string{"a", "<", "\x00", "ü", "\""} {
		for _, n := range []int{1, 250, 500} {
			huge := strings.Repeat(piece, 10_000)
			v := &verification{}
			judgement := remediation.Judgement{}
			for range n {
				judgement.Findings = append(judgement.Findings, remediation.Judged{
					Host: huge, DNSName: huge, Protocol: huge, Port: 65535, Verdict: remediation.StillVulnerable, Reason: huge, Next: "patch owner",
				})
				v.note("%s", huge)
				v.note("short")
			}
			v.show(judgement)
			v.status.Error = remediation.Clip(huge, maxFailure)
			text, err := json.Marshal(v.status)
			require.NoError(t, err)
			require.Less(t, len(text), 256<<10, "%q %d", piece, n)
			require.NotEmpty(t, v.status.Findings[0].Reason)
			if n > 1 {
				require.Equal(t, moreNotes, v.status.Notes[len(v.status.Notes)-1])
			}
		}
	}
}

// The test environment ends no child with its parent, so that this is not shown by behaviour.
func TestCleanUpOutlivesItsParent(t *testing.T) {
	t.Parallel()
	o := abandoned("id", "a policy *7*", Scan{PolicyID: "7", ScanResultID: "170"}, nil)
	require.Equal(t, enumspb.PARENT_CLOSE_POLICY_ABANDON, o.ParentClosePolicy)
	require.Equal(t, "clean-up: stop scan result 170, delete policy 7", o.StaticSummary)
	require.LessOrEqual(t, len(o.StaticSummary), maxSummary)
	require.Contains(t, o.StaticDetails, `a policy \*7\*`)
}

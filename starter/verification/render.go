package verification

// A verification as a table.

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"patchproof/remediation"
	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/follow"
	"patchproof/starter/internal/term"
	"patchproof/workflows"
)

// How a verification is written for people, once.

func outcomeColours(o remediation.Outcome) text.Colors {
	switch exitCode(o) {
	case exit.OK:
		return text.Colors{text.FgGreen, text.Bold}
	case exit.NotFixed:
		return text.Colors{text.FgRed, text.Bold}
	default:
		return text.Colors{text.FgYellow, text.Bold}
	}
}

func paintOutcome(s term.Style, o remediation.Outcome) string {
	return s.Paint(term.Line(string(o)), outcomeColours(o)...)
}

func outcomeMark(s term.Style, o remediation.Outcome) string {
	mark := map[int]string{exit.OK: "✓", exit.NotFixed: "✗"}[exitCode(o)]
	return s.Paint(cmp.Or(mark, "?"), outcomeColours(o)...)
}

func paintVerdict(s term.Style, v remediation.Verdict) string {
	colour := text.FgYellow // whatever is not decided
	switch {
	case v.Fixed():
		colour = text.FgGreen
	case v == remediation.StillVulnerable:
		colour = text.FgRed
	}
	return s.Paint(term.Line(string(v)), colour)
}

// printView shows a verification: what came out or how far it is, finding by finding.
func printView(w io.Writer, s term.Style, v follow.View, link string, now time.Time) {
	fmt.Fprintln(w, headline(s, v, now))
	if len(v.Status.Findings) > 0 {
		fmt.Fprintln(w)
		printFindings(w, s, v.Status.Findings)
		fmt.Fprintln(w)
	}
	for _, scan := range v.Status.Scans {
		fmt.Fprintln(w, term.Line(follow.Scans([]workflows.Scan{scan})+" (policy "+
			cmp.Or(scan.PolicyID, "-")+", scan "+cmp.Or(scan.ScanID, "-")+", result "+cmp.Or(scan.ScanResultID, "-")+")"))
	}
	if !v.Done && v.Waiting != "" {
		fmt.Fprintln(w, "Waiting: "+term.Line(v.Waiting))
	}
	if v.Trouble.Key != "" {
		fmt.Fprintln(w, s.Paint("Trouble: "+term.Line(v.Trouble.Text), text.FgYellow))
	}
	for _, note := range v.Status.Notes {
		fmt.Fprintln(w, "Note: "+term.Line(note))
	}
	if link != "" {
		fmt.Fprintln(w, "Temporal UI: "+link)
	}
	fmt.Fprintln(w)
}

// headline is a verification in a sentence.
func headline(s term.Style, v follow.View, now time.Time) string {
	st := v.Status
	plugin := fmt.Sprintf("plugin %d", st.Plugin)
	if st.PluginName != "" {
		plugin += " (" + term.Line(st.PluginName) + ")"
	}
	what := fmt.Sprintf("%s in repository %d, %s, %s", plugin, st.Repository, term.Count(len(st.Findings), "finding"), term.Count(len(st.Scans), "scan"))
	if v.Done {
		return fmt.Sprintf("%s: %s after %s: %s", term.Line(v.Ticket), paintOutcome(s, st.Outcome), v.Elapsed(now), what)
	}
	text := fmt.Sprintf("%s: %s for %s: %s", term.Line(v.Ticket), term.Line(string(st.Phase)), v.Elapsed(now), what)
	if !st.Deadline.IsZero() {
		text += ", until " + term.Stamp(st.Deadline, now.Location())
	}
	return text
}

func printFindings(w io.Writer, s term.Style, findings []remediation.Judged) {
	t := term.Table(w)
	t.AppendHeader(table.Row{"host", "port", "verdict", "reason", "next"})
	for _, f := range findings {
		host := f.Host
		if f.DNSName != "" {
			host += " " + f.DNSName
		}
		t.AppendRow(table.Row{term.Line(host), port(f), paintVerdict(s, f.Verdict), term.Line(f.Reason), term.Line(f.Next)})
	}
	if s.Columns > 0 {
		// What the other columns leave; a reason is a sentence and may wrap.
		t.SetColumnConfigs([]table.ColumnConfig{
			{Name: "host", WidthMax: s.Columns / 4},
			{Name: "reason", WidthMax: max(s.Columns-s.Columns/4-45, 20), WidthMaxEnforcer: text.WrapSoft},
		})
	}
	t.Render()
}

// port writes a finding's port; a finding of the host as a whole has none.
func port(f remediation.Judged) string {
	if f.Port == 0 {
		return "-"
	}
	return strconv.Itoa(f.Port) + "/" + strings.ToLower(term.Line(f.Protocol))
}

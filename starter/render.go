package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"patchproof/remediation"
	"patchproof/workflows"
)

// style is what a writer can show.
type style struct {
	columns, rows int  // 0: as many as it takes
	live          bool // lines can be redrawn
	colours       bool
}

// paint colours text by itself: the library's own switch is global and read from the process's environment.
func (s style) paint(colours text.Colors, t string) string {
	if !s.colours || t == "" {
		return t
	}
	return text.Escape(t, colours.EscapeSeq())
}

func printJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false) // reasons are read by people too
	return encoder.Encode(value)
}

// clean makes text that came from outside safe to print: a control character could redraw the terminal or forge a line.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

// shellWord quotes a word of a command that people copy.
func shellWord(s string) string {
	harmless := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_./:@", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !harmless(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(clean(s), "'", `'\''`) + "'"
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

// elapsed is how long a verification has run, or took.
func elapsed(s workflows.Status, now time.Time) string {
	end := now
	if s.FinishedAt != nil {
		end = *s.FinishedAt
	}
	return max(end.Sub(s.StartedAt).Round(time.Second), 0).String()
}

func phaseText(v view) string {
	if v.done {
		return string(v.status.Outcome)
	}
	return string(v.status.Phase)
}

// scansText says where the scans are.
func scansText(scans []workflows.Scan) string {
	var out []string
	for _, scan := range scans {
		text := fmt.Sprintf("scan %d", scan.Number)
		text += " " + cmp.Or(scan.Status, "launched")
		if scan.ImportStatus != "" {
			text += ", import " + scan.ImportStatus
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

func outcomeColours(o remediation.Outcome) text.Colors {
	switch outcomeCode(o) {
	case exitOK:
		return text.Colors{text.FgGreen, text.Bold}
	case exitNotFixed:
		return text.Colors{text.FgRed, text.Bold}
	default:
		return text.Colors{text.FgYellow, text.Bold}
	}
}

func (s style) outcome(o remediation.Outcome) string {
	return s.paint(outcomeColours(o), clean(string(o)))
}

func (s style) outcomeMark(o remediation.Outcome) string {
	mark := map[int]string{exitOK: "✓", exitNotFixed: "✗"}[outcomeCode(o)]
	if mark == "" {
		mark = "?"
	}
	return s.paint(outcomeColours(o), mark)
}

func (s style) verdict(v remediation.Verdict) string {
	colour := text.FgYellow // whatever is not decided
	switch {
	case v.Fixed():
		colour = text.FgGreen
	case v == remediation.StillVulnerable:
		colour = text.FgRed
	}
	return s.paint(text.Colors{colour}, clean(string(v)))
}

// table is a plain table: columns and a header, which a terminal, a log and grep all take.
func (s style) table(w io.Writer) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	plain := table.StyleLight
	plain.Options = table.OptionsNoBordersAndSeparators
	plain.Box.PaddingLeft, plain.Box.PaddingRight = "", "  "
	plain.Format.Header = text.FormatUpper
	t.SetStyle(plain)
	t.SuppressTrailingSpaces()
	return t
}

// printView shows a verification: what came out or how far it is, finding by finding.
func (a *app) printView(conn *connection, v view) {
	s, w, now := a.style(a.Stdout), a.Stdout, a.Now()
	fmt.Fprintln(w, s.headline(v, now))
	if len(v.status.Findings) > 0 {
		fmt.Fprintln(w)
		s.printFindings(w, v.status.Findings)
		fmt.Fprintln(w)
	}
	for _, scan := range v.status.Scans {
		fmt.Fprintln(w, clean(scansText([]workflows.Scan{scan})+" (policy "+dash(scan.PolicyID)+", scan "+dash(scan.ScanID)+", result "+dash(scan.ScanResultID)+")"))
	}
	if !v.done && v.waiting != "" {
		fmt.Fprintln(w, "Waiting: "+clean(v.waiting))
	}
	if v.trouble.key != "" {
		fmt.Fprintln(w, s.paint(text.Colors{text.FgYellow}, "Trouble: "+clean(v.trouble.text)))
	}
	for _, note := range v.status.Notes {
		fmt.Fprintln(w, "Note: "+clean(note))
	}
	if link := conn.link(v.status.WorkflowID, v.status.RunID); link != "" {
		fmt.Fprintln(w, "Temporal UI: "+link)
	}
	fmt.Fprintln(w)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

// headline is a verification in a sentence.
func (s style) headline(v view, now time.Time) string {
	st := v.status
	plugin := fmt.Sprintf("plugin %d", st.Plugin)
	if st.PluginName != "" {
		plugin += " (" + clean(st.PluginName) + ")"
	}
	what := fmt.Sprintf("%s in repository %d, %s, %s", plugin, st.Repository, count(len(st.Findings), "finding"), count(len(st.Scans), "scan"))
	if v.done {
		return fmt.Sprintf("%s: %s after %s: %s", clean(v.ticket), s.outcome(st.Outcome), elapsed(st, now), what)
	}
	text := fmt.Sprintf("%s: %s for %s: %s", clean(v.ticket), clean(string(st.Phase)), elapsed(st, now), what)
	if !st.Deadline.IsZero() {
		text += ", until " + stamp(st.Deadline, now.Location())
	}
	return text
}

func stamp(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04:05")
}

func (s style) printFindings(w io.Writer, findings []remediation.Judged) {
	t := s.table(w)
	t.AppendHeader(table.Row{"host", "port", "verdict", "reason", "next"})
	for _, f := range findings {
		host := f.Host
		if f.DNSName != "" {
			host += " " + f.DNSName
		}
		t.AppendRow(table.Row{clean(host), port(f), s.verdict(f.Verdict), clean(f.Reason), clean(f.Next)})
	}
	if s.columns > 0 {
		// What the other columns leave; a reason is a sentence and may wrap.
		t.SetColumnConfigs([]table.ColumnConfig{
			{Name: "host", WidthMax: s.columns / 4},
			{Name: "reason", WidthMax: max(s.columns-s.columns/4-45, 20), WidthMaxEnforcer: text.WrapSoft},
		})
	}
	t.Render()
}

// port writes a finding's port; a finding of the host as a whole has none.
func port(f remediation.Judged) string {
	if f.Port == 0 {
		return "-"
	}
	return strconv.Itoa(f.Port) + "/" + strings.ToLower(clean(f.Protocol))
}

func (s style) printStarted(w io.Writer, started started, status workflows.Status, conn *connection) error {
	title := "started"
	if started.attached {
		title = "runs already"
	}
	t := s.table(w)
	t.AppendRow(table.Row{"Ticket", clean(status.Ticket) + " (" + title + ")"})
	t.AppendRow(table.Row{"Workflow", status.WorkflowID})
	t.AppendRow(table.Row{"Run", status.RunID})
	t.AppendRow(table.Row{"Follow it", resume(status, status.Ticket)})
	if link := conn.link(status.WorkflowID, status.RunID); link != "" {
		t.AppendRow(table.Row{"Temporal UI", link})
	}
	t.Render()
	return nil
}

func (s style) printList(w io.Writer, found []listed, zone *time.Location) error {
	if len(found) == 0 {
		_, err := fmt.Fprintln(w, "no verification found")
		return err
	}
	t := s.table(w)
	t.AppendHeader(table.Row{"ticket", "plugin", "repository", "phase", "outcome", "started", "deadline"})
	for _, l := range found {
		phase := l.Phase
		if l.State != "running" && l.State != "completed" {
			phase = l.State // a run that ended without a verdict: its last phase would mislead
		}
		t.AppendRow(table.Row{
			clean(l.Ticket), l.Plugin, l.Repository, clean(phase), s.outcome(l.Outcome), stamp(l.StartedAt, zone), stamp(l.Deadline, zone),
		})
	}
	t.Render()
	return nil
}

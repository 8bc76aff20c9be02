package workflows

import (
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"
)

// maxDetailRows bounds the table in the Temporal UI; the result has all of it.
const maxDetailRows = 50

// describe writes the current details that the Temporal UI shows. It costs no event.
func (v *verification) describe(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, details(v.status))
}

func details(s Status) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**: plugin %d", cell(s.Ticket), s.Plugin)
	if s.PluginName != "" {
		fmt.Fprintf(&b, " (%s)", cell(s.PluginName))
	}
	fmt.Fprintf(&b, ", repository %d\n\n", s.Repository)
	if s.Outcome != "" {
		fmt.Fprintf(&b, "Outcome: **%s**\n\n", s.Outcome)
	} else {
		fmt.Fprintf(&b, "Phase: **%s**, deadline %s\n\n", s.Phase, s.Deadline.Format(time.RFC3339))
	}
	for _, scan := range s.Scans {
		fmt.Fprintf(&b, "Scan %d: result %s, %s, import %s\n\n", scan.Number, orDash(scan.ScanResultID), orDash(scan.Status), orDash(scan.ImportStatus))
	}
	if len(s.Findings) > 0 {
		b.WriteString("| host | port | verdict | reason |\n| --- | --- | --- | --- |\n")
	}
	for i, f := range s.Findings {
		if i == maxDetailRows {
			fmt.Fprintf(&b, "\n… and %d more: see the result\n", len(s.Findings)-maxDetailRows)
			break
		}
		fmt.Fprintf(&b, "| %s | %d/%s | %s | %s |\n", cell(f.Host), f.Port, orDash(f.Protocol), f.Verdict, cell(f.Reason))
	}
	for _, note := range s.Notes {
		fmt.Fprintf(&b, "\n- %s", cell(note))
	}
	return b.String()
}

// cell keeps a text from breaking the table it stands in.
func cell(s string) string {
	return strings.NewReplacer("|", "\\|", "\n", " ", "\r", " ").Replace(s)
}

func orDash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

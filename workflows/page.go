package workflows

// What the Temporal UI shows of a verification: a summary for lists, and Markdown for its page.

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"patchproof/remediation"
)

const (
	// maxSummary is what every version of Temporal takes as a summary, in bytes.
	maxSummary = 200
	// maxListed keeps the details below Temporal's 20 000 bytes, however long the names are; the result has all of it.
	maxListed = 50
)

// summary is the verification in a line of Temporal's lists. It names no host: lists are read by more people than
// verifications are.
func summary(r remediation.Request) string {
	n, noun := len(r.Targets), "target"
	if len(r.Assets) > 0 {
		n, noun = len(r.Assets), "asset"
	}
	if n != 1 {
		noun += "s"
	}
	rest := fmt.Sprintf(": plugin %d in repository %d on %d %s", r.Plugin, r.Repository, n, noun)
	ticket, most := remediation.OneLine(r.Ticket), maxSummary-len(rest)
	if len(ticket) > most {
		ticket = strings.ToValidUTF8(ticket[:most], "") // not in the middle of a character
	}
	return ticket + rest
}

// startDetails is the request.
func startDetails(r remediation.Request) string {
	by := ""
	if r.RequestedBy != "" {
		by = "- Requested by: " + markdown(r.RequestedBy) + "\n"
	}
	return fmt.Sprintf("**Ticket %s**: is plugin %d gone from repository %d?\n\n"+
		"- Security Center: %s\n%s- Decided within: %s\n- Ports: %s\n- Targets: %s\n", markdown(r.Ticket), r.Plugin, r.Repository,
		markdown(r.SC), by, r.Timeout, markdown(r.Scan.PortRange), markdown(r.TargetText(maxListed)))
}

// describe writes the current details. It costs no event.
func (v *verification) describe(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, currentDetails(v.status))
}

func currentDetails(s Status) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**: plugin %d", markdown(s.Ticket), s.Plugin)
	if s.PluginName != "" {
		fmt.Fprintf(&b, " (%s)", markdown(s.PluginName))
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
		if i == maxListed {
			fmt.Fprintf(&b, "\n… and %d more: see the result\n", len(s.Findings)-maxListed)
			break
		}
		fmt.Fprintf(&b, "| %s | %d/%s | %s | %s |\n", markdown(f.Host), f.Port, orDash(f.Protocol), f.Verdict, markdown(f.Reason))
	}
	for _, note := range s.Notes {
		fmt.Fprintf(&b, "\n- %s", markdown(note))
	}
	return b.String()
}

// markdown escapes a text of others, so that a ticket key or a host's name cannot become a link, a heading or a column.
func markdown(s string) string {
	return strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "&lt;", "#", "\\#",
		"|", "\\|").Replace(remediation.OneLine(s))
}

func orDash(s string) string { return cmp.Or(s, "–") }

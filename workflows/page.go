package workflows

// What the Temporal UI shows of a verification: a summary for lists, and Markdown for its page.

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
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
		by = "- Requested by: " + markdown(remediation.Clip(r.RequestedBy, maxCell)) + "\n"
	}
	return fmt.Sprintf("**Ticket %s**: is plugin %d gone from repository %d?\n\n"+
		"- Security Center: %s\n%s- Decided within: %s\n- Ports: %s\n- Targets: %s\n", markdown(remediation.Clip(r.Ticket, 2*maxCell)), r.Plugin, r.Repository,
		markdown(remediation.Clip(r.SC, maxCell)), by, r.Timeout, markdown(remediation.Clip(r.Scan.PortRange, maxCell)),
		markdown(remediation.Clip(r.TargetText(maxListed), maxTargetsShown)))
}

// describe writes the current details. It costs no event.
func (v *verification) describe(ctx workflow.Context) {
	workflow.SetCurrentDetails(ctx, currentDetails(v.status))
}

// currentDetails is the verification as Markdown. Every text in it that is not ours is data, whatever it looks like.
func currentDetails(s Status) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**%s**: plugin %d", markdown(remediation.Clip(s.Ticket, maxCell)), s.Plugin)
	if s.PluginName != "" {
		fmt.Fprintf(&b, " (%s)", markdown(remediation.Clip(s.PluginName, maxCell)))
	}
	fmt.Fprintf(&b, ", repository %d\n\n", s.Repository)
	if s.Outcome != "" {
		fmt.Fprintf(&b, "Outcome: **%s**\n\n", s.Outcome)
	} else {
		fmt.Fprintf(&b, "Phase: **%s**, deadline %s\n\n", s.Phase, s.Deadline.Format(time.RFC3339))
	}
	if s.Waiting != nil {
		fmt.Fprintf(&b, "Waiting: %s\n\n", markdown(s.Waiting.Text))
	}
	for _, scan := range s.Scans {
		fmt.Fprintf(&b, "Scan %d: result %s, %s, import %s\n\n", scan.Number, orDash(scan.ScanResultID),
			orDash(markdown(scan.Status)), orDash(markdown(scan.ImportStatus)))
	}
	b.WriteString(table(s.Findings, maxDetails-b.Len()))
	for i, note := range s.Notes {
		line := "\n- " + markdown(remediation.Clip(note, maxNoteShown))
		if b.Len()+len(line) > maxDetails+maxNotesShown {
			fmt.Fprintf(&b, "\n- … and %d more notes: see the result", len(s.Notes)-i)
			break
		}
		b.WriteString(line)
	}
	return b.String()
}

// table lists findings, in so many bytes at most.
func table(findings []remediation.Judged, most int) string {
	if len(findings) == 0 {
		return ""
	}
	findings = slices.SortedStableFunc(slices.Values(findings), func(a, b remediation.Judged) int {
		return cmp.Compare(urgency(a.Verdict), urgency(b.Verdict))
	})
	text := "| host | port | verdict | reason | next |\n| --- | --- | --- | --- | --- |\n"
	for i, f := range findings {
		row := fmt.Sprintf("| %s | %d/%s | %s | %s | %s |\n", markdown(remediation.Clip(f.Host, maxCell)), f.Port,
			orDash(markdown(remediation.Clip(f.Protocol, maxCell))), f.Verdict, markdown(remediation.Clip(f.Reason, maxReasonShown)), orDash(f.Next))
		if i == maxListed || len(text)+len(row) > most {
			return text + fmt.Sprintf("\n… and %d more: see the result\n", len(findings)-i)
		}
		text += row
	}
	return text
}

// urgency puts what somebody has to act on before what is good.
func urgency(v remediation.Verdict) int {
	switch {
	case v == remediation.StillVulnerable:
		return 0
	case v.Fixed():
		return 3
	case v == remediation.Pending, v == remediation.RiskAccepted:
		return 2
	}
	return 1
}

const (
	// maxDetails and maxNotesShown are together, with a line that says what is left out, below the 20,000 bytes that
	// Temporal takes as details.
	maxDetails    = 15_000
	maxNotesShown = 4_500
	// Of single texts so much is shown; the result has all of them.
	maxCell        = 200
	maxReasonShown = 400
	maxNoteShown   = 500
	// maxTargetsShown leaves room for the escapes, which take more than the text where everything is escaped.
	maxTargetsShown = 6_000
)

// markup is what Markdown could read as something else than text. What begins an address is taken apart (https[:]//), because
// some readers make links of what is no link in Markdown.
var markup = strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "#", "\\#", "|", "\\|", "~", "\\~",
	"$", "\\$", "&", "&amp;", "<", "&lt;", ">", "&gt;", "://", "\\[:\\]//", "www.", "www\\[.\\]", "mailto:", "mailto\\[:\\]", "@", "\\[@\\]")

// listMark is what makes a line an item of a list.
var listMark = regexp.MustCompile(`^(\d*)([-+.)=])(\s|[-=]|$)`)

// markdown escapes a text of others, so that a ticket key, a scan's status or a host's name cannot become a link, a heading
// or a column.
func markdown(s string) string {
	s = markup.Replace(strings.TrimSpace(remediation.OneLine(strings.ToValidUTF8(s, "\ufffd"))))
	return listMark.ReplaceAllString(s, `$1\$2$3`)
}

func orDash(s string) string { return cmp.Or(s, "–") }

package verification

import (
	"fmt"
	"strings"

	"patchproof/remediation"
	"patchproof/starter/internal/term"
)

// What the Temporal UI shows of a verification before a worker has seen it.

// maxSummary is what every version of Temporal takes as a summary, in bytes.
const maxSummary = 200

// summary is the verification in a line of Temporal's lists. It names no host: lists are read by more people than
// verifications are.
func summary(r remediation.Request) string {
	hosts := term.Count(len(r.Targets), "target")
	if len(r.Assets) > 0 {
		hosts = term.Count(len(r.Assets), "asset")
	}
	rest := fmt.Sprintf(": plugin %d in repository %d on %s", r.Plugin, r.Repository, hosts)
	return term.Cut(term.Line(r.Ticket), maxSummary-len(rest)) + rest
}

// maxListed keeps the details below Temporal's 20 000 bytes, however long the names are.
const maxListed = 50

// details is the request as Markdown, for the verification's page in the Temporal UI.
func details(r remediation.Request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**Ticket %s**: is plugin %d gone from repository %d?\n\n", markdown(r.Ticket), r.Plugin, r.Repository)
	fmt.Fprintf(&b, "- Security Center: %s\n", markdown(r.SC))
	if r.RequestedBy != "" {
		fmt.Fprintf(&b, "- Requested by: %s\n", markdown(r.RequestedBy))
	}
	fmt.Fprintf(&b, "- Decided within: %s\n", r.Timeout)
	fmt.Fprintf(&b, "- Ports: %s\n", markdown(r.Scan.PortRange))
	fmt.Fprintf(&b, "- Targets: %s\n", markdown(targets(r, maxListed)))
	return b.String()
}

// markdown escapes what a person typed, so that a ticket key cannot become a link or a heading.
func markdown(s string) string {
	return strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "&lt;", "#", "\\#",
		"|", "\\|").Replace(term.Line(s))
}

package workflows

// The workflow ID of a request, and the mark of what a run makes.

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"patchproof/remediation"
)

// maxID keeps workflow IDs below what every store and log line of Temporal takes.
const maxID = 200

// idPrefix begins every ID of ours.
const idPrefix = "patchproof"

// ID is the workflow ID of a request: the same ticket, plugin, repository and Security Center always give the same, so
// that a second start finds the first. It has at most 200 bytes of [A-Za-z0-9._/-] (and the % of an escape).
func ID(r remediation.Request) string {
	id := strings.Join([]string{
		idPrefix, escape(r.SC), strconv.Itoa(r.Repository), strconv.Itoa(r.Plugin), escape(r.Ticket),
	}, "/")
	if len(id) <= maxID {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	hash := hex.EncodeToString(sum[:16])
	return id[:maxID-len(hash)-1] + "-" + hash
}

// Mark tells the policies and scans of a run from all others; it stands in their descriptions. number is the scan's.
func Mark(firstRunID string, number int) string {
	return fmt.Sprintf("patchproof %s/%d", firstRunID, number)
}

var mark = regexp.MustCompile(`patchproof ([0-9A-Za-z-]{8,64})/\d+`)

// RunOfMark finds a mark in a text, and gives the first run of the verification that it belongs to.
func RunOfMark(text string) (firstRunID string, ok bool) {
	parts := mark.FindStringSubmatch(text)
	if parts == nil {
		return "", false
	}
	return parts[1], true
}

// escape percent-escapes whatever is not harmless in an ID. A slash in a ticket key is escaped too: unescaped ones
// separate the parts.
func escape(s string) string {
	return strings.NewReplacer("+", "%20", "~", "%7E").Replace(url.QueryEscape(s))
}

package workflows

// The workflow ID of a request.

import (
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"strconv"
	"strings"

	"patchproof/remediation"
)

// maxID keeps workflow IDs below what every store and log line of Temporal takes.
const maxID = 200

// ID is the workflow ID of a request: the same ticket, plugin, repository and Security Center always give the same, so
// that a second start finds the first. It has at most 200 bytes of [A-Za-z0-9._/-] (and the % of an escape).
func ID(r remediation.Request) string {
	id := strings.Join([]string{
		"patchproof", escape(r.SC), strconv.Itoa(r.Repository), strconv.Itoa(r.Plugin), escape(r.Ticket),
	}, "/")
	if len(id) <= maxID {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	hash := hex.EncodeToString(sum[:16])
	return id[:maxID-len(hash)-1] + "-" + hash
}

// escape percent-escapes whatever is not harmless in an ID. A slash in a ticket key is escaped too: unescaped ones
// separate the parts.
func escape(s string) string {
	return strings.NewReplacer("+", "%20", "~", "%7E").Replace(url.QueryEscape(s))
}

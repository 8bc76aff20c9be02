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
	return bounded(id)
}

// bounded cuts an ID that is too long, and keeps it unlike all others.
func bounded(id string) string {
	if len(id) <= maxID {
		return id
	}
	sum := sha256.Sum256([]byte(id))
	hash := hex.EncodeToString(sum[:16])
	return id[:maxID-len(hash)-1] + "-" + hash
}

// Mark tells the policies and scans of a run from all others; it stands in names and descriptions. number is the scan's. It ends with
// a dash, so that the first scan's mark is not the beginning of the tenth's.
func Mark(firstRunID string, number int) string {
	return fmt.Sprintf("pp-%s-%d-", RunDigits(firstRunID), number)
}

// runDigits is how many hexadecimal digits of a run's ID a mark holds.
const runDigits = 12

// RunDigits are the digits of a verification's first run that its marks hold. They are the last ones of the ID: the first are the time
// in newer IDs, and verifications that were started in the same millisecond must not share a mark.
func RunDigits(firstRunID string) string {
	digits := strings.ReplaceAll(strings.ToLower(firstRunID), "-", "")
	if len(digits) == 32 && strings.Trim(digits, "0123456789abcdef") == "" {
		return digits[len(digits)-runDigits:]
	}
	// No UUID: nothing that a server of today gives, but a mark must be one all the same.
	sum := sha256.Sum256([]byte(firstRunID))
	return hex.EncodeToString(sum[:])[:runDigits]
}

var mark = regexp.MustCompile(`pp-([0-9a-f]{12})-\d+-`)

// RunOfMark finds a mark in a text, and gives the digits of the verification that it belongs to, as [RunDigits] does.
func RunOfMark(text string) (digits string, ok bool) {
	parts := mark.FindStringSubmatch(text)
	if parts == nil {
		return "", false
	}
	return parts[1], true
}

// cleanUpPrefix begins the ID of a clean-up that goes on after its verification.
const cleanUpPrefix = "patchproof-clean-up/"

// CleanUpID is the workflow ID of the clean-up of a verification's scan.
func CleanUpID(firstRunID string, number int) string {
	return cleanUpPrefix + firstRunID + "/" + strconv.Itoa(number)
}

// RunOfCleanUp gives the first run of the verification that a clean-up belongs to, by its workflow ID.
func RunOfCleanUp(id string) (firstRunID string, ok bool) {
	id, ok = strings.CutPrefix(id, cleanUpPrefix)
	firstRunID, _, found := strings.Cut(id, "/")
	return firstRunID, ok && found
}

// securityCenterPrefix begins the ID of what stands for a Security Center.
const securityCenterPrefix = "patchproof-sc/"

// SecurityCenterID is the workflow ID of what stands for a Security Center.
func SecurityCenterID(sc string) string { return bounded(securityCenterPrefix + escape(sc)) }

// securityCenterOf is its name, where nothing but the ID tells it.
func securityCenterOf(id string) string { return strings.TrimPrefix(id, securityCenterPrefix) }

// escape percent-escapes whatever is not harmless in an ID. A slash in a ticket key is escaped too: unescaped ones
// separate the parts.
func escape(s string) string {
	return strings.NewReplacer("+", "%20", "~", "%7E").Replace(url.QueryEscape(s))
}

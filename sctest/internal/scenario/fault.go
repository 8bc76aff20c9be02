package scenario

// Faults that can be ordered: what they are and which request each applies to.

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"
)

// What a fault can do. The first group concerns a request and its answer, the second what an analysis says, the third the next
// scan that is launched.
const (
	FaultDropResponse  = "drop-response"
	FaultRefuse        = "refuse"
	FaultStatus        = "status"
	FaultDelay         = "delay"
	FaultTruncate      = "truncate"
	FaultLocked        = "locked"
	FaultExpireSession = "expire-session"

	FaultIndividualDenied = "individual-denied"
	FaultWrongTotals      = "wrong-totals"

	FaultScanError   = "scan-error"
	FaultScanPartial = "scan-partial"
	FaultScanPause   = "scan-pause"
	FaultImportError = "import-error"
	FaultNoResults   = "no-results"
)

var (
	RequestFaults = []string{
		FaultDropResponse, FaultRefuse, FaultStatus, FaultDelay, FaultTruncate, FaultLocked, FaultExpireSession,
	}
	analysisFaults = []string{FaultIndividualDenied, FaultWrongTotals}
	ScanFaults     = []string{FaultScanError, FaultScanPartial, FaultScanPause, FaultImportError, FaultNoResults}
)

const (
	WhenBefore = "before"
	WhenAfter  = "after"
)

// Fault is one thing that goes wrong, Times times.
type Fault struct {
	// Method and Path select requests; empty means any. Path matches itself and what follows it after a slash.
	Method string `yaml:"method"`
	Path   string `yaml:"path"`
	// Do is one of the Fault constants.
	Do string `yaml:"do"`
	// Times defaults to 1.
	Times int `yaml:"times"`
	// Status and Body (html, json, text or empty; default html) belong to status.
	Status int    `yaml:"status"`
	Body   string `yaml:"body"`
	// RetryAfter is sent as a header with status.
	RetryAfter time.Duration `yaml:"retryAfter"`
	// Delay is wall time, before (default) or after the effect.
	Delay time.Duration `yaml:"delay"`
	When  string        `yaml:"when"`
}

func (f Fault) withDefaults() Fault {
	f.Times = cmp.Or(f.Times, 1)
	f.Method = strings.ToUpper(f.Method)
	switch f.Do {
	case FaultStatus:
		f.Body = cmp.Or(f.Body, "html")
	case FaultDelay:
		f.When = cmp.Or(f.When, WhenBefore)
	}
	return f
}

func (p *problems) checkFaults(list []Fault) {
	all := slices.Concat(RequestFaults, analysisFaults, ScanFaults)
	for i, f := range list {
		field := fmt.Sprintf("faults[%d].", i)
		p.oneOf(field+"do", f.Do, all...)
		p.require(f.Times >= 0, field+"times", "must not be negative")
		p.require(f.Path == "" || strings.HasPrefix(f.Path, "/"), field+"path", "%q must begin with a slash", f.Path)
		if f.Method != "" {
			p.oneOf(field+"method", f.Method, http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodPut, http.MethodDelete)
		}
		if f.Do == FaultStatus {
			p.require(200 <= f.Status && f.Status <= 599, field+"status", "must be an HTTP status between 200 and 599")
			p.oneOf(field+"body", f.Body, "html", "json", "text", "empty")
		}
		p.notNegative(field+"retryAfter", f.RetryAfter)
		if f.Do == FaultDelay {
			p.require(f.Delay > 0, field+"delay", "must be a duration above zero")
			p.oneOf(field+"when", f.When, WhenBefore, WhenAfter)
		}
	}
}

func (f Fault) matches(method, path string) bool {
	if f.Method != "" && f.Method != method {
		return false
	}
	prefix := strings.TrimSuffix(f.Path, "/")
	return prefix == "" || path == prefix || strings.HasPrefix(path, prefix+"/")
}

// FaultList hands out faults in the order in which they were ordered.
type FaultList []Fault

// Take spends one use of the first fault of these kinds that matches.
func (l FaultList) Take(method, path string, kinds ...string) (Fault, bool) {
	for i, f := range l {
		if f.Times == 0 || !slices.Contains(kinds, f.Do) || !f.matches(method, path) {
			continue
		}
		l[i].Times--
		return f, true
	}
	return Fault{}, false
}

// Add orders faults after those that are already there.
func (l *FaultList) Add(faults []Fault) { *l = append(*l, each(faults, Fault.withDefaults)...) }

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
	FaultWarn          = "warn"
	FaultRefusal       = "refusal"
	FaultClock         = "clock"
	FaultHuge          = "huge"
	FaultWithout       = "without"

	FaultIndividualDenied = "individual-denied"
	FaultWrongTotals      = "wrong-totals"
	FaultForeignRows      = "foreign-rows"
	FaultSwapTies         = "swap-ties"

	FaultScanError   = "scan-error"
	FaultScanPartial = "scan-partial"
	FaultScanPause   = "scan-pause"
	FaultImportError = "import-error"
	FaultNoResults   = "no-results"
)

var (
	RequestFaults = []string{
		FaultDropResponse, FaultRefuse, FaultStatus, FaultDelay, FaultTruncate, FaultLocked, FaultExpireSession, FaultWarn,
		FaultRefusal, FaultClock, FaultHuge, FaultWithout,
	}
	analysisFaults = []string{FaultIndividualDenied, FaultWrongTotals, FaultForeignRows, FaultSwapTies}
	ScanFaults     = []string{FaultScanError, FaultScanPartial, FaultScanPause, FaultImportError, FaultNoResults}
)

// What a huge answer is made of.
const (
	// HugeRows repeats the first element of the answer's list, HugeEndless makes up rows that all differ, for every page that is asked for,
	// HugeText puts a long text somewhere, and HugeGzip is HugeRows compressed.
	HugeRows    = "rows"
	HugeEndless = "endless"
	HugeText    = "text"
	HugeGzip    = "gzip"

	hugeElements = 1_000_000
	hugeGzip     = 1 << 30
	hugeText     = 8 << 20

	// InMessage puts the long text into the envelope instead of the response.
	InMessage = "error_msg"
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
	// Delay is wall time.
	Delay time.Duration `yaml:"delay"`
	// When is before (default) or after the effect; it belongs to delay, status and refusal.
	When string `yaml:"when"`
	// Fields are those that the response lacks, wherever they are in it. With Text they are there and say that.
	Fields []string `yaml:"fields"`
	// Text is what warn and refusal say, and what a huge text is made of. The defaults are sentences of real servers.
	Text string `yaml:"text"`
	// Code is the error code of a refusal; nil means 146.
	Code *int `yaml:"code"`
	// Bare: the answer of warn lacks the object that was made.
	Bare bool `yaml:"bare"`
	// By is how far the server's clock is set, forward or back.
	By time.Duration `yaml:"by"`
	// What is huge: rows, endless, text or gzip. Size counts elements of rows, rows of endless, and bytes of text and gzip (unpacked).
	What string `yaml:"what"`
	Size int    `yaml:"size"`
	// Where is the name of the fields that get a huge text, wherever they are in the response; error_msg (default) is that of the envelope,
	// and makes the answer a refusal.
	Where string `yaml:"where"`
}

func (f Fault) withDefaults() Fault {
	f.Times = cmp.Or(f.Times, 1)
	f.Method = strings.ToUpper(f.Method)
	if f.Do == FaultDelay || f.Do == FaultStatus || f.Do == FaultRefusal {
		f.When = cmp.Or(f.When, WhenBefore)
	}
	switch f.Do {
	case FaultStatus:
		f.Body = cmp.Or(f.Body, "html")
	case FaultWarn:
		f.Text = cmp.Or(f.Text, "Scan Result email failed.\nError sending email.\nInvalid address:  (From): noreply@localhost\n")
	case FaultRefusal:
		f.Text = cmp.Or(f.Text, "Error validating user permissions.\nUnable to retrieve the requested object.\n")
	case FaultHuge:
		f = f.withHugeDefaults()
	}
	return f
}

func (f Fault) withHugeDefaults() Fault {
	f.What = cmp.Or(f.What, HugeRows)
	f.Where = cmp.Or(f.Where, InMessage)
	f.Text = cmp.Or(f.Text, "lorem ipsum ")
	f.Size = cmp.Or(f.Size, map[string]int{HugeRows: hugeElements, HugeEndless: hugeElements, HugeGzip: hugeGzip, HugeText: hugeText}[f.What])
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
		if f.Do == FaultClock {
			p.require(f.By != 0, field+"by", "must say how far the clock is set, such as -1h")
		}
		if f.Do == FaultHuge {
			p.oneOf(field+"what", f.What, HugeRows, HugeEndless, HugeText, HugeGzip)
			p.require(f.Size > 0, field+"size", "must be positive")
		}
		if f.Do == FaultDelay {
			p.require(f.Delay > 0, field+"delay", "must be a duration above zero")
		}
		if f.When != "" {
			p.oneOf(field+"when", f.When, WhenBefore, WhenAfter)
		}
		p.require(f.Do != FaultWithout || len(f.Fields) > 0, field+"fields", "must name a field")
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

package remediation

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Request asks whether one plugin's finding is gone from a set of hosts in one repository, for one ticket.
type Request struct {
	Ticket     string `json:"ticket"`
	SC         string `json:"sc,omitempty"` // which Security Center; "default" if only one is configured
	Repository int    `json:"repository"`
	Plugin     int    `json:"plugin"`
	// Targets are addresses, CIDRs, ranges and DNS names; Assets are IDs of asset lists. Exactly one is given.
	Targets []string `json:"targets,omitempty"`
	Assets  []int    `json:"assets,omitempty"`
	// Family is the plugin's family, for who knows it already; 0: it is looked up.
	Family int `json:"family,omitempty"`

	Timeout Duration `json:"timeout,omitempty"` // from start to verdict
	Poll    Duration `json:"poll,omitempty"`    // between two looks at a running scan
	// MaxScans bounds the rescans of what stays inconclusive. This version makes one scan whatever it says.
	MaxScans    int      `json:"maxScans,omitempty"`
	RescanDelay Duration `json:"rescanDelay,omitempty"`
	// Stall is how long a scan may be queued, initialising or paused before it is shown as stalled.
	Stall Duration `json:"stall,omitempty"`
	// ConfirmFor is how long after the import the records may take to show the mitigation.
	ConfirmFor Duration `json:"confirmFor,omitempty"`

	Scan        ScanOptions `json:"scan,omitzero"`
	RequestedBy string      `json:"requestedBy,omitempty"`
}

// DefaultSC is the name of the Security Center when only one is configured.
const DefaultSC = "default"

// Limits of a request.
const (
	maxTicket = 255 // characters; a search attribute takes no more
	// maxTargets keeps a request and its verdicts well inside one Temporal payload.
	maxTargets = 1000
	minPoll    = Duration(time.Second) // Temporal's timers are no finer
	maxTimeout = Duration(90 * 24 * time.Hour)
)

// WithDefaults fills in what was not set and writes the targets in their normal form.
func (r Request) WithDefaults() Request {
	r.Ticket = strings.TrimSpace(r.Ticket)
	setDefault(&r.SC, DefaultSC)
	setDefault(&r.Timeout, Duration(24*time.Hour))
	setDefault(&r.Poll, Duration(time.Minute))
	setDefault(&r.MaxScans, 2)
	setDefault(&r.RescanDelay, Duration(time.Hour))
	setDefault(&r.Stall, Duration(time.Hour))
	setDefault(&r.ConfirmFor, Duration(30*time.Minute))
	if targets, err := ParseTargets(r.Targets); err == nil {
		r.Targets = targets.Strings()
	}
	r.Assets = slices.Sorted(slices.Values(r.Assets))
	r.Assets = slices.Compact(r.Assets)
	r.Scan = r.Scan.WithDefaults(r.Plugin)
	return r
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Validate refuses a request before anything happens; its error names the field as the command line does.
func (r Request) Validate() error {
	switch {
	case strings.TrimSpace(r.Ticket) == "":
		return fmt.Errorf("ticket: is missing: give the ticket's key")
	case utf8.RuneCountInString(r.Ticket) > maxTicket:
		return fmt.Errorf("ticket: is longer than %d characters", maxTicket)
	case r.Plugin < 1:
		return fmt.Errorf("plugin: %d is not a plugin ID", r.Plugin)
	case r.Repository < 1:
		return fmt.Errorf("repository: %d is not a repository ID", r.Repository)
	case r.Family < 0:
		return fmt.Errorf("family: %d is not a family ID", r.Family)
	case r.MaxScans < 0:
		return fmt.Errorf("max-scans: %d makes no sense: use 1 or more", r.MaxScans)
	}
	if err := r.validateTargets(); err != nil {
		return err
	}
	if err := r.validateTimes(); err != nil {
		return err
	}
	return r.Scan.Validate()
}

func (r Request) validateTargets() error {
	switch {
	case len(r.Targets) == 0 && len(r.Assets) == 0:
		return fmt.Errorf("ip: is missing: say which hosts with --ip or --asset")
	case len(r.Targets) > 0 && len(r.Assets) > 0:
		return fmt.Errorf("ip: give either addresses or assets, not both")
	case len(r.Targets) > maxTargets:
		return fmt.Errorf("ip: %d targets are more than the %d that one verification takes", len(r.Targets), maxTargets)
	case r.Scan.ScanAssets && len(r.Assets) == 0:
		return fmt.Errorf("scan-asset: there is no asset to scan: name it with --asset")
	}
	if i := slices.IndexFunc(r.Assets, func(id int) bool { return id < 0 }); i >= 0 {
		return fmt.Errorf("asset: %d is not an asset ID", r.Assets[i])
	}
	if len(r.Targets) > 0 {
		if _, err := ParseTargets(r.Targets); err != nil {
			return fmt.Errorf("ip: %w", err)
		}
	}
	return nil
}

func (r Request) validateTimes() error {
	for _, f := range []struct {
		name     string
		value    Duration
		min, max Duration
	}{
		{"timeout", r.Timeout, minPoll, maxTimeout},
		{"poll", r.Poll, minPoll, Duration(24 * time.Hour)},
		{"rescan-delay", r.RescanDelay, minPoll, maxTimeout},
		{"stall", r.Stall, minPoll, maxTimeout},
		{"confirm-for", r.ConfirmFor, minPoll, maxTimeout},
	} {
		if f.value != 0 && (f.value < f.min || f.value > f.max) {
			return fmt.Errorf("%s: %s is not allowed: use %s to %s", f.name, f.value, f.min, f.max)
		}
	}
	return nil
}

// SameTargets reports whether two requests are about the same hosts, however they were written.
func (r Request) SameTargets(o Request) bool {
	a, errA := ParseTargets(r.Targets)
	b, errB := ParseTargets(o.Targets)
	return errA == nil && errB == nil && a.Equal(b) &&
		slices.Equal(r.WithDefaults().Assets, o.WithDefaults().Assets)
}

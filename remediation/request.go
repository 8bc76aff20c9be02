package remediation

// What a ticket asks: defaults and limits.

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:generate go run ./schema ../docs/request.schema.json

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
	// MaxScans and RescanDelay are for scanning again what stays inconclusive. This version makes one scan and refuses them.
	MaxScans    int      `json:"maxScans,omitempty"`
	RescanDelay Duration `json:"rescanDelay,omitempty"`
	// The scan does not begin before NotBefore (RFC 3339), nor before Settle has gone by since the start, and only while Window is open
	// ("22:00-05:00 Europe/Berlin") and stays so for WindowMargin.
	NotBefore    string   `json:"notBefore,omitempty"`
	Settle       Duration `json:"settle,omitempty"`
	Window       string   `json:"window,omitempty"`
	WindowMargin Duration `json:"windowMargin,omitempty"`
	// Stall is how long a scan may be queued, initialising or paused before it is shown as stalled.
	Stall Duration `json:"stall,omitempty"`
	// ConfirmFor is how long after the import the records may take to show the mitigation.
	ConfirmFor Duration `json:"confirmFor,omitempty"`

	// MitigatedWithin: of a range, CIDR, name or asset, only findings that were mitigated so shortly before the baseline
	// belong to the ticket.
	MitigatedWithin Duration `json:"mitigatedWithin,omitempty"`

	Scan        ScanOptions `json:"scan,omitzero"`
	RequestedBy string      `json:"requestedBy,omitempty"`

	// The rules that the requester sets aside; docs/verdicts.md says what each gives up. Reason says why, and is recorded
	// with RequestedBy.
	TrustPatched      bool   `json:"trustPatched,omitempty"`
	TrustAddress      bool   `json:"trustAddress,omitempty"`
	ClosedPortIsFixed bool   `json:"closedPortIsFixed,omitempty"`
	Reason            string `json:"reason,omitempty"`
}

// DefaultSC is the name of the Security Center when only one is configured.
const DefaultSC = "default"

// Limits of a verification; those of texts and lists are in limits.go.
const (
	// MaxFindings keeps every payload of a verification below 256 KiB; a test of the workflows measures it.
	MaxFindings = 250
	// MaxTimeout keeps a slip of the finger from making a verification that never ends.
	MaxTimeout = Duration(90 * 24 * time.Hour)
	// MaxPoll is the usual deadline: rarer looks see nothing in time.
	MaxPoll = Duration(24 * time.Hour)
	// MaxMitigatedWithin is longer than any Security Center keeps what was mitigated.
	MaxMitigatedWithin = Duration(10 * 365 * 24 * time.Hour)
	// MinTime is the shortest time that can be asked for: Temporal's timers are no finer.
	MinTime = Duration(time.Second)
)

// Complete trims a request, fills in what was not set, writes the targets in their normal form and checks all of it. It is
// what whoever takes a request calls, so that nobody behind them has to; a complete request is left as it is. The error
// names the wrong field as the command line does; the request that comes with it is good for showing only.
func (r Request) Complete() (Request, error) {
	r = r.WithDefaults()
	return r, r.validate()
}

// WithDefaults is the part of [Request.Complete] that refuses nothing.
func (r Request) WithDefaults() Request {
	r.Ticket, r.RequestedBy, r.Reason = strings.TrimSpace(r.Ticket), strings.TrimSpace(r.RequestedBy), strings.TrimSpace(r.Reason)
	setDefault(&r.SC, DefaultSC)
	setDefault(&r.Timeout, Duration(24*time.Hour))
	// Only a poll that was asked for can be too long for its timeout.
	setDefault(&r.Poll, min(Duration(time.Minute), max(r.Timeout, MinTime)))
	setDefault(&r.Stall, Duration(time.Hour))
	setDefault(&r.ConfirmFor, Duration(30*time.Minute))
	setDefault(&r.MitigatedWithin, Duration(30*24*time.Hour))
	r.Window = strings.Join(strings.Fields(r.Window), " ")
	if r.Window != "" {
		setDefault(&r.WindowMargin, Duration(30*time.Minute)) // most remediation scans take less
	}
	if targets, err := ParseTargets(r.Targets); err == nil {
		r.Targets = targets.Strings()
	}
	r.Assets = sorted(r.Assets)
	r.Scan = r.Scan.withDefaults(r.Plugin)
	return r
}

func setDefault[T comparable](field *T, value T) { *field = cmp.Or(*field, value) }

func (r Request) validate() error {
	if err := r.validateTexts(); err != nil {
		return err // first: what follows may quote them
	}
	switch {
	case r.Ticket == "":
		return fmt.Errorf("ticket: is missing: give the ticket's key")
	case r.SC != strings.TrimSpace(r.SC):
		return fmt.Errorf("sc: begins or ends with a blank")
	case r.Plugin < 1 || r.Plugin > MaxID:
		return fmt.Errorf("plugin: %d is not a plugin ID", r.Plugin)
	case r.Repository < 1 || r.Repository > MaxID:
		return fmt.Errorf("repository: %d is not a repository ID", r.Repository)
	case r.Family < 0 || r.Family > MaxID:
		return fmt.Errorf("family: %d is not a family ID", r.Family)
	case r.MaxScans != 0:
		return fmt.Errorf("max-scans: %d cannot be asked for: this version makes one scan per verification; leave it out", r.MaxScans)
	case r.RescanDelay != 0:
		return fmt.Errorf("rescan-delay: %s cannot be asked for: this version does not scan again; leave it out", r.RescanDelay)
	}
	for _, check := range []func() error{r.validateTargets, r.validateTimes, r.validateStart, r.validateExceptions, r.Scan.validate} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (r Request) validateTexts() error {
	for _, t := range []struct {
		field, text string
		most        int
	}{
		{"ticket", r.Ticket, MaxKeyword},
		{"sc", r.SC, MaxKeyword},
		{"requested-by", r.RequestedBy, MaxKeyword},
		{"reason", r.Reason, MaxText},
		{"not-before", r.NotBefore, MaxKeyword},
		{"window", r.Window, MaxKeyword},
		{"name", r.Scan.Name, MaxKeyword},
		{"port-range", r.Scan.PortRange, MaxPortRange},
		{"rollover-type", r.Scan.RolloverType, MaxKeyword},
		{"timeout-action", r.Scan.TimeoutAction, MaxKeyword},
		{"schedule-time-zone", r.Scan.ScheduleTimeZone, MaxKeyword},
	} {
		if err := CheckText(t.field, t.text, t.most); err != nil {
			return err
		}
	}
	return nil
}

func (r Request) validateTargets() error {
	switch {
	case len(r.Targets) == 0 && len(r.Assets) == 0:
		return fmt.Errorf("ip: is missing: say which hosts with --ip or --asset")
	case len(r.Targets) > 0 && len(r.Assets) > 0:
		return fmt.Errorf("ip: give either addresses or assets, not both")
	case len(r.Targets) > MaxTargets:
		return fmt.Errorf("ip: %d targets are more than the %d that one verification takes", len(r.Targets), MaxTargets)
	case r.Scan.ScanAssets && len(r.Assets) == 0:
		return fmt.Errorf("scan-asset: there is no asset to scan: name it with --asset")
	case slices.Contains(r.Assets, 0):
		return fmt.Errorf("asset: 0 means all defined ranges, which no ticket is about: name the assets of its hosts")
	}
	if err := checkIDs("asset", r.Assets); err != nil {
		return err
	}
	size := 0
	for _, target := range r.Targets {
		size += len(target)
	}
	targets, err := ParseTargets(r.Targets)
	if err == nil {
		err = targets.Check()
	}
	switch {
	case err != nil:
		return fmt.Errorf("ip: %w", err)
	case size > maxTargetBytes:
		return fmt.Errorf("ip: together the targets are longer than %d bytes", maxTargetBytes)
	}
	return nil
}

func (r Request) validateTimes() error {
	for _, f := range []struct {
		field       string
		value, most Duration
	}{
		{"timeout", r.Timeout, MaxTimeout},
		{"poll", r.Poll, MaxPoll},
		{"stall", r.Stall, MaxTimeout},
		{"confirm-for", r.ConfirmFor, MaxTimeout},
		{"mitigated-within", r.MitigatedWithin, MaxMitigatedWithin},
	} {
		if f.value < MinTime || f.value > f.most {
			return fmt.Errorf("%s: %s is not allowed: use %s to %s", f.field, f.value, MinTime, f.most)
		}
	}
	if r.Poll > r.Timeout {
		return fmt.Errorf("poll: %s is longer than the timeout of %s: nothing would be seen in time", r.Poll, r.Timeout)
	}
	return nil
}

// validateExceptions demands who sets a rule aside, and why: it stands beside the verdict.
func (r Request) validateExceptions() error {
	for _, e := range []struct {
		flag string
		set  bool
	}{
		{"trust-patched", r.TrustPatched}, {"trust-address", r.TrustAddress}, {"closed-port-is-fixed", r.ClosedPortIsFixed},
	} {
		switch {
		case e.set && r.RequestedBy == "":
			return fmt.Errorf("requested-by: is missing: say who sets a rule aside with %s", e.flag)
		case e.set && r.Reason == "":
			return fmt.Errorf("reason: is missing: say why a rule is set aside with %s", e.flag)
		}
	}
	return nil
}

// SameTargets reports whether two requests are about the same hosts, however they were written.
func (r Request) SameTargets(o Request) bool {
	a, errA := ParseTargets(r.Targets)
	b, errB := ParseTargets(o.Targets)
	return errA == nil && errB == nil && a.Equal(b) && slices.Equal(sorted(r.Assets), sorted(o.Assets))
}

func sorted[T cmp.Ordered](list []T) []T { return slices.Compact(slices.Sorted(slices.Values(list))) }

// TargetText lists the first targets of a request, for people.
func (r Request) TargetText(most int) string {
	names := slices.Clone(r.Targets)
	for _, id := range r.Assets {
		names = append(names, "asset "+strconv.Itoa(id))
	}
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

package remediation

// What a judgement rests on.

import (
	"slices"
	"time"
)

// Facts is everything a judgement rests on. All times are the scanner's clock.
type Facts struct {
	Plugin     Plugin     `json:"plugin"`
	Repository Repository `json:"repository"`
	// BaselineAt is when the run began and its baseline was taken.
	BaselineAt time.Time `json:"baselineAt"`
	// ReadAt is when the databases were read for this judgement.
	ReadAt   time.Time `json:"readAt,omitzero"`
	Baseline []Finding `json:"baseline"`
	// Before is how the baseline's hosts were scanned last, before our scan.
	Before []HostScan `json:"before,omitempty"`
	// Scan is the scan we made; nil while there is none.
	Scan *Scan `json:"scan,omitempty"`
	// Open and Mitigated are what the databases list for the plugin after the scan.
	Open      []Finding `json:"open,omitempty"`
	Mitigated []Finding `json:"mitigated,omitempty"`
	// ConfirmFor is how long after the import the mitigation may take to show.
	ConfirmFor Duration `json:"confirmFor"`
	// Interrupted says why the run ended before its time; "" when it did not.
	Interrupted Interruption `json:"interrupted,omitempty"`
}

// Interruption is why a run stopped waiting.
type Interruption string

// The interruptions.
const (
	Expired   Interruption = "expired"   // the deadline came
	Cancelled Interruption = "cancelled" // a person said so
)

// Plugin is the check that found the weakness.
type Plugin struct {
	ID         int       `json:"id"`
	Name       string    `json:"name,omitempty"`
	Type       string    `json:"type,omitempty"`      // active, passive, compliance, …
	CheckType  string    `json:"checkType,omitempty"` // remote, local, combined, …
	FamilyID   int       `json:"familyId,omitempty"`
	FamilyName string    `json:"familyName,omitempty"`
	Modified   time.Time `json:"modified,omitzero"`
	Severity   string    `json:"severity,omitempty"`
	CVEs       []string  `json:"cves,omitempty"`
	// FamilySource says who named the family: the request, the baseline, the plugin or the family end point.
	FamilySource string `json:"familySource,omitempty"`
}

// NeedsLogin reports whether the check looks from inside the host, so that a scan without working credentials proves
// nothing. A check of unknown kind may be one.
func (p Plugin) NeedsLogin() bool {
	return p.CheckType == "local" || p.CheckType == "combined" || p.CheckType == ""
}

// NeedsCredentials reports whether the check sees nothing without a login: a scan without credentials is not worth making.
func (p Plugin) NeedsCredentials() bool { return p.CheckType == "local" }

// Repository is where the findings are kept.
type Repository struct {
	ID   int    `json:"id"`
	Name string `json:"name,omitempty"`
	// Kind is its data format: IPv4, IPv6, universal, agent, mobile.
	Kind string `json:"kind,omitempty"`
	// Type is Local, or how the data comes from elsewhere: Remote, Offline.
	Type string `json:"type,omitempty"`
	// Ranges is the address range that it keeps, as the scanner writes it; "" means no limit.
	Ranges string `json:"ranges,omitempty"`
}

// notScannable says why no active scan can import into the repository; "" if one can.
func (r Repository) notScannable() string {
	switch {
	case r.Type != "" && r.Type != "Local":
		return "repository " + r.Name + " is " + r.Type + ": its data come from elsewhere and no scan can import into it"
	case r.Kind != "" && r.Kind != "IPv4" && r.Kind != "IPv6" && r.Kind != "universal" && r.Kind != "agent":
		return "repository " + r.Name + " holds " + r.Kind + " data, which are not scanned actively"
	}
	return ""
}

// Scan is one scan of ours and what its own result shows.
type Scan struct {
	Number int `json:"number"`
	// Ended is how it ended; "" while it runs.
	Ended  ScanEnd   `json:"ended,omitempty"`
	Import ImportEnd `json:"import,omitempty"`
	// ImportedAt is when the databases had taken the result in.
	ImportedAt time.Time `json:"importedAt,omitzero"`
	Error      string    `json:"error,omitempty"`
	// Scanned and Dead are the addresses that answered and those that did not.
	Scanned string `json:"scanned,omitempty"`
	Dead    string `json:"dead,omitempty"`
	// PortRange is what the policy allowed: a list, or "default" or "all".
	PortRange string `json:"portRange,omitempty"`
	// Seen is where this scan found the weakness.
	Seen  []Finding  `json:"seen,omitempty"`
	Hosts []HostScan `json:"hosts,omitempty"`
	// ClosedPorts, if someone took responsibility for it, lets a closed port count as observed.
	ClosedPorts *Exception `json:"closedPorts,omitempty"`
}

// ScanEnd is how a scan ended.
type ScanEnd string

// The ends of a scan.
const (
	ScanCompleted ScanEnd = "completed"
	ScanPartial   ScanEnd = "partial"
	ScanFailed    ScanEnd = "failed"
)

// ImportEnd is how the import of its result ended.
type ImportEnd string

// The ends of an import.
const (
	ImportFinished ImportEnd = "finished"
	ImportFailed   ImportEnd = "failed"
	ImportNothing  ImportEnd = "nothing" // the scan ended without a result
)

// read reports whether the scan has ended and its result was read: before that nothing follows from it.
func (f Facts) read() bool {
	return f.Scan != nil && f.Scan.Ended != "" && f.Scan.Import != "" && !f.ReadAt.IsZero()
}

// accountOf is what a scan says about a host, by address, because that is what was scanned; empty if it says nothing.
func accountOf(scans []HostScan, h Host) HostScan {
	i := slices.IndexFunc(scans, func(s HostScan) bool { return s.Host.Address == h.Address })
	if i < 0 {
		return HostScan{}
	}
	return scans[i]
}

// HostScan is what our scan's result says about one host.
type HostScan struct {
	Host Host `json:"host"`
	// Report is the scan's own account of this host (plugin 19506): that the host was really checked.
	Report      string    `json:"report,omitempty"`
	Feed        time.Time `json:"feed,omitzero"` // age of the scanner's plugins
	Credentials Login     `json:"credentials,omitempty"`
	Thorough    bool      `json:"thorough,omitempty"`
	// LoginTroubles are the names of credential checks that report failure or too few rights.
	LoginTroubles []string `json:"loginTroubles,omitempty"`
	OpenPorts     []Port   `json:"openPorts,omitempty"`
}

// Login is whether the scan's credentials worked on a host.
type Login string

// The login states.
const (
	LoginYes Login = "yes"
	LoginNo  Login = "no"
)

// Port is an open port that a scan observed.
type Port struct {
	Number   int    `json:"number"`
	Protocol string `json:"protocol"`
}

// Exception is a rule that somebody set aside, and their reason.
type Exception struct {
	By     string `json:"by"`
	Reason string `json:"reason"`
}

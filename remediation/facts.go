package remediation

// What a judgement rests on.

import (
	"cmp"
	"slices"
	"strings"
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
	// Exceptions are the rules that somebody set aside.
	Exceptions Exceptions `json:"exceptions,omitzero"`
}

// Exceptions are the rules that somebody set aside; nil where nobody did.
type Exceptions struct {
	// TrustPatched believes that a finding that was mitigated before the baseline is fixed, if its host was scanned since.
	TrustPatched *Exception `json:"trustPatched,omitempty"`
	// TrustAddress believes that the machine at an address is still the same, where nothing shows who it is.
	TrustAddress *Exception `json:"trustAddress,omitempty"`
	// ClosedPorts lets a port that is closed count as observed.
	ClosedPorts *Exception `json:"closedPorts,omitempty"`
}

// ExceptionsOf are the exceptions of a request, with who asked for them and why.
func ExceptionsOf(r Request) Exceptions {
	exception := func(set bool) *Exception {
		if !set {
			return nil
		}
		return &Exception{By: r.RequestedBy, Reason: r.Reason}
	}
	return Exceptions{exception(r.TrustPatched), exception(r.TrustAddress), exception(r.ClosedPortIsFixed)}
}

// Exception is a rule that somebody set aside, and their reason.
type Exception struct {
	By     string `json:"by"`
	Reason string `json:"reason"`
}

func (e *Exception) words(what string) string {
	return " (" + what + " by " + e.By + ": " + e.Reason + ")"
}

// Since is the period in which a mitigation is news: from the baseline to now, by the scanner's clock. It begins at whatever time
// of ours is the earliest, in case that clock was set back since, and ends an hour ahead, because it goes on between question
// and answer (and may run fast).
func (f Facts) Since() (from, to time.Time) {
	times := []time.Time{f.BaselineAt, f.ReadAt}
	if f.Scan != nil {
		times = append(times, f.Scan.Began, f.Scan.Finished, f.Scan.ImportedAt)
	}
	times = slices.DeleteFunc(times, time.Time.IsZero)
	if len(times) == 0 {
		return from, to
	}
	return slices.MinFunc(times, time.Time.Compare), slices.MaxFunc(times, time.Time.Compare).Add(time.Hour)
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
	// Deprecated says, in the scanner's words, that the check was given up: it never reports again.
	Deprecated string `json:"deprecated,omitempty"`
}

// NeedsLogin reports whether a scan without working credentials proves nothing: true of every check but those that look from
// the network only. What is neither (combined, summary, third party, of unknown kind) may look from inside.
func (p Plugin) NeedsLogin() bool { return !p.isKind("remote") }

// NeedsCredentials reports whether the check sees nothing without a login: a scan without credentials is not worth making.
func (p Plugin) NeedsCredentials() bool { return p.isKind("local") }

// looksInside reports whether the check is known to look from within the host. One of a kind that nobody knows may come from
// the network.
func (p Plugin) looksInside() bool {
	return slices.ContainsFunc([]string{"local", "combined", "summary", "settings", "thirdparty"}, p.isKind)
}

func (p Plugin) isKind(kind string) bool {
	return strings.EqualFold(strings.TrimSpace(p.CheckType), kind)
}

// Repository is where the findings are kept.
type Repository struct {
	ID   int    `json:"id"`
	Name string `json:"name,omitempty"`
	// Kind is its data format: IPv4, IPv6, universal, agent, mobile.
	Kind string `json:"kind,omitempty"`
	// Type is Local, or how the data comes from elsewhere: Remote, Offline.
	Type string `json:"type,omitempty"`
	// Ranges is the address range that it keeps, as the scanner writes it; "" if it does not say.
	Ranges string `json:"ranges,omitempty"`
}

// notScannable says why no active scan can import into the repository; "" if one can. What is unknown cannot.
func (r Repository) notScannable() string {
	switch {
	case !strings.EqualFold(r.Type, "Local"):
		return "repository " + r.Name + " is of type " + orUnknown(r.Type) + ": only into a local one can a scan of ours import"
	case !slices.ContainsFunc([]string{"IPv4", "IPv6", "universal", "agent"}, func(kind string) bool { return strings.EqualFold(r.Kind, kind) }):
		return "repository " + r.Name + " holds data of kind " + orUnknown(r.Kind) + ", which are not scanned actively"
	}
	return ""
}

func (r Repository) ofAgents() bool { return strings.EqualFold(r.Kind, "agent") }

func orUnknown(s string) string { return cmp.Or(s, "unknown") }

// Scan is one scan of ours and what its own result shows.
type Scan struct {
	Number int `json:"number"`
	// Ended is how it ended; "" while it runs.
	Ended  ScanEnd   `json:"ended,omitempty"`
	Import ImportEnd `json:"import,omitempty"`
	// ImportedAt is when the databases had taken the result in.
	ImportedAt time.Time `json:"importedAt,omitzero"`
	Error      string    `json:"error,omitempty"`
	// Began and Finished are the first and the last of the times that the records give for the scan. With a clock that was
	// set back in between they are wide apart, and never the wrong way round.
	Began    time.Time `json:"began,omitzero"`
	Finished time.Time `json:"finished,omitzero"`
	// Scanned and Dead are the addresses that answered and those that did not.
	Scanned string `json:"scanned,omitempty"`
	Dead    string `json:"dead,omitempty"`
	// PortRange is what the policy allowed: a list, or "default" or "all".
	PortRange string `json:"portRange,omitempty"`
	// Seen is where this scan found the weakness, and Mitigated what the import of this scan mitigated.
	Seen      []Finding `json:"seen,omitempty"`
	Mitigated []Finding `json:"mitigated,omitempty"`
	// Hosts are the scan's own accounts of the hosts. An address at which several machines answered has several.
	Hosts []HostScan `json:"hosts,omitempty"`
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

// accountsOf are what a scan says about a host, by address, because that is what was scanned. An account that does not say of
// which address it is may be another one of the host, and is none if it is the only one.
func accountsOf(scans []HostScan, h Host) (out []HostScan) {
	found := false
	for _, s := range scans {
		here := sameAddress(s.Host, h)
		found = found || here
		if _, ok := s.Host.Addr(); here || !ok {
			out = append(out, s)
		}
	}
	if !found {
		return nil
	}
	return out
}

// before are the accounts of how a host was scanned last. One that does not say of which address it is may be the host's.
func (f Facts) before(h Host) (out []HostScan) {
	for _, s := range f.Before {
		if _, ok := s.Host.Addr(); !ok || sameAddress(s.Host, h) {
			out = append(out, s)
		}
	}
	return out
}

// HostScan is a scan's account of one host.
type HostScan struct {
	Host Host `json:"host"`
	// Report is the scan's own account of this host (plugin 19506): that the host was really checked. Without a text it says nothing.
	Report string `json:"report,omitempty"`
	// At is when the host was looked at, and Ours that it was by the policy that was made for our scan only.
	At    time.Time `json:"at,omitzero"`
	Ours  bool      `json:"ours,omitempty"`
	Feed  time.Time `json:"feed,omitzero"` // age of the scanner's plugins
	Depth Depth     `json:"depth,omitempty"`
	// Scanner is the address of the scanner.
	Scanner string `json:"scanner,omitempty"`
	// Credentials is whether a login worked; Logins are the protocols by which one did with rights enough to inspect the host.
	Credentials Login    `json:"credentials,omitempty"`
	Logins      []string `json:"logins,omitempty"`
	// LoginTroubles are the reports of failed logins and of too few rights.
	LoginTroubles []LoginTrouble `json:"loginTroubles,omitempty"`
	// OpenPorts are those that the baseline asks about and that were seen open.
	OpenPorts []Port `json:"openPorts,omitempty"`
	// Listed says that a login listed the host's listeners: a port that is not among them is closed.
	Listed bool `json:"listed,omitempty"`
}

// Login is whether the scan's credentials worked on a host.
type Login string

// The login states.
const (
	LoginYes Login = "yes"
	LoginNo  Login = "no"
)

// AnyProtocol stands for a login that worked by a protocol that the scan does not name.
const AnyProtocol = "any"

// LoginTrouble is a check that reports a failed login, or too few rights.
type LoginTrouble struct {
	Plugin   int    `json:"plugin"`             // 0 if the row does not say: it may be one of those
	Protocol string `json:"protocol,omitempty"` // SSH, SMB, …; "" if it does not say
}

// Port is an open port that a scan observed.
type Port struct {
	Number   int    `json:"number"`
	Protocol string `json:"protocol"`
	// Observer is the plugin that saw it, and Network that it looked from the network and not from within the host, where a
	// firewall hides nothing.
	Observer int  `json:"observer,omitempty"`
	Network  bool `json:"network,omitempty"`
}

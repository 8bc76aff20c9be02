package remediation

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Judge decides every finding of the baseline, and every one that our scan saw besides. For each, the first rule that
// matches wins; the rules stand in the order of their certainty, so that "fixed" is what is left when everything that
// speaks against it has been looked at.
func Judge(f Facts) Judgement {
	c := newCase(f)
	out := Judgement{RuleVersion: ruleVersion}
	for i, finding := range f.Baseline {
		verdict, reason := c.decide(finding, i)
		out.Findings = append(out.Findings, judged(finding, verdict, reason))
	}
	for _, seen := range c.extra {
		verdict, reason := StillVulnerable, "our scan found it here, where the baseline had nothing"
		if seen.RiskAccepted {
			verdict, reason = RiskAccepted, "our scan found it; its risk is accepted"
		}
		out.Findings = append(out.Findings, judged(seen, verdict, reason))
	}
	slices.SortStableFunc(out.Findings, func(a, b Judged) int {
		return cmp.Or(compareAddresses(a.Host, b.Host), cmp.Compare(a.Port, b.Port), cmp.Compare(a.Protocol, b.Protocol))
	})
	out.Outcome = rollUp(out.Findings, f.Interrupted)
	return out
}

func judged(f Finding, v Verdict, reason string) Judged {
	return Judged{
		Host: f.Host.Label(), DNSName: f.Host.DNSName, Port: f.Port, Protocol: f.Protocol,
		Verdict: v, Reason: reason, Next: next[v],
	}
}

// rule looks at one finding and says whether it decides it, and with which words.
type rule func(c *evidence, f Finding) (Verdict, string)

// The rules before a scan's result is needed, and those that read it. "" means: does not match, ask the next.
var (
	standing = []rule{outOfScope, agentOnly, accepted, vulnerable, absent}
	byScan   = []rule{importFailed, unreachable, incomplete, notRun, changed, loginFailed, portUnseen, fixed, notMitigated}
)

func (c *evidence) decide(f Finding, i int) (Verdict, string) {
	c.index = i
	for _, r := range standing {
		if v, reason := r(c, f); v != "" {
			return v, reason
		}
	}
	if c.scanRead() {
		for _, r := range byScan {
			if v, reason := r(c, f); v != "" {
				return v, reason
			}
		}
	}
	return c.undecided()
}

func (c *evidence) undecided() (Verdict, string) {
	what := "no scan of ours has ended yet"
	if c.scanRead() {
		what = "our scan was clean, but the records do not show the mitigation yet"
	}
	switch c.facts.Interrupted {
	case Expired:
		return TimedOutVerdict, "the deadline came first: " + what
	case Cancelled:
		return Pending, "cancelled before it was decided: " + what
	default:
		return Pending, what
	}
}

func outOfScope(c *evidence, f Finding) (Verdict, string) {
	if ok, why := c.facts.Repository.scannable(); !ok {
		return NotInScope, why
	}
	if addr, ok := f.Host.Addr(); ok && !c.facts.Repository.contains(addr) {
		return NotInScope, fmt.Sprintf("the address is outside the range of repository %d (%s)", c.facts.Repository.ID, c.facts.Repository.Ranges)
	}
	return "", ""
}

func agentOnly(c *evidence, f Finding) (Verdict, string) {
	switch {
	case c.facts.Repository.Kind == "agent":
		return AgentOnly, "an agent repository: no remote scan can look at its hosts"
	case f.FromAgent:
		return AgentOnly, "an agent on the host reported it: no remote scan can look again"
	}
	return "", ""
}

func accepted(c *evidence, f Finding) (Verdict, string) {
	open, seen := c.openRow(), c.seenRow()
	if open == nil && seen == nil {
		return "", ""
	}
	if open != nil && open.RiskAccepted || seen != nil && seen.RiskAccepted || f.RiskAccepted {
		return RiskAccepted, "still open, and its risk is accepted: that is a decision, not a fix"
	}
	return "", ""
}

func vulnerable(c *evidence, _ Finding) (Verdict, string) {
	if seen := c.seenRow(); seen != nil {
		return StillVulnerable, "our scan found it again" + where(*seen)
	}
	if open := c.openRow(); open != nil && !open.LastSeen.Before(c.facts.BaselineAt) {
		return StillVulnerable, "it was seen again at " + utc(open.LastSeen) + ", after this verification began" + where(*open)
	}
	return "", ""
}

func absent(_ *evidence, f Finding) (Verdict, string) {
	if f.State == StateAbsent {
		return NoBaseline, "the scanner never recorded this finding for the host in this repository: check address, plugin and repository"
	}
	return "", ""
}

func importFailed(c *evidence, _ Finding) (Verdict, string) {
	if c.facts.Scan.Import == ImportFailed {
		return ImportBroken, "the scan's result could not be imported" + colon(c.facts.Scan.Error)
	}
	return "", ""
}

func unreachable(c *evidence, f Finding) (Verdict, string) {
	if addr, ok := f.Host.Addr(); ok && addressList(c.facts.Scan.Dead).contains(addr) {
		return HostUnreachable, "the host did not answer our scan: a dead host is not a fixed one"
	}
	return "", ""
}

func incomplete(c *evidence, f Finding) (Verdict, string) {
	s := c.facts.Scan
	if s.Ended == ScanFailed {
		return ScanIncomplete, "the scan ended in an error" + colon(s.Error)
	}
	if s.Import == ImportNothing {
		return ScanIncomplete, "the scan ended without a result" + colon(s.Error)
	}
	if addr, ok := f.Host.Addr(); !ok || !addressList(s.Scanned).contains(addr) {
		return ScanIncomplete, "the scan ended " + string(s.Ended) + " without reaching the host: look at scan zone, exclusions and the account's range"
	}
	return "", ""
}

func notRun(c *evidence, f Finding) (Verdict, string) {
	h := c.hostScan(f.Host)
	if h == nil || h.Report == "" {
		return PluginNotRun, "our result has no scan information (19506) for the host, so nothing shows that it was checked"
	}
	if !h.Feed.IsZero() && h.Feed.Before(c.facts.Plugin.Modified) {
		return PluginNotRun, "the scanner's plugins are of " + utc(h.Feed) + ", older than the plugin (" + utc(c.facts.Plugin.Modified) + ")"
	}
	return "", ""
}

func changed(c *evidence, f Finding) (Verdict, string) {
	if why := f.Host.contradiction(c.hostScan(f.Host).Host); why != "" {
		return HostChanged, "another machine answers at this address: " + why
	}
	return "", ""
}

func loginFailed(c *evidence, f Finding) (Verdict, string) {
	if !c.facts.Plugin.NeedsLogin() {
		return "", ""
	}
	h := c.hostScan(f.Host)
	if h.Credentials != LoginYes {
		return AuthFailed, "the check needs a login and the scan information does not say that one worked" + colon(strings.Join(h.LoginTroubles, "; "))
	}
	if len(h.LoginTroubles) > 0 {
		return AuthFailed, "the login was not enough: " + strings.Join(h.LoginTroubles, "; ")
	}
	return "", ""
}

func portUnseen(c *evidence, f Finding) (Verdict, string) {
	if f.Port == 0 || c.facts.Scan.ClosedPorts != nil {
		return "", ""
	}
	port := fmt.Sprintf("%s port %d", strings.ToUpper(f.Protocol), f.Port)
	if !PortRangeContains(c.facts.Scan.PortRange, f.Port, f.Protocol) {
		return PortNotObserved, port + " was outside the range that our scan looked at (" + c.facts.Scan.PortRange + ")"
	}
	open := slices.ContainsFunc(c.hostScan(f.Host).OpenPorts, func(p Port) bool {
		return p.Number == f.Port && strings.EqualFold(p.Protocol, f.Protocol)
	})
	if !open {
		return PortNotObserved, "nothing in our result shows " + port + " open: a stopped service is not a patched one"
	}
	return "", ""
}

func fixed(c *evidence, f Finding) (Verdict, string) {
	if c.openRow() != nil {
		return "", ""
	}
	m := c.mitigatedRow()
	switch {
	case m == nil:
		return "", ""
	case f.State == StateMitigated:
		return AlreadyFixed, "it was mitigated before this verification began, and our scan agrees" + c.closedPort()
	case m.SinceBaseline:
		return FixedConfirmed, "the host answered, our scan no longer finds it, and the records mitigated it since the baseline" + c.closedPort()
	}
	return "", ""
}

func (c *evidence) closedPort() string {
	if e := c.facts.Scan.ClosedPorts; e != nil {
		return fmt.Sprintf(" (a closed port was accepted by %s: %s)", e.By, e.Reason)
	}
	return ""
}

func notMitigated(c *evidence, f Finding) (Verdict, string) {
	open, waited := c.openRow(), c.facts.ReadAt.Sub(c.facts.Scan.ImportedAt)
	if open == nil || waited <= time.Duration(c.facts.ConfirmFor) {
		return "", ""
	}
	return NotMitigated, fmt.Sprintf("our scan was clean, but %s after its import the finding is still listed as open%s: %s",
		waited.Round(time.Minute), where(*open), c.likelyCause(f, *open))
}

// likelyCause guesses why the scanner's mitigation rules did not count our scan.
func (c *evidence) likelyCause(f, open Finding) string {
	ours := c.hostScan(f.Host)
	if why := open.Host.contradiction(ours.Host); why != "" {
		return "it is listed for another identity of the host, which our scan did not meet: " + why
	}
	i := slices.IndexFunc(c.facts.Before, func(h HostScan) bool { return h.Host.Address == f.Host.Address })
	if i >= 0 && c.facts.Before[i].Thorough && !ours.Thorough {
		return "it was found by a thorough scan, and only a thorough scan mitigates it: --preference thorough_tests=yes"
	}
	return "the databases may be slow today, or another scan policy keeps it open"
}

func where(f Finding) string {
	if f.Host.DNSName != "" && f.Host.DNSName != f.Host.Label() {
		return " (" + f.Host.Label() + ", " + f.Host.DNSName + ")"
	}
	return " (" + f.Host.Label() + ")"
}

func colon(s string) string {
	if s = strings.TrimSpace(s); s == "" {
		return ""
	}
	return ": " + s
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

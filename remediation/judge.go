package remediation

// The rules, in the order in which they are asked.

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"go4.org/netipx"
)

// Judge decides every finding of the baseline, and every one that our scan saw besides. For each, the first rule that
// matches wins; the rules stand in the order of their certainty, so that "fixed" is what is left when everything that
// speaks against it has been looked at.
func Judge(f Facts) Judgement {
	judgement, _ := JudgeAndTrim(f)
	return judgement
}

// JudgeAndTrim judges, and gives the facts back with only those open and mitigated rows on which the judgement rests, at
// most one of a kind per finding: a whole repository can share a NetBIOS name.
func JudgeAndTrim(f Facts) (Judgement, Facts) {
	perFinding, extra := joinRows(f)
	e := examine(f)
	out := Judgement{RuleVersion: ruleVersion}
	for i, finding := range f.Baseline {
		out.Findings = append(out.Findings, judged(finding, e.decide(finding, perFinding[i])))
	}
	for _, seen := range extra {
		r := ruling{StillVulnerable, "our scan found it here, where the baseline had nothing"}
		if seen.RiskAccepted {
			r = ruling{RiskAccepted, "our scan found it; its risk is accepted"}
		}
		out.Findings = append(out.Findings, judged(*seen, r))
	}
	slices.SortStableFunc(out.Findings, func(a, b Judged) int {
		return cmp.Or(compareAddresses(a.Host, b.Host), cmp.Compare(a.Port, b.Port), cmp.Compare(a.Protocol, b.Protocol))
	})
	out.Outcome = rollUp(out.Findings, f.Interrupted)
	f.Open = used(f.Open, perFinding, func(r rows) *Finding { return r.open })
	f.Mitigated = used(f.Mitigated, perFinding, func(r rows) *Finding { return r.mitigated })
	return out, f
}

func judged(f Finding, r ruling) Judged {
	return Judged{
		Host: f.Host.Label(), DNSName: f.Host.DNSName, Port: f.Port, Protocol: f.Protocol,
		Verdict: r.verdict, Reason: r.reason, Next: next[r.verdict],
	}
}

// ruling is what a rule says about a finding, and with which words. The zero one: the rule does not match, ask the next.
type ruling struct {
	verdict Verdict
	reason  string
}

// examination is the facts of a judgement with their lists of addresses read once for all findings.
type examination struct {
	Facts
	ranges, scanned, dead *netipx.IPSet
}

func examine(f Facts) examination {
	e := examination{Facts: f, ranges: addressList(f.Repository.Ranges)}
	if f.Scan != nil {
		e.scanned, e.dead = addressList(f.Scan.Scanned), addressList(f.Scan.Dead)
	}
	return e
}

// decide asks the rules that need no result of a scan, and then those that read one.
func (e examination) decide(f Finding, about rows) ruling {
	standing := cmp.Or(
		outOfScope(e.Repository, e.ranges, f),
		agentOnly(e.Repository, f),
		accepted(f, about),
		vulnerable(e.BaselineAt, about),
		absent(f),
	)
	if standing != (ruling{}) || !e.read() {
		return cmp.Or(standing, undecided(e.Interrupted, "no scan of ours has ended yet"))
	}
	account := accountOf(e.Scan.Hosts, f.Host)
	return cmp.Or(
		importFailed(e.Scan),
		unreachable(e.dead, f.Host),
		incomplete(e.Scan, e.scanned, f.Host),
		notRun(e.Plugin, account),
		changed(f.Host, account),
		loginFailed(e.Plugin, account),
		portUnseen(e.Scan, f, account),
		fixed(f, about, e.Scan.ClosedPorts),
		e.notMitigated(f, about.open, account),
		undecided(e.Interrupted, "our scan was clean, but the records do not show the mitigation yet"),
	)
}

func undecided(why Interruption, what string) ruling {
	switch why {
	case Expired:
		return ruling{TimedOut, "the deadline came first: " + what}
	case Cancelled:
		return ruling{Pending, "cancelled before it was decided: " + what}
	default:
		return ruling{Pending, what}
	}
}

// when is the ruling of a rule that matches.
func when(matches bool, v Verdict, reason string) ruling {
	if !matches {
		return ruling{}
	}
	return ruling{v, reason}
}

func outOfScope(r Repository, ranges *netipx.IPSet, f Finding) ruling {
	why := r.notScannable()
	addr, ok := f.Host.Addr()
	return cmp.Or(
		when(why != "", NotInScope, why),
		when(ok && r.Ranges != "" && !ranges.Contains(addr), NotInScope,
			fmt.Sprintf("the address is outside the range of repository %d (%s)", r.ID, r.Ranges)),
	)
}

func agentOnly(r Repository, f Finding) ruling {
	return cmp.Or(
		when(r.Kind == "agent", AgentOnly, "an agent repository: no remote scan can look at its hosts"),
		when(f.FromAgent, AgentOnly, "an agent on the host reported it: no remote scan can look again"),
	)
}

func accepted(f Finding, about rows) ruling {
	is := func(row *Finding) bool { return row != nil && (row.RiskAccepted || f.RiskAccepted) }
	return when(is(about.open) || is(about.seen), RiskAccepted,
		"still open, and its risk is accepted: that is a decision, not a fix")
}

func vulnerable(baselineAt time.Time, about rows) ruling {
	if about.seen != nil {
		return ruling{StillVulnerable, "our scan found it again" + where(*about.seen)}
	}
	if open := about.open; open != nil && !open.LastSeen.Before(baselineAt) {
		return ruling{StillVulnerable, "it was seen again at " + utc(open.LastSeen) + ", after this verification began" + where(*open)}
	}
	return ruling{}
}

func absent(f Finding) ruling {
	return when(f.State == StateAbsent, NoBaseline,
		"the scanner never recorded this finding for the host in this repository: check address, plugin and repository")
}

func importFailed(s *Scan) ruling {
	return when(s.Import == ImportFailed, ImportBroken, "the scan's result could not be imported"+colon(s.Error))
}

func unreachable(dead *netipx.IPSet, h Host) ruling {
	addr, ok := h.Addr()
	return when(ok && dead.Contains(addr), HostUnreachable, "the host did not answer our scan: a dead host is not a fixed one")
}

func incomplete(s *Scan, scanned *netipx.IPSet, h Host) ruling {
	addr, ok := h.Addr()
	return cmp.Or(
		when(s.Ended == ScanFailed, ScanIncomplete, "the scan ended in an error"+colon(s.Error)),
		when(s.Import == ImportNothing, ScanIncomplete, "the scan ended without a result"+colon(s.Error)),
		when(!ok || !scanned.Contains(addr), ScanIncomplete,
			"the scan ended "+string(s.Ended)+" without reaching the host: look at scan zone, exclusions and the account's range"),
	)
}

func notRun(p Plugin, account HostScan) ruling {
	return cmp.Or(
		when(account.Report == "", PluginNotRun,
			"our result has no scan information (19506) for the host, so nothing shows that it was checked"),
		when(!account.Feed.IsZero() && account.Feed.Before(p.Modified), PluginNotRun,
			"the scanner's plugins are of "+utc(account.Feed)+", older than the plugin ("+utc(p.Modified)+")"),
	)
}

func changed(h Host, account HostScan) ruling {
	why := h.contradiction(account.Host)
	return when(why != "", HostChanged, "another machine answers at this address: "+why)
}

func loginFailed(p Plugin, account HostScan) ruling {
	troubles := strings.Join(account.LoginTroubles, "; ")
	return cmp.Or(
		when(p.NeedsLogin() && account.Credentials != LoginYes, AuthFailed,
			"the check needs a login and the scan information does not say that one worked"+colon(troubles)),
		when(p.NeedsLogin() && len(account.LoginTroubles) > 0, AuthFailed, "the login was not enough: "+troubles),
	)
}

func portUnseen(s *Scan, f Finding, account HostScan) ruling {
	if f.Port == 0 || s.ClosedPorts != nil {
		return ruling{}
	}
	port := fmt.Sprintf("%s port %d", strings.ToUpper(f.Protocol), f.Port)
	open := slices.ContainsFunc(account.OpenPorts, func(p Port) bool {
		return p.Number == f.Port && strings.EqualFold(p.Protocol, f.Protocol)
	})
	return cmp.Or(
		when(!PortRangeContains(s.PortRange, f.Port, f.Protocol), PortNotObserved,
			port+" was outside the range that our scan looked at ("+s.PortRange+")"),
		when(!open, PortNotObserved, "nothing in our result shows "+port+" open: a stopped service is not a patched one"),
	)
}

func fixed(f Finding, about rows, closedPorts *Exception) ruling {
	if about.open != nil || about.mitigated == nil {
		return ruling{}
	}
	exception := ""
	if closedPorts != nil {
		exception = fmt.Sprintf(" (a closed port was accepted by %s: %s)", closedPorts.By, closedPorts.Reason)
	}
	return cmp.Or(
		when(f.State == StateMitigated, AlreadyFixed,
			"it was mitigated before this verification began, and our scan agrees"+exception),
		when(about.mitigated.SinceBaseline, FixedConfirmed,
			"the host answered, our scan no longer finds it, and the records mitigated it since the baseline"+exception),
	)
}

func (e examination) notMitigated(f Finding, open *Finding, account HostScan) ruling {
	waited := e.ReadAt.Sub(e.Scan.ImportedAt)
	if open == nil || waited <= time.Duration(e.ConfirmFor) {
		return ruling{}
	}
	return ruling{NotMitigated, fmt.Sprintf("our scan was clean, but %s after its import the finding is still listed as open%s: %s",
		waited.Round(time.Minute), where(*open), likelyCause(*open, accountOf(e.Before, f.Host), account))}
}

// likelyCause guesses why the scanner's mitigation rules did not count our scan.
func likelyCause(open Finding, before, ours HostScan) string {
	if why := open.Host.contradiction(ours.Host); why != "" {
		return "it is listed for another identity of the host, which our scan did not meet: " + why
	}
	if before.Thorough && !ours.Thorough {
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

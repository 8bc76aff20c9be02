package remediation

// The rules, in the order in which they are asked.

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"go4.org/netipx"
)

// Judge decides every finding of the baseline, and every one that our scan saw besides. For each, the first rule that
// matches wins; the rules stand in the order of their certainty, so that "fixed" is what is left when everything that
// speaks against it has been looked at. What is unknown is never good news.
func Judge(f Facts) Judgement {
	judgement, _ := JudgeAndTrim(f)
	return judgement
}

// JudgeAndTrim judges, and gives the facts back with only those open and mitigated rows on which the judgement rests, at
// most one of a kind per finding: a whole repository can share a name.
func JudgeAndTrim(f Facts) (Judgement, Facts) {
	perFinding, extra := joinRows(f)
	e := examine(f)
	out := Judgement{RuleVersion: ruleVersion}
	for i, finding := range f.Baseline {
		out.Findings = append(out.Findings, judged(finding, e.decide(finding, perFinding[i])))
	}
	for _, seen := range extra {
		r := ruling{verdict: StillVulnerable, reason: "our scan found it here, where the baseline had nothing"}
		if seen.RiskAccepted {
			r = ruling{verdict: RiskAccepted, reason: "our scan found it; its risk is accepted"}
		}
		out.Findings = append(out.Findings, judged(*seen, r))
	}
	slices.SortStableFunc(out.Findings, func(a, b Judged) int {
		return cmp.Or(compareAddresses(a.Host, b.Host), cmp.Compare(a.DNSName, b.DNSName),
			cmp.Compare(a.Port, b.Port), cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.Verdict, b.Verdict))
	})
	out.Outcome = rollUp(out.Findings, f.Interrupted)
	out.Notes = e.notes()
	f.Open = used(f.Open, perFinding, func(r rows) *Finding { return r.open })
	f.Mitigated = used(f.Mitigated, perFinding, func(r rows) *Finding {
		if r.ours != nil {
			return nil // which says more
		}
		return r.mitigated
	})
	if f.Scan != nil {
		scan := *f.Scan
		scan.Mitigated = used(scan.Mitigated, perFinding, func(r rows) *Finding { return r.ours })
		f.Scan = &scan
	}
	return out, f
}

func judged(f Finding, r ruling) Judged {
	return Judged{
		Host: f.Host.Label(), DNSName: f.Host.DNSName, Port: max(0, f.Port), Protocol: f.Protocol,
		Verdict: r.verdict, Reason: r.reason, Next: cmp.Or(r.next, next[r.verdict]),
	}
}

// ruling is what a rule says about a finding, and with which words. The zero one: the rule does not match, ask the next.
type ruling struct {
	verdict Verdict
	reason  string
	next    string // who acts, where it is not who usually does
}

// when is the ruling of a rule that matches.
func when(matches bool, v Verdict, reason string) ruling {
	if !matches {
		return ruling{}
	}
	return ruling{verdict: v, reason: reason}
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

// decide asks the rules in the order of docs/verdicts.md. Whether our scan looked well enough is asked first, because three
// rules depend on it, although its own verdicts come after theirs.
func (e examination) decide(f Finding, about rows) ruling {
	read := e.read()
	looked, at := ruling{verdict: Pending}, e.BaselineAt // not looked: what was seen since the run began counts
	if read {
		accounts := accountsOf(e.Scan.Hosts, f.Host)
		looked = e.lookedAt(f, accounts)
		at = e.lookedWhen(accounts)
	}
	standing := cmp.Or(
		outOfScope(e.Repository, e.ranges, f),
		agentOnly(e.Repository, f),
		accepted(about, at, looked == (ruling{})),
		vulnerable(about, at, read),
		e.trusted(f, about),
	)
	switch {
	case standing != (ruling{}):
		return standing
	case !read:
		return cmp.Or(absent(f, read), undecided(e.Interrupted, e.unread()))
	}
	if _, scannable := f.Host.Addr(); !scannable {
		looked = cmp.Or(absent(f, read), looked)
	}
	return cmp.Or(
		looked,
		e.fixed(f, about),
		absent(f, read),
		e.notMitigated(f, about.open),
		undecided(e.Interrupted, "our scan was clean, but the records do not show the mitigation yet"),
	)
}

// unread says why nothing follows from a scan of ours yet.
func (e examination) unread() string {
	if e.Scan != nil && e.Scan.Ended != "" {
		return "our scan has ended, but its result could not be read"
	}
	return "no scan of ours has ended yet"
}

// lookedWhen is when our scan looked at a host: what anybody saw from then on is newer than our clean look.
func (e examination) lookedWhen(accounts []HostScan) time.Time {
	var at time.Time
	for _, a := range accounts {
		if e.Scan.made(a) && (at.IsZero() || a.At.Before(at)) {
			at = a.At
		}
	}
	if at.IsZero() {
		return e.BaselineAt
	}
	return at
}

func undecided(why Interruption, what string) ruling {
	switch why {
	case Expired:
		return ruling{verdict: TimedOut, reason: "the deadline came first: " + what}
	case Cancelled:
		return ruling{verdict: Pending, reason: "cancelled before it was decided: " + what, next: requester}
	default:
		return ruling{verdict: Pending, reason: what}
	}
}

func outOfScope(r Repository, ranges *netipx.IPSet, f Finding) ruling {
	why := r.notScannable()
	addr, ok := f.Host.Addr()
	return cmp.Or(
		when(why != "", NotInScope, why),
		when(!r.ofAgents() && r.Ranges == "", NotInScope,
			fmt.Sprintf("Security Center does not say which range repository %d keeps", r.ID)),
		when(!r.ofAgents() && ok && !ranges.Contains(addr), NotInScope,
			fmt.Sprintf("the address is outside the range of repository %d (%s)", r.ID, shorten(r.Ranges))),
	)
}

func agentOnly(r Repository, f Finding) ruling {
	return cmp.Or(
		when(r.ofAgents(), AgentOnly, "an agent repository: no remote scan can look at its hosts"),
		when(f.FromAgent, AgentOnly, "an agent on the host reported it: no remote scan can look again"),
	)
}

// accepted asks the current row: what was accepted once and has lapsed counts for nothing. at is when our scan looked, clean
// that it looked well enough. A clean look that nothing newer contradicts is on its way to be mitigated, accepted or not.
func accepted(about rows, at time.Time, clean bool) ruling {
	current := about.open
	if current == nil {
		current = about.seen
	}
	if current == nil || !current.RiskAccepted {
		return ruling{}
	}
	proven := clean && about.seen == nil && current.LastSeen.Before(at)
	return when(!proven, RiskAccepted, "still open, and its risk is accepted: that is a decision, not a fix")
}

// vulnerable: our scan saw it, or somebody did after our scan had looked (before it looked: since the run began).
func vulnerable(about rows, at time.Time, read bool) ruling {
	if about.seen != nil {
		return ruling{verdict: StillVulnerable, reason: "our scan found it again" + where(*about.seen)}
	}
	since := "after this verification began"
	if read {
		since = "after our scan had looked"
	}
	if open := about.open; open != nil && !open.LastSeen.Before(at) {
		return ruling{verdict: StillVulnerable, reason: "it was seen again at " + utc(open.LastSeen) + ", " + since + where(*open)}
	}
	return ruling{}
}

func absent(f Finding, scanned bool) ruling {
	reason := "the scanner never recorded this finding for the host in this repository: check address, plugin and repository"
	switch {
	case f.LongAgo:
		reason = "it was mitigated longer ago than this verification looks back: name the host's address, or use --mitigated-within"
	case scanned:
		reason += " (our scan does not find it either)"
	}
	return when(f.State == StateAbsent, NoBaseline, reason)
}

// fixed asks for positive proof: no row says that it is open, and one says that it was mitigated.
func (e examination) fixed(f Finding, about rows) ruling {
	if about.open != nil || about.seen != nil || f.State == StateAbsent {
		return ruling{}
	}
	recorded := about.ours != nil || about.mitigated != nil
	words := e.exceptionWords(f)
	return cmp.Or(
		when(f.State == StateMitigated && recorded, AlreadyFixed,
			"it was mitigated before this verification began, and our scan agrees"+words),
		when(f.State != StateOpen, Pending, "the records do not say whether it was open when this verification began"),
		when(about.ours != nil, FixedConfirmed,
			"the host answered, our scan no longer finds it, and its import mitigated it"+words),
		when(about.mitigated != nil && about.mitigated.SinceBaseline, FixedConfirmed,
			"the host answered, our scan no longer finds it, and another scan than ours had it mitigated since the baseline"+words),
	)
}

// trusted believes, where somebody asked for it, that what was mitigated before the baseline is fixed.
func (e examination) trusted(f Finding, about rows) ruling {
	x := e.Exceptions.TrustPatched
	if x == nil || f.State != StateMitigated || !f.LookedSince || about.open != nil {
		return ruling{}
	}
	return ruling{verdict: AlreadyFixed, reason: "it was mitigated before this verification began, and the host was scanned since" +
		x.words("no scan of ours looked: trusted")}
}

func (e examination) notMitigated(f Finding, open *Finding) ruling {
	waited := e.ReadAt.Sub(e.Scan.ImportedAt)
	if open == nil || waited <= time.Duration(e.ConfirmFor) {
		return ruling{}
	}
	return ruling{verdict: NotMitigated, reason: fmt.Sprintf(
		"our scan was clean, but %s after its import the finding is still listed as open%s: %s",
		waited.Round(time.Minute), where(*open), e.likelyCause(f, *open))}
}

// likelyCause guesses why the scanner's mitigation rules did not count our scan.
func (e examination) likelyCause(f Finding, open Finding) string {
	if _, placed := open.Host.Addr(); placed && !sameAddress(f.Host, open.Host) {
		return "it is listed at another address of the machine: name that address too"
	}
	for _, account := range accountsOf(e.Scan.Hosts, f.Host) {
		if l, why := open.Host.compare(account.Host); l == different {
			return "it is listed for another identity of the host, which our scan did not meet: " + why
		}
	}
	return "the databases may be slow today, or another scan policy keeps it open"
}

// notes are what a reader of the verdicts should know, and no verdicts.
func (e examination) notes() (notes []string) {
	recast := 0
	for _, f := range e.Baseline {
		if f.RiskRecast {
			recast++
		}
	}
	if recast > 0 {
		notes = append(notes, "somebody recast the risk of "+Count(recast, "finding")+": that changes its severity and no verdict")
	}
	if !e.read() {
		return notes
	}
	moved := map[string]bool{}
	for _, account := range e.Scan.Hosts {
		for _, before := range accountsOf(e.Before, account.Host) {
			if account.Scanner != "" && before.Scanner != "" && account.Scanner != before.Scanner {
				moved[account.Host.Address] = true
			}
		}
	}
	if len(moved) > 0 {
		notes = append(notes, "another scanner than before looked at "+Count(len(moved), "host")+": it may stand elsewhere in the network")
	}
	return notes
}

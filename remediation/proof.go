package remediation

// Whether our scan really looked: at the host, at the right host, with the check, with a login, at the port.

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"go4.org/netipx"
)

// lookedAt asks the rules that decide whether our scan's silence about a finding means anything; zero if it does.
// Of several accounts of one address every one has to pass: two machines may answer there.
func (e examination) lookedAt(f Finding, accounts []HostScan) ruling {
	r := cmp.Or(
		importFailed(e.Scan),
		unreachable(e.dead, f.Host),
		incomplete(e.Scan, e.scanned, f.Host),
		when(len(accounts) == 0, PluginNotRun, noReport),
	)
	if r != (ruling{}) {
		return r
	}
	for _, rule := range []func(Finding, HostScan) ruling{e.notRun, e.changed, e.unconfirmed, e.loginFailed, e.portUnseen} {
		for _, account := range accounts {
			if r := rule(f, account); r != (ruling{}) {
				return r
			}
		}
	}
	return ruling{}
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

const noReport = "our result has no scan information (19506) for the host, so nothing shows that it was checked"

// clockSlack is how far a scanner's clock may be from Security Center's, which is all that tells a row of our scan from one
// of another day besides the policy's name.
const clockSlack = time.Hour

// made reports whether an account is of this scan, and not of another one whose rows came along: its policy is ours, which no
// other scan uses, and its time lies in the scan's.
func (s *Scan) made(account HostScan) bool {
	return account.Ours && !account.At.IsZero() && !s.Began.IsZero() && !s.Finished.IsZero() &&
		!account.At.Before(s.Began.Add(-clockSlack)) && !account.At.After(s.Finished.Add(clockSlack))
}

func (e examination) notRun(f Finding, account HostScan) ruling {
	p := e.Plugin
	weaker, untold := "", false
	for _, before := range e.before(f.Host) {
		untold = untold || before.Report == ""
		weaker = cmp.Or(weaker, account.Depth.shallower(before.Depth))
	}
	return cmp.Or(
		when(account.Report == "", PluginNotRun, noReport),
		when(!e.Scan.made(account), PluginNotRun,
			"the scan information (19506) that our result has for the host is of another scan or policy, so nothing shows that ours checked it"),
		when(p.Deprecated != "", PluginNotRun, "the plugin is deprecated and never reports again: "+p.Deprecated),
		when(p.Modified.IsZero(), PluginNotRun,
			"Security Center does not say of when the plugin is, so nothing shows that the scanner had it"),
		when(account.Feed.IsZero(), PluginNotRun,
			"the scan information does not say of when the scanner's plugins are, so nothing shows that it had this one"),
		when(account.Feed.Before(p.Modified), PluginNotRun,
			"the scanner's plugins are of "+utc(account.Feed)+", older than the plugin ("+utc(p.Modified)+")"),
		when(untold, PluginNotRun, "the scan information (19506) of the scan before ours has no text, so nothing shows how hard that one looked"),
		when(weaker != "", PluginNotRun, "the scan that found it looked harder than ours did: it had "+weaker),
	)
}

func (e examination) changed(f Finding, account HostScan) ruling {
	l, why := f.Host.compare(account.Host)
	return when(l == different, HostChanged, "another machine answers at this address: "+why)
}

func (e examination) unconfirmed(f Finding, account HostScan) ruling {
	l, _ := f.Host.compare(account.Host)
	return when(l == unknown && !f.Host.anonymous() && e.Exceptions.TrustAddress == nil, HostUnconfirmed,
		"a machine answers at this address, but nothing in our result shows that it is still "+f.Host.identity()+
			": --trust-address if addresses never move here")
}

// identity names a host by what the records knew of it.
func (h Host) identity() string {
	switch {
	case h.DNSName != "":
		return h.DNSName
	case h.NetBIOS != "":
		return h.NetBIOS
	case h.MAC != "":
		return "the one with MAC address " + h.MAC
	}
	return "the one with UUID " + h.UUID
}

// loginFailed demands positive proof of a login with rights enough. A trouble counts if it is of the protocol that the check
// uses; where nobody can tell which that is, a trouble of another protocol than the one that worked is no trouble.
func (e examination) loginFailed(_ Finding, account HostScan) ruling {
	if !e.Plugin.NeedsLogin() {
		return ruling{}
	}
	uses := e.Plugin.protocol()
	worked := func(protocol string) bool {
		return slices.ContainsFunc(account.Logins, func(p string) bool { return p == AnyProtocol || strings.EqualFold(p, protocol) })
	}
	var troubles []string
	for _, t := range account.LoginTroubles {
		counts := t.Protocol == "" || strings.EqualFold(t.Protocol, uses) || e.Plugin.FamilyName == "" ||
			uses == "" && (worked(t.Protocol) || len(account.Logins) == 0)
		if counts {
			troubles = append(troubles, t.words())
		}
	}
	said := strings.Join(troubles, ", ")
	return cmp.Or(
		when(account.Credentials != LoginYes, AuthFailed,
			"the check needs a login and the scan information does not say that one worked"+colon(said)),
		when(len(account.Logins) == 0, AuthFailed,
			"a login worked, but nothing shows that its rights were enough (plugin 117887 or 141118)"+colon(said)),
		when(uses != "" && !worked(uses), AuthFailed,
			"the check logs in by "+uses+", and the login that worked is by "+strings.Join(account.Logins, ", ")),
		when(len(troubles) > 0, AuthFailed, "the login was not enough: "+said),
	)
}

func (t LoginTrouble) words() string {
	if t.Plugin == 0 {
		return "a row that does not say of which plugin it is"
	}
	return strings.TrimSpace(fmt.Sprintf("plugin %d %s", t.Plugin, t.Protocol))
}

// protocol is by which the check logs in, as far as its family tells; "" if it does not.
func (p Plugin) protocol() string {
	family := strings.ToLower(p.FamilyName)
	switch {
	case strings.HasPrefix(family, "windows"):
		return "SMB"
	case strings.HasPrefix(family, "vmware"), strings.HasPrefix(family, "palo alto"):
		return "" // these log in by an API of their own, or by SSH
	case strings.HasSuffix(family, "local security checks"):
		return "SSH"
	}
	return ""
}

// portUnseen: a check of a port says nothing where the port was not open to it. What a login lists counts for checks that log
// in, and never for those that come from the network: a firewall hides the port from the scanner and not from the list.
func (e examination) portUnseen(f Finding, account HostScan) ruling {
	if f.Port == 0 {
		return ruling{}
	}
	if f.Port < 0 || f.Protocol == "" {
		return ruling{
			verdict: PortNotObserved, next: scannerTeam,
			reason: "the records do not say on which port it was found, so nothing shows that our scan looked there",
		}
	}
	port := fmt.Sprintf("%s port %d", strings.ToUpper(f.Protocol), f.Port)
	inRange := PortRangeContains(e.Scan.PortRange, f.Port, f.Protocol)
	open := func(counts func(Port) bool) bool {
		return slices.ContainsFunc(account.OpenPorts, func(p Port) bool {
			return p.Number == f.Port && strings.EqualFold(p.Protocol, f.Protocol) && counts(p)
		})
	}
	// A listener whose port or protocol the rows do not name may be this one.
	maybeListens := slices.ContainsFunc(account.OpenPorts, func(p Port) bool {
		return (p.Number == f.Port || p.Number <= 0) && (p.Protocol == "" || strings.EqualFold(p.Protocol, f.Protocol))
	})
	switch {
	case !inRange:
		return ruling{
			verdict: PortNotObserved, next: scannerTeam,
			reason: port + " was outside the range that our scan looked at (" + shorten(e.Scan.PortRange) + ")",
		}
	case open(func(p Port) bool { return p.Network || e.Plugin.looksInside() }):
		return ruling{}
	case open(func(Port) bool { return true }):
		return ruling{
			verdict: PortNotObserved, next: networkTeam,
			reason: port + " is open on the host but hidden from the scanner: a check from the network could not look",
		}
	case account.Listed && !maybeListens && e.Scan.PortRange != "default":
		return when(e.Exceptions.ClosedPorts == nil, PortNotObserved,
			port+" is closed: nothing listens there, and a stopped service is not a patched one (--closed-port-is-fixed if it was removed)")
	}
	return ruling{
		verdict: PortNotObserved, next: networkTeam,
		reason: "nothing in our result shows " + port + " open, and nothing shows whether it is closed or filtered",
	}
}

// exceptionWords say which exceptions the proof of a finding rests on.
func (e examination) exceptionWords(f Finding) string {
	words := ""
	for _, account := range accountsOf(e.Scan.Hosts, f.Host) {
		if l, _ := f.Host.compare(account.Host); l == unknown && !f.Host.anonymous() && e.Exceptions.TrustAddress != nil {
			words = e.Exceptions.TrustAddress.words("that it is the same machine was accepted")
		}
	}
	without := e
	without.Exceptions.ClosedPorts = nil
	for _, account := range accountsOf(e.Scan.Hosts, f.Host) {
		if e.Exceptions.ClosedPorts != nil && without.portUnseen(f, account) != (ruling{}) {
			return words + e.Exceptions.ClosedPorts.words("a closed port was accepted")
		}
	}
	return words
}

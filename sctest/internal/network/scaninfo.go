package network

// What plugin 19506 tells of a scan.

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"patchproof/sctest/internal/scenario"
)

// scanInfo is the text of plugin 19506, taken apart.
type scanInfo struct {
	feed, scanName, policy, scanner, portScanner, portRange, credentialed string
	look                                                                  look
	debugging, agent                                                      bool
	start                                                                 time.Time
	duration                                                              time.Duration
	without                                                               []string
}

const (
	usualScanner = "192.0.2.10"
	// usualAgo is when a host without findings was last scanned.
	usualAgo = 24 * time.Hour
	// usualPolicy is any policy that was there before everything.
	usualPolicy   = "Full Safe Scan"
	usualPolicyID = 621
)

// policyUsed is how a scanner names the policy of a server: the server, the number there, and the name.
func policyUsed(id int, name string) string { return fmt.Sprintf("%s-%d/%s", ServerUUID, id, name) }

// runInfo is about a run of this server, as the scanner saw it.
func (n *Network) runInfo(r *Run, o observation) scanInfo {
	return scanInfo{
		feed: n.Feed, scanName: r.Name, policy: policyUsed(r.Policy.ID, r.Policy.Name), scanner: usualScanner,
		portScanner: n.scannersUsed(r, o), portRange: r.Policy.PortRange(), look: r.Policy.look(),
		debugging: r.Policy.says("enable_plugin_debugging"), credentialed: n.credentialedChecks(o),
		start: n.Wall(o.at.Add(-r.timing.PerHost)), duration: r.timing.PerHost, without: o.host.ScanInfoWithout,
	}
}

// scannersUsed are the names of the port scanners that ran.
func (n *Network) scannersUsed(r *Run, o observation) string {
	var names []string
	switch n.netstat(r, o) {
	case scenario.PluginNetstatWMI:
		names = append(names, "wmi_netstat")
	case scenario.PluginNetstatSSH:
		names = append(names, "netstat")
	}
	if n.scansNetwork(r, o) {
		for _, s := range []struct {
			preference, name string
			usual            bool
		}{{"tcp_scanner", "nessus_tcp_scanner", false}, {"syn_scanner", "nessus_syn_scanner", true}, {"udp_scanner", "nessus_udp_scanner", false}} {
			if r.Policy.saysOr(s.preference, s.usual) {
				names = append(names, s.name)
			}
		}
	}
	return strings.Join(names, " ")
}

// earlierInfo is about the scan that recorded a host's findings before the start.
func (n *Network) earlierInfo(h *host, at time.Time) scanInfo {
	w := scenario.ScannedWith{Agent: h.Agent}
	if h.ScannedWith != nil {
		w = *h.ScannedWith
		w.Agent = w.Agent || h.Agent
	}
	info := scanInfo{
		feed: cmp.Or(w.Feed, at.Add(-defaultFeedAge).UTC().Format(feedFormat)), scanName: "Weekly scan",
		policy: policyUsed(usualPolicyID, cmp.Or(w.Policy, usualPolicy)), scanner: cmp.Or(w.Scanner, usualScanner),
		portScanner: cmp.Or(w.PortScanner, "nessus_syn_scanner"), portRange: cmp.Or(w.PortRange, "default"),
		look: lookOf(w), debugging: w.Debugging, agent: w.Agent, credentialed: "no", start: at.Add(-time.Minute), duration: time.Minute,
	}
	loggedIn := !h.Credentials.Refused
	if w.Credentials != nil {
		loggedIn = *w.Credentials
	}
	switch {
	case w.Agent:
		info.credentialed = "yes"
	case loggedIn:
		info.credentialed = "yes, as 'scanner' via " + h.loginProtocol(n.Catalog)
	}
	return info
}

func (n *Network) credentialedChecks(o observation) string {
	if !o.login.in() {
		return "no"
	}
	a := best(o.attempts)
	return fmt.Sprintf("yes, as '%s' via %s", n.CredentialName(a.credential), a.protocol)
}

func (i scanInfo) String() string {
	lines := [][2]string{
		{"Nessus version", "10.8.3"},
		{"Nessus build", "20010"},
		{"Plugin feed version", i.feed},
		{"Scanner edition used", "Nessus"},
		{"Scanner OS", "LINUX"},
		{"Scanner distribution", "es8-x86-64"},
		{"Scan type", either(i.agent, "Windows Agent", "Normal")},
		{"Scan name", i.scanName},
		{"Scan policy used", i.policy},
		{"Scanner IP", i.scanner},
		{"Port scanner(s)", i.portScanner},
		{"Port range", i.portRange},
		{"Ping RTT", "1.421 ms"},
		{"Thorough tests", yesNo(i.look.thorough)},
		{"Experimental tests", yesNo(i.look.experimental)},
		{"Scan for Unpatched Vulnerabilities", "no"},
		{"Plugin debugging enabled", yesNo(i.debugging)},
		{"Paranoia level", strconv.Itoa(i.look.paranoia)},
		{"Report verbosity", "1"},
		{"Safe checks", yesNo(!i.look.unsafe)},
		{"Optimize the test", "yes"},
		{"Credentialed checks", i.credentialed},
		{"Patch management checks", "None"},
		{"Display superseded patches", yesNo(i.look.superseded)},
		{"CGI scanning", either(i.look.cgi, "enabled", "disabled")},
		{"Web application tests", either(i.look.webTests, "enabled", "disabled")},
		{"Max hosts", "30"},
		{"Max checks", "5"},
		{"Recv timeout", "5"},
		{"Backports", "None"},
		{"Allow post-scan editing", "Yes"},
		{"Nessus Plugin Signature Checking", "Enabled"},
		{"Audit File Signature Checking", "Disabled"},
		{"Scan Start Date", i.start.UTC().Format("2006/1/2 15:04") + " UTC (UTC +00:00)"},
		{"Scan duration", fmt.Sprintf("%d sec", int(i.duration.Seconds()))},
	}
	var b strings.Builder
	b.WriteString("Information about this scan : \n\n")
	for _, line := range lines {
		name, value := line[0], line[1]
		switch {
		case slices.Contains(i.without, name), i.agent && slices.Contains([]string{"Port scanner(s)", "Port range", "Ping RTT"}, name):
			// Agents look from within: they know no port scanner and no range.
		case name == "Port scanner(s)" && value == "":
			b.WriteString("\nWARNING : No port scanner was enabled during the scan. This may\nlead to incomplete results.\n\n")
		default:
			fmt.Fprintf(&b, "%s : %s\n", name, value)
		}
	}
	return b.String()
}

func either(ok bool, yes, no string) string {
	if ok {
		return yes
	}
	return no
}

func yesNo(ok bool) string { return either(ok, "yes", "no") }

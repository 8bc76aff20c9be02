package sctest

// The rows that show what a scan could see: open ports, and whether logging in worked.

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// proofRows are written for every host that answered, as far as the policy enables their plugins.
func (n *network) proofRows(r *run, o observation, credential string) []record {
	var rows []record
	add := func(plugin int, protocol string, port int, text string) {
		if !r.policy.enables(plugin) {
			return
		}
		row := n.row(r, o, plugin, protocol, port)
		row.text = text
		rows = append(rows, row)
	}
	n.portRows(r, o, add)
	for _, plugin := range n.loginPlugins(o) {
		add(plugin, tcp, 0, loginText(plugin, o.host.loginProtocol(n.catalog), credential))
	}
	info := scanInfo{
		feed: n.feed, scanName: r.name, policy: r.policy.name, portRange: r.policy.portRange(),
		thorough: cmp.Or(r.policy.preferences["thorough_tests"], "no"), portScanner: "nessus_syn_scanner",
		credentialed: n.credentialedChecks(o, credential), start: o.at.Add(-r.timing.PerHost), duration: r.timing.PerHost,
	}
	if !r.policy.synScans() {
		info.portScanner = "none"
	}
	add(pluginScanInfo, tcp, 0, info.String())
	return rows
}

// portRows: the SYN scanner sees the range, netstat sees everything from within, services are told apart inside the range.
func (n *network) portRows(r *run, o observation, add func(plugin int, protocol string, port int, text string)) {
	ports := o.host.openPorts()
	for _, protocol := range []string{tcp, udp} {
		for _, port := range ports[protocol] {
			inRange := r.policy.scansPort(protocol, port)
			if inRange && r.policy.synScans() {
				add(pluginSYN, protocol, port, fmt.Sprintf("\nPort %d/%s was found to be open\n", port, strings.ToLower(protocol)))
			}
			if inRange && protocol == tcp {
				add(pluginServices, protocol, port, "\nA service is running on this port.\n")
			}
			if o.login == loginWorked {
				add(n.netstat(o.host), protocol, port, fmt.Sprintf("\nPort %d/%s was found to be open\n", port, strings.ToLower(protocol)))
			}
		}
	}
}

func (n *network) netstat(h *host) int {
	if h.windows(n.catalog) {
		return pluginNetstatWMI
	}
	return pluginNetstatSSH
}

// loginPlugins are those that report what became of the credentials.
func (n *network) loginPlugins(o observation) []int {
	switch o.login {
	case loginWorked:
		return []int{pluginLoginWorked, pluginPatchesReady}
	case loginInsufficient:
		plugins := []int{pluginLowPrivilege}
		if o.host.windows(n.catalog) {
			plugins = append(plugins, pluginNotAdmin, pluginNoRegistry)
		}
		return plugins
	case loginRefused:
		return []int{pluginLoginFailed, pluginAuthFailure}
	default:
		return []int{pluginNoCredentials}
	}
}

func loginText(plugin int, protocol, credential string) string {
	protocol = strings.ToUpper(protocol)
	switch plugin {
	case pluginLoginWorked:
		return fmt.Sprintf("\nNessus was able to log in to the remote host via the following :\n\nUser:    '%s'\nProto:   %s\n", credential, protocol)
	case pluginPatchesReady:
		return fmt.Sprintf("\nOS Security Patch Assessment is available.\n\nAccount  : %s\nProtocol : %s\n", credential, protocol)
	case pluginLowPrivilege:
		return fmt.Sprintf("\nNessus was able to log into the remote host, however this credential\ndid not have sufficient privileges.\n\n"+
			"User:    '%s'\nProto:   %s\n", credential, protocol)
	case pluginNotAdmin:
		return "\nIt was not possible to connect to ADMIN$ with the supplied credentials.\n"
	case pluginNoRegistry:
		return "\nCould not connect to the registry because:\nCould not connect to \\winreg\n"
	case pluginLoginFailed:
		return fmt.Sprintf("\nNessus was unable to log into the following host for which\ncredentials have been provided :\n\nProto:   %s\n", protocol)
	case pluginAuthFailure:
		return fmt.Sprintf("\nThe following service is affected :\n\n- Proto : %s\n  Failed to authenticate using the supplied credentials.\n", protocol)
	}
	return fmt.Sprintf("\n%s was detected but no credentials were provided.\n", protocol)
}

func (n *network) credentialedChecks(o observation, credential string) string {
	if !o.login.in() {
		return "no"
	}
	return fmt.Sprintf("yes, as '%s' via %s", credential, o.host.loginProtocol(n.catalog))
}

// scanInfo is what plugin 19506 tells.
type scanInfo struct {
	feed, scanName, policy, portScanner, portRange, thorough, credentialed string
	agent                                                                  bool
	start                                                                  time.Time
	duration                                                               time.Duration
}

func (i scanInfo) String() string {
	scanType := "Normal"
	if i.agent {
		scanType = "Windows Agent"
	}
	lines := [][2]string{
		{"Nessus version", "10.8.3"},
		{"Nessus build", "20010"},
		{"Plugin feed version", i.feed},
		{"Scanner edition used", "Nessus"},
		{"Scanner OS", "LINUX"},
		{"Scanner distribution", "es8-x86-64"},
		{"Scan type", scanType},
		{"Scan name", i.scanName},
		{"Scan policy used", serverUUID + "-1/" + i.policy},
		{"Scanner IP", "192.0.2.10"},
		{"Port scanner(s)", i.portScanner},
		{"Port range", i.portRange},
		{"Thorough tests", i.thorough},
		{"Experimental tests", "no"},
		{"Paranoia level", "1"},
		{"Report verbosity", "1"},
		{"Safe checks", "yes"},
		{"Optimize the test", "yes"},
		{"Credentialed checks", i.credentialed},
		{"Patch management checks", "None"},
		{"Display superseded patches", "yes"},
		{"CGI scanning", "disabled"},
		{"Web application tests", "disabled"},
		{"Max hosts", "30"},
		{"Max checks", "5"},
		{"Recv timeout", "5"},
		{"Backports", "None"},
		{"Allow post-scan editing", "Yes"},
		{"Scan Start Date", i.start.UTC().Format("2006/1/2 15:04") + " UTC (UTC +00:00)"},
		{"Scan duration", fmt.Sprintf("%d sec", int(i.duration.Seconds()))},
	}
	if i.agent {
		// Agents look from within: they know no port scanner and no range.
		lines = slices.DeleteFunc(lines, func(l [2]string) bool { return l[0] == "Port scanner(s)" || l[0] == "Port range" })
	}
	var b strings.Builder
	b.WriteString("Information about this scan : \n\n")
	for _, line := range lines {
		fmt.Fprintf(&b, "%s : %s\n", line[0], line[1])
	}
	return b.String()
}

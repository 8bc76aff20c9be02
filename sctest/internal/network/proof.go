package network

// The rows that show what a scan could see: open ports, and whether logging in worked.

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"patchproof/sctest/internal/scenario"
)

// proofRows are written for every host that answered, as far as the policy enables their plugins.
func (n *Network) proofRows(r *Run, o observation, credential string) []Row {
	var rows []Row
	add := func(plugin int, protocol string, port int, text string) {
		if !r.Policy.enables(plugin) {
			return
		}
		row := n.row(r, o, plugin, protocol, port)
		row.Text = text
		rows = append(rows, row)
	}
	n.portRows(r, o, add)
	words := strings.NewReplacer("{user}", credential, "{protocol}", strings.ToUpper(o.host.loginProtocol(n.Catalog)))
	for _, plugin := range n.loginPlugins(o) {
		add(plugin, scenario.TCP, 0, words.Replace(loginTexts[plugin]))
	}
	info := scanInfo{
		feed: n.Feed, scanName: r.Name, policy: r.Policy.Name, portRange: r.Policy.PortRange(),
		thorough: cmp.Or(r.Policy.Preferences["thorough_tests"], "no"), portScanner: "nessus_syn_scanner",
		credentialed: n.credentialedChecks(o, credential), start: o.at.Add(-r.timing.PerHost), duration: r.timing.PerHost,
	}
	if !r.Policy.synScans() {
		info.portScanner = "none"
	}
	add(scenario.PluginScanInfo, scenario.TCP, 0, info.String())
	return rows
}

// portRows: the SYN scanner sees the range, netstat sees everything from within, services are told apart inside the range.
func (n *Network) portRows(r *Run, o observation, add func(plugin int, protocol string, port int, text string)) {
	ports, netstat := o.host.openPorts(), scenario.PluginNetstatSSH
	if o.host.windows(n.Catalog) {
		netstat = scenario.PluginNetstatWMI
	}
	for _, protocol := range []string{scenario.TCP, scenario.UDP} {
		for _, port := range ports[protocol] {
			inRange := r.Policy.scansPort(protocol, port)
			open := fmt.Sprintf("\nPort %d/%s was found to be open\n", port, strings.ToLower(protocol))
			if inRange && r.Policy.synScans() {
				add(scenario.PluginSYN, protocol, port, open)
			}
			if inRange && protocol == scenario.TCP {
				add(scenario.PluginServices, protocol, port, "\nA service is running on this port.\n")
			}
			if o.login == loginWorked {
				add(netstat, protocol, port, open)
			}
		}
	}
}

// loginPlugins are those that report what became of the credentials.
func (n *Network) loginPlugins(o observation) []int {
	switch o.login {
	case loginWorked:
		return []int{scenario.PluginLoginWorked, scenario.PluginPatchesReady}
	case loginInsufficient:
		plugins := []int{scenario.PluginLowPrivilege}
		if o.host.windows(n.Catalog) {
			plugins = append(plugins, scenario.PluginNotAdmin, scenario.PluginNoRegistry)
		}
		return plugins
	case loginRefused:
		return []int{scenario.PluginLoginFailed, scenario.PluginAuthFailure}
	default:
		return []int{scenario.PluginNoCredentials}
	}
}

// loginTexts are what the plugins write about a login.
var loginTexts = map[int]string{
	scenario.PluginLoginWorked:  "\nNessus was able to log in to the remote host via the following :\n\nUser:    '{user}'\nProto:   {protocol}\n",
	scenario.PluginPatchesReady: "\nOS Security Patch Assessment is available.\n\nAccount  : {user}\nProtocol : {protocol}\n",
	scenario.PluginLowPrivilege: "\nNessus was able to log into the remote host, however this credential\ndid not have sufficient privileges.\n\n" +
		"User:    '{user}'\nProto:   {protocol}\n",
	scenario.PluginNotAdmin:   "\nIt was not possible to connect to ADMIN$ with the supplied credentials.\n",
	scenario.PluginNoRegistry: "\nCould not connect to the registry because:\nCould not connect to \\winreg\n",
	scenario.PluginLoginFailed: "\nNessus was unable to log into the following host for which\ncredentials have been provided :\n\n" +
		"Proto:   {protocol}\n",
	scenario.PluginAuthFailure: "\nThe following service is affected :\n\n- Proto : {protocol}\n" +
		"  Failed to authenticate using the supplied credentials.\n",
	scenario.PluginNoCredentials: "\n{protocol} was detected but no credentials were provided.\n",
}

func (n *Network) credentialedChecks(o observation, credential string) string {
	if !o.login.in() {
		return "no"
	}
	return fmt.Sprintf("yes, as '%s' via %s", credential, o.host.loginProtocol(n.Catalog))
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
		{"Scan policy used", ServerUUID + "-1/" + i.policy},
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

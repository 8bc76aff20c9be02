package network

// The rows that show which ports are open: those of observers in the network, and those of observers on the host.

import (
	"fmt"
	"strings"

	"patchproof/sctest/internal/scenario"
)

// portRows: the port scanners see what is in the range and let through, netstat sees what listens wherever that is, and services are told
// apart where the scanner reaches a port that it knows to be open.
func (n *Network) portRows(r *Run, o observation, add func(plugin int, protocol string, port int, text string)) {
	netstat := n.netstat(r, o)
	scans := n.scansNetwork(r, o)
	for _, protocol := range []string{scenario.TCP, scenario.UDP} {
		for _, port := range o.host.openPorts()[protocol] {
			open := fmt.Sprintf("\nPort %d/%s was found to be open\n", port, strings.ToLower(protocol))
			reached := !o.host.filters(protocol, port)
			inRange := reached && scans && r.Policy.scansPort(protocol, port)
			found := netstat != 0
			for _, scanner := range r.Policy.portScanners(protocol) {
				if inRange {
					found = true
					add(scanner, protocol, port, open)
				}
			}
			if found && reached && protocol == scenario.TCP && r.Policy.scansPort(protocol, port) {
				add(scenario.PluginServices, protocol, port, "\nA service is running on this port.\n")
			}
			if netstat != 0 {
				add(netstat, protocol, port, open)
			}
		}
	}
}

// netstat is the plugin that lists the open ports from inside, if one could; zero otherwise.
func (n *Network) netstat(r *Run, o observation) int {
	for _, a := range o.attempts {
		plugin, preference := scenario.PluginNetstatSSH, "ssh_netstat_scanner"
		if a.protocol == protocolSMB {
			plugin, preference = scenario.PluginNetstatWMI, "wmi_netstat_scanner"
		}
		if a.result == loginWorked && n.runs(r, plugin) && r.Policy.saysOr(preference, true) {
			return plugin
		}
	}
	return 0
}

// scansNetwork says whether the port scanners run at all: they may be told not to where a login has listed the ports.
func (n *Network) scansNetwork(r *Run, o observation) bool {
	preference := r.Policy.Preferences["only_portscan_if_enum_failed"]
	if preference == "" && n.scenario.EnumerationFirst {
		preference = "yes"
	}
	return preference != "yes" || n.netstat(r, o) == 0
}

// reaches says whether a check from the network can get at a port: it listens, nothing filters it, and the scan knows to look there,
// from its range or because netstat named it.
func (n *Network) reaches(r *Run, o observation, protocol string, port int) bool {
	if port == 0 {
		return true
	}
	return !o.host.filters(protocol, port) && (r.Policy.scansPort(protocol, port) || n.netstat(r, o) != 0)
}

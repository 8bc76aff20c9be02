package network

// The rows that show what a scan could see: which ports are open, from the network and from the host, and who answered.

import (
	"fmt"
	"slices"
	"strings"

	"patchproof/sctest/internal/scenario"
)

// proofRows are written for every host that answered, as far as the policy enables their plugins.
func (n *Network) proofRows(r *Run, o observation) []Row {
	var rows []Row
	add := func(plugin int, protocol string, port int, text string) {
		if !n.runs(r, plugin) {
			return
		}
		row := n.row(r, o, plugin, protocol, port)
		row.Text = text
		rows = append(rows, row)
	}
	n.portRows(r, o, add)
	n.identityRows(o, add)
	n.loginRows(o, add)
	if o.host.informs() {
		add(scenario.PluginScanInfo, scenario.TCP, 0, n.runInfo(r, o).String())
	}
	return rows
}

// informs says whether scans tell of themselves on this host.
func (h *host) informs() bool { return h.ScanInfo == nil || *h.ScanInfo }

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

// identityRows are what the plugins that find out names and addresses write.
func (n *Network) identityRows(o observation, add func(plugin int, protocol string, port int, text string)) {
	id := o.truth
	if o.host.Anonymous {
		return
	}
	mac := strings.ToUpper(id.MAC)
	if id.DNS != "" {
		add(scenario.PluginFQDN, scenario.TCP, 0, fmt.Sprintf("\n%s resolves as %s.\n", o.addr, id.DNS))
	}
	if id.NetBIOS != "" && !o.host.Filtered {
		add(scenario.PluginNetBIOS, scenario.UDP, netBIOSPort, netBIOSText(id))
	}
	if mac != "" {
		add(scenario.PluginMACAddresses, scenario.TCP, 0,
			"\nThe following is a consolidated list of detected MAC addresses:\n  - "+mac+"\n")
		add(scenario.PluginCardMaker, scenario.TCP, 0, "\nThe following card manufacturers were identified :\n\n"+mac+" : VMware, Inc.\n")
	}
}

const netBIOSPort = 137

// netBIOSText names the machine, its workgroup and the address of its card.
func netBIOSText(id identity) string {
	group, name, found := strings.Cut(id.NetBIOS, `\`)
	if !found {
		group, name = "WORKGROUP", id.NetBIOS
	}
	text := fmt.Sprintf("\nThe following 3 NetBIOS names have been gathered :\n\n %-16s = Computer name\n %-16s = Workgroup / Domain name\n"+
		" %-16s = File Server Service\n", name, group, name)
	if id.MAC != "" {
		text += "\nThe remote host has the following MAC address on its adapter :\n\n   " + strings.ToLower(id.MAC) + "\n"
	}
	return text
}

// learned is what a result knows of who answered: only what a plugin of its policy, the list of targets or a login tells.
func (n *Network) learned(r *Run, o observation) identity {
	known := o.truth
	if o.host.Anonymous {
		return identity{}
	}
	if n.scenario.Identities == scenario.IdentitiesAlways {
		return known
	}
	if !n.runs(r, scenario.PluginFQDN) && !slices.Contains(r.Scan.Names, strings.ToLower(known.DNS)) {
		known.DNS = ""
	}
	if !n.runs(r, scenario.PluginMACAddresses) && !n.runs(r, scenario.PluginCardMaker) {
		known.MAC = ""
	}
	if !n.runs(r, scenario.PluginNetBIOS) || o.host.Filtered {
		known.NetBIOS = ""
	}
	if o.login != loginWorked {
		known.UUID = ""
	}
	return known
}

// runs says whether a scan runs a plugin: it is in the feed and in the policy.
func (n *Network) runs(r *Run, plugin int) bool {
	_, known := n.Catalog.Plugins[plugin]
	return known && r.Policy.enables(plugin)
}

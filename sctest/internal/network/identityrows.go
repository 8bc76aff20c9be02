package network

// The rows that show who answered, and what a result may say of a host's identity.

import (
	"fmt"
	"slices"
	"strings"

	"patchproof/sctest/internal/scenario"
)

// identityRows are what the plugins that find out names and addresses write.
func (n *Network) identityRows(o observation, add func(plugin int, protocol string, port int, text string)) {
	id := o.truth
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

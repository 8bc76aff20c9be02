package network

// The rows that show what a scan could see: open ports, who answered, whether logging in worked, and how the scan was made.

import "patchproof/sctest/internal/scenario"

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

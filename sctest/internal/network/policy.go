package network

// Scan policies: which plugins run, and on which ports.

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"patchproof/sctest/internal/scenario"
)

// ContextScan marks policies that are made for one scan.
const ContextScan = "scan"

// Policy says what a scan looks for.
type Policy struct {
	ID                      int
	Name, Description, Tags string
	Context                 string
	Preferences             map[string]string
	Families                []PolicyFamily
	// Plugins enabled; nil means all.
	Plugins           map[int]bool
	ports             portSet
	Created, Modified time.Time
	Owner             Owner
}

// PolicyFamily is a family of a policy, with the plugins of it that are enabled.
type PolicyFamily struct {
	ID      int
	Plugins []int
}

// OneTime policies are deleted after their scan.
func (p *Policy) OneTime() bool { return p.Context == ContextScan }

func (p *Policy) enables(plugin int) bool { return p.Plugins == nil || p.Plugins[plugin] }

// scansPort says whether a finding on this port could be seen at all; port 0 is the host itself.
func (p *Policy) scansPort(protocol string, port int) bool {
	if port == 0 {
		return true
	}
	if protocol == scenario.UDP && p.Preferences["udp_scanner"] != "yes" {
		return false
	}
	return p.ports.contains(protocol, port)
}

// portScanners are the plugins that find open ports of a protocol from the network, as far as their scanners are on.
func (p *Policy) portScanners(protocol string) []int {
	var list []int
	switch protocol {
	case scenario.TCP:
		if p.saysOr("syn_scanner", true) {
			list = append(list, scenario.PluginSYN)
		}
		if p.says("tcp_scanner") {
			list = append(list, scenario.PluginConnect)
		}
	case scenario.UDP:
		if p.says("udp_scanner") {
			list = append(list, scenario.PluginUDP)
		}
	}
	return list
}

// PortRange is the range of ports as it was ordered.
func (p *Policy) PortRange() string { return cmp.Or(p.Preferences["portscan_range"], "default") }

// RunsWith are the runs that still go on with a policy, in order.
func (n *Network) RunsWith(policy int, now time.Time) []int {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(n.Runs)), func(id int) bool {
		r := n.Runs[id]
		return r.Policy.ID != policy || r.At(now).Over
	})
}

// SetPreferences fails if the range of ports among them is none.
func (p *Policy) SetPreferences(preferences map[string]string) (err error) {
	p.Preferences = preferences
	p.ports, err = parsePorts(p.PortRange())
	return err
}

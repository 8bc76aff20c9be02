package sctest

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// Scan policies: which plugins run, and on which ports.

const contextScan = "scan"

type policy struct {
	id                      int
	name, description, tags string
	context                 string
	preferences             map[string]string
	families                []policyFamily
	// plugins enabled; nil means all.
	plugins map[int]bool
	ports   portSet
	created time.Time
	owner   owner
}

type policyFamily struct {
	id      int
	plugins []int
}

func (p *policy) oneTime() bool { return p.context == contextScan }

func (p *policy) enables(plugin int) bool { return p.plugins == nil || p.plugins[plugin] }

// scansPort says whether a finding on this port could be seen at all; port 0 is the host itself.
func (p *policy) scansPort(protocol string, port int) bool {
	if port == 0 {
		return true
	}
	if protocol == udp && p.preferences["udp_scanner"] != "yes" {
		return false
	}
	return p.ports.contains(protocol, port)
}

// synScans says whether the port scanner of the proof plugin is on, as it is by default.
func (p *policy) synScans() bool { return p.preferences["syn_scanner"] != "no" }

func (p *policy) portRange() string { return cmp.Or(p.preferences["portscan_range"], "default") }

// runsWith are the runs that still go on with a policy, in order.
func (n *network) runsWith(policy int, now time.Time) []int {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(n.runs)), func(id int) bool {
		r := n.runs[id]
		return r.policy.id != policy || r.at(now).over
	})
}

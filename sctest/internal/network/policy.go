package network

// Scan policies: which plugins run, on which ports, and how hard they look.

import (
	"cmp"
	"maps"
	"slices"
	"strings"
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

// look is the part of a policy that decides what the same plugin can find.
type look struct {
	thorough, unsafe, cgi, webTests, experimental, superseded bool
	paranoia                                                  int
}

// The names that preferences have: those of the policies of scanners first, then those of the plugins that hold them.
var (
	cgiNames          = []string{"cgi_scanning", "enable_cgi_scanning", "Global variable settings[checkbox]:Enable CGI scanning"}
	webTestNames      = []string{"scan_webapps", "Web Application Tests Settings[checkbox]:Enable web applications tests"}
	experimentalNames = []string{
		"experimental_tests", "experimental_scripts", "enable_experimental_scripts",
		"Global variable settings[checkbox]:Enable experimental scripts",
	}
	thoroughNames   = []string{"thorough_tests", "Global variable settings[checkbox]:Thorough tests (slow)"}
	paranoiaNames   = []string{"report_paranoia", "Global variable settings[radio]:Report paranoia"}
	supersededNames = []string{"report_superseded_patches", "Patch Report[checkbox]:Display the superseded patches in the report"}
)

const (
	fewFalseAlarms = iota
	normalAlarms
	paranoid
)

// preference is the value of the first of these names that was sent.
func (p *Policy) preference(names ...string) string {
	for _, name := range names {
		if value := p.Preferences[name]; value != "" {
			return value
		}
	}
	return ""
}

func (p *Policy) says(names ...string) bool { return strings.EqualFold(p.preference(names...), "yes") }

// saysOr is for preferences that need not be sent.
func (p *Policy) saysOr(name string, usual bool) bool {
	if p.Preferences[name] == "" {
		return usual
	}
	return p.says(name)
}

// look reads the preferences. Safe checks and superseded patches are on unless somebody turned them off, everything else is off.
func (p *Policy) look() look {
	web := p.says(webTestNames...)
	l := look{
		thorough: p.says(thoroughNames...), unsafe: strings.EqualFold(p.Preferences["safe_checks"], "no"), webTests: web,
		cgi: web || p.says(cgiNames...), experimental: p.says(experimentalNames...), superseded: true, paranoia: normalAlarms,
	}
	if value := p.preference(supersededNames...); value != "" {
		l.superseded = strings.EqualFold(value, "yes")
	}
	switch word := strings.ToLower(p.preference(paranoiaNames...)); {
	case strings.HasPrefix(word, "avoid"), word == "0":
		l.paranoia = fewFalseAlarms
	case strings.HasPrefix(word, "paranoid"), strings.HasPrefix(word, "show"), word == "2":
		l.paranoia = paranoid
	}
	return l
}

// lookOf is that of a scan before the start.
func lookOf(w scenario.ScannedWith) look {
	l := look{
		thorough: w.Thorough, cgi: w.CGI, webTests: w.WebTests, experimental: w.Experimental, paranoia: normalAlarms,
		unsafe: w.SafeChecks != nil && !*w.SafeChecks, superseded: w.Superseded == nil || *w.Superseded,
	}
	if w.Paranoia != nil {
		l.paranoia = *w.Paranoia
	}
	return l
}

func (l look) allows(need string) bool {
	return map[string]bool{
		scenario.NeedsThorough: l.thorough, scenario.NeedsParanoid: l.paranoia >= paranoid, scenario.NeedsUnsafe: l.unsafe,
		scenario.NeedsCGI: l.cgi, scenario.NeedsWebTests: l.webTests, scenario.NeedsExperimental: l.experimental,
		scenario.NeedsSuperseded: l.superseded,
	}[need]
}

// lets says whether a check can see anything under the policy.
func (p *Policy) lets(x scenario.Plugin) bool {
	l := p.look()
	return !slices.ContainsFunc(x.Needs, func(need string) bool { return !l.allows(need) })
}

// mayRefute: what only thorough or paranoid scans find is only mitigated by such scans. Of the other needs servers know nothing.
func (p *Policy) mayRefute(x scenario.Plugin) bool {
	l := p.look()
	return !slices.ContainsFunc(x.Needs, func(need string) bool {
		return (need == scenario.NeedsThorough || need == scenario.NeedsParanoid) && !l.allows(need)
	})
}

package network

// How hard a scan looks: what its policy's preferences say, and what checks need of them.

import (
	"slices"
	"strings"

	"patchproof/sctest/internal/scenario"
)

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

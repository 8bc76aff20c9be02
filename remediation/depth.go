package remediation

// How hard a scan looked. A weaker look than the one that found a weakness proves nothing about it.

import "strings"

// Depth is how hard a scan looked, as its own account says; "" where it does not say.
type Depth struct {
	Thorough     Switch `json:"thorough,omitempty"`
	Experimental Switch `json:"experimental,omitempty"`
	SafeChecks   Switch `json:"safeChecks,omitempty"`
	CGI          Switch `json:"cgi,omitempty"`
	WebTests     Switch `json:"webTests,omitempty"`
	Superseded   Switch `json:"superseded,omitempty"`
	// Paranoia is "0" (avoid false alarms), "1" (normal) or "2" (paranoid).
	Paranoia string `json:"paranoia,omitempty"`
}

// Switch is an option of a scan that is on or off.
type Switch string

// The positions of a switch.
const (
	On  Switch = "on"
	Off Switch = "off"
)

// shallower names what a scan left out that an earlier one did, with the preference that would help; "" if it left out
// nothing. What the later account does not say counts as left out.
func (d Depth) shallower(before Depth) string {
	var missing []string
	add := func(deeper bool, what, preference string) {
		if deeper {
			missing = append(missing, what+" (--preference "+preference+")")
		}
	}
	add(before.Thorough == On && d.Thorough != On, "thorough tests", "thorough_tests=yes")
	add(before.Paranoia > "1" && d.Paranoia < before.Paranoia, "paranoid reports", `"report_paranoia=Paranoid (more false alarms)"`)
	add(before.Paranoia == "1" && d.Paranoia < "1", "normal paranoia", "report_paranoia=Normal")
	add(before.SafeChecks == Off && d.SafeChecks != Off, "checks that are not safe", "safe_checks=no")
	add(before.CGI == On && d.CGI != On, "CGI scanning", "scan_webapps=yes")
	add(before.WebTests == On && d.WebTests != On, "web application tests", "generic_webapp_tests=yes")
	add(before.Experimental == On && d.Experimental != On, "experimental tests", "experimental_scripts=yes")
	add(before.Superseded == On && d.Superseded != On, "superseded patches", "report_superseded_patches=yes")
	return strings.Join(missing, ", ")
}

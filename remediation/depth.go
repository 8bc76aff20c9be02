package remediation

// How hard a scan looked. A weaker look than the one that found a weakness proves nothing about it.

import (
	"slices"
	"strings"
)

// Depth is what a scan did beyond the least that a scan does, as its own account says. What it does not say it did not do.
type Depth []Feature

// Feature is something that a scan does or leaves out.
type Feature string

// The features.
const (
	Thorough     Feature = "thorough"
	Experimental Feature = "experimental"
	Unsafe       Feature = "unsafe" // checks that may harm the host
	CGI          Feature = "cgi"
	WebTests     Feature = "web-tests"
	Superseded   Feature = "superseded" // patches that others replace
	Suspicious   Feature = "suspicious" // reports what may be a false alarm
	Paranoid     Feature = "paranoid"   // reports whatever may be
)

// helps is the preference of a policy that switches a feature on.
var helps = map[Feature]string{
	Thorough:     "thorough_tests=yes",
	Experimental: "experimental_scripts=yes",
	Unsafe:       "safe_checks=no",
	CGI:          "scan_webapps=yes",
	WebTests:     "scan_webapps=yes",
	Superseded:   "report_superseded_patches=yes",
	Suspicious:   "report_paranoia=Normal",
	Paranoid:     `"report_paranoia=Paranoid (more false alarms)"`,
}

// shallower names what a scan left out that an earlier one did, with the preference that would help; "" if it left out nothing.
func (d Depth) shallower(before Depth) string {
	var missing []string
	for _, feature := range before {
		if !slices.Contains(d, feature) {
			missing = append(missing, string(feature)+" (--preference "+helps[feature]+")")
		}
	}
	slices.Sort(missing)
	return strings.Join(missing, ", ")
}

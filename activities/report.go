package activities

// A host's scan information (plugin 19506), as a text of lines "key : value".

import (
	"strings"
	"time"

	"patchproof/remediation"
	"patchproof/sclient"
)

// maxReport is what is read of the text: a real one has some 2,000 characters.
const maxReport = 16 << 10

// report reads a host's scan information: that it was checked, when and whether by our policy, with which plugins, how hard,
// and logged in or not.
func report(v sclient.Vuln, policy string) remediation.HostScan {
	lines := scanInfo(v.PluginText)
	h := remediation.HostScan{
		Host: host(v), Report: remediation.Clip(v.Output(), maxOutput), At: v.LastSeen.Time,
		Ours:    policy != "" && strings.Contains(lines["scan policy used"], policy),
		Scanner: remediation.Clip(lines["scanner ip"], 64),
		Depth:   depth(lines),
	}
	// The feed's version is the minute of its release, in UTC.
	if feed := lines["plugin feed version"]; len(feed) >= 12 {
		h.Feed, _ = time.Parse("200601021504", feed[:12]) // what is no time is unknown
	}
	switch worked, said := position(lines["credentialed checks"]); {
	case said && worked:
		h.Credentials = remediation.LoginYes
	case said:
		h.Credentials = remediation.LoginNo
	}
	return h
}

// scanInfo are the lines of the text by their keys, in lower case. A key that comes twice keeps its first value.
func scanInfo(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text[:min(len(text), maxReport)]) {
		key, value, found := strings.Cut(line, ":")
		key = strings.ToLower(strings.TrimSpace(key))
		if _, known := out[key]; found && !known {
			out[key] = strings.TrimSpace(value)
		}
	}
	return out
}

// depth is how hard the scan looked.
func depth(lines map[string]string) (d remediation.Depth) {
	for _, line := range []struct {
		key     string
		feature remediation.Feature
		when    bool
	}{
		{"thorough tests", remediation.Thorough, true},
		{"experimental tests", remediation.Experimental, true},
		{"safe checks", remediation.Unsafe, false},
		{"cgi scanning", remediation.CGI, true},
		{"web application tests", remediation.WebTests, true},
		{"display superseded patches", remediation.Superseded, true},
	} {
		if position, said := position(lines[line.key]); said && position == line.when {
			d = append(d, line.feature)
		}
	}
	level, _, _ := strings.Cut(lines["paranoia level"], " ")
	if level == "1" || level == "2" {
		d = append(d, remediation.Suspicious)
	}
	if level == "2" {
		d = append(d, remediation.Paranoid)
	}
	return d
}

// position reads "yes", "yes, as 'root' via ssh", "enabled" and their opposites; anything else says nothing.
func position(value string) (on, said bool) {
	word, _, _ := strings.Cut(value, " ")
	switch strings.ToLower(strings.TrimRight(word, ",;.")) {
	case "yes", "enabled", "on", "true":
		return true, true
	case "no", "disabled", "off", "false":
		return false, true
	}
	return false, false
}

package activities

// A host's scan information (plugin 19506), as a text of lines "key : value".

import (
	"cmp"
	"strings"
	"time"

	"patchproof/remediation"
	"patchproof/sclient"
)

// maxReport is what is read of the text: a real one has some 2,000 characters.
const maxReport = 16 << 10

// report reads a host's scan information: that it was checked, when and by which policy, with which plugins, how hard, and
// logged in or not.
func report(v sclient.Vuln) remediation.HostScan {
	lines := scanInfo(v.PluginText)
	h := remediation.HostScan{
		Host: host(v), Report: cmp.Or(remediation.Clip(v.Output(), maxOutput), "present, without text"), At: v.LastSeen.Time,
		Policy: remediation.Clip(lines["scan policy used"], maxName), Scanner: remediation.Clip(lines["scanner ip"], 64),
		Depth: remediation.Depth{
			Thorough:     position(lines["thorough tests"]),
			Experimental: position(lines["experimental tests"]),
			SafeChecks:   position(lines["safe checks"]),
			CGI:          position(lines["cgi scanning"]),
			WebTests:     position(lines["web application tests"]),
			Superseded:   position(lines["display superseded patches"]),
			Paranoia:     paranoia(lines["paranoia level"]),
		},
	}
	// The feed's version is the minute of its release, in UTC.
	if feed := lines["plugin feed version"]; len(feed) >= 12 {
		h.Feed, _ = time.Parse("200601021504", feed[:12]) // what is no time is unknown
	}
	switch position(lines["credentialed checks"]) {
	case remediation.On:
		h.Credentials = remediation.LoginYes
	case remediation.Off:
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

// position reads "yes", "yes, as 'root' via ssh", "enabled" and their opposites; "" is anything else.
func position(value string) remediation.Switch {
	word := strings.ToLower(strings.TrimRight(cmp.Or(strings.Fields(value)...), ",;."))
	switch word {
	case "yes", "enabled", "on", "true":
		return remediation.On
	case "no", "disabled", "off", "false":
		return remediation.Off
	}
	return ""
}

func paranoia(value string) string {
	if value == "0" || value == "1" || value == "2" {
		return value
	}
	return ""
}

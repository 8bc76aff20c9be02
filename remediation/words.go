package remediation

// Words that the rules use in their reasons.

import (
	"strconv"
	"strings"
	"time"
)

// Count says how many there are of something, in English.
func Count(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return strconv.Itoa(n) + " " + what
}

// shorten cuts a long list for a sentence.
func shorten(s string) string {
	const most = 200 // a line or two
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + " …"
	}
	return s
}

func where(f Finding) string {
	if f.Host.Label() == "" {
		return " (the row does not say where)"
	}
	if f.Host.DNSName != "" && f.Host.DNSName != f.Host.Label() {
		return " (" + f.Host.Label() + ", " + f.Host.DNSName + ")"
	}
	return " (" + f.Host.Label() + ")"
}

func colon(s string) string {
	if s = strings.TrimSpace(s); s == "" {
		return ""
	}
	return ": " + s
}

func utc(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 MST") }

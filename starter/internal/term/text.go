package term

// Text that came from outside may hold control characters, which could redraw the terminal or forge a line, and characters that
// are not seen and turn others around. Whatever is printed for people goes through one of the following three.

import (
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"patchproof/remediation"
)

// Line makes text safe to print in a line.
func Line(s string) string { return remediation.OneLine(s) }

// Lines makes text safe to print; its own lines and tabs stay.
func Lines(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r):
			return -1
		case unicode.In(r, unicode.Zl, unicode.Zp):
			return ' '
		case remediation.Unseen(r):
			return utf8.RuneError
		}
		return r
	}, s)
}

// ShellWord quotes a word of a command that people copy.
func ShellWord(s string) string {
	harmless := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_./:@", r)
	}
	if s != "" && strings.IndexFunc(s, func(r rune) bool { return !harmless(r) }) < 0 {
		return s
	}
	return "'" + strings.ReplaceAll(Line(s), "'", `'\''`) + "'"
}

// Cut shortens text to so many bytes, between two characters.
func Cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// Count writes a number with its noun.
func Count(n int, noun string) string { return Plural(n, noun, noun+"s") }

// Plural is Count for nouns that take more than an s.
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Stamp writes a moment in the reader's zone, and nothing for none.
func Stamp(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04:05")
}

// Clock writes a time as near as people need it.
func Clock(t, now time.Time) string {
	t = t.In(now.Location())
	if now.Sub(t).Abs() < 12*time.Hour {
		return t.Format("15:04:05")
	}
	return t.Format("2006-01-02 15:04")
}

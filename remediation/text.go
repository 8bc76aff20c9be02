package remediation

// Texts of others, made safe.

import (
	"strings"
	"unicode"
)

// OneLine makes a text of others safe to stand in a line: its line ends and other control characters, which could forge
// a line or redraw a terminal, become blanks.
func OneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}

package remediation

// Texts of others, made safe.

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// OneLine makes a text of others safe to stand in a line. Line ends and control characters, which could forge a line or redraw a
// terminal, become blanks. Characters that are not seen become a sign that is: they turn the order of what people read around, or make two names
// that differ look alike.
func OneLine(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r), unicode.In(r, unicode.Zl, unicode.Zp):
			return ' '
		case Unseen(r):
			return utf8.RuneError
		}
		return r
	}, s)
}

// Unseen reports that a character leaves no mark of its own: it orders, joins, hides or tags others. The last planes hold nothing else.
func Unseen(r rune) bool {
	return unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point) || (r >= 0xE0000 && r <= 0xE0FFF)
}

package remediation

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOneLine(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                          "",
		"web1.example.com":          "web1.example.com",
		"Müller & Söhne, 東京, 😀":     "Müller & Söhne, 東京, 😀",
		"two\nlines\r\nand\ttabs":   "two lines  and tabs",
		"\x1b[2J\x07":               " [2J ",
		"\u009b31mred\u0085next":    " 31mred next",
		"del\x7f":                   "del ",
		"line\u2028par\u2029":       "line par ",
		"\ufeffbom":                 "�bom",
		"soft\u00adhyphen":          "soft�hyphen",
		"zero\u200bwidth\u2060":     "zero�width�",
		"tag\U000e0041\U000e007f":   "tag��",
		"selector\U000e0100":        "selector�",
		"filler\u3164\u115f":        "filler��",
		"half a character \xe2\x80": "half a character ��",
	} {
		require.Equal(t, want, OneLine(text), "%q", text)
	}
	for r := rune(0x202a); r <= 0x202e; r++ {
		require.Equal(t, "a�b", OneLine("a"+string(r)+"b"), "%U", r)
	}
	for r := rune(0x2066); r <= 0x2069; r++ {
		require.Equal(t, "a�b", OneLine("a"+string(r)+"b"), "%U", r)
	}
	for r := rune(0x80); r < 0xa0; r++ {
		require.Equal(t, "a b", OneLine("a"+string(r)+"b"), "%U", r)
	}
}

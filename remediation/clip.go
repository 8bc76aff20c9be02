package remediation

// Texts of others, made short.

import (
	"strings"
	"unicode/utf8"
)

// Clip cuts a text that takes more than so many bytes as JSON, where a character can take six. What is cut ends in an
// ellipsis, and what is no UTF-8 is replaced. The result is a copy: a part of a text keeps all of it in memory.
func Clip(text string, most int) string {
	const mark = "…"
	size, end := 0, 0 // end is where the text must end to leave room for the mark
	for i, r := range text {
		if size += jsonSize(r); size > most {
			return valid(text[:end]) + mark
		}
		if size <= most-len(mark) {
			end = i + runeLen(text[i:])
		}
	}
	return strings.Clone(valid(text))
}

// SizeInJSON is what a text takes as JSON at most.
func SizeInJSON(text string) int {
	size := len(`"",`)
	for _, r := range text {
		size += jsonSize(r)
	}
	return size
}

// jsonSize is what a character takes in JSON at most: control characters, what HTML could read, and what is no character
// are written as \u and four digits.
func jsonSize(r rune) int {
	switch {
	case r < ' ', r == '<', r == '>', r == '&', r == '\u2028', r == '\u2029', r == utf8.RuneError:
		return len(`\u0000`)
	case r == '"', r == '\\':
		return 2
	}
	return utf8.RuneLen(r)
}

func runeLen(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	return n
}

func valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

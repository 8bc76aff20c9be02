// Package redact hides secrets in texts that people and logs get to see.
package redact

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf16"
)

// Hidden stands in the place of a secret.
const Hidden = "[hidden]"

const (
	// A password of fewer characters may be any word of the data, which hiding it would spoil.
	shortSecret = 8
	// So few characters at the end of a cut text betray nothing.
	telling    = 4
	partLength = 4
)

// Set is a set of secrets. What looking for them needs is made once, at the first look.
type Set struct {
	secrets  []string // longer ones first, so that a secret that contains another goes as a whole
	patterns func() []*regexp.Regexp
	parts    func() *partIndex
}

// New makes a set; empty and repeated secrets do not count.
func New(secrets ...string) *Set {
	s := &Set{secrets: slices.DeleteFunc(slices.Clone(secrets), func(secret string) bool { return secret == "" })}
	slices.SortFunc(s.secrets, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	s.secrets = slices.Compact(s.secrets)
	s.patterns = sync.OnceValue(func() []*regexp.Regexp {
		var all []*regexp.Regexp
		for _, secret := range s.secrets {
			all = append(all, spellings(secret))
		}
		return all
	})
	s.parts = sync.OnceValue(func() *partIndex { return newPartIndex(s.long()) })
	return s
}

// long are the secrets that may be hidden in data.
func (s *Set) long() []string {
	i := slices.IndexFunc(s.secrets, func(secret string) bool { return len(secret) < shortSecret })
	if i < 0 {
		i = len(s.secrets)
	}
	return s.secrets[:i]
}

// InErrors hides all secrets, also one whose end was cut off with the text's.
func (s *Set) InErrors(text string) string {
	if text == "" {
		return text
	}
	text = hide(text, s.patterns())
	for _, secret := range s.secrets {
		for n := len(secret) - 1; n >= telling; n-- {
			if strings.HasSuffix(text, secret[:n]) {
				return text[:len(text)-n] + Hidden
			}
		}
	}
	return text
}

// InData hides the secrets that are no word of the data by chance: those of eight characters or more.
func (s *Set) InData(text string) string { return hide(text, s.patterns()[:len(s.long())]) }

func hide(text string, patterns []*regexp.Regexp) string {
	for _, pattern := range patterns {
		text = pattern.ReplaceAllLiteralString(text, Hidden)
	}
	return text
}

// Suspects reports whether the texts of a row of JSON need a look by InData: it may hold a secret, or characters in a disguise that
// only decoding removes. PHP writes plain letters as such, so hardly any row does. It costs next to nothing.
func (s *Set) Suspects(row []byte) bool {
	if s.parts().in(row) && slices.ContainsFunc(s.patterns()[:len(s.long())], func(p *regexp.Regexp) bool { return p.Match(row) }) {
		return true
	}
	for rest := row; ; {
		i := bytes.Index(rest, []byte(`\u00`))
		if i < 0 || i+4 >= len(rest) {
			return false
		}
		if rest[i+4] >= '2' && rest[i+4] <= '7' {
			return true
		}
		rest = rest[i+4:]
	}
}

// spellings matches a secret however JSON, PHP, URLs, HTML and %q write its characters, also one inside the other.
func spellings(secret string) *regexp.Regexp {
	var pattern strings.Builder
	for _, r := range secret {
		hex := fmt.Sprintf("% x", string(r)) // one pair of digits for each byte
		forms := []string{
			regexp.QuoteMeta(string(r)), "%" + strings.ReplaceAll(hex, " ", "%"), fmt.Sprintf("u%04x", r), fmt.Sprintf("&#0*%d;", r), fmt.Sprintf("&#x0*%x;", r),
			regexp.QuoteMeta(html.EscapeString(string(r))),
		}
		switch quoted := fmt.Sprintf("%+q", string(r)); {
		case r == ' ':
			forms = append(forms, `\+`)
		case r == '\\':
			forms = append(forms, "") // the escapes before it have taken it already
		case unicode.IsControl(r):
			forms = append(forms, quoted[2:len(quoted)-1])
		case r > 0xFFFF:
			high, low := utf16.EncodeRune(r)
			forms = append(forms, quoted[2:len(quoted)-1], fmt.Sprintf(`u%04x\\u%04x`, high, low))
		}
		pattern.WriteString(`(?:\\|%5c)*(?:` + strings.Join(forms, "|") + ")")
	}
	// Case-insensitive, because escapes are, and a server may fold keys.
	return regexp.MustCompile("(?i)" + pattern.String())
}

// partIndex makes looking cheap: it has every part of four characters of every secret, one of which stands at each step-th place of a
// text that has a secret in it.
type partIndex struct {
	known map[uint32]bool
	maybe [1 << 16 / 64]uint64 // a bit for the hash of each part, which spares the look into the map
	step  int
}

func newPartIndex(secrets []string) *partIndex {
	p := &partIndex{known: map[uint32]bool{}}
	shortest := 0
	for _, secret := range secrets {
		for _, text := range literals(secret) {
			if shortest == 0 || len(text) < shortest {
				shortest = len(text)
			}
			for i := range len(text) - partLength + 1 {
				part := foldedPart(text[i:])
				p.known[part] = true
				hash := hashOf(part)
				p.maybe[hash/64] |= 1 << (hash % 64)
			}
		}
	}
	p.step = max(1, shortest-partLength+1)
	return p
}

// literals are the spellings in which a whole text is usually written.
func literals(secret string) []string {
	quoted, _ := json.Marshal(secret) // a string can always be written
	strict := string(quoted[1 : len(quoted)-1])
	loose := strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(strict)
	ascii := fmt.Sprintf("%+q", secret)
	all := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret)}
	for _, form := range []string{strict, loose, ascii[1 : len(ascii)-1]} {
		all = append(all, form, strings.ReplaceAll(form, "/", `\/`))
	}
	return all
}

func (p *partIndex) in(row []byte) bool {
	if len(p.known) == 0 {
		return false
	}
	for i := 0; i+partLength <= len(row); i += p.step {
		part := foldedPart(row[i:])
		if hash := hashOf(part); p.maybe[hash/64]&(1<<(hash%64)) != 0 && p.known[part] {
			return true
		}
	}
	return false
}

// foldedPart is a part without regard to case.
func foldedPart[T string | []byte](text T) uint32 {
	_ = text[partLength-1]
	return (uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16 | uint32(text[3])<<24) | 0x20202020
}

// hashOf spreads the bits of a part over sixteen.
func hashOf(part uint32) uint32 { return part * 2654435761 >> 16 }

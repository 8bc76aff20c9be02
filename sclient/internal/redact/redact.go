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
	"sync/atomic"
	"unicode"
	"unicode/utf16"
)

// Hidden stands in the place of a secret.
const Hidden = "[hidden]"

const (
	// A password of fewer characters may be any word of the data, which hiding it would spoil.
	shortSecret = 8
	// So few characters at the end of a cut text betray nothing.
	telling = 4
	// In base64 and hex they are six to eight.
	tellingEncoded = 8
	partLength     = 4
)

// Redaction hides secrets, some of which become known only later. It is safe for concurrent use. What it knows is behind a function, where nobody
// who dumps memory by reflection finds it.
type Redaction struct{ in func() *known }

type known struct {
	set atomic.Pointer[set]

	mu    sync.Mutex
	fixed []string
	later []string // the latest ones
}

// Those of a session are two, and a worker logs in every hour, for months. Answers to the latest four logins may still be on their way.
const maxLater = 8

// New hides the given secrets; empty and repeated ones do not count.
func New(secrets ...string) *Redaction {
	k := &known{fixed: secrets}
	k.set.Store(newSet(secrets))
	return &Redaction{func() *known { return k }}
}

// Add makes the secret of a session known, and forgets those of old ones.
func (r *Redaction) Add(secret string) {
	k := r.in()
	k.mu.Lock()
	defer k.mu.Unlock()
	if secret == "" || slices.Contains(k.later, secret) {
		return
	}
	k.later = append(k.later, secret)
	k.later = k.later[max(0, len(k.later)-maxLater):]
	k.set.Store(newSet(slices.Concat(k.fixed, k.later)))
}

// HideAll takes every secret out of a text about a failure, also one whose end was cut off with the text's, and the credentials of others.
func (r *Redaction) HideAll(text string) string { return r.in().set.Load().hideAll(text) }

// Hide takes the secrets out of a text that is data: those that are no word of it by chance, of eight characters or more.
func (r *Redaction) Hide(text string) string { return r.in().set.Load().hideLong(text) }

// Suspects reports whether the texts of a row of JSON, decoded, need a look by Hide: it may hold a secret, or characters in a disguise
// that only decoding removes. PHP writes plain letters as such, so hardly any row does. It costs next to nothing.
func (r *Redaction) Suspects(row []byte) bool { return r.in().set.Load().suspects(row) }

// set is a set of secrets. What looking for them needs is made once, at the first look.
type set struct {
	secrets  []string // longer ones first, so that a secret that contains another goes as a whole
	long     int      // how many of them may be hidden in data
	encoded  []string // what only the long ones become in base64 and hex
	patterns func() []*regexp.Regexp
	escaped  func() []*regexp.Regexp // of the encoded ones
	parts    func() *partIndex
}

func newSet(secrets []string) *set {
	s := &set{secrets: slices.DeleteFunc(slices.Clone(secrets), func(secret string) bool { return secret == "" })}
	slices.SortFunc(s.secrets, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	s.secrets = slices.Compact(s.secrets)
	s.patterns = sync.OnceValue(func() []*regexp.Regexp {
		var all []*regexp.Regexp
		for _, secret := range s.secrets {
			all = append(all, spellings(secret))
		}
		return all
	})
	for s.long < len(s.secrets) && len(s.secrets[s.long]) >= shortSecret {
		s.long++
	}
	for _, secret := range s.secrets[:s.long] {
		s.encoded = append(s.encoded, encodings(secret)...)
	}
	s.escaped = sync.OnceValue(func() []*regexp.Regexp {
		var all []*regexp.Regexp
		for _, part := range s.encoded {
			all = append(all, escapedEncoding(part))
		}
		return all
	})
	s.parts = sync.OnceValue(func() *partIndex { return newPartIndex(s.secrets[:s.long], s.encoded) })
	return s
}

func (s *set) hideAll(text string) string {
	text = hideLogins(hide(hide(text, s.escaped()), s.patterns()))
	for i, secret := range slices.Concat(s.secrets, s.encoded) {
		least := telling
		if i >= len(s.secrets) {
			least = tellingEncoded
		}
		for n := len(secret) - 1; n >= least; n-- {
			if strings.HasSuffix(text, secret[:n]) {
				return text[:len(text)-n] + Hidden
			}
		}
	}
	return text
}

func (s *set) hideLong(text string) string {
	return hide(hide(text, s.escaped()), s.patterns()[:s.long])
}

func hide(text string, patterns []*regexp.Regexp) string {
	for _, pattern := range patterns {
		text = pattern.ReplaceAllLiteralString(text, Hidden)
	}
	return text
}

func (s *set) suspects(row []byte) bool {
	plain, encoded := s.parts().in(row)
	if encoded || plain && slices.ContainsFunc(s.patterns()[:s.long], func(p *regexp.Regexp) bool { return p.Match(row) }) {
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
	// Those of encoded secrets are digits and letters of any data: the whole of one has to stand around its part.
	encoded map[uint32][]place
	maybe   [1 << 16 / 64]uint64 // a bit for the hash of each part, which spares the look into the map
	step    int
}

// place is where a part stands in a whole.
type place struct {
	whole string
	at    int
}

func newPartIndex(secrets, encoded []string) *partIndex {
	p := &partIndex{known: map[uint32]bool{}, encoded: map[uint32][]place{}}
	shortest := 0
	add := func(text string, note func(part uint32, at int)) {
		if shortest == 0 || len(text) < shortest {
			shortest = len(text)
		}
		for i := range len(text) - partLength + 1 {
			part := foldedPart(text[i:])
			note(part, i)
			hash := hashOf(part)
			p.maybe[hash/64] |= 1 << (hash % 64)
		}
	}
	for _, secret := range secrets {
		for _, text := range literals(secret) {
			add(text, func(part uint32, _ int) { p.known[part] = true })
		}
	}
	for _, whole := range encoded {
		for _, text := range []string{whole, strings.ReplaceAll(whole, "/", `\/`)} {
			add(text, func(part uint32, at int) { p.encoded[part] = append(p.encoded[part], place{text, at}) })
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
	all := []string{url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret)}
	for _, form := range []string{secret, strict, loose, ascii[1 : len(ascii)-1]} {
		all = append(all, form, strings.ReplaceAll(form, "/", `\/`))
	}
	return all
}

// in reports whether a part of a secret stands in the row, and whether a whole encoded one does.
func (p *partIndex) in(row []byte) (plain, encoded bool) {
	if len(p.known) == 0 {
		return false, false
	}
	for i := 0; i+partLength <= len(row); i += p.step {
		part := foldedPart(row[i:])
		if hash := hashOf(part); p.maybe[hash/64]&(1<<(hash%64)) == 0 {
			continue
		}
		plain = plain || p.known[part]
		for _, there := range p.encoded[part] {
			if from := i - there.at; from >= 0 && bytes.HasPrefix(row[from:], []byte(there.whole)) {
				return plain, true
			}
		}
	}
	return plain, false
}

// foldedPart is a part without regard to case.
func foldedPart[T string | []byte](text T) uint32 {
	_ = text[partLength-1]
	return (uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16 | uint32(text[3])<<24) | 0x20202020
}

// hashOf spreads the bits of a part over sixteen.
func hashOf(part uint32) uint32 { return part * 2654435761 >> 16 }

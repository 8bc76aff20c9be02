package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// guard keeps our own secrets out of what is printed, should a server send them back as data. Errors are the client's
// matter: they never contain a secret.
type guard struct {
	mu    sync.Mutex
	known atomic.Pointer[secrets]
}

// secrets are the spellings to look for, and what makes looking cheap: parts of four characters, one of which stands at
// every step-th place of a text that has a secret in it.
type secrets struct {
	plain     []string
	spellings *regexp.Regexp
	parts     [1 << 16 / 64]uint64 // a bit for the hash of each part
	step      int
}

const (
	hidden = "[hidden]"
	// shortSecret: a password of fewer characters may be any word of the data, which hiding it would spoil.
	shortSecret = 8
	partLength  = 4
)

func newGuard(all ...string) *guard {
	g := &guard{}
	g.known.Store(&secrets{})
	for _, secret := range all {
		g.add(secret)
	}
	return g
}

// add makes one more secret known. It is called for every request, with the same ones.
func (g *guard) add(secret string) {
	if len(secret) < shortSecret || slices.Contains(g.known.Load().plain, secret) {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	next := &secrets{plain: append(slices.Clone(g.known.Load().plain), secret)}
	var all []string
	for _, plain := range next.plain {
		all = append(all, plain, url.QueryEscape(plain), url.PathEscape(plain), html.EscapeString(plain))
		all = append(all, inJSON(plain)...)
	}
	// Longer ones first, so that a secret that contains another goes as a whole.
	slices.SortFunc(all, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	all = slices.Compact(all)
	next.step = len(all[len(all)-1]) - partLength + 1
	for i, spelling := range all {
		for j := range len(spelling) - partLength + 1 {
			hash := partHash(spelling[j : j+partLength])
			next.parts[hash/64] |= 1 << (hash % 64)
		}
		all[i] = regexp.QuoteMeta(spelling)
	}
	// In any case: a server may fold keys.
	next.spellings = regexp.MustCompile("(?i)" + strings.Join(all, "|"))
	g.known.Store(next)
}

// inJSON writes a text as Go and PHP do in JSON.
func inJSON(plain string) []string {
	quoted, _ := json.Marshal(plain) // a string can always be written
	strict := string(quoted[1 : len(quoted)-1])
	loose := strings.NewReplacer(`\u0026`, "&", `\u003c`, "<", `\u003e`, ">").Replace(strict)
	ascii := strconv.QuoteToASCII(plain)
	var all []string
	for _, form := range []string{strict, loose, ascii[1 : len(ascii)-1]} {
		all = append(all, form, strings.ReplaceAll(form, "/", `\/`))
	}
	return all
}

func partHash[T string | []byte](part T) uint32 {
	_ = part[partLength-1]
	folded := (uint32(part[0]) | uint32(part[1])<<8 | uint32(part[2])<<16 | uint32(part[3])<<24) | 0x20202020
	return folded * 2654435761 >> 16
}

// suspects reports whether a row needs a close look: it may have a secret, or characters in a disguise that only decoding
// removes. PHP writes plain letters as such, so hardly any row does.
func (g *guard) suspects(row []byte) bool {
	s := g.known.Load()
	for i := 0; s.step > 0 && i+partLength <= len(row); i += s.step {
		if hash := partHash(row[i:]); s.parts[hash/64]&(1<<(hash%64)) != 0 && s.spellings.Match(row) {
			return true
		}
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

// hide takes the secrets out of a text.
func (g *guard) hide(text string) string {
	if s := g.known.Load(); s.spellings != nil {
		return s.spellings.ReplaceAllLiteralString(text, hidden)
	}
	return text
}

package redact

// Secrets that somebody has encoded.

import (
	"encoding/base64"
	"encoding/hex"
	"regexp"
	"strings"
)

// Basic is what the header of a login says behind the word "Basic".
func Basic(name, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(name + ":" + password))
}

// encodings are the parts of a text in base64 or hex that only this secret makes, also where it stands between others. Base64 writes three bytes in
// four characters, so that there is one part for each place of the secret among three bytes; the characters that it shares with its
// neighbours are left out.
func encodings(secret string) []string {
	if len(secret) < shortSecret {
		return nil // its parts may be any word of a text
	}
	var all []string
	for shift := range 3 {
		text := strings.Repeat("x", shift) + secret
		encoded := base64.RawStdEncoding.EncodeToString([]byte(text))
		first := []int{0, 2, 3}[shift]
		last := len(encoded)
		if len(text)%3 != 0 {
			last--
		}
		part := encoded[first:last]
		all = append(all, part)
		if other := strings.NewReplacer("+", "-", "/", "_").Replace(part); other != part {
			all = append(all, other)
		}
	}
	digits := hex.EncodeToString([]byte(secret))
	return append(all, digits, strings.ToUpper(digits))
}

// escapedEncoding matches an encoded part, also as JSON and URLs write it, with the rest of the word that it stands in.
func escapedEncoding(part string) *regexp.Regexp {
	pattern := strings.NewReplacer("/", `(?:\\*/|%2[fF])`, `\+`, `(?:\+|%2[bB]|\\u002[bB])`).Replace(regexp.QuoteMeta(part))
	return regexp.MustCompile(`[A-Za-z0-9+/_=-]*` + pattern + `[A-Za-z0-9+/_=-]*`)
}

// logins are the credentials that headers and addresses carry, whoever they belong to: in the text of a failure nobody needs them.
var logins = []*regexp.Regexp{
	regexp.MustCompile(`(?i)(authorization["']?\s*[:=]\s*["']?(?:basic|bearer|digest|negotiate|ntlm)\s+)[^\s"',;<>]+`),
	regexp.MustCompile(`(?i)([a-z][a-z0-9+.-]*://)[^\s/@"'<>]*:[^\s/@"'<>]*(@)`),
}

func hideLogins(text string) string {
	for _, pattern := range logins {
		text = pattern.ReplaceAllString(text, "${1}"+Hidden+"${2}")
	}
	return text
}

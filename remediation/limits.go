package remediation

// What texts, numbers and preferences a request may have.

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of a request. Together they keep it far below the 256 KiB of a payload, however its texts are escaped.
const (
	// MaxKeyword is how many characters of a text, such as the ticket's key, can be searched for.
	MaxKeyword = 255
	// MaxText is more than a sentence needs that says why.
	MaxText = 1000
	// MaxPortRange is room for some hundred ports one by one; whoever needs more has "all".
	MaxPortRange = 2000
	// MaxTargets keeps a request and its verdicts well inside one payload.
	MaxTargets = 1000
	// MaxIDs is how many assets, or credentials, a request may name.
	MaxIDs = 100
	// MaxPreferences is several times what a scan policy is usually given.
	MaxPreferences = 100
	// MaxID is the largest number that Security Center gives an object.
	MaxID = math.MaxInt32

	maxTargetBytes     = 64 << 10 // a thousand names of usual length
	maxPreferenceBytes = 16 << 10 // escaping may make six of each
)

// CheckText refuses a text that would break a line, hide something in it, or outgrow a list; the error begins with the field.
func CheckText(field, text string, most int) error {
	if strings.ContainsRune(text, utf8.RuneError) { // broken bytes, and what decoders make of them
		return fmt.Errorf("%s: has bytes that are no text in UTF-8", field)
	}
	if n := utf8.RuneCountInString(text); n > most {
		return fmt.Errorf("%s: is longer than %d characters", field, most)
	}
	if i := strings.IndexFunc(text, hidden); i >= 0 {
		r, _ := utf8.DecodeRuneInString(text[i:])
		return fmt.Errorf("%s: has the character %U, which does not show: leave it out", field, r)
	}
	return nil
}

// hidden is what controls a terminal or the direction of a line, or takes no room in it.
func hidden(r rune) bool { return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) }

// quote shows a text of others in a sentence: not all of a long one, and what does not show as its number.
func quote(s string) string {
	const most = 60
	if short := []rune(s[:min(len(s), 4*most)]); len(short) > most {
		s = string(short[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}

func checkIDs(field string, ids []int) error {
	if len(ids) > MaxIDs {
		return fmt.Errorf("%s: %d are more than the %d that one verification takes", field, len(ids), MaxIDs)
	}
	if i := slices.IndexFunc(ids, func(id int) bool { return id < 1 || id > MaxID }); i >= 0 {
		return fmt.Errorf("%s: %d is not an ID", field, ids[i])
	}
	return nil
}

func checkPreferences(preferences map[string]string) error {
	if len(preferences) > MaxPreferences {
		return fmt.Errorf("preference: %d are more than the %d that one verification takes", len(preferences), MaxPreferences)
	}
	size := 0
	for _, name := range slices.Sorted(maps.Keys(preferences)) { // sorted, so that the error is the same every time
		value := preferences[name]
		size += len(name) + len(value)
		if err := CheckText("preference", name, MaxKeyword); err != nil {
			return err
		}
		if err := CheckText("preference: "+quote(name), value, MaxText); err != nil {
			return err
		}
		switch {
		case name == "portscan_range" || strings.TrimSpace(name) == "":
			return fmt.Errorf("preference: %s cannot be set: use port-range for the ports", quote(name))
		case namesSecret(name):
			return fmt.Errorf("preference: %s looks like a secret, which would stand in the history for everyone to read: "+
				"store it as a credential in Security Center and name that with credential", quote(name))
		}
	}
	if size > maxPreferenceBytes {
		return fmt.Errorf("preference: together they are longer than %d bytes", maxPreferenceBytes)
	}
	return nil
}

// secretParts are what the names of secrets are made of, wherever they stand; secretWords only as words of their own.
var (
	secretParts = []string{
		"password", "passwd", "passphrase", "passcode", "secret", "privatekey", "sshkey", "apikey", "accesskey", "token", "community", "credential",
	}
	secretWords = []string{"pass", "pwd", "pin", "psk", "key"}
)

// namesSecret reports whether the value under such a name is likely to be a secret.
func namesSecret(name string) bool {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return !unicode.IsLetter(r) })
	joined := strings.Join(words, "")
	return slices.ContainsFunc(secretParts, func(part string) bool { return strings.Contains(joined, part) }) ||
		slices.ContainsFunc(words, func(word string) bool { return slices.Contains(secretWords, word) })
}

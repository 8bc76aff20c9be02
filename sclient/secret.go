package sclient

// Keys and passwords, which nothing prints.

import (
	"fmt"
	"log/slog"
)

// Secret is a key or a password. Nothing shows it but the request that needs it: no verb of fmt, no encoder, no log, and no dump that walks
// through memory by reflection, because it is in none of its fields. The zero value is none.
type Secret struct{ reveal func() string }

// NewSecret makes a secret of a text; an empty one makes none.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{func() string { return text }}
}

// IsSet reports whether there is one.
func (s Secret) IsSet() bool { return s.reveal != nil }

// text is the secret itself, for requests and for what hides it.
func (s Secret) text() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// String is what everybody gets to see.
func (s Secret) String() string {
	if s.reveal == nil {
		return ""
	}
	return Hidden
}

// Format writes String, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(s.String())) }

// LogValue is String.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText writes String, also into JSON and XML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// MarshalYAML writes String.
func (s Secret) MarshalYAML() (any, error) { return s.String(), nil }

// GobEncode writes String.
func (s Secret) GobEncode() ([]byte, error) { return []byte(s.String()), nil }

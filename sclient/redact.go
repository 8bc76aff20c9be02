package sclient

import (
	"context"
	"errors"
	"html"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"unicode"

	"patchproof/sclient/internal/redact"
)

// Enough for SC's list of valid filters, too short to fill a Temporal history.
const maxMessage = 4 << 10

// Hidden stands in the place of a secret.
const Hidden = redact.Hidden

// Redaction hides secrets in what people and logs get to see. That of a [Client] knows its keys, its password, a password in the URL, and
// the tokens and cookies of its sessions as they come. It is safe for concurrent use.
type Redaction struct {
	set atomic.Pointer[redact.Set]

	mu       sync.Mutex
	fixed    []string
	sessions []string // the latest ones, whose answers may still be on their way
}

// Two secrets of each of the latest four logins: a worker logs in every hour, for months.
const maxSessionSecrets = 8

// NewRedaction hides the given secrets.
func NewRedaction(secrets ...string) *Redaction {
	r := &Redaction{fixed: secrets}
	r.set.Store(redact.New(secrets...))
	return r
}

// addSession makes the secrets of a session known.
func (r *Redaction) addSession(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, secret := range secrets {
		if secret != "" && !slices.Contains(r.sessions, secret) {
			r.sessions = append(r.sessions, secret)
		}
	}
	r.sessions = r.sessions[max(0, len(r.sessions)-maxSessionSecrets):]
	r.set.Store(redact.New(slices.Concat(r.fixed, r.sessions)...))
}

// HideAll takes every secret out of a text about a failure, however it is spelt, and its beginning if the text is cut in the middle of
// it. The package's errors have been through it.
func (r *Redaction) HideAll(text string) string { return r.set.Load().InErrors(text) }

// Hide takes the secrets out of a text that is data. Those of fewer than eight characters stay: they may be any word of it.
func (r *Redaction) Hide(text string) string { return r.set.Load().InData(text) }

// Suspects reports whether the texts of a row of JSON, decoded, need a look by [Redaction.Hide]. Hardly any row does, and the test costs next
// to nothing.
func (r *Redaction) Suspects(row []byte) bool { return r.set.Load().Suspects(row) }

// Redaction returns what hides the client's secrets, should a server send them back as data.
func (c *Client) Redaction() *Redaction {
	c.redactOnce.Do(func() {
		secrets := []string{c.AccessKey, c.SecretKey, c.Password}
		if base, err := url.Parse(strings.TrimSpace(c.URL)); err == nil && base.User != nil {
			password, _ := base.User.Password()
			secrets = append(secrets, password)
		}
		c.redaction = NewRedaction(secrets...)
	})
	return c.redaction
}

// redactError keeps the cause for errors.Is and As unless its text shows a secret.
func (c *Client) redactError(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	clean := c.Redaction().HideAll(text)
	if clean == text {
		return err
	}
	for _, kept := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, kept) {
			return kept
		}
	}
	return errors.New(clean)
}

// message makes one bounded line of a server's text.
func (c *Client) message(text string) string {
	text = c.Redaction().HideAll(text)
	text = strings.Join(strings.FieldsFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + " …"
	}
	return text
}

// excerpt describes an answer that is not SC's: where a redirect leads, or how the body begins.
func excerpt(got *answer) string {
	if got.status/100 == 3 {
		target, err := url.Parse(got.header.Get("Location"))
		if err != nil {
			return ""
		}
		return "to " + (&url.URL{Scheme: target.Scheme, Host: target.Host, Path: target.Path}).String()
	}
	if strings.Contains(got.header.Get("Content-Type"), "html") || strings.HasPrefix(strings.TrimSpace(string(got.body)), "<") {
		return title(string(got.body))
	}
	if got.status/100 == 2 {
		return "" // the beginning of a cut success is data, not an explanation
	}
	return string(got.body)
}

// title is what an error page says about itself; the rest is decoration.
func title(page string) string {
	lower := strings.ToLower(page)
	from := strings.Index(lower, "<title")
	if from < 0 {
		return "an HTML page"
	}
	from += strings.IndexByte(lower[from:]+">", '>') + 1
	to := strings.Index(lower[min(from, len(lower)):], "</title")
	if to < 0 || len(lower) != len(page) {
		return "an HTML page"
	}
	// The page's own text may be long; a title is not.
	return "HTML page \"" + html.UnescapeString(page[from:from+to]) + "\""
}

// withoutURL drops the request line that net/http wraps around its errors: it repeats the query.
func withoutURL(err error) error {
	if wrapped, ok := errors.AsType[*url.Error](err); ok {
		return wrapped.Err
	}
	return err
}

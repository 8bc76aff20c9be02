package sclient

// The one error type, what it says, and its predicates.

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// SC's error codes are classes, each shared by many messages.
const (
	codeNoToken  = 12  // session token missing, wrong or expired
	codeNoView   = 142 // individual analysis without a view
	codeNotReady = 143 // analysis of a result whose data is not written yet
	codeInvalid  = 146 // a parameter or a permission is wrong
	codeNotFound = 147 // the object does not exist
)

// Error is the only error type of this package: a request that was refused before it was sent (Field is set), that got no
// answer (Status is 0), or that got a bad one. Its text is one sentence and never contains a secret.
type Error struct {
	Op         string        // what was asked for: "plugin 97833"
	Method     string        // GET, POST or DELETE; empty if nothing was sent
	Path       string        // /rest/plugin/97833, without host and query
	Field      string        // the field of the client or request that is wrong, found before anything was sent
	Status     int           // HTTP status, 0 without an answer
	Code       int           // SC's error_code, 0 if there is none
	Message    string        // SC's error_msg on one line, or the beginning of a foreign answer
	RetryAfter time.Duration // what the server asks to wait, 0 if it does not say
	Err        error         // the cause, if there is one below this package

	sent    bool // SC may have acted, and the answer that tells is missing
	foreign bool // something between us and SC answered, or SC's answer was cut
	garbled bool // a success that cannot be read
	withKey bool
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Error says what went wrong and, where it is known, what to do.
func (e *Error) Error() string {
	text := e.sentence()
	if e.Op != "" {
		text = e.Op + ": " + text
	}
	return text
}

func (e *Error) sentence() string {
	switch {
	case e.Field != "":
		return e.Field + ": " + e.Message
	case e.Status == 0:
		return e.withCause("no answer from Security Center (" + e.Method + " " + e.Path + ")")
	case e.garbled && !e.foreign:
		return e.withCause(e.withMessage(fmt.Sprintf("Security Center's answer cannot be used (%s)", e.where())))
	case e.foreign:
		return e.withCause(e.withMessage(e.foreignSentence()))
	}
	return e.withMessage(e.refusal())
}

func (e *Error) foreignSentence() string {
	switch {
	case e.garbled && e.Err != nil:
		return fmt.Sprintf("the answer was cut short (%s)", e.where())
	case e.garbled:
		return fmt.Sprintf("not Security Center answered but something in between, or nothing came (%s)", e.where())
	case e.Status/100 == 3:
		return fmt.Sprintf("redirect refused (%s): is the URL the server's own, without a gateway that asks people to log in?", e.where())
	case e.Status == http.StatusNotFound:
		return fmt.Sprintf("there is no Security Center at this URL (%s)", e.where())
	}
	return fmt.Sprintf("a proxy or gateway answered instead of Security Center (%s)", e.where())
}

func (e *Error) refusal() string {
	switch {
	case IsKeyTrouble(e):
		return fmt.Sprintf("SC refused the key (%d): are API keys enabled under Configuration > Security (SC 5.13 or later), does the "+
			"key still exist, is its user locked or without permission? After a database error of SC the same request works again", e.Status)
	case IsUnauthorized(e):
		return "SC did not accept the login: are user name and password right, is the user locked? (" + e.where() + ")"
	case IsBusy(e):
		return "SC is busy, try again (" + e.where() + ")"
	case IsNotReady(e):
		return "the scan result is not written yet, try again (" + e.where() + ")"
	case IsNotFound(e):
		return "SC does not know it (" + e.where() + ")"
	case IsForbidden(e):
		return "the user may not do this (" + e.where() + ")"
	case e.Status/100 == 5:
		return "SC failed (" + e.where() + ")"
	}
	return "SC refused the request (" + e.where() + ")"
}

func (e *Error) where() string {
	text := fmt.Sprintf("%s %s, status %d", e.Method, e.Path, e.Status)
	if e.Code != 0 {
		text += fmt.Sprintf(", error code %d", e.Code)
	}
	return text
}

func (e *Error) withMessage(text string) string {
	if e.Message == "" {
		return text
	}
	return text + ": " + e.Message
}

func (e *Error) withCause(text string) string {
	if e.Err == nil {
		return text
	}
	return text + ": " + e.Err.Error()
}

func invalid(field, reason string) *Error { return &Error{Field: field, Message: reason} }

// withOp names what the caller wanted, unless the error names something closer already.
func withOp(err error, op string) error {
	if e, ok := asError(err); ok && e.Op == "" {
		e.Op = op
	}
	return err
}

func asError(err error) (*Error, bool) {
	return errors.AsType[*Error](err)
}

// answered reports whether SC itself answered, with a refusal.
func (e *Error) answered() bool { return e.Status != 0 && !e.foreign && !e.garbled }

func (e *Error) says(texts ...string) bool {
	message := strings.ToLower(e.Message)
	for _, text := range texts {
		if strings.Contains(message, text) {
			return true
		}
	}
	return false
}

// IsNotFound reports that SC does not know the object. A 404 of a web server at a wrong URL is not meant.
func IsNotFound(err error) bool {
	e, ok := asError(err)
	if !ok || !e.answered() || IsBusy(err) || IsKeyTrouble(err) {
		return false
	}
	// Assets say it with another code than scans and policies.
	missing := e.Code != codeInvalid && e.Code != codeNotReady && e.says("does not exist")
	return e.Code == codeNotFound || missing || e.Status == http.StatusNotFound
}

// IsUnauthorized reports that SC does not accept the login: key, password or session.
func IsUnauthorized(err error) bool {
	e, ok := asError(err)
	if !ok || !e.answered() {
		return false
	}
	return e.Code == codeNoToken || e.Status == http.StatusUnauthorized || e.says("invalid login credentials") || IsKeyTrouble(err)
}

// IsKeyTrouble reports that SC refused the API key without saying why: keys are disabled, it is unknown, its user is locked
// or has too few permissions.
func IsKeyTrouble(err error) bool {
	e, ok := asError(err)
	if !ok || !e.answered() || !e.withKey {
		return false
	}
	refused := e.Status == http.StatusBadRequest || e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden
	silent := e.Code == 0 && e.Message == ""
	// A server that ignores the key sees a request without a session.
	return refused && (silent || e.Code == codeNoToken || e.says("api key", "apikey", "access key", "secret key"))
}

// IsForbidden reports that the user lacks a permission or the access to a repository or scan result.
func IsForbidden(err error) bool {
	e, ok := asError(err)
	if !ok || e.Status == 0 || IsBusy(err) {
		return false
	}
	if e.foreign {
		return e.Status == http.StatusForbidden
	}
	silent := e.Status == http.StatusForbidden && e.Code == 0 && e.Message == ""
	return (silent || e.says("does not have access", "not authorized", "permission")) && e.answered() && !IsKeyTrouble(err)
}

// IsInvalidRequest reports that the request is wrong and will be refused again: found by this package before it was sent,
// or by SC.
func IsInvalidRequest(err error) bool {
	e, ok := asError(err)
	if !ok {
		return false
	}
	if e.Field != "" {
		return true
	}
	refused := e.answered() && e.Status/100 != 5
	return refused && !IsNotFound(err) && !IsUnauthorized(err) && !IsForbidden(err) && !IsTransient(err)
}

// IsBusy reports that SC's database is locked by another request.
func IsBusy(err error) bool {
	e, ok := asError(err)
	return ok && e.answered() && e.says("database is locked")
}

// IsNotReady reports that the data of the scan result is not written yet.
func IsNotReady(err error) bool {
	e, ok := asError(err)
	return ok && e.answered() && e.Code == codeNotReady
}

// IsTransient reports that the same request may succeed later: no answer, a broken one, a gateway's or server's failure,
// a locked database, a result that is not written yet. A cancelled context and an untrusted certificate are not transient.
func IsTransient(err error) bool {
	e, ok := asError(err)
	if !ok || e.Field != "" || errors.Is(err, context.Canceled) {
		return false
	}
	if IsBusy(err) || IsNotReady(err) || e.garbled {
		return true
	}
	switch e.Status {
	case 0:
		_, untrusted := errors.AsType[*tls.CertificateVerificationError](err)
		return !untrusted
	case http.StatusRequestTimeout, http.StatusTooManyRequests:
		return true
	}
	return e.Status/100 == 5 && e.Status != http.StatusNotImplemented
}

// FateUnknown reports that a request which changes SC may have had its effect although no usable answer came: look before
// sending it again. It is false when nothing was sent, and when SC or a proxy definitely refused.
func FateUnknown(err error) bool {
	e, ok := asError(err)
	return ok && e.sent
}

func sessionEnded(err error) bool {
	e, ok := asError(err)
	return ok && e.answered() && e.Code == codeNoToken
}

// Enough for SC's list of valid filters, too short to fill a Temporal history.
const maxMessage = 4 << 10

// redactError keeps the cause for errors.Is and As unless its text shows a secret, is long or would spoil a line.
func (c *Client) redactError(err error) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	odd := func(r rune) bool { return r != ' ' && unprintable(r) }
	if len(text) <= maxMessage && !strings.ContainsFunc(text, odd) && c.Redaction().HideAll(text) == text {
		return err
	}
	for _, kept := range []error{context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, kept) {
			return kept
		}
	}
	return errors.New(c.message(text))
}

// message makes one bounded line of a server's text. It is cut before secrets are searched for, which takes long; what becomes of a secret at the
// cut is the redaction's matter. Hiding shortens, so that more than the line is searched.
func (c *Client) message(text string) string {
	text = c.Redaction().HideAll(clip(text, 2*maxMessage))
	text = strings.Join(strings.FieldsFunc(text, unprintable), " ")
	if len(text) > maxMessage {
		text = clip(text, maxMessage) + " …"
	}
	return text
}

// clip ends a text after so many bytes, between two characters.
func clip(text string, most int) string {
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}

// unprintable are blanks, line ends and controls, and characters that are not seen and change how others are read.
func unprintable(r rune) bool {
	return unicode.IsSpace(r) || unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
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
	body := string(got.body[:min(len(got.body), maxErrorAnswer)])
	if strings.Contains(got.header.Get("Content-Type"), "html") || strings.HasPrefix(strings.TrimSpace(body), "<") {
		return title(body)
	}
	if got.status/100 == 2 {
		return "" // the beginning of a cut success is data, not an explanation
	}
	return body
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

package sclient

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

const (
	hidden = "[hidden]"
	// Enough for SC's list of valid filters, too short to fill a Temporal history.
	maxMessage = 4 << 10
)

// secrets lists what must not leave the client.
func (c *Client) secrets(grants ...*grant) []string {
	all := []string{c.AccessKey, c.SecretKey, c.Password}
	if base, err := url.Parse(strings.TrimSpace(c.URL)); err == nil && base.User != nil {
		password, _ := base.User.Password()
		all = append(all, password)
	}
	for _, g := range append(grants, c.session.current()) {
		if g != nil {
			all = append(all, g.token, g.cookie)
		}
	}
	all = slices.DeleteFunc(all, func(secret string) bool { return secret == "" })
	// Longer ones first, so that a secret that contains another goes as a whole.
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) })
	return slices.Compact(all)
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
		switch r {
		case ' ':
			forms = append(forms, `\+`)
		case '\\':
			forms = append(forms, "") // the escapes before it have taken it already
		}
		pattern.WriteString(`(?:\\|%5c)*(?:` + strings.Join(forms, "|") + ")")
	}
	// Case-insensitive, because escapes are, and a server may fold keys.
	return regexp.MustCompile("(?i)" + pattern.String())
}

func (c *Client) redact(text string, grants ...*grant) string {
	if text == "" {
		return text
	}
	for _, secret := range c.secrets(grants...) {
		text = spellings(secret).ReplaceAllString(text, hidden)
	}
	return c.redactTail(text, grants...)
}

// redactTail hides the beginning of a secret where a cut body ends in the middle of it.
func (c *Client) redactTail(text string, grants ...*grant) string {
	const telling = 4 // fewer characters betray nothing
	for _, secret := range c.secrets(grants...) {
		for n := len(secret) - 1; n >= telling; n-- {
			if strings.HasSuffix(text, secret[:n]) {
				return text[:len(text)-n] + hidden
			}
		}
	}
	return text
}

// redactError keeps the cause for errors.Is and As unless its text shows a secret.
func (c *Client) redactError(err error, grants ...*grant) error {
	if err == nil {
		return nil
	}
	text := err.Error()
	clean := c.redact(text, grants...)
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
func (c *Client) message(text string, grants ...*grant) string {
	text = c.redact(text, grants...)
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

package sclient

// What a client looks like to those who print it, and what it keeps from them.

import (
	"crypto/tls"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"

	"patchproof/sclient/internal/redact"
)

// internals are what a client needs beside its settings. Connections have keys in their buffers, and sessions are keys.
type internals struct {
	once    sync.Once
	http    *http.Client
	session session
	tls     atomic.Pointer[tls.ConnectionState] // of the latest answer over TLS

	redactOnce sync.Once
	redaction  *redact.Redaction
}

// opening guards the moment in which a client gets its internals.
var opening sync.Mutex

// in returns the internals, which are behind a function for the reason of [Secret]. A copy of a client that was used shares them.
func (c *Client) in() *internals {
	opening.Lock()
	defer opening.Unlock()
	if c.hidden == nil {
		c.hide(new(internals))
	}
	return c.hidden()
}

func (c *Client) hide(i *internals) { c.hidden = func() *internals { return i } }

// String names the server and how the client authenticates, without any secret. So do all other ways to print or encode a client, or a copy of it.
func (c Client) String() string {
	return fmt.Sprintf("Security Center %s (%s)", c.host(), c.authName())
}

// Format writes String, whatever the verb.
func (c Client) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(c.String())) }

// LogValue is String.
func (c Client) LogValue() slog.Value { return slog.StringValue(c.String()) }

// MarshalText writes String, also into JSON and XML.
func (c Client) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// MarshalYAML writes String.
func (c Client) MarshalYAML() (any, error) { return c.String(), nil }

// GobEncode writes String.
func (c Client) GobEncode() ([]byte, error) { return []byte(c.String()), nil }

func (c *Client) authName() string {
	switch {
	case c.usesKey():
		return "API key"
	case c.Username != "":
		return "session of " + c.Username
	}
	return "no credentials"
}

func (c *Client) host() string {
	if base, err := c.base(); err == nil {
		return base.Scheme + "://" + base.Host
	}
	return "without a usable URL"
}

// Hidden stands in the place of a secret.
const Hidden = redact.Hidden

// Redaction hides secrets in what people and logs get to see. Its Hide takes them out of data, except those of fewer than eight characters, which
// may be any word of it; HideAll out of a text about a failure, however they are spelt; and Suspects tells, at next to no cost, whether
// the texts of a row of JSON need a look by Hide. It is safe for concurrent use.
type Redaction = redact.Redaction

// NewRedaction hides the given secrets. See [Client.Redaction].
func NewRedaction(secrets ...string) *Redaction { return redact.New(secrets...) }

// Redaction returns what hides the client's secrets, should a server send them back as data: its keys, its password, what opens the gateway or the
// proxy before the server, and the tokens and cookies of its sessions, as they come. The package's errors have been through it.
func (c *Client) Redaction() *Redaction {
	in := c.in()
	in.redactOnce.Do(func() {
		secrets := []string{c.AccessKey.text(), c.SecretKey.text(), c.Password.text()}
		if base, err := url.Parse(strings.TrimSpace(c.URL)); err == nil {
			secrets = append(secrets, loginOf(base.User)...)
		}
		if base, err := c.base(); err == nil {
			secrets = append(append(secrets, loginOf(base.User)...), loginOf(c.proxyLogin(base))...)
		}
		in.redaction = NewRedaction(secrets...)
	})
	return in.redaction
}

// proxyLogin is what opens the proxy on the way to the server.
func (c *Client) proxyLogin(base *url.URL) *url.Userinfo {
	transport, ok := c.httpClient().Transport.(*http.Transport)
	if !ok || transport.Proxy == nil {
		return nil
	}
	proxy, err := transport.Proxy(&http.Request{URL: base})
	if err != nil || proxy == nil {
		return nil
	}
	return proxy.User
}

// loginOf is what to hide of a login: the password, and both as the header has them, which betrays the password wherever the name ends.
func loginOf(user *url.Userinfo) []string {
	password, ok := user.Password()
	if user == nil || !ok {
		return nil
	}
	return []string{password, redact.Basic(user.Username(), password)}
}

// Package sclient is a client for the REST API of Tenable Security Center (SC), in the dialect that real servers speak.
//
// A [Client] is a plain struct: fill in the URL and a key (or a user name and password for servers before 5.13), each as a [Secret], and call its
// methods. It is safe for concurrent use. It never repeats a request on its own, never logs, and never shows a secret: every
// failure is an [*Error] that the predicates tell apart. Of any error [IsUnauthorized], [IsForbidden], [IsInvalidRequest], [IsBusy] and
// [IsTransient] may be true; of one about an object that is named by its id [IsNotFound], of an analysis of a scan result [IsNotReady], and of a
// request that changes SC [FateUnknown]. Every object also has RawJSON, its text as SC sent it.
//
// Versions: API keys came with 5.13; all end points are those of 5.8 and later, where a method does not say otherwise.
//
// Times are SC's, in UTC; a zero time means "never" or "not yet". Ids above zero name something, 0 and -1 nothing in particular.
package sclient

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unique"

	"patchproof/sclient/internal/spelling"
)

const (
	// Heavy analyses take SC minutes; its own users' scripts wait this long as well.
	defaultTimeout = 5 * time.Minute
	// SC's longest error lists the valid filters in a few kB; proxies' error pages are cut.
	maxErrorAnswer = 64 << 10
	// Access key and secret key are 32 hexadecimal digits each; SC checks only their sum.
	keysLength = 64
)

// Client talks to one Security Center as one user. Set either the two keys or user name and password.
// The fields must not be changed after the first call. A copy made after it shares the session.
type Client struct {
	// URL is the server's address, such as https://sc.example.com; /rest is added. Required.
	URL string
	// AccessKey and SecretKey are the user's API keys (SC 5.13 and later), 64 characters together.
	AccessKey Secret
	SecretKey Secret
	// Username and Password open a session: one for all goroutines, renewed when SC says that it has ended. See [Client.Close].
	Username string
	Password Secret
	// AllowHTTP lets a server that is not on this machine be asked without TLS: anybody in between can read the key.
	AllowHTTP bool
	// HTTPClient makes the requests. Nil means 5 minutes of time-out, TLS 1.2 or later and the proxy of the environment.
	// Its redirect policy and cookie jar are not used.
	HTTPClient *http.Client
	// UserAgent is sent with each request. Empty means "patchproof".
	UserAgent string

	gate   Secret            // name and password of a gateway before the server, which were in the URL
	hidden func() *internals // see Client.in
}

func (c *Client) usesKey() bool { return c.AccessKey.IsSet() || c.SecretKey.IsSet() }

// base is the server's URL up to and including /rest.
func (c *Client) base() (*url.URL, error) {
	base, err := url.Parse(strings.TrimSpace(c.URL))
	// The parser's own text would repeat the URL, and with it a password.
	if err != nil || base.Host == "" || (base.Scheme != "https" && base.Scheme != "http") {
		return nil, errors.New("want an address such as https://sc.example.com")
	}
	if name, password, ok := strings.Cut(c.gate.text(), ":"); ok {
		base.User = url.UserPassword(name, password)
	}
	base.RawQuery, base.Fragment = "", ""
	path := strings.TrimSuffix(strings.TrimRight(base.Path, "/"), "/rest")
	base.Path, base.RawPath = path+"/rest", ""
	return base, nil
}

// check finds what SC would refuse anyway, and says it better.
func (c *Client) check() error {
	base, err := c.base()
	if err != nil {
		return invalid("URL", err.Error())
	}
	switch {
	case isPlain(base) && !c.AllowHTTP:
		return invalid("URL", "plain http:// shows the keys to anybody between here and "+base.Hostname()+
			": use https://, or allow it with SC_ALLOW_HTTP=true (AllowHTTP)")
	case c.usesKey() && (c.Username != "" || c.Password.IsSet()):
		return invalid("AccessKey", "give either API keys or user name and password; SC refuses both together")
	case c.usesKey():
		return checkKeys(c.AccessKey.text(), c.SecretKey.text())
	case c.Username == "" || !c.Password.IsSet():
		return invalid("AccessKey", "give API keys, or user name and password for servers before 5.13")
	}
	return nil
}

// isPlain reports that what is sent can be read on the way. Within this machine there is no way.
func isPlain(base *url.URL) bool {
	if base.Scheme != "http" || strings.EqualFold(base.Hostname(), "localhost") {
		return false
	}
	addr, err := netip.ParseAddr(base.Hostname())
	return err != nil || !addr.Unmap().IsLoopback()
}

// Warnings are sentences about what makes the client's connection less safe than it should be, for those who can change it. They have to be
// repeated at every start, or nobody remembers.
func (c *Client) Warnings() []string {
	var all []string
	if c.SkipsVerification() {
		all = append(all, "the certificate of Security Center is not verified, so that anybody in between can read and change everything, the keys included: "+
			"set SC_CA_FILE to the certificate of your authority instead of SC_TLS_SKIP_VERIFY")
	}
	if base, err := c.base(); err == nil && isPlain(base) {
		all = append(all, "Security Center is asked over plain http://, so that anybody in between can read and change everything, the keys included: "+
			"use https:// instead of SC_ALLOW_HTTP")
	}
	return all
}

func checkKeys(access, secret string) error {
	if access == "" || secret == "" {
		return invalid("SecretKey", "access key and secret key belong together; one of them is missing")
	}
	if n := len(access) + len(secret); n != keysLength {
		return invalid("SecretKey", fmt.Sprintf("access key and secret key have %d characters together, SC's have %d", n, keysLength))
	}
	if strings.ContainsFunc(access+secret, func(r rune) bool { return r <= ' ' || r > '~' || r == ';' || r == '=' }) {
		return invalid("SecretKey", "the keys contain characters that SC's never have; was something pasted with them?")
	}
	return nil
}

func (c *Client) httpClient() *http.Client {
	in := c.in()
	in.once.Do(func() {
		if in.http != nil {
			return // made by FromEnv
		}
		hc := http.Client{Timeout: defaultTimeout}
		if c.HTTPClient != nil {
			hc = *c.HTTPClient
		} else {
			hc.Transport = newTransport(&tls.Config{MinVersion: tls.VersionTLS12})
		}
		hc.Jar = nil
		hc.CheckRedirect = sameServerOnly
		in.http = &hc
	})
	return in.http
}

func newTransport(config *tls.Config) *http.Transport {
	transport := &http.Transport{
		// Go takes ten megabytes of headers. SC sends a cookie, proxies a few lines.
		MaxResponseHeaderBytes: maxErrorAnswer,
		Proxy:                  http.ProxyFromEnvironment,
		TLSClientConfig:        config,
		// A server that is down should be noticed long before the time-out for heavy analyses.
		DialContext:         (&net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout: 30 * time.Second,
		// Polling activities share one client; Go's default of two idle connections would make them dial all the time.
		MaxIdleConnsPerHost: 16,
		// Below the idle time-outs of common load balancers, so that a POST rarely meets a connection that is being closed.
		IdleConnTimeout: 30 * time.Second,
	}
	// SC's Apache speaks HTTP/1.1. Go's HTTP/2 would print our key under GODEBUG=http2debug=1.
	transport.Protocols = new(http.Protocols)
	transport.Protocols.SetHTTP1(true)
	return transport
}

// TLSState tells how the connection of the latest answer was secured; nil if none came over TLS.
func (c *Client) TLSState() *tls.ConnectionState { return c.in().tls.Load() }

// SkipsVerification reports that the server's certificate is not verified, so that anybody in between can read the keys. Of a transport
// that is not [http.Transport] nothing is known.
func (c *Client) SkipsVerification() bool {
	transport, ok := c.httpClient().Transport.(*http.Transport)
	return ok && transport.TLSClientConfig != nil && transport.TLSClientConfig.InsecureSkipVerify
}

// sameServerOnly lets a GET move within the server. Everything else comes back as the redirect itself, which is an error:
// a key must not reach another host, and a POST that a gateway turns into a GET has silently lost its effect.
func sameServerOnly(next *http.Request, via []*http.Request) error {
	first := via[0]
	// Five hops are more than any sane gateway needs.
	if first.Method != http.MethodGet || len(via) > 5 {
		return http.ErrUseLastResponse
	}
	if next.URL.Scheme != first.URL.Scheme || !strings.EqualFold(next.URL.Host, first.URL.Host) {
		return http.ErrUseLastResponse
	}
	return nil
}

// ServerTime returns SC's own clock, from the cheapest call that needs valid credentials (GET /rest/currentUser). The resolution is one second.
func (c *Client) ServerTime(ctx context.Context) (time.Time, error) {
	call := get("server time", "/currentUser", "id")
	env, err := c.do(ctx, call)
	if err != nil {
		return time.Time{}, err
	}
	if env.Timestamp.IsZero() {
		return time.Time{}, call.garbled(env, errors.New("no timestamp in it"))
	}
	return env.Timestamp.Time, nil
}

// asSent is the text of an object that came by itself or in a list. A handle, because objects stay comparable by it, and because
// %#v does not print it: servers add encrypted logins to some.
type asSent struct{ text unique.Handle[string] }

// RawJSON returns the object as SC sent it, with the fields that this package does not know. It is nil for an object that came as a part of
// another one, or that SC did not send.
func (s asSent) RawJSON() json.RawMessage {
	if s.text == (unique.Handle[string]{}) {
		return nil
	}
	return json.RawMessage(s.text.Value())
}

func (s *asSent) keep(text []byte) { s.text = unique.Make(string(text)) }

// object is what has a text of its own.
type object[T any] interface {
	*T
	keep(text []byte)
}

func decode[T any, P object[T]](text []byte) (*T, error) {
	value := new(T)
	if err := json.Unmarshal(text, value); err != nil {
		return nil, err
	}
	P(value).keep(text)
	return value, nil
}

// one fetches a single object, which some servers wrap into an array of one.
func one[T any, P object[T]](ctx context.Context, c *Client, call call) (*T, error) {
	env, err := c.do(ctx, call)
	if err != nil {
		return nil, err
	}
	value, err := oneOf[T, P](env.Response)
	if err != nil {
		return nil, call.garbled(env, c.redactError(err))
	}
	return value, nil
}

func oneOf[T any, P object[T]](response []byte) (*T, error) {
	text, err := spelling.Object(response)
	if err != nil {
		return nil, err
	}
	return decode[T, P](text)
}

// many fetches a list in any of the shapes that depend on the user's role, each object once.
func many[T any, P object[T]](ctx context.Context, c *Client, call call) ([]T, error) {
	env, err := c.do(ctx, call.within(listed))
	if err != nil {
		return nil, err
	}
	items, err := spelling.Union(env.Response)
	list := make([]T, 0, len(items))
	for _, item := range items {
		var value *T
		if value, err = decode[T, P](item); err != nil {
			break
		}
		list = append(list, *value)
	}
	if err != nil {
		return nil, call.garbled(env, c.redactError(err))
	}
	return list, nil
}

// warned is what can be made although something beside it went wrong.
type warned struct {
	// Warning is SC's sentence about the request that made this, such as "Scan launch email failed."; empty if there was none. It was made all the same.
	Warning string `json:"-"`
}

func (w *warned) warn(text string) { w.Warning = text }

// made is an object that a request has created.
type made[T any] interface {
	object[T]
	warn(text string)
}

// create sends a valid request, and insists on being told what it has created.
func create[T any, P made[T]](ctx context.Context, c *Client, call call, request interface{ Validate() error }, named func(*T) bool) (*T, error) {
	if err := request.Validate(); err != nil {
		return nil, withOp(err, call.op)
	}
	return makeOne[T, P](ctx, c, call, named)
}

// makeOne takes an answer that names what was made for a success, whatever else it says. One that does not leaves open what was done.
func makeOne[T any, P made[T]](ctx context.Context, c *Client, call call, named func(*T) bool) (*T, error) {
	call.makes = true
	env, err := c.do(ctx, call)
	if err != nil {
		return nil, err
	}
	value, err := oneOf[T, P](env.Response)
	switch {
	case err == nil && named(value):
		P(value).warn(env.warning)
		return value, nil
	case env.warning != "":
		err = errors.New(env.warning)
	case err == nil:
		err = errors.New("no id in it")
	}
	return nil, call.garbled(env, c.redactError(err))
}

// none makes a call whose answer carries nothing of interest.
func (c *Client) none(ctx context.Context, call call) error {
	_, err := c.do(ctx, call)
	return err
}

// withID adds the field by which lists are united.
func withID(fields []string) []string {
	if slices.Contains(fields, "id") {
		return fields
	}
	return append([]string{"id"}, fields...)
}

package sclient

// A client from environment variables.

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// FromEnv makes a client from SC_URL, SC_ACCESS_KEY and SC_SECRET_KEY (or SC_USERNAME and SC_PASSWORD), SC_CA_FILE,
// SC_CLIENT_CERT_FILE with SC_CLIENT_KEY_FILE, SC_TLS_SKIP_VERIFY, and SC_ALLOW_HTTP. Each secret may be in a file instead, named by the
// variable with _FILE at its end, which others must not be able to read. The error names the variable that is missing or wrong. Pass os.Getenv.
func FromEnv(getenv func(string) string) (*Client, error) {
	env := environment{getenv: getenv}
	client := &Client{
		URL: env.get("SC_URL"), Username: env.get("SC_USERNAME"),
		AccessKey: env.secret("SC_ACCESS_KEY"), SecretKey: env.secret("SC_SECRET_KEY"), Password: env.secret("SC_PASSWORD"),
		AllowHTTP: env.isTrue("SC_ALLOW_HTTP"),
	}
	client.hideGate()
	config := env.tls()
	if err := cmp.Or(env.err, missing(client), inEnv(client.check())); err != nil {
		return nil, withOp(err, "configuration")
	}
	client.hide(&internals{http: &http.Client{Timeout: defaultTimeout, Transport: newTransport(config), CheckRedirect: sameServerOnly}})
	return client, nil
}

// hideGate takes the login of a gateway out of the URL, which is printed.
func (c *Client) hideGate() {
	base, err := url.Parse(c.URL)
	if err != nil || base.User == nil {
		return
	}
	if password, ok := base.User.Password(); ok {
		c.gate = NewSecret(base.User.Username() + ":" + password)
		base.User = nil
		c.URL = base.String()
	}
}

// missing tells which variable to set next.
func missing(c *Client) error {
	switch {
	case c.URL == "":
		return invalid("SC_URL", "not set; set it to the address of Security Center, such as https://sc.example.com")
	case c.AccessKey.IsSet() && !c.SecretKey.IsSet():
		return invalid("SC_SECRET_KEY", "not set, although SC_ACCESS_KEY is; set it, or SC_SECRET_KEY_FILE to a file that contains it")
	case !c.AccessKey.IsSet() && c.SecretKey.IsSet():
		return invalid("SC_ACCESS_KEY", "not set, although SC_SECRET_KEY is; set it, or SC_ACCESS_KEY_FILE to a file that contains it")
	case c.AccessKey.IsSet():
		return nil
	case c.Username != "" && !c.Password.IsSet():
		return invalid("SC_PASSWORD", "not set, although SC_USERNAME is; set it, or SC_PASSWORD_FILE to a file that contains it")
	case c.Username == "" && c.Password.IsSet():
		return invalid("SC_USERNAME", "not set, although SC_PASSWORD is; set it")
	case c.Username == "":
		return invalid("SC_ACCESS_KEY", "not set; set SC_ACCESS_KEY and SC_SECRET_KEY to an API key of your user (or SC_USERNAME and SC_PASSWORD for servers before 5.13)")
	}
	return nil
}

// inEnv puts the names of the variables into an error about the client's fields.
func inEnv(err error) error {
	e, ok := asError(err)
	if !ok {
		return err
	}
	names := map[string]string{"URL": "SC_URL", "AccessKey": "SC_ACCESS_KEY", "SecretKey": "SC_ACCESS_KEY, SC_SECRET_KEY"}
	e.Field = names[e.Field]
	return e
}

// environment keeps the first error, so that reading goes on in straight lines.
type environment struct {
	getenv func(string) string
	err    error
}

func (e *environment) fail(name, reason string) {
	if e.err == nil {
		e.err = invalid(name, reason)
	}
}

func (e *environment) get(name string) string { return strings.TrimSpace(e.getenv(name)) }

// secret reads the variable or the file beside it. A password may end in blanks, so only line ends are cut from a file.
func (e *environment) secret(name string) Secret {
	value, path := strings.TrimRight(e.getenv(name), "\r\n"), e.get(name+"_FILE")
	if path == "" {
		return NewSecret(value)
	}
	if value != "" {
		e.fail(name+"_FILE", "set together with "+name+"; keep one of them")
		return Secret{}
	}
	text := strings.TrimRight(string(e.privateFile(name+"_FILE", path)), "\r\n")
	if text == "" {
		e.fail(name+"_FILE", "the file is empty")
	}
	return NewSecret(text)
}

func (e *environment) isTrue(name string) bool {
	text := e.get(name)
	if text == "" {
		return false
	}
	value, err := strconv.ParseBool(text)
	if err != nil {
		e.fail(name, fmt.Sprintf("%.20q is neither true nor false", text))
	}
	return value
}

// privateFile reads a file with a secret in it, unless others can do so too.
func (e *environment) privateFile(name, path string) []byte {
	if info, err := os.Stat(path); err == nil && path != "" {
		if reason := tooOpen(info, path); reason != "" {
			e.fail(name, reason)
			return nil
		}
	}
	return e.file(name, path)
}

// tooOpen says who can read a file that only its reader should. Where the file is another's, as those that Kubernetes mounts for a group (fsGroup), the group
// is how we may read it.
func tooOpen(info os.FileInfo, path string) string {
	mode := info.Mode().Perm()
	switch {
	case mode&0o007 != 0:
		return fmt.Sprintf("%s has mode %04o: every user of this machine can read it; run chmod 600 on it (or mount it with mode 0400)", path, mode)
	case mode&0o070 != 0 && isOurs(info):
		return fmt.Sprintf("%s has mode %04o: its group can read it; run chmod 600 on it (or mount it with mode 0400)", path, mode)
	}
	return ""
}

func (e *environment) file(name, path string) []byte {
	if path == "" {
		e.fail(name, "not set, although its counterpart is")
		return nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		if cause, ok := errors.AsType[*os.PathError](err); ok {
			err = cause.Err
		}
		e.fail(name, fmt.Sprintf("cannot read %s: %s", path, err))
	}
	return text
}

func (e *environment) tls() *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	config.InsecureSkipVerify = e.isTrue("SC_TLS_SKIP_VERIFY") // asked for by name, and said at every start
	if path := e.get("SC_CA_FILE"); path != "" {
		config.RootCAs = e.roots(path)
	}
	cert, key := e.get("SC_CLIENT_CERT_FILE"), e.get("SC_CLIENT_KEY_FILE")
	if cert != "" || key != "" {
		pair, err := tls.X509KeyPair(e.file("SC_CLIENT_CERT_FILE", cert), e.privateFile("SC_CLIENT_KEY_FILE", key))
		if err != nil {
			e.fail("SC_CLIENT_CERT_FILE", "certificate and SC_CLIENT_KEY_FILE are not a pair in PEM form")
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config
}

// roots adds the file's certificates to the system's, so that a move to a public certificate breaks nothing.
func (e *environment) roots(path string) *x509.CertPool {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	text := e.file("SC_CA_FILE", path)
	if e.err == nil && !pool.AppendCertsFromPEM(text) {
		e.fail("SC_CA_FILE", path+" contains no certificate in PEM form")
	}
	return pool
}

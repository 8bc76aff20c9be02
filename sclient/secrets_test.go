package sclient

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// echo repeats whatever secret the request carries, in one of the places that end up in errors.
func echo(how string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen := r.Header.Get("x-apikey") + " " + r.Header.Get("X-SecurityCenter") + " " + r.Header.Get("Cookie") + " " + string(body)
		switch how {
		case "message":
			refuses(403, 146, "bad: "+seen)(w, r)
		case "html":
			raw(502, "text/html", "<title>"+seen+"</title>")(w, r)
		case "text":
			raw(500, "text/plain", seen)(w, r)
		case "escaped":
			raw(500, "text/plain", url.QueryEscape(seen)+strings.ReplaceAll(seen, "/", `\/`))(w, r)
		case "cut":
			raw(500, "text/plain", "x "+seen[:len("accesskey=")+20])(w, r)
		case "location":
			w.Header().Set("Location", "https://other.example.com/"+url.PathEscape(seen)+"?"+url.QueryEscape(seen))
			w.WriteHeader(http.StatusFound)
		case "shape":
			text, _ := json.Marshal(seen)
			answers(`{"id":`+string(text)+`}`)(w, r)
		case "status line":
			conn, _, _ := http.NewResponseController(w).Hijack()
			_, _ = io.WriteString(conn, strings.ReplaceAll(seen, "\n", " ")+"\r\n\r\n")
			_ = conn.Close()
		}
	}
}

func TestNoSecretInAnyError(t *testing.T) {
	t.Parallel()
	const password = `p@ss/"w&rd`
	for _, how := range []string{"message", "html", "text", "escaped", "cut", "location", "shape", "status line"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			s := newStub(t, map[string]http.HandlerFunc{"*": echo(how)})
			keyed := s.client()
			check := func(err error) {
				t.Helper()
				require.Error(t, err)
				for next := err; next != nil; {
					text := fmt.Sprintf("%v %+v %#v %q", next, next, next, next)
					for _, secret := range []string{testAccess[:10], testSecret[:10], "p@ss", "w&rd", "w\\u0026rd", "w%26rd", "998877665544", "cookie-canary"} {
						require.NotContains(t, text, secret)
					}
					inner, ok := next.(interface{ Unwrap() error })
					if !ok {
						break
					}
					next = inner.Unwrap()
				}
			}
			_, err := keyed.CurrentUser(t.Context())
			check(err)
			_, err = keyed.CreateScan(t.Context(), validScan())
			check(err)

			login := &Client{URL: s.URL, Username: "api", Password: NewSecret(password)}
			_, err = login.CurrentUser(t.Context())
			check(err)

			open := newStub(t, map[string]http.HandlerFunc{
				"POST /rest/token": func(w http.ResponseWriter, r *http.Request) {
					http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: "cookie-canary"})
					answers(`{"token":998877665544}`)(w, r)
				},
				"*": echo(how),
			})
			session := &Client{URL: open.URL, Username: "api", Password: NewSecret(password)}
			_, err = session.CurrentUser(t.Context())
			check(err)
		})
	}
}

func TestNoSecretInPrints(t *testing.T) {
	t.Parallel()
	for _, c := range []*Client{
		{URL: "https://proxyuser:proxypass@sc.example.com?x=proxypass", AccessKey: NewSecret(testAccess), SecretKey: NewSecret(testSecret)},
		{URL: "https://sc.example.com", Username: "api", Password: NewSecret("proxypass")},
		{URL: "https://proxyuser:proxypass@ bad", Username: "api", Password: NewSecret("proxypass")},
	} {
		var log strings.Builder
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "client", c)
		text, err := json.Marshal(c)
		require.NoError(t, err)
		all := fmt.Sprintf("%v %+v %#v %s %d %x", c, c, c, c, c, c) + fmt.Sprintf("%v %+v %#v %s %d %x", *c, *c, *c, *c, *c, *c) + log.String() + string(text)
		for _, secret := range []string{testAccess, testSecret, "proxypass"} {
			require.NotContains(t, all, secret)
		}
	}
}

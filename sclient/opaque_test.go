package sclient

import (
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// dump collects all texts that reflection finds in a value, in unexported fields and behind pointers too, as dumpers do.
func dump(value any) string {
	var out strings.Builder
	seen := map[unsafe.Pointer]bool{}
	var walk func(v reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() { //nolint:exhaustive // the others hold no text
		case reflect.Pointer:
			if !v.IsNil() && !seen[v.UnsafePointer()] {
				seen[v.UnsafePointer()] = true
				walk(v.Elem())
			}
		case reflect.Interface:
			if !v.IsNil() {
				walk(v.Elem())
			}
		case reflect.Struct:
			for _, field := range v.Fields() {
				walk(field)
			}
		case reflect.Map:
			for _, key := range v.MapKeys() {
				walk(key)
				walk(v.MapIndex(key))
			}
		case reflect.Slice, reflect.Array:
			if v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8 {
				out.WriteString(string(v.Bytes()) + "\n")
				return
			}
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.String:
			out.WriteString(v.String() + "\n")
		}
	}
	walk(reflect.ValueOf(value))
	return out.String()
}

// prints are all ways to show a value.
func prints(t *testing.T, value any) string {
	t.Helper()
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%d", "%s", "%x", "%X", "% x", "%q", "%+q", "%b", "%o", "%c", "%U", "%e", "%t", "%p", "%T", "%10.3s"} {
		fmt.Fprintf(&out, verb+"\n", value)
		fmt.Fprintf(&out, verb+"\n", []any{value})
	}
	fmt.Fprintln(&out, struct{ Value, hidden any }{value, value})
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "value", value)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "value", value)
	text, err := json.Marshal(map[string]any{"value": value})
	require.NoError(t, err)
	out.Write(text)
	text, err = xml.Marshal(value)
	require.NoError(t, err)
	out.Write(text)
	_ = gob.NewEncoder(&out).Encode(value) // may refuse
	yaml, err := value.(interface{ MarshalYAML() (any, error) }).MarshalYAML()
	require.NoError(t, err)
	fmt.Fprintln(&out, yaml)
	out.WriteString(dump(value))
	return out.String()
}

func disguised(secret string) []string {
	return []string{
		secret, secret[1:], secret[:len(secret)-1], hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))),
		fmt.Sprintf("% x", secret), base64.StdEncoding.EncodeToString([]byte(secret)), fmt.Sprint([]byte(secret))[1:20],
	}
}

func TestNothingPrintsASecret(t *testing.T) {
	t.Parallel()
	const password = "correct horse battery"
	s := newStub(t, map[string]http.HandlerFunc{
		"POST /rest/token": answers(`{"token":998877665544}`),
		"*":                answers(`{"id":"1"}`),
	})
	gate := strings.Replace(s.URL, "http://", "http://porter:opensesame@", 1)
	keyed, err := fromMap(map[string]string{"SC_URL": gate, "SC_ACCESS_KEY": testAccess, "SC_SECRET_KEY": testSecret})
	require.NoError(t, err)
	session, err := fromMap(map[string]string{"SC_URL": gate, "SC_USERNAME": "api", "SC_PASSWORD": password})
	require.NoError(t, err)
	for _, c := range []*Client{keyed, session} {
		_, err := c.CurrentUser(t.Context())
		require.NoError(t, err)
		_ = c.Redaction().HideAll("x")
		twin := *c
		values := []any{*c, c, twin, &twin, c.AccessKey, c.SecretKey, c.Password, &c.Password}
		for _, value := range values {
			all := prints(t, value)
			for _, secret := range []string{testAccess, testSecret, password, "998877665544", "opensesame"} {
				for _, form := range disguised(secret) {
					require.NotContains(t, all, form, "%T", value)
				}
			}
		}
		require.NotContains(t, dump(c.Redaction()), testAccess)
		require.NotContains(t, dump(c.Redaction()), password)
		_, err = twin.CurrentUser(t.Context())
		require.NoError(t, err, "a copy works")
	}
	require.Equal(t, 1, strings.Count(fmt.Sprint(s.got()), "POST /rest/token"), "and shares the session")
	require.Equal(t, "Basic "+base64.StdEncoding.EncodeToString([]byte("porter:opensesame")), s.last().header.Get("Authorization"))
	require.True(t, keyed.SecretKey.IsSet())
	require.False(t, keyed.Password.IsSet())
	require.Empty(t, keyed.Password.String())
}

// Proxies repeat in their error pages what they were sent, and log lines find their way into answers.
func TestEncodedSecretsAreHidden(t *testing.T) {
	t.Parallel()
	const password = "correct horse battery"
	proxy, err := url.Parse("http://porter:opensesame@127.0.0.1:1")
	require.NoError(t, err)
	c := &Client{
		URL: "https://gate:doorkeeper@sc.example.com", Username: "api", Password: NewSecret(password),
		HTTPClient: &http.Client{Transport: &http.Transport{Proxy: http.ProxyURL(proxy)}},
	}
	keyed := &Client{URL: "https://sc.example.com", AccessKey: NewSecret(testAccess), SecretKey: NewSecret(testSecret)}
	std := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	web := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
	digits := func(text string) string { return hex.EncodeToString([]byte(text)) }
	for name, test := range map[string]struct {
		c    *Client
		text string
		data bool // also in rows
	}{
		"key in base64":          {keyed, std(testSecret), true},
		"key in base64 for URLs": {keyed, web(testSecret), true},
		"key in hex":             {keyed, digits(testAccess), true},
		"key in upper hex":       {keyed, strings.ToUpper(digits(testAccess)), true},
		"header in base64":       {keyed, std("accesskey=" + testAccess + "; secretkey=" + testSecret + ";"), true},
		"header in base64, 1":    {keyed, std("x" + testSecret + "yy"), true},
		"header in base64, 2":    {keyed, std("xx" + testSecret + "y"), true},
		"header in hex":          {keyed, digits("key " + testSecret + " end"), true},
		"base64 escaped":         {keyed, url.QueryEscape(std(testSecret)), true},
		"key escaped":            {keyed, url.QueryEscape("a=" + testSecret), true},
		"password in base64":     {c, std("api:" + password), true},
		"password in hex":        {c, digits(password), true},
		"password escaped":       {c, url.QueryEscape(password) + " " + url.PathEscape(password), true},
		"proxy's header":         {c, "Proxy-Authorization: Basic " + std("porter:opensesame"), true},
		"proxy's password":       {c, "http://porter:opensesame@127.0.0.1:1", true},
		"gateway's header":       {c, "Authorization: Basic " + std("gate:doorkeeper"), true},
		"somebody's header":      {keyed, `{"Proxy-Authorization": "Basic ` + std("some:body") + `"}`, false},
		"somebody's bearer":      {keyed, "authorization=Bearer " + web("somebody's token"), false},
		"somebody's address":     {keyed, "proxyconnect http://some:body@proxy.example.com:3128 refused", false},
		"key in base64, cut":     {keyed, std(testSecret)[:20], false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := test.c.Redaction()
			texts := []string{r.HideAll("before " + test.text)}
			if test.data {
				require.True(t, r.Suspects([]byte(`{"a":"`+test.text+`"}`)) || strings.Contains(test.text, "%"), "rows are looked at")
				texts = append(texts, r.Hide("before "+test.text+" after"))
			}
			for _, text := range texts {
				require.Contains(t, text, Hidden)
				require.True(t, strings.HasPrefix(text, "before "), text)
				for _, secret := range []string{
					testAccess, testSecret, password, "opensesame", "doorkeeper", std("some:body"), "some:body", web("somebody's token"), std("porter:opensesame"),
					std(testSecret)[2:18], digits(testSecret)[2:18], digits(testAccess)[2:18], url.QueryEscape(password),
				} {
					require.NotContains(t, strings.ToLower(text), strings.ToLower(secret))
				}
			}
		})
	}
	require.Equal(t, "Authorization: your role may not", keyed.Redaction().HideAll("Authorization: your role may not"))
	require.Equal(t, "basic authentication is off, see https://docs.example.com:8080/a@b", keyed.Redaction().HideAll("basic authentication is off, see https://docs.example.com:8080/a@b"))
}

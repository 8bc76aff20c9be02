package sclient

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	testAccess = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
	testSecret = "f0e1d2c3b4a5968778695a4b3c2d1e0f"
)

// request is one that the stub has received.
type request struct {
	method, path, query, body string
	header                    http.Header
}

// stub is a server that answers by "METHOD /path" and remembers what it was asked.
type stub struct {
	*httptest.Server
	mu       sync.Mutex
	requests []request
}

func newStub(t *testing.T, routes map[string]http.HandlerFunc) *stub {
	t.Helper()
	s := &stub{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		s.mu.Lock()
		s.requests = append(s.requests, request{r.Method, r.URL.Path, r.URL.RawQuery, string(body), r.Header.Clone()})
		s.mu.Unlock()
		handler := routes[r.Method+" "+r.URL.Path]
		if handler == nil {
			handler = routes["*"]
		}
		if handler == nil {
			t.Errorf("unexpected request %s %s", r.Method, r.URL.Path)
			handler = http.NotFound
		}
		handler(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *stub) client() *Client {
	return &Client{URL: s.URL, AccessKey: NewSecret(testAccess), SecretKey: NewSecret(testSecret)}
}

func (s *stub) got() []request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

func (s *stub) last() request {
	all := s.got()
	return all[len(all)-1]
}

// answers is a success as SC writes it.
func answers(response string) http.HandlerFunc {
	return raw(200, "application/json", `{"type":"regular","response":`+response+
		`,"error_code":0,"error_msg":"","warnings":[],"timestamp":1700000000}`+"\n")
}

// refuses is an error as SC writes it: mislabelled.
func refuses(status, code int, message string) http.HandlerFunc {
	text, _ := json.Marshal(message)
	return raw(status, "text/html; charset=UTF-8", fmt.Sprintf(
		`{"type":"regular","response":"","error_code":%d,"error_msg":%s,"warnings":[],"timestamp":1700000000}`, code, text))
}

func raw(status int, contentType, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", contentType)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func TestClientSendsKeyAndFields(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{
		"GET /rest/plugin/97833": answers(`{"id":"97833","name":"MS17-010","type":"active","checkType":"remote",` +
			`"xrefs":"CVE:CVE-2017-0144, CVE:CVE-2017-0143","family":{"id":20,"name":"Windows","type":"active"}}`),
	})
	plugin, err := s.client().Plugin(t.Context(), 97833)
	require.NoError(t, err)
	require.Equal(t, FamilyRef{20, "Windows", "active"}, plugin.Family)
	require.Equal(t, []string{"CVE-2017-0143", "CVE-2017-0144"}, plugin.CVEs())
	require.False(t, plugin.NeedsCredentials())
	got := s.last()
	require.Equal(t, "accesskey="+testAccess+"; secretkey="+testSecret+";", got.header.Get("x-apikey"))
	require.Equal(t, "patchproof", got.header.Get("User-Agent"))
	require.Empty(t, got.header.Get("X-SecurityCenter"))
	require.Contains(t, got.query, "fields=id%2Cname%2Ctype")
	require.NotContains(t, got.query, "source")
}

func TestEveryGetNamesItsFields(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{"*": answers(`[{"id":"1"}]`)})
	c, ctx := s.client(), t.Context()
	calls := map[string]func() error{
		"time":         func() error { _, err := c.ServerTime(ctx); return err },
		"system":       func() error { _, err := c.System(ctx); return err },
		"status":       func() error { _, err := c.Status(ctx); return err },
		"user":         func() error { _, err := c.CurrentUser(ctx); return err },
		"plugin":       func() error { _, err := c.Plugin(ctx, 1); return err },
		"family":       func() error { _, err := c.PluginFamily(ctx, 1); return err },
		"families":     func() error { _, err := c.PluginFamilies(ctx); return err },
		"repository":   func() error { _, err := c.Repository(ctx, 1); return err },
		"repositories": func() error { _, err := c.Repositories(ctx); return err },
		"credentials":  func() error { _, err := c.Credentials(ctx); return err },
		"zones":        func() error { _, err := c.Zones(ctx); return err },
		"scanners":     func() error { _, err := c.Scanners(ctx); return err },
		"policy":       func() error { _, err := c.Policy(ctx, 1); return err },
		"policies":     func() error { _, err := c.Policies(ctx); return err },
		"scans":        func() error { _, err := c.Scans(ctx); return err },
		"results":      func() error { _, err := c.ScanResults(ctx, ScanResultFilter{}); return err },
		"result":       func() error { _, err := c.ScanResult(ctx, 1); return err },
		"assets":       func() error { _, err := c.Assets(ctx, AssetFilter{}); return err },
		"asset":        func() error { _, err := c.Asset(ctx, 1); return err },
	}
	for name, call := range calls {
		require.NoError(t, call(), name)
		require.Regexp(t, `(^|&)fields=[^&]`, s.last().query, name)
	}
}

func TestServerTime(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{"GET /rest/currentUser": answers(`{"id":"1"}`)})
	now, err := s.client().ServerTime(t.Context())
	require.NoError(t, err)
	require.Equal(t, time.Unix(1700000000, 0).UTC(), now)
}

func TestServerTimeFallsBackToTheDateHeader(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{"*": func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Date", "Tue, 14 Nov 2023 22:13:20 GMT")
		_, _ = io.WriteString(w, `{"response":{"id":"1"},"error_code":0,"error_msg":""}`)
	}})
	now, err := s.client().ServerTime(t.Context())
	require.NoError(t, err)
	require.Equal(t, int64(1700000000), now.Unix())
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"https://sc.example.com":                    "https://sc.example.com/rest",
		"https://sc.example.com/":                   "https://sc.example.com/rest",
		" https://sc.example.com/rest/ ":            "https://sc.example.com/rest",
		"https://gw.example.com/sc?x=1#y":           "https://gw.example.com/sc/rest",
		"http://127.0.0.1:8834":                     "http://127.0.0.1:8834/rest",
		"sc.example.com":                            "",
		"ftp://sc.example.com":                      "",
		"":                                          "",
		"https://user:pass word@sc.example.com:bad": "",
	} {
		base, err := (&Client{URL: given}).base()
		if want == "" {
			require.Error(t, err, given)
			require.NotContains(t, err.Error(), "pass")
			continue
		}
		require.NoError(t, err, given)
		require.Equal(t, want, base.String())
	}
}

func TestCredentialsAreCheckedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	s := newStub(t, nil)
	for name, c := range map[string]*Client{
		"none":       {URL: s.URL},
		"half a key": {URL: s.URL, AccessKey: NewSecret(testAccess)},
		"short":      {URL: s.URL, AccessKey: NewSecret(testAccess), SecretKey: NewSecret(testSecret[1:])},
		"blank":      {URL: s.URL, AccessKey: NewSecret(testAccess), SecretKey: NewSecret(testSecret[1:] + "\n")},
		"both":       {URL: s.URL, AccessKey: NewSecret(testAccess), SecretKey: NewSecret(testSecret), Username: "api", Password: NewSecret("x")},
		"no url":     {AccessKey: NewSecret(testAccess), SecretKey: NewSecret(testSecret)},
		"no word":    {URL: s.URL, Username: "api"},
	} {
		_, err := c.CurrentUser(t.Context())
		require.Error(t, err, name)
		require.True(t, IsInvalidRequest(err), name)
		require.False(t, IsTransient(err) || FateUnknown(err), name)
	}
	require.Empty(t, s.got())
}

func TestRedirects(t *testing.T) {
	t.Parallel()
	other := newStub(t, map[string]http.HandlerFunc{"*": answers(`{"id":"1"}`)})
	to := func(target string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, target, http.StatusTemporaryRedirect)
		}
	}
	s := newStub(t, map[string]http.HandlerFunc{
		"GET /rest/currentUser": to("/rest/whoami"),
		"GET /rest/whoami":      answers(`{"id":"7"}`),
		"GET /rest/system":      to(other.URL + "/rest/system?key=1"),
		"POST /rest/scan":       to("/rest/elsewhere"),
		"DELETE /rest/scan/3":   to("/rest/elsewhere"),
	})
	c, ctx := s.client(), t.Context()

	user, err := c.CurrentUser(ctx)
	require.NoError(t, err)
	require.Equal(t, ID(7), user.ID)

	_, err = c.System(ctx)
	require.ErrorContains(t, err, "redirect refused")
	require.NotContains(t, err.Error(), "key=1")
	require.False(t, IsTransient(err))

	_, err = c.CreateScan(ctx, validScan())
	require.ErrorContains(t, err, "redirect refused")
	require.False(t, FateUnknown(err))
	require.ErrorContains(t, c.DeleteScan(ctx, 3), "redirect refused")
	require.Empty(t, other.got())
}

func TestListShapes(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		response string
		want     []ID
	}{
		"organisation": {`{"usable":[{"id":"1"},{"id":"2"}],"manageable":[{"id":2},{"id":"3"}]}`, []ID{1, 2, 3}},
		"filtered":     {`{"usable":[{"id":"0"}]}`, []ID{0}},
		"bare":         {`[{"id":"4"},{"id":"5"}]`, []ID{4, 5}},
		"named":        {`{"assets":[{"id":"6"}]}`, []ID{6}},
		"php list":     {`{"1":{"id":"8"},"0":{"id":"7"}}`, []ID{7, 8}},
		"php empties":  {`{"usable":[],"manageable":""}`, []ID{}},
		"empty":        {`[]`, []ID{}},
		"nested php":   {`{"usable":{"0":{"id":"9"}},"manageable":[]}`, []ID{9}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStub(t, map[string]http.HandlerFunc{"GET /rest/asset": answers(test.response)})
			assets, err := s.client().Assets(t.Context(), AssetFilter{})
			require.NoError(t, err)
			ids := []ID{}
			for _, a := range assets {
				ids = append(ids, a.ID)
			}
			require.Equal(t, test.want, ids)
		})
	}
}

func TestUnusableAnswers(t *testing.T) {
	t.Parallel()
	for _, response := range []string{`""`, `null`, `{"id":"1"}`, `"text"`, `7`, `[[1]]`} {
		s := newStub(t, map[string]http.HandlerFunc{"*": answers(response)})
		_, err := s.client().Assets(t.Context(), AssetFilter{})
		require.Error(t, err, response)
		require.True(t, IsTransient(err), response)
	}
	for _, response := range []string{`""`, `null`, `[]`, `"text"`, `[{},{}]`, `{"id":{"a":1}}`} {
		s := newStub(t, map[string]http.HandlerFunc{"*": answers(response)})
		_, err := s.client().Plugin(t.Context(), 5)
		require.ErrorContains(t, err, "plugin 5: Security Center's answer cannot be used", response)
	}
}

func TestCancelledContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := newStub(t, map[string]http.HandlerFunc{"*": func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	}})
	_, err := s.client().CreateScan(ctx, validScan())
	require.ErrorIs(t, err, context.Canceled)
	require.True(t, FateUnknown(err), "the request was on its way")
	require.False(t, IsTransient(err))

	_, err = s.client().CreateScan(ctx, validScan())
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, FateUnknown(err), "nothing was sent")
}

func TestGivenHTTPClientIsNotChanged(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{"*": answers(`{"id":"1"}`)})
	given := &http.Client{Timeout: time.Minute}
	c := s.client()
	c.HTTPClient, c.UserAgent = given, "test/1"
	_, err := c.CurrentUser(t.Context())
	require.NoError(t, err)
	require.Nil(t, given.CheckRedirect)
	require.Equal(t, "test/1", s.last().header.Get("User-Agent"))
}

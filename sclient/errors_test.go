package sclient

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// predicates lists the ones that hold.
func predicates(err error) string {
	var names []string
	for _, p := range []struct {
		name string
		is   func(error) bool
	}{
		{"notfound", IsNotFound},
		{"unauthorized", IsUnauthorized},
		{"key", IsKeyTrouble},
		{"invalid", IsInvalidRequest},
		{"forbidden", IsForbidden},
		{"busy", IsBusy},
		{"notready", IsNotReady},
		{"transient", IsTransient},
		{"fate", FateUnknown},
	} {
		if p.is(err) {
			names = append(names, p.name)
		}
	}
	return strings.Join(names, " ")
}

func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	_, _ = io.WriteString(w, `{"type":"regular","response":{"id":"12"`)
}

func drop(w http.ResponseWriter, _ *http.Request) {
	conn, _, _ := http.NewResponseController(w).Hijack()
	_ = conn.Close()
}

func TestErrorsOfAPost(t *testing.T) {
	t.Parallel()
	const html = "<html><head><title>502 Bad\nGateway</title></head><body>nginx</body></html>"
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    string
		text    string
	}{
		"no session":      {refuses(403, 12, "This request contains an invalid token."), "unauthorized key", "refused the key (403)"},
		"silent key":      {refuses(403, 0, ""), "unauthorized key", "are API keys enabled"},
		"bad request key": {refuses(400, 0, ""), "unauthorized key", "refused the key (400)"},
		"key named":       {refuses(403, 146, "API keys are disabled"), "unauthorized key", "API keys are disabled"},
		"401":             {refuses(401, 0, "Log in first."), "unauthorized", "did not accept the login"},
		"no view":         {refuses(403, 142, "Please specify a view for the individual data source.\n"), "invalid", "error code 142): Please specify"},
		"not ready":       {refuses(403, 143, "Unable to process Vuln Query.\nNo such file or directory.\n"), "notready transient", "not written yet"},
		"invalid":         {refuses(403, 146, "Please specify a valid Policy.\n"), "invalid", "create scan: SC refused the request"},
		"no access":       {refuses(403, 146, "Group #0 does not have access to the Repository.\n"), "forbidden", "may not do this"},
		"gone":            {refuses(403, 147, "Unable to find existing Scan #31 to delete.\nScan #31 does not exist.\n"), "notfound", "delete. Scan #31 does"},
		"gone otherwise":  {refuses(403, 74, "Unable to retrieve Asset #2.  Asset #2 does not exist"), "notfound", "does not know it"},
		"locked":          {refuses(403, 146, "database is locked"), "busy transient", "SC is busy"},
		"200 with error":  {refuses(200, 0, "Scan Result email failed.\n"), "transient fate", "email failed."},
		"200 with code":   {refuses(200, 146, "no"), "invalid", "error code 146"},
		"500 of SC":       {refuses(500, 1, "database error"), "transient", "SC failed"},
		"gateway":         {raw(502, "text/html", html), "transient fate", `HTML page "502 Bad Gateway"`},
		"gateway text":    {raw(503, "text/plain", "busy"), "transient fate", "proxy or gateway"},
		"unimplemented":   {raw(501, "text/plain", "no"), "", "proxy or gateway"},
		"page not found":  {raw(404, "text/html", html), "", "no Security Center at this URL"},
		"proxy forbids":   {raw(403, "text/html", "<p>no"), "forbidden", "an HTML page"},
		"throttled":       {raw(429, "text/plain", "slow down"), "transient", "slow down"},
		"login page":      {raw(200, "text/html", html), "transient fate", "something in between"},
		"empty":           {raw(200, "application/json", ""), "transient fate", "nothing came"},
		"other json":      {raw(200, "application/json", `{"ok":true}`), "transient fate", "something in between"},
		"half json":       {raw(200, "application/json", `{"response":{"id"`), "transient fate", ""},
		"cut":             {cut, "transient fate", "cut short"},
		"dropped":         {drop, "transient fate", "no answer"},
		"wrong shape":     {answers(`{"id":{}, "scanResultID":[1]}`), "transient fate", "cannot be used"},
		"no id":           {answers(`{"id":-1}`), "transient fate", "no id in it"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStub(t, map[string]http.HandlerFunc{"POST /rest/scan": test.handler})
			_, err := s.client().CreateScan(t.Context(), validScan())
			require.Error(t, err)
			require.Equal(t, test.want, predicates(err), err)
			require.ErrorContains(t, err, test.text)
			require.NotContains(t, err.Error(), "\n")
			var typed *Error
			require.ErrorAs(t, err, &typed)
			require.Equal(t, "/rest/scan", typed.Path)
			require.Len(t, s.got(), 1, "never repeated")
		})
	}
}

func TestReadsHaveNoFate(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{"*": drop})
	_, err := s.client().CurrentUser(t.Context())
	require.Equal(t, "transient", predicates(err))
	_, err = first(s.client().Vulns(t.Context(), VulnQuery{}))
	require.Equal(t, "transient", predicates(err))
}

func TestDialErrorIsTransientAndSentNothing(t *testing.T) {
	t.Parallel()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	c := &Client{URL: "http://" + address, AccessKey: NewSecret(testAccess), SecretKey: NewSecret(testSecret)}
	_, err = c.CreateScan(t.Context(), validScan())
	require.Equal(t, "transient", predicates(err))
	require.ErrorContains(t, err, "create scan: no answer from Security Center (POST /rest/scan)")
}

func TestUntrustedCertificateIsNotTransient(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(answers(`{"id":"1"}`))
	server.Config.ErrorLog = nil
	server.StartTLS()
	t.Cleanup(server.Close)
	c := &Client{URL: server.URL, AccessKey: NewSecret(testAccess), SecretKey: NewSecret(testSecret)}
	_, err := c.CreateScan(t.Context(), validScan())
	require.Empty(t, predicates(err))
	require.ErrorContains(t, err, "certificate")
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{"*": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }})
	c := s.client()
	c.HTTPClient = &http.Client{Timeout: 50 * time.Millisecond}
	_, err := c.CreateScan(t.Context(), validScan())
	require.Equal(t, "transient fate", predicates(err))
}

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]time.Duration{
		"":                              0,
		"7":                             7 * time.Second,
		"-1":                            0,
		"soon":                          0,
		"Tue, 14 Nov 2023 22:15:20 GMT": 2 * time.Minute,
		"Tue, 14 Nov 2023 22:10:20 GMT": 0,
	} {
		got := retryAfter(http.Header{"Retry-After": {header}, "Date": {"Tue, 14 Nov 2023 22:13:20 GMT"}})
		require.Equal(t, want, got, header)
	}
}

func TestErrorBodiesAreBounded(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{"*": raw(503, "text/plain", strings.Repeat("long ", 1<<20))})
	_, err := s.client().CurrentUser(t.Context())
	require.Less(t, len(err.Error()), maxMessage+300)
}

func TestPredicatesOfOtherErrors(t *testing.T) {
	t.Parallel()
	require.Empty(t, predicates(nil))
	require.Empty(t, predicates(errors.New("x")))
}

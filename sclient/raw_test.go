package sclient

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestObjectsKeepTheirText(t *testing.T) {
	t.Parallel()
	const text = `{"id":"7", "name":"a","jobd":"Running","scanID":"7","aNewField":{"deep":["1"]}}`
	for _, wrapped := range []string{text, "[" + text + "]"} {
		s := newStub(t, map[string]http.HandlerFunc{"*": answers(wrapped)})
		c, ctx := s.client(), t.Context()
		for name, ask := range map[string]func() (interface{ RawJSON() json.RawMessage }, error){
			"system": func() (interface{ RawJSON() json.RawMessage }, error) { return c.System(ctx) },
			"status": func() (interface{ RawJSON() json.RawMessage }, error) { return c.Status(ctx) },
			"user":   func() (interface{ RawJSON() json.RawMessage }, error) { return c.CurrentUser(ctx) },
			"plugin": func() (interface{ RawJSON() json.RawMessage }, error) { return c.Plugin(ctx, 7) },
			"family": func() (interface{ RawJSON() json.RawMessage }, error) { return c.PluginFamily(ctx, 7) },
			"repository": func() (interface{ RawJSON() json.RawMessage }, error) {
				return c.Repository(ctx, 7)
			},
			"policy": func() (interface{ RawJSON() json.RawMessage }, error) { return c.Policy(ctx, 7) },
			"result": func() (interface{ RawJSON() json.RawMessage }, error) { return c.ScanResult(ctx, 7) },
			"asset":  func() (interface{ RawJSON() json.RawMessage }, error) { return c.Asset(ctx, 7) },
			"scan":   func() (interface{ RawJSON() json.RawMessage }, error) { return c.CreateScan(ctx, validScan()) },
			"launch": func() (interface{ RawJSON() json.RawMessage }, error) { return c.LaunchScan(ctx, 7) },
		} {
			object, err := ask()
			require.NoError(t, err, name)
			requireText(t, text, object.RawJSON())
		}
	}
}

// requireText compares byte by byte: a text is more than its meaning.
func requireText(t *testing.T, want string, got json.RawMessage) {
	t.Helper()
	require.True(t, want == string(got), "%s", got) //nolint:testifylint // JSONEq would not see white space
}

func TestListsKeepTheirTexts(t *testing.T) {
	t.Parallel()
	const first, second, third = `{"id":"2","new":1}`, `{"id":1,"new":[2]}`, `{"id":"0","new":3}`
	for _, list := range []string{
		"[" + first + "," + second + "," + third + ",null]",
		`{"manageable":[` + second + "," + third + `],"usable":[` + first + "," + second + "]}",
		`{"usable":{"0":` + first + `,"2":` + second + `},"manageable":[` + third + "]}",
		`{"1":` + second + `,"0":` + first + `,"5":` + third + "}",
		`{"others":[` + first + "," + second + "," + third + `],"total":3}`,
	} {
		s := newStub(t, map[string]http.HandlerFunc{"*": answers(list)})
		c, ctx := s.client(), t.Context()
		requireTexts(t, first, second, third)(texts(c.Repositories(ctx)))
		requireTexts(t, first, second, third)(texts(c.Credentials(ctx)))
		requireTexts(t, first, second, third)(texts(c.Zones(ctx)))
		requireTexts(t, first, second, third)(texts(c.Scanners(ctx)))
		requireTexts(t, first, second, third)(texts(c.Scans(ctx)))
		requireTexts(t, first, second, third)(texts(c.Policies(ctx)))
		requireTexts(t, first, second, third)(texts(c.PluginFamilies(ctx)))
		requireTexts(t, first, second, third)(texts(c.ScanResults(ctx, ScanResultFilter{})))
		requireTexts(t, first, second, third)(texts(c.Assets(ctx, AssetFilter{})))
	}
}

func texts[T interface{ RawJSON() json.RawMessage }](list []T, err error) ([]string, error) {
	var all []string
	for _, object := range list {
		all = append(all, string(object.RawJSON()))
	}
	return all, err
}

func requireTexts(t *testing.T, want ...string) func([]string, error) {
	t.Helper()
	return func(got []string, err error) {
		t.Helper()
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func TestRawTextLeavesObjectsAlone(t *testing.T) {
	t.Parallel()
	const text = `{"id":"7","name":"a","policyPrefs":"secret login"}`
	s := newStub(t, map[string]http.HandlerFunc{"*": answers(`[` + text + `]`)})
	users := func() User {
		u, err := s.client().CurrentUser(t.Context())
		require.NoError(t, err)
		return *u
	}
	first, second := users(), users()
	require.True(t, first == second, "two answers with the same text are the same user") //nolint:testifylint // == is what is tested
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", first, first, first), "secret login")
	written, err := json.Marshal(first)
	require.NoError(t, err)
	plain, err := json.Marshal(User{ID: 7})
	require.NoError(t, err)
	require.JSONEq(t, string(plain), string(written))

	raw := first.RawJSON()
	clear(raw)
	requireText(t, text, first.RawJSON()) // the caller's copy is his own
	require.Nil(t, User{}.RawJSON())
}

func TestRawPages(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		total func(int) string
		want  int
	}{
		"told": {nil, 5}, "not told": {func(int) string { return "" }, -1}, "null": {func(int) string { return "null" }, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &vulnServer{rows: upTo(5), total: test.total}
			s := newStub(t, map[string]http.HandlerFunc{"POST /rest/analysis": server.handle})
			var kept []RawRow
			for page, err := range s.client().RawPages(t.Context(), VulnQuery{PageSize: 2}) {
				require.NoError(t, err)
				require.Equal(t, test.want, page.Total)
				require.LessOrEqual(t, len(page.Rows), 2)
				kept = append(kept, page.Rows...)
			}
			var flat []RawRow
			for row, err := range s.client().RawRows(t.Context(), VulnQuery{PageSize: 2}) {
				require.NoError(t, err)
				flat = append(flat, row)
			}
			require.Equal(t, flat, kept)
			require.Len(t, kept, 5)
			require.JSONEq(t, `{"pluginID":"1","ip":"10.0.0.1","port":"443","repository":{"id":"1"}}`, string(kept[0].RawMessage))
		})
	}
}

func TestRawPagesOfAnEmptyResult(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{"POST /rest/analysis": (&vulnServer{}).handle})
	next, stop := iter.Pull2(s.client().RawPages(t.Context(), VulnQuery{}))
	defer stop()
	page, err, ok := next()
	require.True(t, ok)
	require.NoError(t, err)
	require.Equal(t, RawPage{Rows: page.Rows, Total: 0}, page)
	require.Empty(t, page.Rows)
	_, _, ok = next()
	require.False(t, ok)
}

// A page of which only a part has come has no rows, also if SC says at its end only that it has failed.
func TestRawPagesAreWhole(t *testing.T) {
	t.Parallel()
	for _, second := range []string{
		`{"response":{"totalRecords":"4","results":[{"pluginID":"3"}]},"error_code":143,"error_msg":"not written"}`,
		`{"response":{"totalRecords":"4","results":[{"pluginID":"3"},{"plug`,
	} {
		server := &vulnServer{rows: upTo(4)}
		s := newStub(t, map[string]http.HandlerFunc{"POST /rest/analysis": func(w http.ResponseWriter, r *http.Request) {
			if len(server.asked) > 0 {
				raw(200, "application/json", second)(w, r)
				return
			}
			server.handle(w, r)
		}})
		var rows, failures int
		for page, err := range s.client().RawPages(t.Context(), VulnQuery{PageSize: 2, PagesAhead: -1}) {
			rows += len(page.Rows)
			if err != nil {
				failures++
			}
		}
		require.Equal(t, 2, rows)
		require.Equal(t, 1, failures)
	}
}

func TestTLSState(t *testing.T) {
	t.Parallel()
	plain := newStub(t, map[string]http.HandlerFunc{"*": answers(`{"id":"1"}`)})
	c := plain.client()
	_, err := c.CurrentUser(t.Context())
	require.NoError(t, err)
	require.Nil(t, c.TLSState())
	require.False(t, c.SkipsVerification())

	server := httptest.NewTLSServer(answers(`{"id":"1"}`))
	t.Cleanup(server.Close)
	c = &Client{URL: server.URL, AccessKey: NewSecret(testAccess), SecretKey: NewSecret(testSecret), HTTPClient: server.Client()}
	require.Nil(t, c.TLSState(), "nothing has come yet")
	_, err = c.CurrentUser(t.Context())
	require.NoError(t, err)
	require.Equal(t, server.Certificate().Raw, c.TLSState().PeerCertificates[0].Raw)
	require.False(t, c.SkipsVerification())

	env := map[string]string{"SC_URL": server.URL, "SC_ACCESS_KEY": testAccess, "SC_SECRET_KEY": testSecret, "SC_TLS_SKIP_VERIFY": "true"}
	c, err = FromEnv(func(name string) string { return env[name] })
	require.NoError(t, err)
	require.True(t, c.SkipsVerification())
	_, err = c.CurrentUser(context.WithoutCancel(t.Context()))
	require.NoError(t, err)
	require.NotNil(t, c.TLSState())
}

func TestRedactionKnowsAllSecrets(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{
		"POST /rest/token": func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: "cookie-canary"})
			answers(`{"token":998877665544}`)(w, r)
		},
		"*": answers(`{"id":"1"}`),
	})
	c := &Client{URL: "http://someone:urlpassword@" + s.Listener.Addr().String(), Username: "api", Password: NewSecret("short")}
	r := c.Redaction()
	const text = "998877665544 cookie-canary urlpassword short"
	require.Equal(t, "998877665544 cookie-canary [hidden] short", r.Hide(text), "a short one may be any word of the data")
	require.Equal(t, "998877665544 cookie-canary [hidden] [hidden]", r.HideAll(text))
	require.False(t, r.Suspects([]byte(`{"a":"cookie-canary"}`)))
	_, err := c.CurrentUser(t.Context())
	require.NoError(t, err)
	require.Equal(t, "[hidden] [hidden] [hidden] short", r.Hide(text), "sessions come later")
	require.True(t, r.Suspects([]byte(`{"a":"cookie-canary"}`)))

	keys := (&Client{AccessKey: NewSecret(testAccess), SecretKey: NewSecret(testSecret)}).Redaction()
	require.Equal(t, "[hidden] [hidden]", keys.Hide(testAccess+" "+testSecret))
}

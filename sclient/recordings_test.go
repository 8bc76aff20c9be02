package sclient

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	// Invented, and part of the project: testdata/exchanges/README.md.
	ownExchanges = "testdata/exchanges"
	// Recorded with real servers, and no part of the project: these are read in addition, where they are.
	recordedExchanges = "../../shared/recordings"
)

// exchange is a request with its answer. The first three are known of our own ones only.
type exchange struct {
	Version string `json:"version"`
	Error   string `json:"error"`  // what the predicates say of a refusal
	Expect  any    `json:"expect"` // a part of what the client makes of the response, in the client's own JSON

	Request struct {
		Method string          `json:"method"`
		Path   string          `json:"path"`
		Body   json.RawMessage `json:"body"`
	} `json:"request"`
	Response struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    json.RawMessage   `json:"body"`
	} `json:"response"`
}

func readExchanges(t *testing.T, file string) []exchange {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	var exchanges []exchange
	require.NoError(t, json.Unmarshal(text, &exchanges))
	return exchanges
}

// answer sends the recorded response.
func (x exchange) answer(w http.ResponseWriter) {
	for name, value := range x.Response.Headers {
		w.Header().Set(name, value)
	}
	w.WriteHeader(x.Response.Status)
	_, _ = w.Write(x.Response.Body)
}

// replay calls the method that belongs to a recorded request.
func replay(ctx context.Context, c *Client, method, path string) (any, error) {
	path, _, _ = strings.Cut(path, "?")
	path = regexp.MustCompile(`/\d+`).ReplaceAllString(strings.TrimPrefix(path, "/rest"), "/N")
	scan := validScan()
	switch method + " " + path {
	case "GET /system":
		return c.System(ctx)
	case "GET /status":
		return c.Status(ctx)
	case "GET /plugin/N":
		return c.Plugin(ctx, 1)
	case "GET /pluginFamily":
		return c.PluginFamilies(ctx)
	case "GET /policy":
		return c.Policies(ctx)
	case "POST /policy":
		return c.CreatePolicy(ctx, PolicyRequest{Name: "x"})
	case "GET /policy/N":
		return c.Policy(ctx, 1)
	case "DELETE /policy/N":
		return nil, c.DeletePolicy(ctx, 1)
	case "GET /pluginFamily/N":
		return c.PluginFamily(ctx, 1)
	case "GET /currentUser":
		return c.CurrentUser(ctx)
	case "GET /repository":
		return c.Repositories(ctx)
	case "GET /repository/N":
		return c.Repository(ctx, 1)
	case "GET /credential":
		return c.Credentials(ctx)
	case "GET /zone":
		return c.Zones(ctx)
	case "GET /scanner":
		return c.Scanners(ctx)
	case "GET /scanResult":
		return c.ScanResults(ctx, ScanResultFilter{})
	case "GET /scanResult/N":
		return c.ScanResult(ctx, 1)
	case "POST /scanResult/N/stop":
		return nil, c.StopScanResult(ctx, 1)
	case "GET /scan":
		return c.Scans(ctx)
	case "POST /scan":
		return c.CreateScan(ctx, scan)
	case "POST /scan/N/launch":
		return c.LaunchScan(ctx, 1)
	case "DELETE /scan/N":
		return nil, c.DeleteScan(ctx, 1)
	case "GET /asset":
		return c.Assets(ctx, AssetFilter{})
	case "GET /asset/N":
		return c.Asset(ctx, 1)
	case "DELETE /asset/N":
		return nil, c.DeleteAsset(ctx, 1)
	case "POST /asset":
		return c.CreateAsset(ctx, AssetRequest{Name: "x", DefinedIPs: []string{"127.0.0.1"}})
	case "DELETE /token":
		return nil, c.none(ctx, remove("log out", "/token"))
	case "POST /token":
		return c.requestToken(ctx)
	}
	return nil, c.none(ctx, call{limits: listed, op: "other", method: method, path: path, query: map[string][]string{"fields": {"id"}}})
}

func replayAnalysis(ctx context.Context, c *Client, body json.RawMessage) (any, error) {
	var sent struct {
		Query struct {
			Tool        Tool `json:"tool"`
			StartOffset int  `json:"startOffset"`
			EndOffset   int  `json:"endOffset"`
		} `json:"query"`
	}
	if err := json.Unmarshal(body, &sent); err != nil {
		return nil, err
	}
	q := VulnQuery{Tool: sent.Query.Tool, Start: sent.Query.StartOffset, End: sent.Query.EndOffset}
	switch q.Tool {
	case VulnDetails, ListVuln:
		return all(c.Vulns(ctx, q))
	case SumIP:
		return all(c.HostSummaries(ctx, q))
	case SumID:
		return all(c.PluginSummaries(ctx, q))
	case VulnIPDetail:
		return all(c.PluginHosts(ctx, q))
	case VulnIPSummary:
	}
	return all(c.RawRows(ctx, q))
}

func all[T any](rows func(func(T, error) bool)) (any, error) {
	list := []T{}
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		list = append(list, row)
	}
	return list, nil
}

func TestExchanges(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(ownExchanges + "/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	checkFiles(t, files)
}

func TestRecordings(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(recordedExchanges + "/*.json")
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("no recordings of real servers here; TestExchanges makes the same checks without them")
	}
	checkFiles(t, files)
}

func checkFiles(t *testing.T, files []string) {
	t.Helper()
	for _, file := range files {
		for i, x := range readExchanges(t, file) {
			t.Run(fmt.Sprintf("%s/%d", filepath.Base(file), i), func(t *testing.T) {
				t.Parallel()
				checkExchange(t, x)
			})
		}
	}
}

func checkExchange(t *testing.T, x exchange) {
	t.Helper()
	s := newStub(t, map[string]http.HandlerFunc{"*": func(w http.ResponseWriter, _ *http.Request) { x.answer(w) }})
	var got any
	var err error
	if strings.HasPrefix(x.Request.Path, "/rest/analysis") {
		got, err = replayAnalysis(t.Context(), s.client(), x.Request.Body)
	} else {
		got, err = replay(t.Context(), s.client(), x.Request.Method, x.Request.Path)
	}
	var env struct {
		Response  any    `json:"response"`
		ErrorMsg  string `json:"error_msg"`
		ErrorCode int    `json:"error_code"`
	}
	require.NoError(t, json.Unmarshal(x.Response.Body, &env))
	object, _ := env.Response.(map[string]any)
	if x.Response.Status != 200 || env.ErrorMsg != "" || object["releaseSession"] == true {
		require.Error(t, err)
		typed, _ := asError(err)
		require.Equal(t, env.ErrorCode, typed.Code)
		require.Equal(t, x.Response.Status, typed.Status)
		odd := x.Response.Status == 200 && env.ErrorCode == 0 && x.Request.Method != http.MethodGet
		require.Equal(t, odd && object["releaseSession"] == nil, FateUnknown(err), "a success with a sentence leaves open what was done")
		if x.Version != "" {
			require.Equal(t, x.Error, predicates(err))
		}
		return
	}
	require.NoError(t, err)
	require.Empty(t, x.Error)
	if strings.HasSuffix(x.Request.Path, "/token") {
		return // TestSessionExchanges looks at what becomes of it
	}
	if got == nil {
		require.Nil(t, x.Expect)
		return
	}
	own, err := json.Marshal(got)
	require.NoError(t, err)
	var decoded any
	require.NoError(t, json.Unmarshal(own, &decoded))
	for _, loss := range losses("", env.Response, decoded) {
		t.Error(loss)
	}
	if x.Version != "" {
		require.NotNil(t, x.Expect)
		containsPart(t, "", x.Expect, decoded)
	}
}

// TestSessionExchanges lives through a session: its user has too many, it ends early, it is closed.
func TestSessionExchanges(t *testing.T) {
	t.Parallel()
	exchanges := readExchanges(t, ownExchanges+"/session-limit.json")
	next := 0
	var issued grant
	s := newStub(t, map[string]http.HandlerFunc{"*": func(w http.ResponseWriter, r *http.Request) {
		if next >= len(exchanges) {
			t.Errorf("one request too many: %s %s", r.Method, r.URL.Path)
			return
		}
		x := exchanges[next]
		next++
		if r.Method != x.Request.Method || r.URL.Path != x.Request.Path {
			t.Errorf("%s %s instead of %s %s", r.Method, r.URL.Path, x.Request.Method, x.Request.Path)
		}
		if r.Method == http.MethodPost {
			var want, got tokenRequest
			if json.Unmarshal(x.Request.Body, &want) != nil || json.NewDecoder(r.Body).Decode(&got) != nil || want != got {
				t.Errorf("%+v instead of %+v", got, want)
			}
			issued = issuedBy(t, x)
		} else if cookie, err := r.Cookie(sessionCookie); err != nil || cookie.Value != issued.cookie || r.Header.Get("X-SecurityCenter") != issued.token {
			t.Errorf("request %d carries other credentials than the server gave", next)
		}
		x.answer(w)
	}})
	c := &Client{URL: s.URL, Username: "nnorth", Password: NewSecret("not a real one")}
	for range 2 {
		user, err := c.CurrentUser(t.Context())
		require.NoError(t, err)
		require.Equal(t, "nnorth", user.Username)
	}
	require.NoError(t, c.Close(t.Context()))
	require.Len(t, exchanges, next)
}

// issuedBy reads what a login gives without the client's own types.
func issuedBy(t *testing.T, x exchange) grant {
	t.Helper()
	var body struct {
		Response struct {
			Token any `json:"token"`
		} `json:"response"`
	}
	decoder := json.NewDecoder(bytes.NewReader(x.Response.Body))
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil {
		t.Error(err)
	}
	set, err := http.ParseSetCookie(x.Response.Headers["set-cookie"])
	if err != nil {
		t.Error(err)
		return grant{}
	}
	return grant{fmt.Sprint(body.Response.Token), set.Value}
}

// TestPageExchanges reads all pages of a result in one go; the last one is short.
func TestPageExchanges(t *testing.T) {
	t.Parallel()
	type offset struct {
		Query struct {
			StartOffset int `json:"startOffset"`
		} `json:"query"`
	}
	byOffset := map[int]exchange{}
	for _, x := range readExchanges(t, ownExchanges+"/analysis-listvuln.json") {
		var sent offset
		require.NoError(t, json.Unmarshal(x.Request.Body, &sent))
		if x.Version == "5.8" {
			byOffset[sent.Query.StartOffset] = x
		}
	}
	s := newStub(t, map[string]http.HandlerFunc{"*": func(w http.ResponseWriter, r *http.Request) {
		var sent offset
		err := json.NewDecoder(r.Body).Decode(&sent)
		x, known := byOffset[sent.Query.StartOffset]
		if err != nil || !known {
			t.Errorf("offset %d, %v", sent.Query.StartOffset, err)
		}
		x.answer(w)
	}})
	rows, err := all(s.client().Vulns(t.Context(), VulnQuery{Tool: ListVuln, PageSize: 3}))
	require.NoError(t, err)
	require.Len(t, rows, 7, "all rows differ, if only in a name")
}

package sctest_test

// Other people's clients: how they come in. What they then ask for is in the files named after them.

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/cookiejar"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/sctest"
)

const visited = threeHosts + "assets: [{id: 24, name: Web, definedIPs: 10.0.0.5}]\ncredentials: [{id: 4, name: admin}]\nzones: [{id: 1, name: Inside}]\n"

// visitor keeps cookies and headers from request to request, as sessions of HTTP libraries do.
type visitor struct {
	*lab
	client  *http.Client
	headers http.Header
}

func newVisitor(t *testing.T, scenario string) *visitor {
	t.Helper()
	l := newLab(t, scenario)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	return &visitor{lab: l, client: &http.Client{Jar: jar, Transport: l.http.Client().Transport}, headers: http.Header{}}
}

// received is an answer as it came.
type received struct {
	status int
	header http.Header
	raw    []byte
}

// ask sends a body only if there is one.
func (v *visitor) ask(method, path, body string) received {
	v.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	req, err := http.NewRequestWithContext(v.t.Context(), method, v.http.URL+"/rest/"+path, reader)
	require.NoError(v.t, err)
	req.Header = v.headers.Clone()
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := v.client.Do(req)
	require.NoError(v.t, err)
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	require.NoError(v.t, err)
	return received{resp.StatusCode, resp.Header, raw}
}

// envelope has the types that clients decode it with.
type envelope struct {
	Type      string          `json:"type"`
	Response  json.RawMessage `json:"response"`
	ErrorCode int             `json:"error_code"`
	ErrorMsg  string          `json:"error_msg"`
	Timestamp int64           `json:"timestamp"`
}

// get demands success.
func (v *visitor) get(method, path, body string, into any) {
	v.t.Helper()
	got := v.ask(method, path, body)
	require.Equal(v.t, http.StatusOK, got.status, "%s %s: %s", method, path, got.raw)
	require.Equal(v.t, "application/json", got.header.Get("Content-Type"), "one of the clients looks at it before it decodes")
	var e envelope
	require.NoError(v.t, json.Unmarshal(got.raw, &e))
	require.Zero(v.t, e.ErrorCode)
	if into != nil {
		require.NoError(v.t, json.Unmarshal(e.Response, into), "%s %s: %s", method, path, e.Response)
	}
}

func (v *visitor) object(method, path, body string) m {
	v.t.Helper()
	var out m
	v.get(method, path, body, &out)
	return out
}

func (v *visitor) list(path string) []m {
	v.t.Helper()
	var out []m
	v.get("GET", path, "", &out)
	return out
}

// deny demands a refusal in JSON.
func (v *visitor) deny(method, path, body string, code int, text string) {
	v.t.Helper()
	got := v.ask(method, path, body)
	require.Equal(v.t, http.StatusForbidden, got.status, string(got.raw))
	var e envelope
	require.NoError(v.t, json.Unmarshal(got.raw, &e))
	require.Equal(v.t, code, e.ErrorCode, string(got.raw))
	require.Contains(v.t, e.ErrorMsg, text)
	require.JSONEq(v.t, `""`, string(e.Response))
}

// pyTenable, with a password: no releaseSession, the token as text in a header, the cookie by its place in Set-Cookie.
func TestPythonSession(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"5.8", "5.23", "6.5"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			v := newVisitor(t, "version: '"+version+"'\n"+threeHosts)
			v.deny("GET", "currentUser", "", 12, "invalid token")
			system := v.object("GET", "system", "")
			require.Equal(t, version == "5.8", system["version"] != nil, "newer servers do not tell strangers their version")
			for _, key := range []string{"buildID", "licenseStatus", "uuid"} {
				require.IsType(t, "", system[key], key)
			}
			v.deny("POST", "token", `{"username":"api","password":"wrong"}`, 146, "Invalid login credentials")

			got := v.ask("POST", "token", `{"username":"api","password":"secret"}`)
			var answer struct {
				Response struct {
					Token int64 `json:"token"`
				} `json:"response"`
			}
			require.NoError(t, json.Unmarshal(got.raw, &answer))
			cookie := got.header.Get("Set-Cookie")
			require.Regexp(t, "^[0-9a-f]{32}$", cookie[14:46])
			v.headers.Set("X-SecurityCenter", strconv.FormatInt(answer.Response.Token, 10))
			v.headers.Set("TNS_SESSIONID", cookie[14:46])
			require.Equal(t, "api", v.object("GET", "currentUser", "")["username"])
			require.Regexp(t, `^\d+\.\d+\.\d+$`, v.object("GET", "system", "")["version"])
			v.get("DELETE", "token", "", nil)
			v.deny("GET", "currentUser", "", 12, "invalid token")
		})
	}
}

// pyTenable, with keys: the version first, asked as a stranger who keeps the cookie; no semicolon at the end of the header.
func TestPythonKeys(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"5.23", "6.5"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			v := newVisitor(t, "version: '"+version+"'\n"+threeHosts)
			require.NotContains(t, v.object("GET", "system", ""), "version")
			v.headers.Set("X-APIKey", "accessKey="+sctest.DefaultAccessKey+"; secretKey="+sctest.DefaultSecretKey)
			require.Equal(t, "api", v.object("GET", "currentUser", "")["username"])
			require.Equal(t, version+".1", v.object("GET", "system", "")["version"])
			require.Equal(t, "1", v.object("GET", "currentOrganization?fields=id,name", "")["id"])
			v.get("DELETE", "token", "", nil)
		})
	}
}

// withKeys lets every version have a visitor who is somebody.
func withKeys(t *testing.T, check func(*testing.T, *visitor, string)) {
	t.Helper()
	for _, version := range []string{"5.23", "6.5"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			v := newVisitor(t, "version: '"+version+"'\n"+visited)
			v.headers.Set("x-apikey", v.keys)
			check(t, v, version)
		})
	}
}

// run launches a scan of the two hosts with an ordinary policy and lets its import pass.
func (v *visitor) run() (policy, scan, result string) {
	v.t.Helper()
	policy = v.object("POST", "policy", `{"name":"all","context":"","policyTemplate":{"id":"1"}}`)["id"].(string)
	scan = v.object("POST", "scan", `{"name":"all","type":"policy","policy":{"id":"`+policy+`"},"repository":{"id":"1"},`+
		`"ipList":"10.0.0.5,10.0.0.8"}`)["id"].(string)
	result = v.object("POST", "scan/"+scan+"/launch", "")["scanResult"].(m)["id"].(string)
	v.clock.forward(time.Hour)
	return policy, scan, result
}

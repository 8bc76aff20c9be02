package sctest_test

// Answers have the keys and types of those that servers give.

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	// Invented, and part of the project: sclient/testdata/exchanges/README.md.
	ownExchanges = "../sclient/testdata/exchanges"
	// Recorded with real servers, and no part of the project: these are read in addition, where they are.
	recordedExchanges = "../../shared/recordings"
)

// exchange is an answer of a server; the version is known of our own ones only.
type exchange struct {
	Version string `json:"version"`
	Request struct {
		Method string `json:"method"`
		Path   string `json:"path"`
	} `json:"request"`
	Response struct {
		Status int `json:"status"`
		Body   struct {
			Response any `json:"response"`
		} `json:"body"`
	} `json:"response"`
}

func readExchanges(t *testing.T, folder, file string) []exchange {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, file+".json"))
	require.NoError(t, err)
	var exchanges []exchange
	require.NoError(t, json.Unmarshal(data, &exchanges))
	return exchanges
}

// sameShape reports where keys or types differ. The server's elements are compared with our first one; what is null has no type.
func sameShape(path string, want, got any) []string {
	if want == nil || got == nil {
		return nil
	}
	switch want := want.(type) {
	case m:
		object, ok := got.(m)
		if !ok {
			return []string{fmt.Sprintf("%s: an object, got %T", path, got)}
		}
		var differences []string
		for _, key := range slices.Sorted(maps.Keys(want)) {
			value, found := object[key]
			if !found {
				differences = append(differences, path+"."+key+": missing")
				continue
			}
			differences = append(differences, sameShape(path+"."+key, want[key], value)...)
		}
		for key := range object {
			if _, found := want[key]; !found {
				differences = append(differences, path+"."+key+": not among the server's")
			}
		}
		return differences
	case []any:
		list, ok := got.([]any)
		if !ok {
			return []string{fmt.Sprintf("%s: a list, got %T", path, got)}
		}
		if len(list) == 0 && len(want) > 0 {
			return []string{path + ": nothing to compare"}
		}
		var differences []string
		for i := range want {
			differences = append(differences, sameShape(fmt.Sprintf("%s[%d]", path, i), want[i], list[0])...)
		}
		return differences
	}
	if a, b := fmt.Sprintf("%T", want), fmt.Sprintf("%T", got); a != b {
		return []string{fmt.Sprintf("%s: %s, got %s", path, a, b)}
	}
	return nil
}

// plain drops json.Number, which recordings are read without.
func plain(t *testing.T, value any) any {
	t.Helper()
	data, err := json.Marshal(value)
	require.NoError(t, err)
	var out any
	require.NoError(t, json.Unmarshal(data, &out))
	return out
}

// shapeOf is the answer that belongs to a file of exchanges.
type shapeOf struct {
	file, method string
	index        int // of the recorded exchange; ours are found by version and method
	got          any
}

// shapes are the simulator's answers in the dialect of a version.
func shapes(t *testing.T, version string) []shapeOf {
	t.Helper()
	l := newLab(t, "version: '"+version+"'\ncredentials: [{id: 4, name: root}]\n"+threeHosts)
	login := l.logIn(false)
	ask := func(method, path string, body any) any {
		r := l.do(method, path, body, login...)
		require.Equal(t, 200, r.status, r.raw)
		return plain(t, r.response)
	}
	named := policyBody([]int{97833}, nil)
	named["context"], named["name"] = "", "mine"
	policy := ask("POST", "/rest/policy", named)
	template := scanBody(policy.(m)["id"], "10.0.0.5,10.0.0.9", m{"schedule": m{"type": "template"}, "pluginID": nil})
	scan := ask("POST", "/rest/scan", template)
	launched := ask("POST", "/rest/scan/"+scan.(m)["id"].(string)+"/launch", m{})
	result := "/rest/scanResult/" + launched.(m)["scanResult"].(m)["id"].(string)
	running := ask("GET", result, nil)
	l.clock.forward(10 * time.Minute)
	once := policyBody([]int{97833}, nil)
	once["preferences"] = m{}
	onlyOnce := ask("POST", "/rest/policy", once)
	now := ask("POST", "/rest/scan", scanBody(onlyOnce.(m)["id"], "10.0.0.5", m{"credentials": []any{m{"id": 4}}}))
	ask("GET", "/rest/currentUser", nil)
	asset := ask("POST", "/rest/asset", m{"name": "Example", "type": "static", "definedIPs": "192.168.0.1"})

	return []shapeOf{
		{"policy-create", "POST", 1, policy},
		{"policy-create-once", "POST", -1, onlyOnce},
		{"policy-list", "GET", 0, ask("GET", "/rest/policy", nil)},
		{"scan-create-template", "POST", 0, scan},
		{"scan-create-now", "POST", -1, now},
		{"scan-list", "GET", -1, ask("GET", "/rest/scan", nil)},
		{"scan-launch", "POST", 0, launched},
		{"scan-result-running", "GET", -1, running},
		{"scan-result-with-dead-hosts", "GET", 0, ask("GET", result, nil)},
		{"scan-results", "GET", 0, ask("GET", "/rest/scanResult?optimizeCompletedScanResults=true", nil)},
		{"status", "GET", 0, ask("GET", "/rest/status", nil)},
		{"plugin-19506", "GET", 0, ask("GET", "/rest/plugin/19506", nil)},
		{"plugin-families", "GET", 0, ask("GET", "/rest/pluginFamily", nil)},
		{"asset-create", "POST", 0, asset},
		{"asset-list", "GET", 0, ask("GET", "/rest/asset", nil)},
		{"repositories", "GET", -1, ask("GET", "/rest/repository", nil)},
		{"analysis-vulndetails", "POST", 0, ask("POST", "/rest/analysis", analysis("cumulative", "vulndetails"))},
		{"analysis-listvuln", "POST", -1, ask("POST", "/rest/analysis", analysis("cumulative", "listvuln"))},
		{"analysis-sumip", "POST", 0, ask("POST", "/rest/analysis", analysis("cumulative", "sumip"))},
		{"analysis-sumid", "POST", -1, ask("POST", "/rest/analysis", analysis("cumulative", "sumid"))},
		{"analysis-vulnipdetail", "POST", -1, ask("POST", "/rest/analysis", analysis("cumulative", "vulnipdetail"))},
		{"system", "GET", 0, plain(t, l.do("GET", "/rest/system", nil, "Accept", "*/*").response)},
	}
}

// requireShape ignores which preferences there are, which is up to whoever made the policy, and that the simulator's reports have
// no attributes.
func requireShape(t *testing.T, want, got any) {
	t.Helper()
	differences := slices.DeleteFunc(sameShape("", want, got), func(d string) bool {
		return strings.HasPrefix(d, ".preferences.") || strings.HasSuffix(d, ".attributeSets: nothing to compare")
	})
	require.Empty(t, differences)
}

func TestShapes(t *testing.T) {
	t.Parallel()
	compared := map[string]bool{}
	for _, version := range []string{"5.8", "5.23", "6.5"} {
		for _, tt := range shapes(t, version) {
			for i, x := range readExchanges(t, ownExchanges, tt.file) {
				if x.Version != version || x.Request.Method != tt.method || x.Response.Status != 200 || x.Request.Path == "/rest/policyTemplate/1" {
					continue
				}
				compared[tt.file] = true
				t.Run(fmt.Sprintf("%s/%s/%d", version, tt.file, i), func(t *testing.T) {
					t.Parallel()
					requireShape(t, x.Response.Body.Response, tt.got)
				})
			}
			if version == "6.5" {
				require.Contains(t, compared, tt.file, "no exchange was compared")
			}
		}
	}
}

func TestRecordedShapes(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat(recordedExchanges); os.IsNotExist(err) {
		t.Skip("no recordings of real servers here; TestShapes makes the same checks without them")
	}
	for _, tt := range shapes(t, "5.8") {
		if tt.index < 0 {
			continue
		}
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			requireShape(t, readExchanges(t, recordedExchanges, tt.file)[tt.index].Response.Body.Response, tt.got)
		})
	}
}

func TestEnvelopes(t *testing.T) {
	t.Parallel()
	l := newLab(t, base)
	var ok, refused map[string]any
	r := l.do("GET", "/rest/repository", nil)
	require.NoError(t, json.Unmarshal([]byte(r.raw), &ok))
	require.Equal(t, "application/json", r.header.Get("Content-Type"))
	require.Equal(t, noon.Format("Mon, 02 Jan 2006 15:04:05 GMT"), r.header.Get("Date"), "the header tells the server's time")
	require.Equal(t, byte('\n'), r.raw[len(r.raw)-1])
	require.NoError(t, json.Unmarshal([]byte(l.do("GET", "/rest/repository/9", nil).raw), &refused))
	for _, envelope := range []map[string]any{ok, refused} {
		require.Equal(t, []string{"error_code", "error_msg", "response", "timestamp", "type", "warnings"}, slices.Sorted(maps.Keys(envelope)))
		require.Equal(t, []any{float64(noon.Unix()), "regular", []any{}}, []any{envelope["timestamp"], envelope["type"], envelope["warnings"]})
	}
}

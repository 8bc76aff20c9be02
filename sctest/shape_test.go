package sctest_test

// Answers have the keys and types of recorded ones, where the recordings are at hand.

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// recordings are the folders in which exchanges may lie, the first that has a file wins.
var recordings = []string{filepath.Join("..", "..", "shared", "recordings")}

// readRecording skips the test where no folder has the file.
func readRecording(t *testing.T, file string) []byte {
	t.Helper()
	for _, folder := range recordings {
		data, err := os.ReadFile(filepath.Join(folder, file+".json"))
		if err == nil {
			return data
		}
		require.ErrorIs(t, err, os.ErrNotExist)
	}
	t.Skip("no recordings here")
	return nil
}

// recorded is the response of one exchange of a file.
func recorded(t *testing.T, file string, index int) any {
	t.Helper()
	var exchanges []struct {
		Response struct {
			Body struct {
				Response any `json:"response"`
			} `json:"body"`
		} `json:"response"`
	}
	require.NoError(t, json.Unmarshal(readRecording(t, file), &exchanges))
	return exchanges[index].Response.Body.Response
}

// sameShape reports where keys or types differ. Lists are compared by their first element; what is null in either has no type.
func sameShape(path string, want, got any) []string {
	if want == nil || got == nil {
		return nil
	}
	switch want := want.(type) {
	case m:
		got, ok := got.(m)
		if !ok {
			return []string{fmt.Sprintf("%s: an object, got %T", path, got)}
		}
		var differences []string
		for _, key := range slices.Sorted(maps.Keys(want)) {
			value, found := got[key]
			if !found {
				differences = append(differences, path+"."+key+": missing")
				continue
			}
			differences = append(differences, sameShape(path+"."+key, want[key], value)...)
		}
		for key := range got {
			if _, found := want[key]; !found {
				differences = append(differences, path+"."+key+": not recorded")
			}
		}
		return differences
	case []any:
		got, ok := got.([]any)
		if !ok {
			return []string{fmt.Sprintf("%s: a list, got %T", path, got)}
		}
		if len(want) == 0 || len(got) == 0 {
			return nil
		}
		return sameShape(path+"[0]", want[0], got[0])
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

func TestShapes(t *testing.T) {
	t.Parallel()
	l := newLab(t, "version: '5.8'\n"+threeHosts)
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
	l.clock.forward(10 * time.Minute)
	result := "/rest/scanResult/" + launched.(m)["scanResult"].(m)["id"].(string)
	ask("GET", "/rest/currentUser", nil)

	for _, tt := range []struct {
		file  string
		index int
		got   any
	}{
		{"policy-create", 1, policy},
		{"policy-list", 0, ask("GET", "/rest/policy", nil)},
		{"scan-create-template", 0, scan},
		{"scan-launch", 0, launched},
		{"scan-result-with-dead-hosts", 0, ask("GET", result, nil)},
		{"scan-results", 0, ask("GET", "/rest/scanResult?optimizeCompletedScanResults=true", nil)},
		{"status", 0, ask("GET", "/rest/status", nil)},
		{"plugin-19506", 0, ask("GET", "/rest/plugin/19506", nil)},
		{"plugin-families", 0, ask("GET", "/rest/pluginFamily", nil)},
		{"asset-create", 0, ask("POST", "/rest/asset", m{"name": "Example", "type": "static", "definedIPs": "192.168.0.1"})},
		{"asset-list", 0, ask("GET", "/rest/asset", nil)},
		{"analysis-vulndetails", 0, ask("POST", "/rest/analysis", analysis("cumulative", "vulndetails"))},
		{"analysis-sumip", 0, ask("POST", "/rest/analysis", analysis("cumulative", "sumip"))},
		{"system", 0, plain(t, l.do("GET", "/rest/system", nil, "Accept", "*/*").response)},
	} {
		t.Run(tt.file, func(t *testing.T) {
			t.Parallel()
			want := recorded(t, tt.file, tt.index)
			differences := sameShape("", want, tt.got)
			// Which preferences there are is up to whoever made the policy.
			differences = slices.DeleteFunc(differences, func(d string) bool { return len(d) > 13 && d[:13] == ".preferences." })
			require.Empty(t, differences)
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

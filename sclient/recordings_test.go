package sclient

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// exchange is one recorded with a real server. They are not part of the project: where they are absent, the test is skipped.
type exchange struct {
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

// dropped are keys that the client leaves out on purpose: never asked for, because large, secret or without a use.
var dropped = []string{
	"policyPrefs", "source", "editor", "reportTypes", "logo", "loginNotifications", "PasswordComplexity", "telemetryEnabled", "token",
	"auditFiles", "assetDataFields", "templateModTime", "templatePubTime", "templateDefModTime",
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
	case "GET /scanResult":
		return c.ScanResults(ctx, ScanResultFilter{})
	case "GET /scanResult/N":
		return c.ScanResult(ctx, 1)
	case "POST /scan":
		return c.CreateScan(ctx, scan)
	case "POST /scan/N/launch":
		return c.LaunchScan(ctx, 1)
	case "DELETE /scan/N":
		return nil, c.DeleteScan(ctx, 1)
	case "GET /asset":
		return c.Assets(ctx, AssetFilter{})
	case "POST /asset":
		return c.CreateAsset(ctx, AssetRequest{Name: "x", DefinedIPs: []string{"127.0.0.1"}})
	case "DELETE /token":
		return nil, c.none(ctx, remove("log out", "/token"))
	case "POST /token":
		return c.requestToken(ctx)
	}
	return nil, c.none(ctx, call{op: "other", method: method, path: path, query: map[string][]string{"fields": {"id"}}})
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
	if q.Tool == SumIP {
		return all(c.HostSummaries(ctx, q))
	}
	return all(c.Vulns(ctx, q))
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

func TestRecordings(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../shared/recordings/*.json")
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("no recordings here")
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var exchanges []exchange
		require.NoError(t, json.Unmarshal(text, &exchanges))
		for i, x := range exchanges {
			t.Run(fmt.Sprintf("%s/%d", filepath.Base(file), i), func(t *testing.T) {
				t.Parallel()
				checkExchange(t, x)
			})
		}
	}
}

func checkExchange(t *testing.T, x exchange) {
	t.Helper()
	s := newStub(t, map[string]http.HandlerFunc{"*": func(w http.ResponseWriter, _ *http.Request) {
		for name, value := range x.Response.Headers {
			w.Header().Set(name, value)
		}
		w.WriteHeader(x.Response.Status)
		_, _ = w.Write(x.Response.Body)
	}})
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
	if x.Response.Status != 200 || env.ErrorMsg != "" {
		require.Error(t, err)
		typed, _ := asError(err)
		require.Equal(t, env.ErrorCode, typed.Code)
		require.Equal(t, x.Response.Status, typed.Status)
		require.False(t, FateUnknown(err))
		return
	}
	require.NoError(t, err)
	if got == nil || strings.HasSuffix(x.Request.Path, "/token") {
		return
	}
	own, err := json.Marshal(got)
	require.NoError(t, err)
	var decoded any
	require.NoError(t, json.Unmarshal(own, &decoded))
	for _, loss := range losses("", recordedItems(env.Response), decoded) {
		t.Error(loss)
	}
}

// recordedItems unpacks the list shapes.
func recordedItems(response any) any {
	object, ok := response.(map[string]any)
	if !ok {
		return response
	}
	for _, key := range []string{"results", "usable"} {
		if list, ok := object[key]; ok {
			return list
		}
	}
	return response
}

// losses compares a recorded value with what the client makes of it, leaf by leaf.
func losses(path string, recorded, decoded any) []string {
	var found []string
	switch r := recorded.(type) {
	case map[string]any:
		d, ok := decoded.(map[string]any)
		if !ok {
			return []string{path + ": not an object"}
		}
		for key, value := range r {
			if !slices.Contains(dropped, key) {
				found = append(found, losses(path+"."+key, value, field(d, key))...)
			}
		}
	case []any:
		d, _ := decoded.([]any)
		if len(r) != len(d) {
			return []string{fmt.Sprintf("%s: %d elements became %d", path, len(r), len(d))}
		}
		for i := range r {
			found = append(found, losses(fmt.Sprintf("%s[%d]", path, i), r[i], d[i])...)
		}
	default:
		if !sameValue(recorded, decoded) {
			return []string{fmt.Sprintf("%s: %v became %v", path, recorded, decoded)}
		}
	}
	return found
}

func field(object map[string]any, key string) any {
	for name, value := range object {
		if strings.EqualFold(name, key) {
			return value
		}
	}
	return nil
}

func sameValue(recorded, decoded any) bool {
	text := ""
	if recorded != nil {
		text = fmt.Sprint(recorded)
	}
	if number, ok := recorded.(float64); ok {
		text = strconv.FormatFloat(number, 'f', -1, 64)
	}
	switch d := decoded.(type) {
	case nil:
		return text == "" || text == "-1" || text == "0"
	case bool:
		return slices.Contains([]string{"true", "yes", "1"}, strings.ToLower(text)) == d
	case float64:
		number, err := strconv.ParseFloat(text, 64)
		return text == "" && d == 0 || err == nil && number == d
	case string:
		if stamp, err := time.Parse(time.RFC3339, d); err == nil {
			return text == strconv.FormatInt(stamp.Unix(), 10)
		}
		return text == d || ParseAddresses(text).Equal(ParseAddresses(d))
	}
	return false
}

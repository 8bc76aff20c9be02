package main

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/flags"
)

// exchange was recorded with a real server. The recordings are no part of the project: where they are absent, the test is skipped.
type exchange struct {
	Request struct {
		Method string `json:"method"`
		Path   string `json:"path"`
		Body   struct {
			Query struct {
				Tool        string `json:"tool"`
				StartOffset int    `json:"startOffset"`
				EndOffset   int    `json:"endOffset"`
			} `json:"query"`
		} `json:"body"`
	} `json:"request"`
	Response struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    json.RawMessage   `json:"body"`
	} `json:"response"`
}

// command is the one that asks what was asked in the recording; nil if none does.
func (x exchange) command() []string {
	path, _, _ := strings.Cut(strings.TrimPrefix(x.Request.Path, "/rest"), "?")
	id := regexp.MustCompile(`\d+$`).FindString(path)
	switch x.Request.Method + " " + strings.TrimSuffix(path, id) {
	case "GET /status":
		return []string{"status"}
	case "GET /currentUser":
		return []string{"whoami"}
	case "GET /plugin/":
		return []string{"plugin", id}
	case "GET /pluginFamily":
		return []string{"families"}
	case "GET /repository":
		return []string{"repositories"}
	case "GET /scan":
		return []string{"scans"}
	case "GET /scanResult":
		return []string{"results"}
	case "GET /scanResult/":
		return []string{"results", id}
	case "GET /asset":
		return []string{"assets"}
	case "GET /asset/":
		return []string{"assets", id}
	case "POST /analysis":
		q := x.Request.Body.Query
		return []string{"vulns", "--tool", q.Tool, "--start", strconv.Itoa(q.StartOffset), "--end", strconv.Itoa(q.EndOffset)}
	case "GET /system": // with a key that is refused
		return []string{"whoami"}
	}
	return nil
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
		for _, x := range exchanges {
			if command := x.command(); command != nil && !(strings.HasSuffix(x.Request.Path, "/system") && x.Response.Status == http.StatusOK) {
				replayTo(t, filepath.Base(file), x, command)
			}
		}
	}
}

func replayTo(t *testing.T, name string, x exchange, command []string) {
	t.Helper()
	_, environ := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for key, value := range x.Response.Headers {
			w.Header().Set(key, value)
		}
		w.WriteHeader(x.Response.Status)
		_, _ = w.Write(x.Response.Body)
	}))
	for _, format := range []string{flags.OutputTable, flags.OutputCSV, flags.OutputJSON, flags.OutputLines} {
		code, stdout, stderr := ask(t, environ, append(command, "-o", format)...)
		if x.Response.Status != http.StatusOK {
			require.Equal(t, exit.Failed, code, name)
			require.Empty(t, stdout, name)
			require.NotEmpty(t, stderr, name)
			continue
		}
		require.Equal(t, exit.OK, code, "%s: %s", name, stderr)
		checkForm(t, format, stdout)
		if format == flags.OutputLines {
			checkRows(t, name, x, stdout)
		}
	}
}

// checkRows compares what was printed with what was recorded, field by field.
func checkRows(t *testing.T, name string, x exchange, stdout string) {
	t.Helper()
	var answer struct {
		Response json.RawMessage `json:"response"`
	}
	require.NoError(t, json.Unmarshal(x.Response.Body, &answer))
	rows := objectsOf(t, answer.Response)
	var page struct {
		Results []json.RawMessage `json:"results"`
	}
	if json.Unmarshal(answer.Response, &page) == nil && page.Results != nil {
		rows = page.Results
	} else if !strings.Contains(string(answer.Response), `"usable"`) && answer.Response[0] == '{' {
		rows = []json.RawMessage{answer.Response}
	}
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	require.Len(t, lines, len(rows), name)
	for i, line := range lines {
		var recorded, printed any
		require.NoError(t, json.Unmarshal(rows[i], &recorded))
		require.NoError(t, json.Unmarshal([]byte(line), &printed))
		compare(t, name, recorded, printed)
	}
}

// objectsOf are the objects of a list: an array, or the two lists that depend on the user's role, each object once.
func objectsOf(t *testing.T, response json.RawMessage) []json.RawMessage {
	t.Helper()
	var all []json.RawMessage
	if json.Unmarshal(response, &all) == nil {
		return all
	}
	var byRole struct {
		Usable     []json.RawMessage `json:"usable"`
		Manageable []json.RawMessage `json:"manageable"`
	}
	require.NoError(t, json.Unmarshal(response, &byRole))
	seen := map[string]bool{}
	for _, object := range append(byRole.Usable, byRole.Manageable...) {
		var named struct {
			ID string `json:"id"`
		}
		require.NoError(t, json.Unmarshal(object, &named))
		if !seen[named.ID] {
			seen[named.ID] = true
			all = append(all, object)
		}
	}
	return all
}

// compare demands the same fields with the same values, in whatever type.
func compare(t *testing.T, path string, recorded, printed any) {
	t.Helper()
	switch r := recorded.(type) {
	case map[string]any:
		p, ok := printed.(map[string]any)
		require.True(t, ok, path)
		require.Len(t, p, len(r), path)
		for key, value := range r {
			require.Contains(t, p, key, path)
			compare(t, path+"."+key, value, p[key])
		}
	case []any:
		p, ok := printed.([]any)
		require.True(t, ok, path)
		require.Len(t, p, len(r), path)
		for i := range r {
			compare(t, path, r[i], p[i])
		}
	case string:
		require.Contains(t, spellingsOf(printed), r, "%s: %v", path, printed)
	default:
		if recorded != printed {
			require.Contains(t, spellingsOf(printed), string(must(json.Marshal(recorded))), path)
		}
	}
}

func must(text []byte, _ error) []byte { return text }

// spellingsOf are the texts in which servers write a value.
func spellingsOf(printed any) []string {
	switch p := printed.(type) {
	case nil:
		return []string{"", "-1", "0", "null"}
	case bool:
		if p {
			return []string{"true", "1", "Yes"}
		}
		return []string{"false", "0", "No"}
	case float64:
		whole := strconv.FormatFloat(p, 'f', -1, 64)
		return []string{whole, strconv.FormatFloat(p, 'f', 1, 64)}
	case string:
		if at, err := time.Parse(time.RFC3339, p); err == nil {
			return []string{p, strconv.FormatInt(at.Unix(), 10)}
		}
		return []string{p}
	}
	return nil
}

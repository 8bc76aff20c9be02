package main

import (
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

	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/flags"
)

const (
	// Invented, and part of the project: see the README.md there.
	ownExchanges = "../sclient/testdata/exchanges"
	// Recorded with real servers, and no part of the project: these are read in addition, where they are.
	recordedExchanges = ownExchanges + "/../../../../shared/recordings"
)

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

// answer gives what the server of the exchange gave.
func (x exchange) answer() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for key, value := range x.Response.Headers {
			w.Header().Set(key, value)
		}
		w.WriteHeader(x.Response.Status)
		_, _ = w.Write(x.Response.Body)
	})
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
		if q.Tool == "iplist" {
			return nil // has no rows, only addresses
		}
		return []string{"vulns", "--tool", q.Tool, "--start", strconv.Itoa(q.StartOffset), "--end", strconv.Itoa(q.EndOffset)}
	case "GET /system": // with a key that is refused
		return []string{"whoami"}
	}
	return nil
}

func TestExchanges(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(ownExchanges + "/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	replayFiles(t, files)
}

func TestRecordings(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(recordedExchanges + "/*.json")
	require.NoError(t, err)
	if len(files) == 0 {
		t.Skip("no recordings of real servers here; TestExchanges makes the same checks without them")
	}
	replayFiles(t, files)
}

// What the client takes for true, or for a moment, the command prints as such: there is one table of spellings.
func TestSpellings(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile(ownExchanges + "/analysis-spellings.json")
	require.NoError(t, err)
	var pages []struct {
		exchange
		Expect []map[string]any `json:"expect"`
	}
	require.NoError(t, json.Unmarshal(text, &pages))
	compared := map[string]bool{}
	for _, page := range pages {
		_, environ := serve(t, page.answer())
		_, stdout, stderr := ask(t, environ, append(page.command(), "-o", flags.OutputLines)...)
		for i, line := range slices.Collect(strings.Lines(stdout)) {
			var printed map[string]any
			require.NoError(t, json.Unmarshal([]byte(line), &printed), stderr)
			for key, want := range page.Expect[i] {
				_, isBool := want.(bool)
				if isTime := strings.HasSuffix(key, "Date") || strings.HasSuffix(key, "Seen") || key == "lastMitigated"; !isBool && !isTime {
					continue
				}
				compared[key] = true
				if isBool && printed[key] == nil {
					want = nil // the server sent nothing: the row says so, and the client's types cannot
				}
				require.Equal(t, want, printed[key], "row %d, %s", i, key)
			}
		}
	}
	require.Greater(t, len(compared), 8)
}

func replayFiles(t *testing.T, files []string) {
	t.Helper()
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var exchanges []exchange
		require.NoError(t, json.Unmarshal(text, &exchanges))
		for i, x := range exchanges {
			if command := x.command(); command != nil && !(strings.HasSuffix(x.Request.Path, "/system") && x.Response.Status == http.StatusOK) {
				t.Run(fmt.Sprintf("%s/%d", filepath.Base(file), i), func(t *testing.T) {
					t.Parallel()
					replayTo(t, filepath.Base(file), x, command)
				})
			}
		}
	}
}

func replayTo(t *testing.T, name string, x exchange, command []string) {
	t.Helper()
	_, environ := serve(t, x.answer())
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
		Response any `json:"response"`
	}
	require.NoError(t, json.Unmarshal(x.Response.Body, &answer))
	rows := rowsIn(answer.Response)
	lines := slices.Collect(strings.Lines(stdout))
	require.Len(t, lines, len(rows), name)
	for i, line := range lines {
		var printed any
		require.NoError(t, json.Unmarshal([]byte(line), &printed))
		compare(t, name, rows[i], printed)
	}
}

// rowsIn unpacks the shapes in which servers send a list: by rights, under a name, in two parts, or as PHP's object of indexes.
// Anything else is one row.
func rowsIn(response any) []any {
	object, ok := response.(map[string]any)
	if !ok {
		list, _ := response.([]any)
		return slices.DeleteFunc(slices.Clone(list), func(row any) bool { return row == nil })
	}
	for _, name := range []string{"results", "assets"} {
		if object[name] != nil {
			return rowsIn(object[name])
		}
	}
	if usable, found := object["usable"]; found {
		rows := rowsIn(usable)
		for _, row := range rowsIn(object["manageable"]) {
			if !slices.ContainsFunc(rows, func(r any) bool { return r.(map[string]any)["id"] == row.(map[string]any)["id"] }) {
				rows = append(rows, row)
			}
		}
		return rows
	}
	var rows []any
	for i := range 10 {
		if row := object[strconv.Itoa(i)]; row != nil {
			rows = append(rows, row)
		}
	}
	if rows != nil {
		return rows
	}
	return []any{object}
}

// compare demands the same fields with the same values, in whatever type.
func compare(t *testing.T, path string, recorded, printed any) {
	t.Helper()
	switch p := printed.(type) {
	case map[string]any:
		r := objectIn(recorded)
		require.Len(t, p, len(r), path)
		for key, value := range r {
			require.Contains(t, p, key, path)
			compare(t, path+"."+key, value, p[key])
		}
	case []any:
		rows := rowsIn(recorded)
		require.Len(t, p, len(rows), path)
		for i := range rows {
			compare(t, path, rows[i], p[i])
		}
	default:
		if text, ok := recorded.(string); ok {
			require.Contains(t, spellingsOf(printed), text, "%s: %v", path, printed)
		} else if recorded != printed {
			require.Contains(t, spellingsOf(printed), string(must(json.Marshal(recorded))), path)
		}
	}
}

// objectIn unpacks the shapes in which servers send an object: by rights, as a list of one, as a bare id, or as an empty list.
func objectIn(value any) map[string]any {
	switch v := value.(type) {
	case map[string]any:
		return v
	case []any:
		if len(v) == 0 {
			return nil
		}
		return objectIn(v[0])
	}
	return map[string]any{"id": value}
}

func must(text []byte, _ error) []byte { return text }

// spellingsOf are the texts in which servers write a value.
func spellingsOf(printed any) []string {
	switch p := printed.(type) {
	case nil:
		return []string{"", "-1", "0", "null", "[]"}
	case bool:
		if p {
			return []string{"true", "1", "Yes", "yes", "TRUE"}
		}
		return []string{"false", "0", "No", "no", "FALSE", ""}
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

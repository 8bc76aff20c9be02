package sclient

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// bomb sends a text that repeats something: a few kilobytes on the line, and as much as one likes behind it.
func bomb(begin, again string, times int, end string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		defer z.Close()
		_, _ = io.WriteString(z, begin)
		const some = 1000
		chunk := strings.Repeat(again, some)
		for range times / some {
			if _, err := io.WriteString(z, chunk); err != nil {
				return // the client has seen enough
			}
		}
		_, _ = io.WriteString(z, end)
	}
}

const endOfAnswer = `],"totalRecords":"1"},"error_code":0,"error_msg":"","timestamp":1}`

// floods are answers that cost their sender nothing.
func floods() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"nested lists":        bomb(`{"error_code":0,"response":{"results":[`, `[[[[[[[[`, 1_000_000, ""),
		"lists in a list":     bomb(`{"error_code":0,"response":{"results":[[]`, `,[[],[],[],[],[],[],[],[]]`, 10_000_000, endOfAnswer),
		"a million rows":      bomb(`{"error_code":0,"response":{"results":[{}`, `,{}`, 1_000_000, endOfAnswer),
		"a million hosts":     bomb(`{"error_code":0,"response":{"results":[{"hosts":[{}`, `,{}`, 1_000_000, `]}`+endOfAnswer),
		"a million keys":      bomb(`{"error_code":0,"response":{"a":1`, `,"a":{}`, 1_000_000, `}}`),
		"a million keys rows": bomb(`{"error_code":0,"response":{"results":[{"a":1`, `,"a":{}`, 1_000_000, `}`+endOfAnswer),
		"an endless text":     bomb(`{"error_code":0,"response":{"id":"1","name":"`, `xxxxxxxxxxxxxxxx`, 20_000_000, `"}}`),
		"an endless blank":    bomb(`{"error_code":0,`, `                `, 20_000_000, `"response":{}}`),
	}
}

// Kilobytes of an answer must not cost gigabytes, whatever was asked. What they cost at most is measured by hand: see docs/decisions.md.
func TestNoAnswerTakesAllMemory(t *testing.T) {
	t.Parallel()
	for name, flood := range floods() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStub(t, map[string]http.HandlerFunc{"*": flood})
			c, ctx := s.client(), t.Context()
			for call, ask := range map[string]func() error{
				"repository":  func() error { _, err := c.Repository(ctx, 1); return err },
				"scan result": func() error { _, err := c.ScanResult(ctx, 1); return err },
				"asset":       func() error { _, err := c.Asset(ctx, 1); return err },
				"scans":       func() error { _, err := c.Scans(ctx); return err },
				"findings":    func() error { _, err := first(c.Vulns(ctx, VulnQuery{PageSize: 50})); return err },
				"hosts":       func() error { _, err := first(c.PluginHosts(ctx, VulnQuery{PageSize: 50})); return err },
				"raw rows":    func() error { _, err := first(c.RawRows(ctx, VulnQuery{Tool: "iplist"})); return err },
				"policy":      func() error { _, err := c.CreatePolicy(ctx, validPolicy()); return err },
			} {
				if name == "a million hosts" && call != "hosts" && call != "findings" || name == "an endless text" && strings.HasPrefix(call, "raw") {
					continue // within the limits of the others
				}
				begin := time.Now()
				err := ask()
				require.Error(t, err, call)
				require.Contains(t, predicates(err), "transient", call)
				require.Equal(t, call == "policy", FateUnknown(err), call)
				require.Less(t, time.Since(begin), time.Minute, call)
			}
			var memory runtime.MemStats
			runtime.ReadMemStats(&memory)
			require.Less(t, memory.Sys, uint64(2<<30))
		})
	}
}

// Each call has limits of its own.
func TestACallTakesWhatItNeeds(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 2<<20)
	s := newStub(t, map[string]http.HandlerFunc{
		"GET /rest/repository/1": answers(`{"id":"1","name":"` + long + `"}`),
		"GET /rest/scanResult/1": answers(`{"id":"1","progress":{"status":"` + long + `"}}`),
	})
	_, err := s.client().Repository(t.Context(), 1)
	require.ErrorContains(t, err, "cannot be used (GET /rest/repository/1, status 200): the answer has an unexpected shape: longer than 1048576 bytes")
	_, err = s.client().ScanResult(t.Context(), 1)
	require.NoError(t, err)
}

// A text of megabytes costs as many seconds to read as addresses, and hundreds of megabytes.
func TestLongListsOfAddresses(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{"*": answers(`{"id":"1","progress":{"scannedIPs":"` + strings.Repeat("x,", 2<<20) + `"}}`)})
	_, err := s.client().ScanResult(t.Context(), 1)
	require.ErrorContains(t, err, "addresses in 4194306 characters")
	require.Equal(t, "transient", predicates(err))
}

// endless answers every page with new rows.
func endless(pages *atomic.Int64, total string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		pages.Add(1)
		var body struct {
			Query struct {
				StartOffset int `json:"startOffset"`
				EndOffset   int `json:"endOffset"`
			} `json:"query"`
		}
		_ = json.NewDecoder(r.Body).Decode(&body)
		var rows []string
		for i := body.Query.StartOffset; i < body.Query.EndOffset; i++ {
			rows = append(rows, fmt.Sprintf(`{"pluginID":"%d"}`, i))
		}
		answers(fmt.Sprintf(`{%s"startOffset":"%d","results":[%s]}`, total, body.Query.StartOffset, strings.Join(rows, ",")))(w, r)
	}
}

func TestEndlessPagesEnd(t *testing.T) {
	t.Parallel()
	for _, total := range []string{"", `"totalRecords":"20",`, `"totalRecords":"2000000000",`} {
		var pages atomic.Int64
		s := newStub(t, map[string]http.HandlerFunc{"*": endless(&pages, total)})
		rows := 0
		var last error
		for _, err := range s.client().Vulns(t.Context(), VulnQuery{PageSize: 100, MaxRows: 1000, PagesAhead: -1}) {
			if last = err; err == nil {
				rows++
			}
		}
		require.ErrorContains(t, last, "more than 1000 rows", total)
		require.Equal(t, "invalid", predicates(last), "asked again, the answer is as long")
		require.Equal(t, 1000, rows, "what came before is handed out")
		require.LessOrEqual(t, pages.Load(), int64(11))

		_, err := collect(s.client().Vulns(t.Context(), VulnQuery{PageSize: 100, Start: 50, End: 1250, MaxRows: 1000}))
		require.ErrorContains(t, err, "more than 1000 rows", total)
		got, err := collect(s.client().Vulns(t.Context(), VulnQuery{PageSize: 100, Start: 50, End: 1050, MaxRows: 1000}))
		require.NoError(t, err, "exactly as many are not too many")
		require.Len(t, got, 1000)
	}
	require.Equal(t, "invalid", predicates(VulnQuery{MaxRows: -1}.Validate()))
	require.Equal(t, defaultMaxRows, VulnQuery{}.withDefaults().MaxRows)
}

// A server whose total shrinks and grows in turn makes the reader step back again and again.
func TestPagesThatMoveForEverEnd(t *testing.T) {
	t.Parallel()
	var pages atomic.Int64
	s := newStub(t, map[string]http.HandlerFunc{"*": func(w http.ResponseWriter, r *http.Request) {
		rows, total := `{"pluginID":"1"}`, 1000
		if pages.Add(1)%2 == 0 {
			rows, total = "", 999
		}
		answers(fmt.Sprintf(`{"totalRecords":"%d","results":[%s]}`, total, rows))(w, r)
	}})
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	_, err := collect(s.client().Vulns(ctx, VulnQuery{PagesAhead: -1}))
	require.Error(t, err)
	require.Equal(t, "transient", predicates(err))
	require.Less(t, pages.Load(), int64(2000))
}

// Megabytes of an error's text are cut before they are searched for secrets, which takes seconds.
func TestLongTextsOfErrorsAreCutFirst(t *testing.T) {
	t.Parallel()
	long, _ := json.Marshal(strings.Repeat("\u202eno "+testSecret+" ", 500_000))
	for name, answer := range map[string]http.HandlerFunc{
		"message of a page":  raw(200, "application/json", `{"error_code":146,"error_msg":`+string(long)+`,"response":""}`),
		"sentence of a page": raw(200, "application/json", `{"error_code":0,"error_msg":`+string(long)+`,"response":{"results":[]}}`),
		"page of a proxy":    raw(200, "text/html", "<html><title>"+string(long)+"</title>"),
		"number of a page":   answers(`{"results":[{"pluginID":` + strings.Repeat("9", 8<<20) + `}]}`),
		"message of a proxy": raw(502, "text/html", "<html><title>"+string(long)+"</title>"),
		"message of a scan":  raw(403, "application/json", `{"error_code":146,"error_msg":`+string(long[:60<<10])+`","response":""}`),
		"place of a redirect": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://x/"+strings.Repeat("y", 500_000))
			w.WriteHeader(http.StatusFound)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStub(t, map[string]http.HandlerFunc{"*": answer})
			c := s.client()
			_ = c.Redaction().HideAll("x") // makes the patterns
			begin := time.Now()
			_, err := first(c.Vulns(t.Context(), VulnQuery{}))
			require.Error(t, err)
			require.Less(t, time.Since(begin), time.Minute)
			require.Less(t, len(err.Error()), maxMessage+500)
			require.NotContains(t, err.Error(), testSecret[:8])
			require.NotContains(t, err.Error(), "\u202e")
		})
	}
}

// Searching allocates as much as there is to search. Tests that run at the same time would allocate too.
func TestTextsAreCutBeforeTheyAreSearched(t *testing.T) { //nolint:paralleltest // see above
	c := &Client{URL: "https://sc.example.com", AccessKey: NewSecret(testAccess), SecretKey: NewSecret(testSecret)}
	_ = c.message(testSecret) // makes the patterns
	long := strings.Repeat("no "+testSecret+"\n", 1_000_000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	text := c.message(long)
	err := c.redactError(errors.New(long))
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(16<<20), "the text has 36 MB") // the race detector allocates some of its own
	for _, short := range []string{text, err.Error()} {
		require.NotContains(t, short, testSecret[:8])
		require.Less(t, len(short), maxMessage+10)
	}
}

// Tokens and cookies are secrets that a server chooses: patterns are made of them.
func TestLongTokensAreRefused(t *testing.T) {
	t.Parallel()
	for name, login := range map[string]http.HandlerFunc{
		"token": answers(`{"token":"` + strings.Repeat("a", 900_000) + `"}`),
		"cookie": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Set-Cookie", sessionCookie+"="+strings.Repeat("a", 30_000))
			answers(`{"token":1}`)(w, r)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStub(t, map[string]http.HandlerFunc{"*": login})
			c := &Client{URL: s.URL, Username: "api", Password: NewSecret("correct horse")}
			_, err := c.CurrentUser(t.Context())
			require.ErrorContains(t, err, name)
			require.Equal(t, "transient", predicates(err))
			require.Less(t, len(err.Error()), 500)
		})
	}
}

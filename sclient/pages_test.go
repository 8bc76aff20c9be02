package sclient

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// vulnServer answers the offsets asked for from rows; change looks at each page before it is sent.
type vulnServer struct {
	rows   []int
	total  func(n int) string // the JSON of totalRecords, "" to leave it out
	change func(call int, s *vulnServer) (override string)

	mu    sync.Mutex
	calls int
	asked []string
}

func (s *vulnServer) handle(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Query struct {
			StartOffset int `json:"startOffset"`
			EndOffset   int `json:"endOffset"`
		} `json:"query"`
	}
	_ = json.NewDecoder(r.Body).Decode(&body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls++
	start, end := body.Query.StartOffset, body.Query.EndOffset
	s.asked = append(s.asked, fmt.Sprintf("%d-%d", start, end))
	if s.change != nil {
		if override := s.change(s.calls, s); override != "" {
			answers(override)(w, r)
			return
		}
	}
	var rows []string
	for _, id := range s.rows[min(start, len(s.rows)):min(end, len(s.rows))] {
		rows = append(rows, fmt.Sprintf(`{"pluginID":"%d","ip":"10.0.0.1","port":"443","repository":{"id":"1"}}`, id))
	}
	total := fmt.Sprintf(`"%d"`, len(s.rows))
	if s.total != nil {
		total = s.total(len(s.rows))
	}
	if total != "" {
		total = `"totalRecords":` + total + `,`
	}
	answers(fmt.Sprintf(`{%s"returnedRecords":%d,"startOffset":"%d","endOffset":"%d","matchingDataElementCount":"-1","results":[%s]}`,
		total, len(rows), start, end, strings.Join(rows, ",")))(w, r)
}

func readAll(t *testing.T, server *vulnServer, q VulnQuery) ([]int, error) {
	t.Helper()
	s := newStub(t, map[string]http.HandlerFunc{"POST /rest/analysis": server.handle})
	return collect(s.client().Vulns(t.Context(), q))
}

func TestPages(t *testing.T) {
	t.Parallel()
	fixed := func(text string) func(int) string { return func(int) string { return text } }
	for name, test := range map[string]struct {
		rows  int
		total func(int) string
		q     VulnQuery
		want  []int
		asked string
	}{
		"none":              {0, nil, VulnQuery{}, upTo(0), "0-1000"},
		"one short page":    {3, nil, VulnQuery{}, upTo(3), "0-1000"},
		"exact pages":       {4, nil, VulnQuery{PageSize: 2}, upTo(4), "0-2 2-4 4-6"},
		"three pages":       {5, nil, VulnQuery{PageSize: 2}, upTo(5), "0-2 2-4 4-6"},
		"window":            {9, nil, VulnQuery{PageSize: 2, Start: 3, End: 6}, []int{4, 5, 6}, "3-5 5-6"},
		"no total":          {3, fixed(""), VulnQuery{PageSize: 2}, upTo(3), "0-2 2-4 3-5"},
		"no total, exact":   {4, fixed(""), VulnQuery{PageSize: 2}, upTo(4), "0-2 2-4 4-6 6-8"},
		"total -1":          {3, fixed("-1"), VulnQuery{PageSize: 2}, upTo(3), "0-2 2-4 3-5"},
		"total null":        {3, fixed("null"), VulnQuery{PageSize: 2}, upTo(3), "0-2 2-4 3-5"},
		"total too small":   {5, fixed("1"), VulnQuery{PageSize: 2}, upTo(5), "0-2 2-4 4-6"},
		"total too big":     {3, fixed(`"9"`), VulnQuery{PageSize: 2}, upTo(3), "0-2 2-4 3-5 8-10"},
		"zero total":        {3, fixed("0"), VulnQuery{PageSize: 2}, upTo(3), "0-2 2-4"},
		"a shrinking total": {7, func() func(int) string { n := 10; return func(int) string { n--; return fmt.Sprint(n) } }(), VulnQuery{PageSize: 3}, upTo(7), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &vulnServer{rows: upTo(test.rows), total: test.total}
			test.q.PagesAhead = -1
			got, err := readAll(t, server, test.q)
			require.NoError(t, err)
			require.Equal(t, test.want, got)
			if test.asked != "" {
				require.Equal(t, test.asked, strings.Join(server.asked, " "))
			}
			require.Less(t, server.calls, 12)
		})
	}
}

func TestPagesAheadChangeNothing(t *testing.T) {
	t.Parallel()
	for name, total := range map[string]func(int) string{
		"right": nil, "missing": func(int) string { return "" }, "too small": func(n int) string { return fmt.Sprint(n / 2) },
		"too big": func(n int) string { return fmt.Sprint(n + 7) }, "one too many": func(n int) string { return fmt.Sprint(n + 1) },
	} {
		for _, q := range []VulnQuery{{PageSize: 1}, {PageSize: 3}, {PageSize: 3, PagesAhead: 1}, {PageSize: 4, Start: 2, End: 11}, {PageSize: 5, PagesAhead: 16}} {
			t.Run(fmt.Sprintf("%s %d %d", name, q.PageSize, q.PagesAhead), func(t *testing.T) {
				t.Parallel()
				for n := range 14 {
					alone, ahead := &vulnServer{rows: upTo(n), total: total}, &vulnServer{rows: upTo(n), total: total}
					got, err := readAll(t, ahead, q)
					q := q
					q.PagesAhead = -1
					want, wantErr := readAll(t, alone, q)
					require.Equal(t, wantErr, err)
					require.Equal(t, want, got)
					require.Subset(t, ahead.asked, alone.asked)
				}
			})
		}
	}
}

func TestRowsThatMoveBetweenPages(t *testing.T) {
	t.Parallel()
	t.Run("later", func(t *testing.T) {
		t.Parallel()
		server := &vulnServer{rows: upTo(6), change: func(call int, s *vulnServer) string {
			if call == 2 {
				s.rows = append([]int{100, 101}, s.rows...)
			}
			return ""
		}}
		got, err := readAll(t, server, VulnQuery{PageSize: 3})
		require.NoError(t, err)
		require.Equal(t, upTo(6), got)
	})
	t.Run("earlier", func(t *testing.T) {
		t.Parallel()
		server := &vulnServer{rows: upTo(9), change: func(call int, s *vulnServer) string {
			if call == 2 {
				s.rows = s.rows[2:]
			}
			return ""
		}}
		got, err := readAll(t, server, VulnQuery{PageSize: 3})
		require.NoError(t, err)
		require.ElementsMatch(t, upTo(9), got, "rows 4 and 5 must not be missed")
	})
	t.Run("earlier than the last page", func(t *testing.T) {
		t.Parallel()
		server := &vulnServer{rows: upTo(8), change: func(call int, s *vulnServer) string {
			if call == 3 {
				s.rows = s.rows[2:]
			}
			return ""
		}}
		got, err := readAll(t, server, VulnQuery{PageSize: 3})
		require.NoError(t, err)
		require.ElementsMatch(t, upTo(8), got)
	})
}

func TestSameRowsOfOnePageAreKept(t *testing.T) {
	t.Parallel()
	got, err := readAll(t, &vulnServer{rows: []int{7, 7, 8}}, VulnQuery{})
	require.NoError(t, err)
	require.Equal(t, []int{7, 7, 8}, got)
}

func TestBrokenPages(t *testing.T) {
	t.Parallel()
	at := func(n int, response string) func(int, *vulnServer) string {
		return func(call int, _ *vulnServer) string {
			if call == n {
				return response
			}
			return ""
		}
	}
	always := func(response string) func(int, *vulnServer) string {
		return func(int, *vulnServer) string { return response }
	}
	for name, test := range map[string]struct {
		total  func(int) string
		change func(int, *vulnServer) string
		rows   int
		text   string
	}{
		"hole":                {nil, at(2, `{"totalRecords":"6","results":[]}`), 2, "no rows at offset 2, but rows at 5"},
		"hole, no total":      {func(int) string { return "" }, at(2, `{"results":[]}`), 2, "no rows at offset 2, but rows at 4"},
		"no results":          {nil, at(2, `{"totalRecords":"6"}`), 2, "no results in it"},
		"no page":             {nil, at(2, `""`), 2, "no object in it"},
		"bad row":             {nil, at(2, `{"totalRecords":"6","results":[{"pluginID":"3"},{"pluginID":{"x":1}}]}`), 2, "cannot be used"},
		"offsets ignored":     {nil, always(`{"totalRecords":"6","startOffset":"0","results":[{"pluginID":"1"},{"pluginID":"2"}]}`), 2, "offset 0 instead of 2"},
		"offsets ignored too": {nil, always(`{"totalRecords":"60","results":[{"pluginID":"1"},{"pluginID":"2"}]}`), 2, "again and again"},
		"too many rows":       {nil, always(`{"results":[{"pluginID":"1"},{"pluginID":"2"},{"pluginID":"3"}]}`), 0, "3 rows instead of 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := readAll(t, &vulnServer{rows: upTo(6), total: test.total, change: test.change}, VulnQuery{PageSize: 2, PagesAhead: -1})
			require.ErrorContains(t, err, test.text)
			require.True(t, IsTransient(err))
			require.False(t, FateUnknown(err))
			require.Equal(t, upTo(test.rows), got)
		})
	}
}

func TestErrorAfterTheRowsHandsOutNone(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{"*": raw(200, "application/json",
		`{"response":{"totalRecords":"1","results":[{"pluginID":"1"}]},"error_code":143,"error_msg":"Unable to process Vuln Query."}`)})
	got, err := collect(s.client().Vulns(t.Context(), VulnQuery{}))
	require.Empty(t, got)
	require.True(t, IsNotReady(err))
}

func TestStoppingEarlyAsksNoMore(t *testing.T) {
	t.Parallel()
	server := &vulnServer{rows: upTo(6)}
	s := newStub(t, map[string]http.HandlerFunc{"*": server.handle})
	row, err := first(s.client().Vulns(t.Context(), VulnQuery{PageSize: 2}))
	require.NoError(t, err)
	require.Equal(t, ID(1), row.PluginID)
	require.Equal(t, 1, server.calls)
}

// Rows that differ in who answered, or when, are different rows, on whatever pages they come.
func TestRowsOfTwoMachinesAtOneAddress(t *testing.T) {
	t.Parallel()
	for _, other := range []string{`"lastSeen":"1","macAddress":"66:66:66:66:66:66"`, `"lastSeen":"1","netbiosName":"B"`, `"lastSeen":"2"`} {
		rows := []string{`{"pluginID":"19506","ip":"10.0.0.5","lastSeen":"1"}`, `{"pluginID":"19506","ip":"10.0.0.5",` + other + `}`}
		s := newStub(t, map[string]http.HandlerFunc{"POST /rest/analysis": func(w http.ResponseWriter, r *http.Request) {
			var asked struct {
				Query struct {
					Start int `json:"startOffset"`
				} `json:"query"`
			}
			_ = json.NewDecoder(r.Body).Decode(&asked)
			page := rows[min(asked.Query.Start, len(rows)):]
			page = page[:min(1, len(page))]
			answers(fmt.Sprintf(`{"totalRecords":"2","returnedRecords":%d,"results":[%s]}`, len(page), strings.Join(page, "")))(w, r)
		}})
		got, err := collect(s.client().Vulns(t.Context(), VulnQuery{PageSize: 1, PagesAhead: -1}))
		require.NoError(t, err)
		require.Equal(t, []int{19506, 19506}, got, other)
	}
}

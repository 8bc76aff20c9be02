package sclient

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// sorted answers pages of the rows of one plugin, sorted by the column that was asked for. Rows that tie come in another order each time, as
// a database may give them.
func sorted(hosts int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			SortField string `json:"sortField"`
			SortDir   string `json:"sortDir"`
			Query     struct {
				StartOffset int `json:"startOffset"`
				EndOffset   int `json:"endOffset"`
			} `json:"query"`
		}
		_ = json.NewDecoder(r.Body).Decode(&body)
		var addrs []netip.Addr
		for i := range hosts {
			addrs = append(addrs, netip.AddrFrom4([4]byte{10, 0, byte(i / 256), byte(i)}))
		}
		rand.Shuffle(len(addrs), func(i, j int) { addrs[i], addrs[j] = addrs[j], addrs[i] })
		if body.SortField == "ip" {
			slices.SortFunc(addrs, netip.Addr.Compare)
		}
		var rows []string
		for _, addr := range addrs[min(body.Query.StartOffset, hosts):min(body.Query.EndOffset, hosts)] {
			rows = append(rows, fmt.Sprintf(`{"pluginID":"97833","ip":%q,"port":"445","severity":{"id":"4"},"repository":{"id":"1"}}`, addr))
		}
		answers(fmt.Sprintf(`{"totalRecords":"%d","startOffset":"%d","results":[%s]}`, hosts, body.Query.StartOffset, strings.Join(rows, ",")))(w, r)
	}
}

// The findings of one plugin have one severity: sorted by it, a row that stands at the end of one page and, the next time, on another is
// never seen, while the total is right. A row that is not seen is taken for a fixed finding.
func TestRowsThatTieAreNotLost(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{"*": sorted(300)})
	seen := map[string]bool{}
	for row, err := range s.client().Vulns(t.Context(), VulnQuery{PageSize: 50, Filters: []Filter{FilterPlugin(97833)}}) {
		require.NoError(t, err)
		seen[row.IP] = true
	}
	require.Len(t, seen, 300)
}

func TestOrderIsAskedOnlyOfToolsThatHaveTheColumn(t *testing.T) {
	t.Parallel()
	for tool, want := range map[Tool]string{
		"": "ip asc", VulnDetails: "ip asc", ListVuln: "ip asc", SumIP: "ip asc",
		SumID: "pluginID asc", VulnIPDetail: "pluginID asc", VulnIPSummary: "pluginID asc",
		"iplist": "", "trend": "", "sumport": "", "sumseverity": "", "sumfamily": "", "sumcve": "", "listsoftware": "", "anything": "",
	} {
		q := VulnQuery{Tool: tool}
		require.NoError(t, q.Validate(), tool)
		text, err := json.Marshal(q.withDefaults().body(0, 1))
		require.NoError(t, err)
		var body map[string]any
		require.NoError(t, json.Unmarshal(text, &body))
		if want == "" {
			require.NotContains(t, body, "sortField", tool)
			require.NotContains(t, body, "sortDir", tool)
			continue
		}
		require.Equal(t, want, fmt.Sprint(body["sortField"], " ", body["sortDir"]), tool)
	}
	own, err := json.Marshal(VulnQuery{Tool: "sumport", SortField: "port", SortDir: "DESC"}.withDefaults().body(0, 1))
	require.NoError(t, err)
	require.Contains(t, string(own), `"sortField":"port","sortDir":"desc"`)
}

// Tools that do not count their rows send all of them at once, also more than a page.
func TestAnswersWithoutATotal(t *testing.T) {
	t.Parallel()
	numbered := func(n int) string {
		var parts []string
		for i := range n {
			parts = append(parts, fmt.Sprintf(`"%d":"10.0.%d.%d"`, i, i/256, i%256))
		}
		return "{" + strings.Join(append(parts, `"results":null`), ",") + "}"
	}
	for name, test := range map[string]struct {
		tool     Tool
		response string
		rows     int
	}{
		"some addresses":        {"iplist", numbered(3), 3},
		"a page of addresses":   {"iplist", numbered(1000), 1000},
		"more than a page":      {"iplist", numbered(2500), 2500},
		"no address":            {"iplist", `{"results":null}`, 0},
		"a trend":               {"trend", `{"totalRecords":-1,"returnedRecords":2,"startOffset":"0","endOffset":"1000","results":[{"time":"1"},{"time":"2"}]}`, 2},
		"a list without a word": {"sumport", `{"results":[{"port":"80"},{"port":"443"}]}`, 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStub(t, map[string]http.HandlerFunc{"*": answers(test.response)})
			rows := 0
			for _, err := range s.client().RawRows(t.Context(), VulnQuery{Tool: test.tool}) {
				require.NoError(t, err)
				rows++
			}
			require.Equal(t, test.rows, rows)
			require.Len(t, s.got(), 1, "one page")
		})
	}
}

package sclient

import (
	"encoding/json"
	"fmt"
	"iter"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func first[T any](rows iter.Seq2[T, error]) (T, error) {
	for row, err := range rows {
		return row, err
	}
	var none T
	return none, nil
}

// collect returns the plugin ids of all rows before the first error.
func collect(rows iter.Seq2[Vuln, error]) ([]int, error) {
	ids := []int{}
	for row, err := range rows {
		if err != nil {
			return ids, err
		}
		ids = append(ids, int(row.PluginID))
	}
	return ids, nil
}

func upTo(n int) []int {
	ids := []int{}
	for i := range n {
		ids = append(ids, i+1)
	}
	return ids
}

// vulnServer answers the offsets asked for from rows; change looks at each page before it is sent.
type vulnServer struct {
	rows   []int
	total  func(n int) string // the JSON of totalRecords, "" to leave it out
	change func(call int, s *vulnServer) (override string)
	calls  int
	asked  []string
}

func (s *vulnServer) handle(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Query struct {
			StartOffset int `json:"startOffset"`
			EndOffset   int `json:"endOffset"`
		} `json:"query"`
	}
	_ = json.NewDecoder(r.Body).Decode(&body)
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
			got, err := readAll(t, &vulnServer{rows: upTo(6), total: test.total, change: test.change}, VulnQuery{PageSize: 2})
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

func TestAnalysisBody(t *testing.T) {
	t.Parallel()
	from := time.Unix(1700000000, 0)
	q := VulnQuery{
		Source: Patched, Tool: ListVuln,
		Filters: []Filter{
			FilterPlugin(97833, 19506), FilterIP("10.0.0.5", "10.0.1.0/24"), FilterRepository(1), FilterAsset(35), FilterFamily(20, 41),
			FilterPort(445), FilterProtocol("tcp"), FilterSeverity(3, 4), FilterDNSName("web1"), FilterUUID("u"), FilterFirstSeen(Days(11, 0)),
			FilterLastMitigated(Between(from, from.Add(1500*time.Millisecond))), FilterWithoutWAS(), RawFilter("cveID", "~=", "CVE"),
		},
	}
	require.NoError(t, q.Validate())
	body, err := json.Marshal(q.withDefaults(VulnDetails).body(0, 50))
	require.NoError(t, err)
	require.JSONEq(t, `{"query":{"name":"","description":"","context":"","createdTime":0,"modifiedTime":0,"groups":[],"type":"vuln",
		"tool":"listvuln","sourceType":"patched","startOffset":0,"endOffset":50,"filters":[
			{"filterName":"pluginID","operator":"=","value":"97833,19506"},
			{"filterName":"ip","operator":"=","value":"10.0.0.5,10.0.1.0/24"},
			{"filterName":"repository","operator":"=","value":[{"id":"1"}]},
			{"filterName":"asset","operator":"=","value":{"id":"35"}},
			{"filterName":"family","operator":"=","value":[{"id":"20"},{"id":"41"}]},
			{"filterName":"port","operator":"=","value":"445"},
			{"filterName":"protocol","operator":"=","value":"6"},
			{"filterName":"severity","operator":"=","value":"3,4"},
			{"filterName":"dnsName","operator":"=","value":"web1"},
			{"filterName":"uuid","operator":"=","value":"u"},
			{"filterName":"firstSeen","operator":"=","value":"0:11"},
			{"filterName":"lastMitigated","operator":"=","value":"1700000000-1700000002"},
			{"filterName":"wasVuln","operator":"=","value":"excludeWas"},
			{"filterName":"cveID","operator":"~=","value":"CVE"}]},
		"sourceType":"patched","sortField":"severity","sortDir":"desc","startOffset":0,"endOffset":50,"columns":[],"type":"vuln"}`, string(body))

	individual, err := json.Marshal(VulnQuery{Source: Individual, ScanResultID: 8}.withDefaults(VulnDetails).body(0, 1))
	require.NoError(t, err)
	var got struct {
		ScanID string `json:"scanID"`
		View   string `json:"view"`
		Query  struct {
			ScanID string `json:"scanID"`
			View   string `json:"view"`
		} `json:"query"`
	}
	require.NoError(t, json.Unmarshal(individual, &got))
	require.Equal(t, []string{"8", "all", "8", "all"}, []string{got.ScanID, got.View, got.Query.ScanID, got.Query.View})
}

func TestQueryValidate(t *testing.T) {
	t.Parallel()
	now := time.Unix(1700000000, 0)
	for name, test := range map[string]struct {
		q     VulnQuery
		field string
	}{
		"zero value":         {VulnQuery{}, ""},
		"last seen":          {VulnQuery{Filters: []Filter{FilterLastSeen(Days(0, 1))}}, ""},
		"source":             {VulnQuery{Source: "mitigated"}, "sourceType"},
		"no scan":            {VulnQuery{Source: Individual}, "scanID"},
		"scan without":       {VulnQuery{ScanResultID: 1}, "scanID"},
		"view":               {VulnQuery{Source: Individual, ScanResultID: 1, View: "some"}, "view"},
		"field alone":        {VulnQuery{SortField: "ip"}, "sortField"},
		"direction alone":    {VulnQuery{SortDir: "asc"}, "sortField"},
		"direction":          {VulnQuery{SortField: "ip", SortDir: "up"}, "sortDir"},
		"offsets":            {VulnQuery{Start: 5, End: 5}, "endOffset"},
		"page":               {VulnQuery{PageSize: -1}, "pageSize"},
		"seen in patched":    {VulnQuery{Source: Patched, Filters: []Filter{FilterLastSeen(Days(0, 1))}}, "lastSeen"},
		"mitigated in open":  {VulnQuery{Filters: []Filter{FilterLastMitigated(Days(0, 1))}}, "lastMitigated"},
		"raw mitigated":      {VulnQuery{Filters: []Filter{RawFilter("lastMitigated", "=", "0:1")}}, "lastMitigated"},
		"twice":              {VulnQuery{Filters: []Filter{FilterPlugin(1), FilterPlugin(2)}}, "pluginID"},
		"no plugin":          {VulnQuery{Filters: []Filter{FilterPlugin()}}, "pluginID"},
		"no address":         {VulnQuery{Filters: []Filter{FilterIP("web1")}}, "ip"},
		"family 0":           {VulnQuery{Filters: []Filter{FilterFamily(0)}}, "family"},
		"port":               {VulnQuery{Filters: []Filter{FilterPort(65536)}}, "port"},
		"severity":           {VulnQuery{Filters: []Filter{FilterSeverity()}}, "severity"},
		"protocol":           {VulnQuery{Filters: []Filter{FilterProtocol("tpc")}}, "protocol"},
		"name":               {VulnQuery{Filters: []Filter{FilterDNSName(" ")}}, "dnsName"},
		"negative days":      {VulnQuery{Filters: []Filter{FilterFirstSeen(Days(-1, 1))}}, "firstSeen"},
		"reversed period":    {VulnQuery{Filters: []Filter{FilterFirstSeen(Between(now, now.Add(-1)))}}, "firstSeen"},
		"half a period":      {VulnQuery{Filters: []Filter{FilterFirstSeen(Between(now, time.Time{}))}}, "firstSeen"},
		"no period":          {VulnQuery{Filters: []Filter{FilterFirstSeen(Window{})}}, "firstSeen"},
		"empty filter":       {VulnQuery{Filters: []Filter{{}}}, "filters"},
		"raw without a name": {VulnQuery{Filters: []Filter{RawFilter("", "=", 1)}}, "filters"},
		"tool":               {VulnQuery{Tool: SumIP}, "tool"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStub(t, map[string]http.HandlerFunc{"*": answers(`{"totalRecords":"0","results":[]}`)})
			_, err := collect(s.client().Vulns(t.Context(), test.q))
			if test.field == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, "analysis: "+test.field+": ")
			require.True(t, IsInvalidRequest(err))
			require.Empty(t, s.got())
		})
	}
}

func TestIndividualAnswersAreChecked(t *testing.T) {
	t.Parallel()
	q := VulnQuery{Source: Individual, ScanResultID: 8, Targets: ParseAddresses("10.0.0.2-10.0.0.9")}
	_, err := readAll(t, &vulnServer{rows: upTo(1)}, q)
	require.ErrorContains(t, err, "10.0.0.1, which scan result 8 was not to scan")
	q.Targets = ParseAddresses("10.0.0.0/24")
	_, err = readAll(t, &vulnServer{rows: upTo(1)}, q)
	require.NoError(t, err)
	q.Targets = ParseAddresses("web1.example.com,10.0.0.9")
	_, err = readAll(t, &vulnServer{rows: upTo(1)}, q)
	require.NoError(t, err, "the name may be any address")
}

func TestVulnRow(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{"*": answers(`{"totalRecords":1,"results":{"0":{"pluginID":"97833","name":"MS17-010",
		"severity":{"id":"4","name":"Critical"},"hasBeenMitigated":"1","acceptRisk":"0","recastRisk":0,"ip":"10.0.0.5","port":"445","protocol":"TCP",
		"dnsName":"","uuid":null,"firstSeen":"1545074182","lastSeen":1545074183,"vulnPubDate":"-1","exploitAvailable":"Yes","baseScore":"10.0",
		"cve":"CVE-2017-0144,CVE-2017-0143","vprContext":"[{\"id\":1}]","pluginText":"<plugin_output>open\n</plugin_output>",
		"repository":{"id":1,"dataFormat":"universal"},"family":{"id":"20"}}}}`)})
	row, err := first(s.client().Vulns(t.Context(), VulnQuery{Tool: ListVuln}))
	require.NoError(t, err)
	require.Equal(t, "MS17-010", row.PluginName)
	require.True(t, bool(row.HasBeenMitigated))
	require.Equal(t, Int(445), row.Port)
	require.Equal(t, "open", row.Output())
	require.Equal(t, []string{"CVE-2017-0143", "CVE-2017-0144"}, row.CVEs())
	require.Equal(t, Float{10, true}, row.BaseScore)
	host, ok := row.Addr()
	require.True(t, ok)
	require.Equal(t, addr("10.0.0.5"), host)
	out, err := json.Marshal(row)
	require.NoError(t, err)
	require.Contains(t, string(out), `"firstSeen":"2018-12-17T19:16:22Z"`)
	require.Contains(t, string(out), `"vulnPubDate":null`)
	require.Contains(t, string(out), `"port":445`)
}

func TestOtherTools(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{"*": func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			SortField string `json:"sortField"`
			Query     struct {
				Tool string `json:"tool"`
			} `json:"query"`
		}
		_ = json.NewDecoder(r.Body).Decode(&body)
		answers(map[string]string{
			"sumip score":           `{"totalRecords":"1","results":[{"ip":"10.0.0.1","total":"43","lastAuthRun":"","lastUnauthRun":"1545071370"}]}`,
			"sumid severity":        `{"totalRecords":"1","results":[{"pluginID":"1","total":"3","hostTotal":"2","severity":{"id":"1"}}]}`,
			"vulnipdetail severity": `{"totalRecords":"1","results":[{"pluginID":"1","hosts":[{"iplist":[{"ip":"10.0.0.1"}],"repository":{"id":"1"}}]}]}`,
			"iplist severity":       `{"0":"192.168.100.1","1":"192.168.100.3-192.168.100.5","results":null}`,
		}[body.Query.Tool+" "+body.SortField])(w, r)
	}})
	c, ctx := s.client(), t.Context()
	host, err := first(c.HostSummaries(ctx, VulnQuery{}))
	require.NoError(t, err)
	require.Equal(t, Int(43), host.Total)
	require.True(t, host.LastAuthRun.IsZero())
	plugin, err := first(c.PluginSummaries(ctx, VulnQuery{}))
	require.NoError(t, err)
	require.Equal(t, Int(2), plugin.HostTotal)
	hosts, err := first(c.PluginHosts(ctx, VulnQuery{}))
	require.NoError(t, err)
	require.Equal(t, "10.0.0.1", hosts.Hosts[0].IPList[0].IP)
	raw, err := first(c.RawRows(ctx, VulnQuery{Tool: "iplist"}))
	require.NoError(t, err)
	require.Equal(t, `"192.168.100.1"`, string(raw.RawMessage))
}

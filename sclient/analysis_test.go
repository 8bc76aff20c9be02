package sclient

import (
	"encoding/json"
	"iter"
	"net/http"
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
	body, err := json.Marshal(q.withDefaults().body(0, 50))
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
		"sourceType":"patched","sortField":"ip","sortDir":"asc","startOffset":0,"endOffset":50,"columns":[],"type":"vuln"}`, string(body))

	individual, err := json.Marshal(VulnQuery{Source: Individual, ScanResultID: 8}.withDefaults().body(0, 1))
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
		"pages ahead":        {VulnQuery{PagesAhead: 17}, "pagesAhead"},
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
	require.Equal(t, Port{445, true}, row.Port)
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
			"sumip ip":              `{"totalRecords":"1","results":[{"ip":"10.0.0.1","total":"43","lastAuthRun":"","lastUnauthRun":"1545071370"}]}`,
			"sumid pluginID":        `{"totalRecords":"1","results":[{"pluginID":"1","total":"3","hostTotal":"2","severity":{"id":"1"}}]}`,
			"vulnipdetail pluginID": `{"totalRecords":"1","results":[{"pluginID":"1","hosts":[{"iplist":[{"ip":"10.0.0.1"}],"repository":{"id":"1"}}]}]}`,
			"iplist ":               `{"0":"192.168.100.1","1":"192.168.100.3-192.168.100.5","results":null}`,
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

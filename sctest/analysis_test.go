package sctest_test

// Analyses: filters, tools, pages, order.

import (
	"encoding/json"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const mixed = base + `
repositories: [{id: 1, name: Default}, {id: 2, name: Other}, {id: 5, name: All, dataFormat: universal}]
assets: [{id: 24, name: Low, definedIPs: 10.0.0.1-10.0.0.5}, {id: 25, name: Five, definedIPs: 10.0.0.5}]
hosts:
  - ip: 10.0.0.5
    dns: web1.example.com
    repository: 1
    findings:
      - {plugin: 97833, port: 445, firstSeen: 20d, lastSeen: 3d}
      - {plugin: 41028, port: 161, protocol: UDP, firstSeen: 10d, lastSeen: 1h, acceptRisk: true}
      - {plugin: 97737, port: 0, mitigated: 5d}
  - {ip: 10.0.0.12, dns: db.example.com, repository: 2, findings: [{plugin: 97833, port: 445, reopened: true}]}
  - {ip: 10.0.0.13, dns: pc.example.com, repository: 5, agent: true, uuid: abc-def, findings: [{plugin: 97737, port: 0}]}
`

// keys names rows as plugin@ip, without the scan information of the seed.
func (l *lab) keysOf(source string, filters ...m) []string {
	l.t.Helper()
	list := []string{}
	for _, row := range l.rows(analysis(source, "vulndetails", filters...)) {
		if row["pluginID"] != "19506" {
			list = append(list, fmt.Sprintf("%s@%s", row["pluginID"], row["ip"]))
		}
	}
	return list
}

func TestFilters(t *testing.T) {
	t.Parallel()
	const (
		smb5, snmp5, smb12, agent13 = "97833@10.0.0.5", "41028@10.0.0.5", "97833@10.0.0.12", "97737@10.0.0.13"
	)
	all := []string{snmp5, smb5, smb12, agent13}
	at := func(d time.Duration) int64 { return noon.Add(-d).Unix() }
	const day = 24 * time.Hour
	op := func(name, operator string, value any) m {
		return m{"filterName": name, "operator": operator, "value": value}
	}
	l := newLab(t, mixed)
	for _, tt := range []struct {
		filter m
		want   []string
	}{
		{filter("pluginID", "97833"), []string{smb5, smb12}},
		{filter("pluginID", 97833), []string{smb5, smb12}},
		{filter("pluginID", "41028,97737"), []string{snmp5, agent13}},
		{op("pluginID", "!=", "97833"), []string{snmp5, agent13}},
		{op("pluginID", ">=", "97737"), []string{smb5, smb12, agent13}},
		{op("pluginID", "<=", "41028"), []string{snmp5}},
		{filter("ip", "10.0.0.5"), []string{snmp5, smb5}},
		{filter("ip", "10.0.0.0/29"), []string{snmp5, smb5}},
		{filter("ip", "10.0.0.6-10.0.0.12,10.0.0.13"), []string{smb12, agent13}},
		{op("ip", "!=", "10.0.0.5"), []string{smb12, agent13}},
		{filter("dnsName", "WEB1.example.com"), []string{snmp5, smb5}},
		{op("dnsName", "~=", "b"), []string{snmp5, smb5, smb12}},
		{op("dnsName", "pcre", "^(pc|db)"), []string{smb12, agent13}},
		{filter("uuid", "abc-def"), []string{agent13}},
		{filter("repository", []m{{"id": "2"}}), []string{smb12}},
		{filter("repository", []m{{"id": 1}, {"id": "5"}}), []string{snmp5, smb5, agent13}},
		{op("repository", "!=", []m{{"id": "1"}}), []string{smb12, agent13}},
		{filter("asset", m{"id": "24"}), []string{snmp5, smb5}},
		{filter("asset", []m{{"id": 24}, {"id": 25}}), []string{snmp5, smb5}},
		{op("asset", "~", m{"operator": "intersection", "operand1": m{"id": "24"}, "operand2": m{"id": "25"}}), []string{snmp5, smb5}},
		{op("asset", "~", m{"operator": "complement", "operand1": m{"id": "24"}}), []string{smb12, agent13}},
		{filter("port", "445"), []string{smb5, smb12}},
		{filter("port", "100-200,0"), []string{snmp5, agent13}},
		{filter("protocol", "17"), []string{snmp5}},
		{filter("protocol", "tcp"), []string{smb5, smb12, agent13}},
		{filter("severity", "3"), []string{snmp5}},
		{filter("severity", "3,4"), all},
		{filter("family", []m{{"id": "20"}}), all},
		{filter("family", []m{{"id": "0"}}), []string{}},
		{filter("lastSeen", "0:0"), []string{snmp5}},
		{filter("lastSeen", "0:2"), []string{snmp5, smb12, agent13}},
		{filter("lastSeen", fmt.Sprintf("%d-%d", at(3*day), at(2*day))), []string{smb5}},
		{filter("lastSeen", fmt.Sprintf("%d:%d", at(3*day), at(0))), []string{}},
		{filter("firstSeen", "0:10"), []string{snmp5}},
		{filter("firstSeen", "11:25"), []string{smb5}},
		{filter("exploitAvailable", "false"), all},
		{filter("exploitAvailable", "true"), []string{}},
		{filter("mitigatedStatus", "previously"), []string{smb12}},
		{filter("mitigatedStatus", "never"), []string{snmp5, smb5, agent13}},
		{filter("acceptRiskStatus", "accepted"), []string{snmp5}},
		{filter("recastRiskStatus", "notRecast"), all},
		{filter("pluginType", "active"), all},
		{op("pluginName", "~=", "ms17"), []string{smb5, smb12, agent13}},
		{filter("pluginText", "plugin 41028"), []string{snmp5}},
		{filter("cveID", "CVE-2017-0144"), []string{smb5, smb12}},
		{filter("pluginPublished", fmt.Sprintf("0-%d", at(0))), all},
	} {
		require.Equal(t, tt.want, l.keysOf("cumulative", tt.filter), "%v", tt.filter)
	}
	require.Equal(t, []string{smb5}, l.keysOf("cumulative", filter("pluginID", "41028"), filter("pluginID", "97833"), filter("ip", "10.0.0.5")),
		"the last filter of a name wins")
	require.Equal(t, []string{"97737@10.0.0.5"}, l.keysOf("patched"))
	require.Equal(t, []string{"97737@10.0.0.5"}, l.keysOf("patched", filter("lastMitigated", "0:25")))
	require.Empty(t, l.keysOf("patched", filter("lastMitigated", "0:4")))
	require.Equal(t, []string{"97737@10.0.0.5"}, l.keysOf("patched", filter("lastMitigated", fmt.Sprintf("%d-%d", at(5*day), at(0)))))
	require.Empty(t, l.keysOf("patched", filter("lastMitigated", fmt.Sprintf("%d-%d", at(5*day)+1, at(0)))))
}

func TestRefusedFilters(t *testing.T) {
	t.Parallel()
	l := newLab(t, mixed)
	for _, tt := range []struct {
		source string
		filter m
		want   string
	}{
		{"cumulative", filter("something", "x"), "The filter 'something' is invalid (valid filters: acceptRiskStatus, asset, "},
		{"cumulative", filter("lastMitigated", "0:3"), "The filter 'lastMitigated' is invalid"},
		{"patched", filter("lastSeen", "0:3"), "The filter 'lastSeen' is invalid"},
		{"cumulative", m{"filterName": "ip", "operator": "~=", "value": "1"}, "The operator '~=' is invalid"},
		{"cumulative", filter("ip", "web1.example.com"), "invalid value"},
		{"cumulative", filter("ip", nil), "invalid value"},
		{"cumulative", filter("pluginID", "abc"), "invalid value"},
		{"cumulative", filter("lastSeen", "yesterday"), "invalid value"},
		{"cumulative", filter("repository", "1"), "invalid value"},
		{"cumulative", filter("repository", []m{{"id": 9}}), "Repository #9 does not exist"},
		{"cumulative", filter("asset", m{"id": 9}), "Asset #9 does not exist"},
	} {
		l.refused("POST", "/rest/analysis", analysis(tt.source, "vulndetails", tt.filter), 146, tt.want)
	}
}

func TestRefusedAnalyses(t *testing.T) {
	t.Parallel()
	l := newLab(t, mixed)
	change := func(root, query m) m {
		body := analysis("cumulative", "vulndetails")
		maps.Copy(body, root)
		maps.Copy(body["query"].(m), query)
		return body
	}
	for name, tt := range map[string]struct {
		body m
		code int
		want string
	}{
		"no type":            {change(m{"type": ""}, nil), 146, "type"},
		"other type":         {change(nil, m{"type": "events"}), 146, "type"},
		"no source":          {change(m{"sourceType": ""}, m{"sourceType": ""}), 146, "sourceType"},
		"two sources":        {change(m{"sourceType": "patched"}, nil), 146, "sourceType"},
		"unknown tool":       {change(nil, m{"tool": "magic"}), 146, "tool"},
		"filters no list":    {change(nil, m{"filters": m{}}), 146, "filters"},
		"half an offset":     {change(nil, m{"endOffset": nil}), 146, "endOffset"},
		"backward offsets":   {change(nil, m{"startOffset": 5, "endOffset": 4}), 146, "Offset"},
		"order without dir":  {change(m{"sortField": "ip"}, nil), 146, "sortDir"},
		"unknown order":      {change(m{"sortField": "colour", "sortDir": "asc"}, nil), 146, "colour"},
		"individual no view": {change(m{"sourceType": "individual", "scanID": 1}, m{"sourceType": "individual"}), 142, "Please specify a view"},
		"individual no scan": {change(m{"sourceType": "individual", "view": "all"}, m{"sourceType": "individual"}), 146, "scanID"},
		"individual foreign": {individually(77, "all", "vulndetails"), 146, "does not have access"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l.refused("POST", "/rest/analysis", tt.body, tt.code, tt.want)
		})
	}
}

func TestPagesAndOrder(t *testing.T) {
	t.Parallel()
	l := newLab(t, mixed)
	page := func(place string, from, to any) m {
		body := analysis("cumulative", "listvuln")
		delete(body["query"].(m), "startOffset")
		delete(body["query"].(m), "endOffset")
		body["sortField"], body["sortDir"] = "severity", "desc"
		in := body
		if place == "query" {
			in = body["query"].(m)
		}
		in["startOffset"], in["endOffset"] = from, to
		return l.ok("POST", "/rest/analysis", body).(m)
	}
	for _, place := range []string{"query", "root"} {
		out := page(place, 0, "2")
		require.Equal(t, []any{"7", json.Number("2"), "0", "2", "-1"},
			[]any{out["totalRecords"], out["returnedRecords"], out["startOffset"], out["endOffset"], out["matchingDataElementCount"]})
		first := out["results"].([]any)[0].(m)
		require.Equal(t, []any{"97833", "Critical"}, []any{first["pluginID"], first["severity"].(m)["name"]})
		require.Len(t, page(place, 2, 5)["results"], 3)
		require.Equal(t, []any{}, page(place, 100, 200)["results"])
	}
	body := analysis("cumulative", "listvuln")
	body["sortField"], body["sortDir"] = "ip", "ASC"
	rows := l.rows(body)
	require.Equal(t, []any{"10.0.0.5", "10.0.0.13"}, []any{rows[0]["ip"], rows[len(rows)-1]["ip"]}, "addresses are no texts")
}

func TestTools(t *testing.T) {
	t.Parallel()
	l := newLab(t, mixed)
	byIP := l.rows(analysis("cumulative", "sumip"))
	require.Len(t, byIP, 3)
	require.Equal(t, []any{"10.0.0.5", "3", "1", "1", "1"},
		[]any{byIP[0]["ip"], byIP[0]["total"], byIP[0]["severityCritical"], byIP[0]["severityHigh"], byIP[0]["severityInfo"]})
	require.NotEmpty(t, byIP[0]["lastAuthRun"])
	byID := l.rows(analysis("cumulative", "sumid", filter("pluginID", "97833")))
	require.Equal(t, []any{"97833", "2", "2"}, []any{byID[0]["pluginID"], byID[0]["total"], byID[0]["hostTotal"]})
	detail := l.rows(analysis("cumulative", "vulnipdetail", filter("pluginID", "97833")))[0]["hosts"].([]any)
	require.Len(t, detail, 2)
	require.Equal(t, "10.0.0.5", detail[0].(m)["iplist"].([]any)[0].(m)["ip"])
	summary := l.rows(analysis("cumulative", "vulnipsummary", filter("pluginID", "97833")))[0]["hosts"].([]any)
	require.Equal(t, "10.0.0.5", summary[0].(m)["iplist"])
	list := l.ok("POST", "/rest/analysis", analysis("cumulative", "iplist")).(m)
	require.Equal(t, m{"0": "10.0.0.5", "1": "10.0.0.12-10.0.0.13", "results": nil}, list)

	row := l.rows(analysis("cumulative", "listvuln", filter("uuid", "abc-def")))[0]
	require.Equal(t, []any{"repositoryID,uuid", "universal"}, []any{row["uniqueness"], row["repository"].(m)["dataFormat"]})
	require.NotContains(t, row, "firstSeen")
}

package sctest_test

// What is refused, and with which words.

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const manyRepositories = base + `
repositories:
  - {id: 1, name: Default}
  - {id: 2, name: Agents, dataFormat: agent}
  - {id: 3, name: Far away, type: Remote}
  - {id: 4, name: Phones, dataFormat: mobile}
  - {id: 5, name: All, dataFormat: universal}
  - {id: 6, name: Six, dataFormat: IPv6}
credentials: [{id: 4, name: domain admin}]
zones: [{id: 1, name: Inside}]
assets: [{id: 24, name: Web servers, definedIPs: "10.0.0.5,10.0.0.8-10.0.0.9"}]
hosts:
  - {ip: 10.0.0.5, repository: 1, findings: [{plugin: 97833, port: 445}]}
  - {ip: 10.0.0.9, repository: 1, findings: [{plugin: 97833, port: 445}]}
`

func TestScanRequests(t *testing.T) {
	t.Parallel()
	const ok = ""
	for name, tt := range map[string]struct {
		changes m
		want    string
	}{
		"as in the guide":          {nil, ok},
		"only what is needed":      {m{"description": nil, "context": nil, "assets": nil, "credentials": nil, "maxScanTime": nil, "classifyMitigatedAge": nil, "reports": nil}, ok},
		"no plugin":                {m{"pluginID": nil}, "A scan containing a context Policy must include a pluginID"},
		"empty plugin":             {m{"pluginID": ""}, "must include a pluginID"},
		"unknown plugin":           {m{"pluginID": 1}, "Plugin #1 does not exist"},
		"type plugin":              {m{"type": "plugin"}, "Please specify a valid Policy."},
		"unknown policy":           {m{"policy": m{"id": 7}}, "Please specify a valid Policy."},
		"no policy":                {m{"policy": nil}, "Please specify a valid Policy."},
		"no name":                  {m{"name": ""}, "name"},
		"unknown repository":       {m{"repository": m{"id": 9}}, "Repository #9 does not exist"},
		"no repository":            {m{"repository": nil}, "valid Repository"},
		"agent repository":         {m{"repository": m{"id": "2"}}, "format agent"},
		"remote repository":        {m{"repository": m{"id": 3}}, "type Remote"},
		"mobile repository":        {m{"repository": m{"id": 4}}, "format mobile"},
		"universal repository":     {m{"repository": m{"id": 5}}, ok},
		"IPv6":                     {m{"repository": m{"id": 6}, "ipList": "2001:db8::5,2001:db8::/64"}, ok},
		"no targets":               {m{"ipList": ""}, "Assets and/or IPs must be provided"},
		"targets and assets":       {m{"assets": []m{{"id": 24}}}, "not both"},
		"assets":                   {m{"assets": []m{{"id": 24}}, "ipList": ""}, ok},
		"unknown asset":            {m{"assets": []m{{"id": 25}}, "ipList": ""}, "Asset #25 does not exist"},
		"name as target":           {m{"ipList": "web1.example.com"}, ok},
		"no address":               {m{"ipList": "10.0.0.300"}, "10.0.0.300"},
		"backward range":           {m{"ipList": "10.0.0.9-10.0.0.5"}, "ipList"},
		"age 7":                    {m{"classifyMitigatedAge": 7}, "classifyMitigatedAge"},
		"age 90":                   {m{"classifyMitigatedAge": "90"}, ok},
		"no time":                  {m{"maxScanTime": "0"}, "between 1 to 120 hours"},
		"hours instead of seconds": {m{"maxScanTime": 24}, "between 1 to 120 hours"},
		"an hour":                  {m{"maxScanTime": 3600, "inactivityTimeout": 3600}, ok},
		"rollover without type":    {m{"timeoutAction": "rollover"}, "rolloverType"},
		"rollover":                 {m{"timeoutAction": "rollover", "rolloverType": "nextday"}, ok},
		"unknown rollover":         {m{"rolloverType": "yesterday"}, "rolloverType"},
		"unknown timeout action":   {m{"timeoutAction": "explode"}, "timeoutAction"},
		"only type now":            {m{"schedule": m{"type": "now"}}, ok},
		"unknown schedule":         {m{"schedule": m{"type": "soon"}}, "type"},
		"malformed start":          {m{"schedule": m{"type": "now", "start": "tomorrow"}}, "start"},
		"ical without rule":        {m{"schedule": m{"type": "ical", "start": "TZID=UTC:20260101T000000"}}, "repeatRule"},
		"unknown credential":       {m{"credentials": []m{{"id": 5}}}, "Credential #5 does not exist"},
		"known credential":         {m{"credentials": []m{{"id": "4"}}}, ok},
		"automatic zone":           {m{"zone": m{"id": -1}}, ok},
		"zone":                     {m{"zone": m{"id": 1}}, ok},
		"unknown zone":             {m{"zone": m{"id": 2}}, "Scan Zone #2 does not exist"},
		"not a boolean":            {m{"dhcpTracking": "maybe"}, "dhcpTracking"},
		"real boolean":             {m{"dhcpTracking": true}, ok},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, manyRepositories)
			policy := l.ok("POST", "/rest/policy", policyBody([]int{97833}, nil)).(m)
			r := l.do("POST", "/rest/scan", scanBody(policy["id"], "10.0.0.5", tt.changes))
			if tt.want == ok {
				require.Equal(t, 200, r.status, r.raw)
				require.Len(t, l.sim.State().Scans, 1)
				return
			}
			require.Equal(t, 403, r.status, r.raw)
			require.Contains(t, []int{146, 147}, r.code)
			require.Contains(t, r.message, tt.want)
			require.Empty(t, l.sim.State().Scans)
			require.Empty(t, l.sim.State().ScanResults)
		})
	}
}

func TestPolicyRequests(t *testing.T) {
	t.Parallel()
	family := func(id string, plugins ...any) m { return m{"id": id, "plugins": plugins} }
	for name, tt := range map[string]struct {
		changes m
		want    string
	}{
		"as in the guide":     {nil, ""},
		"named":               {m{"context": "", "name": "mine"}, ""},
		"neither":             {m{"context": ""}, "name"},
		"unknown context":     {m{"context": "report"}, "context"},
		"no template":         {m{"policyTemplate": nil}, "Policy Template"},
		"other template":      {m{"policyTemplate": m{"id": 777}}, "Policy Template"},
		"foreign plugin":      {m{"families": []m{family("41", m{"id": 97833})}}, "not a member"},
		"unknown plugin":      {m{"families": []m{family("20", m{"id": "1"})}}, "not a member"},
		"unknown family":      {m{"families": []m{family("999")}}, "Plugin Family"},
		"empty preferences":   {m{"preferences": []any{}}, ""},
		"odd preferences":     {m{"preferences": "none"}, "preferences"},
		"impossible port":     {m{"preferences": m{"portscan_range": "70000"}}, "portscan_range"},
		"backward port range": {m{"preferences": m{"portscan_range": "80-1"}}, "portscan_range"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, base)
			body := policyBody([]int{97833}, nil)
			for k, v := range tt.changes {
				if v == nil {
					delete(body, k)
					continue
				}
				body[k] = v
			}
			r := l.do("POST", "/rest/policy", body)
			if tt.want == "" {
				require.Equal(t, 200, r.status, r.raw)
				return
			}
			require.Equal(t, []any{403, 146}, []any{r.status, r.code}, r.raw)
			require.Contains(t, r.message, tt.want)
		})
	}
}

func TestPolicyLife(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts)
	named := policyBody([]int{97833}, nil)
	named["context"], named["name"] = "", "mine"
	mine := l.ok("POST", "/rest/policy", named).(m)["id"].(string)
	list := l.ok("GET", "/rest/policy?fields=name,context", nil).(m)
	require.Equal(t, []any{m{"id": mine, "name": "mine", "context": ""}}, list["usable"])
	require.Equal(t, list["usable"], list["manageable"])
	require.NotContains(t, l.ok("GET", "/rest/policy?filter=usable", nil), "manageable")
	require.Equal(t, []any{m{"id": mine}}, l.ok("GET", "/rest/policy?fields=colour,-", nil).(m)["usable"], "unknown fields are ignored")

	policy := l.ok("POST", "/rest/policy", policyBody([]int{97833}, nil)).(m)["id"].(string)
	scan := l.ok("POST", "/rest/scan", scanBody(policy, "10.0.0.5", nil)).(m)
	l.refused("DELETE", "/rest/policy/"+policy, nil, 146, "in use by Scan Result #"+scan["scanResultID"].(string))
	l.clock.forward(time.Hour)
	l.refused("DELETE", "/rest/policy/"+policy, nil, 147, "does not exist")
	l.refused("POST", "/rest/scan/"+scan["id"].(string)+"/launch", m{}, 146, "Please specify a valid Policy.")
	l.ok("DELETE", "/rest/policy/"+mine, nil)
	l.refused("DELETE", "/rest/policy/"+mine, nil, 147, "Unable to find existing Policy #"+mine+" to delete.")
}

func TestScanLife(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts)
	named := policyBody([]int{97833}, nil)
	named["context"], named["name"] = "", "mine"
	policy := l.ok("POST", "/rest/policy", named).(m)["id"]
	scan := l.ok("POST", "/rest/scan", scanBody(policy, "10.0.0.5", m{"schedule": m{"type": "template"}, "pluginID": nil})).(m)
	id := scan["id"].(string)
	require.NotContains(t, scan, "scanResultID", "only scans that start at once have a result")
	require.Equal(t, json.Number("-1"), scan["plugin"].(m)["id"])
	launched := l.ok("POST", "/rest/scan/"+id+"/launch", m{}).(m)
	require.Equal(t, id, launched["scanID"])
	result := launched["scanResult"].(m)
	require.Equal(t, []any{"Queued", "mine"}, []any{result["status"], result["details"]})

	require.Equal(t, m{"id": id, "name": scan["name"]}, l.ok("GET", "/rest/scan?fields=name", nil).(m)["usable"].([]any)[0])
	l.ok("DELETE", "/rest/scan/"+id, nil)
	l.refused("DELETE", "/rest/scan/"+id, nil, 147, "Unable to find existing Scan #"+id+" to delete.\nScan #"+id+" does not exist.\n")
	l.refused("GET", "/rest/scan/"+id, nil, 147, "does not exist")
	l.clock.forward(time.Hour)
	require.Equal(t, "Finished", l.result(result["id"].(string))["importStatus"], "the result outlives its definition")
	l.ok("DELETE", "/rest/scanResult/"+result["id"].(string), nil)
	l.refused("GET", "/rest/scanResult/"+result["id"].(string), nil, 147, "does not exist")
}

func TestResultLists(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts)
	first := l.scanned("10.0.0.5", nil, nil)
	second := l.launch("10.0.0.5", nil, nil)
	ids := func(query string) []string {
		list := []string{}
		for _, entry := range l.ok("GET", "/rest/scanResult"+query, nil).(m)["usable"].([]any) {
			list = append(list, entry.(m)["id"].(string))
		}
		return list
	}
	require.Equal(t, []string{first, second}, ids(""))
	require.Equal(t, []string{second}, ids("?filter=usable,running"))
	require.Equal(t, []string{first}, ids("?filter=usable,completed&optimizeCompletedScans=true"))
	start := noon.Unix()
	window := func(from, to int64) string {
		return "?startTime=" + json.Number(itoa(from)).String() + "&endTime=" + itoa(to)
	}
	require.Equal(t, []string{first}, ids(window(start, start)))
	require.Equal(t, []string{second}, ids(window(start+1, start+3600)))
	require.Equal(t, []string{first}, ids(window(start+1, start+3599)+"&timeCompareField=finishTime"))
	l.refused("GET", "/rest/scanResult?startTime=yesterday", nil, 146, "startTime")
	l.refused("GET", "/rest/scanResult?fields=id,progress", nil, 146, "progress")
	l.clock.forward(31 * 24 * time.Hour)
	require.Empty(t, ids(""), "thirty days are listed unless asked for more")

	brief := l.ok("GET", "/rest/scanResult"+window(start, start), nil).(m)["usable"].([]any)[0].(m)
	require.Len(t, brief, 4)
	full := l.ok("GET", "/rest/scanResult"+window(start, start)+"&fields=details,importStatus,running,createdTime", nil).(m)["usable"].([]any)[0].(m)
	require.Equal(t, []any{"Finished", "false", itoa(start)}, []any{full["importStatus"], full["running"], full["createdTime"]})
}

func itoa(n int64) string {
	text, err := json.Marshal(n)
	if err != nil {
		return ""
	}
	return string(text)
}

func TestAssets(t *testing.T) {
	t.Parallel()
	l := newLab(t, manyRepositories)
	created := l.ok("POST", "/rest/asset", `{"tags":"","name":"static test list","description":"","context":"","status":-1,`+
		`"createdTime":0,"modifiedTime":0,"groups":[],"type":"static","definedIPs":"10.0.0.9\n10.0.0.8,10.0.0.5"}`).(m)
	require.Equal(t, m{"definedIPs": "10.0.0.5,10.0.0.8-10.0.0.9"}, created["typeFields"])
	require.Equal(t, json.Number("-1"), created["ipCount"])
	id := created["id"].(string)
	require.Equal(t, json.Number("3"), l.ok("GET", "/rest/asset/"+id, nil).(m)["ipCount"])

	guide := l.ok("GET", "/rest/asset?filter=excludeAllDefined,usable&fields=owner,groups,ownerGroup,status,name,type,template,"+
		"description,createdTime,modifiedTime,ipCount,repositories,targetGroup,tags,creator", nil).(m)
	require.Len(t, guide["usable"], 2)
	require.NotContains(t, guide, "manageable")
	require.Len(t, guide["usable"].([]any)[0], 16)
	plain := l.ok("GET", "/rest/asset", nil).(m)
	require.Equal(t, "0", plain["usable"].([]any)[0].(m)["id"])
	require.Len(t, plain["manageable"], 2)

	for body, want := range map[string]string{
		`{"type":"static","definedIPs":"10.0.0.1"}`:                 "name",
		`{"name":"x","type":"static"}`:                              "definedIPs",
		`{"name":"x","type":"static","definedIPs":"a.example.com"}`: "definedIPs",
		`{"name":"x","definedIPs":"10.0.0.1"}`:                      "type",
		`[1]`:                                                       "not a JSON object",
	} {
		l.refused("POST", "/rest/asset", body, 146, want)
	}
	named := l.ok("POST", "/rest/asset", m{"name": "x", "type": "dnsname", "definedDNSNames": "web1.example.com"}).(m)
	require.Equal(t, m{"definedDNSNames": "web1.example.com"}, named["typeFields"])

	rows := l.rows(analysis("cumulative", "listvuln", filter("asset", m{"id": id}), filter("pluginID", "97833")))
	require.Len(t, rows, 2)
	result := l.scanned("", nil, m{"assets": []m{{"id": id}}})
	require.Equal(t, "10.0.0.5,10.0.0.9", l.result(result)["progress"].(m)["scannedIPs"])
	l.ok("DELETE", "/rest/asset/"+id, nil)
	l.refused("DELETE", "/rest/asset/"+id, nil, 147, "does not exist")
	l.refused("GET", "/rest/asset/"+id, nil, 147, "Unable to retrieve Asset #"+id+".\nAsset #"+id+" does not exist")
}

func TestPluginsAndFamilies(t *testing.T) {
	t.Parallel()
	l := newLab(t, base)
	for id, family := range map[string]string{
		"19506": "41", "11219": "42", "22964": "24", "34220": "42", "14272": "42", "21745": "41", "24786": "41", "26917": "20",
		"104410": "41", "110385": "41", "110723": "41", "117885": "41", "117887": "41", "141118": "41", "97833": "20",
	} {
		p := l.ok("GET", "/rest/plugin/"+id+"?fields=name,type,family", nil).(m)
		require.Equal(t, []any{"active", family}, []any{p["type"], p["family"].(m)["id"]}, id)
		require.Len(t, p, 4)
	}
	l.refused("GET", "/rest/plugin/1", nil, 147, "Plugin #1 does not exist")
	l.refused("GET", "/rest/pluginFamily/97833", nil, 147, "Plugin Family #97833 does not exist")
	family := l.ok("GET", "/rest/pluginFamily/20?fields=id,name,type", nil)
	require.Equal(t, m{"id": "20", "name": "Windows", "type": "active"}, family)
	require.Len(t, l.ok("GET", "/rest/plugin?startOffset=2&endOffset=5", nil), 3)
	require.Greater(t, len(l.ok("GET", "/rest/pluginFamily/20/plugins", nil).([]any)), 10, "the family is ignored")
}

func TestOtherLists(t *testing.T) {
	t.Parallel()
	l := newLab(t, manyRepositories)
	require.Equal(t, "domain admin", l.ok("GET", "/rest/credential", nil).(m)["usable"].([]any)[0].(m)["name"])
	require.Equal(t, "Inside", l.ok("GET", "/rest/zone", nil).([]any)[0].(m)["name"])
	r := l.ok("GET", "/rest/repository/2?fields=name,type,dataFormat,typeFields", nil).(m)
	require.Equal(t, []any{"Local", "agent"}, []any{r["type"], r["dataFormat"]})
	require.Equal(t, "0.0.0.0/0", r["typeFields"].(m)["ipRange"])
	require.Equal(t, "Running", l.ok("GET", "/rest/status", nil).(m)["jobd"])
	require.True(t, strings.HasPrefix(l.ok("GET", "/rest/status", nil).(m)["pluginUpdates"].(m)["active"].(m)["pluginCurrentSet"].(string), "20260302"))
}

package sctest_test

// The Python client tenable/pyTenable: it makes text of IDs itself, sends numbers where it can, no body at all to stop a scan, and reads
// answers as they come; what it cannot do without is required here.

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// number is an ID as the client converts it before it sends it back.
func (v *visitor) number(id any) string {
	v.t.Helper()
	n, err := strconv.Atoi(id.(string))
	require.NoError(v.t, err)
	return strconv.Itoa(n)
}

// defaults collects what a part of a template's editor presets, however deep.
func defaults(part any, into map[string]string) {
	switch part := part.(type) {
	case []any:
		for _, item := range part {
			defaults(item, into)
		}
	case m:
		if value, found := part["default"]; found {
			into[part["id"].(string)] = value.(string)
		}
		for _, item := range part {
			defaults(item, into)
		}
	}
}

// A policy is made of its template's defaults: JSON in a text, and in that once more.
func (v *visitor) pythonPolicy() string {
	v.t.Helper()
	template := v.object("GET", "policyTemplate/1", "")
	var editor struct {
		Credentials string `json:"credentials"`
		Sections    []m    `json:"sections"`
	}
	require.NoError(v.t, json.Unmarshal([]byte(template["editor"].(string)), &editor))
	var credentials struct {
		Groups []struct {
			Credentials []m `json:"credentials"`
		} `json:"groups"`
	}
	require.NoError(v.t, json.Unmarshal([]byte(editor.Credentials), &credentials))
	require.NotEmpty(v.t, credentials.Groups[0].Credentials[0]["id"])
	preferences := map[string]string{}
	for _, section := range editor.Sections {
		if section["id"].(string) != "setup" {
			defaults(section, preferences)
		}
	}
	require.Equal(v.t, "default", preferences["portscan_range"])
	sent, err := json.Marshal(preferences)
	require.NoError(v.t, err)
	policy := v.object("POST", "policy", `{"name":"Example","preferences":`+string(sent)+`,"policyTemplate":{"id":1}}`)
	require.Len(v.t, policy["preferences"], len(preferences))
	return v.number(policy["id"])
}

func TestPythonPoliciesAndScans(t *testing.T) {
	t.Parallel()
	withKeys(t, func(t *testing.T, v *visitor, version string) {
		t.Helper()
		require.Equal(t, "1", v.list("policyTemplate")[0]["id"])
		policy := v.pythonPolicy()
		require.Equal(t, "0", v.object("GET", "policy?fields=id%2Cname%2Cdescription%2Cstatus", "")["manageable"].([]any)[0].(m)["status"])
		require.Equal(t, "Example", v.object("GET", "policy/"+policy, "")["name"])

		// Without a max_time, and with a schedule that the client does not translate.
		scan := v.object("POST", "scan", `{"schedule_type":"template","policy":{"id":`+policy+`},"type":"policy","name":"Example",`+
			`"repository":{"id":1},"ipList":"10.0.0.5,10.0.0.8"}`)
		require.Equal(t, map[string]string{"5.23": "3600", "6.5": "unlimited"}[version], scan["maxScanTime"])
		v.get("POST", "scan", `{"policy":{"id":`+policy+`},"type":"policy","name":"All","repository":{"id":1},"zone":{"id":0},`+
			`"emailOnFinish":"false","emailOnLaunch":"false","dhcpTracking":"true","timeoutAction":"rollover","scanningVirtualHosts":"false",`+
			`"rolloverType":"nextDay","maxScanTime":"unlimited","classifyMitigatedAge":"30","assets":[{"id":24}],"credentials":[{"id":4}],`+
			`"schedule":{"type":"ical","start":"TZID=America/New_York:20190214T090000","repeatRule":"FREQ=DAILY;INTERVAL=1"},`+
			`"reports":[{"id":1,"reportSource":"individual"}]}`, nil)
		v.deny("POST", "scan", `{"type":"plugin","pluginID":97833,"name":"x","repository":{"id":1},"ipList":"10.0.0.5"}`, 146, "valid Policy")
		id := v.number(scan["id"])
		require.Len(t, v.object("GET", "scan", "")["usable"], 2)
		require.IsType(t, m{}, v.object("GET", "scan/"+id+"?fields=id%2Cname%2Cschedule%2CpolicyPrefs", "")["schedule"])

		launched := v.object("POST", "scan/"+id+"/launch", `{}`)
		result := v.number(launched["scanResult"].(m)["id"])
		v.clock.forward(45 * time.Second)
		require.Equal(t, "true", v.object("POST", "scanResult/"+result+"/stop", "")["running"], "the answer is the state before")
		v.clock.forward(time.Hour)
		detail := v.object("GET", "scanResult/"+result+"?fields=name%2Cstatus%2CscannedIPs%2CstartTime%2CfinishTime%2Cprogress", "")
		require.IsType(t, m{}, detail["progress"])
		require.Contains(t, []string{"Partial", "Completed"}, detail["status"])
		window := fmt.Sprintf("&startTime=%d&endTime=%d", noon.Unix(), v.clock.Now().Unix())
		results := v.object("GET", "scanResult?optimizeCompletedScanResults=true"+window, "")
		require.Equal(t, result, results["manageable"].([]any)[0].(m)["id"])
		v.get("DELETE", "scanResult/"+result, "", nil)
		v.get("DELETE", "scan/"+id, "", nil)
		v.deny("DELETE", "scan/"+id, "", 147, "does not exist")
	})
}

func TestPythonInventory(t *testing.T) {
	t.Parallel()
	withKeys(t, func(t *testing.T, v *visitor, _ string) {
		t.Helper()
		// The only ends that the client knows are short pages.
		require.Len(t, v.list("plugin?startOffset=0&endOffset=5&type=all&since=0"), 5)
		require.Empty(t, v.list("plugin?startOffset=1000&endOffset=2000"))
		found := v.list("plugin?fields=id%2Cname%2Ctype&filterField=name&op=like&value=ms17&sortField=id&sortDirection=DESC&type=active")
		require.Equal(t, []string{"97833", "97737"}, []string{found[0]["id"].(string), found[1]["id"].(string)})
		filters := "%5B%7B%22filterField%22%3A%22id%22%2C%22filterOperator%22%3A%22gte%22%2C%22filterString%22%3A%22104410%22%7D%5D"
		require.Len(t, v.list("plugin?filters="+filters), 6)
		require.Empty(t, v.list("plugin?type=passive"))
		for _, wrong := range []string{"type=x", "since=x", "sortField=x", "sortDirection=x", "filterField=x&op=eq", "filterField=id&op=x", "filters=x"} {
			v.deny("GET", "plugin?"+wrong, "", 146, "invalid value")
		}
		require.Equal(t, "41", v.object("GET", "plugin/19506", "")["family"].(m)["id"])
		families := v.list("pluginFamily?type=active&fields=id%2Ccount&filterField=name&op=like&value=ms17")
		require.Contains(t, families, m{"id": "20", "count": float64(2)})
		require.Equal(t, "Windows", v.object("GET", "pluginFamily/20", "")["name"])
		require.NotEmpty(t, v.list("pluginFamily/20/plugins?startOffset=0&endOffset=1000"))

		require.Len(t, v.list("repository?type=Local&fields=id%2Cname%2CdataFormat%2CtypeFields"), 1)
		require.Empty(t, v.list("repository?type=Remote"))
		v.deny("GET", "repository?type=x", "", 146, "invalid value")
		require.Equal(t, "IPv4", v.object("GET", "repository/1", "")["dataFormat"])

		asset := v.number(v.object("POST", "asset", `{"name":"Example","type":"static","prepare":"true","definedIPs":"192.168.0.1"}`)["id"])
		require.Len(t, v.object("GET", "asset?fields=id%2Cname%2CipCount", "")["usable"], 3)
		require.Equal(t, "192.168.0.1", v.object("GET", "asset/"+asset+"?orgID=1", "")["typeFields"].(m)["definedIPs"])
		v.get("DELETE", "asset/"+asset, "", nil)

		require.Equal(t, "Running", v.object("GET", "status", "")["jobd"])
		require.Equal(t, "false", v.object("GET", "feed", "")["active"].(m)["updateRunning"])
		require.Equal(t, "false", v.object("GET", "feed/active", "")["stale"])
		require.Equal(t, "admin", v.object("GET", "credential/4", "")["name"])
		require.Equal(t, "Inside", v.object("GET", "zone/1", "")["name"])
		v.deny("GET", "credential/9", "", 147, "does not exist")
		v.deny("GET", "zone/9", "", 147, "does not exist")
	})
}

// iterate pages as the client does: it trusts totalRecords only if the page has as many rows as it says.
func (v *visitor) iterate(root, filters string, limit int) []m {
	v.t.Helper()
	var all []m
	for offset, total := 0, 1; len(all) < total; offset += limit {
		query := fmt.Sprintf(`{"tool":"vulndetails","type":"vuln","filters":[%s],"startOffset":%d,"endOffset":%d%s`,
			filters, offset, offset+limit, root)
		var page struct {
			TotalRecords    string
			ReturnedRecords int
			Results         []m
		}
		v.get("POST", "analysis", `{"type":"vuln","query":`+query+`}`, &page)
		require.Len(v.t, page.Results, page.ReturnedRecords)
		var err error
		total, err = strconv.Atoi(page.TotalRecords)
		require.NoError(v.t, err)
		all = append(all, page.Results...)
		require.True(v.t, len(all) == total || len(page.Results) == limit)
	}
	return all
}

func TestPythonAnalysis(t *testing.T) {
	t.Parallel()
	const plugin, exclude = `{"filterName":"pluginID","operator":"=","value":"97833"}`, `{"filterName":"wasVuln","operator":"=","value":"excludeWas"}`
	withKeys(t, func(t *testing.T, v *visitor, version string) {
		t.Helper()
		_, _, result := v.run()
		filters := plugin
		if version == "6.5" {
			// The newest client always sends it; servers before 6 refuse it, and so does the client's author.
			filters += "," + exclude
		} else {
			v.deny("POST", "analysis", `{"type":"vuln","sourceType":"cumulative","query":{"tool":"vulndetails","type":"vuln","startOffset":0,`+
				`"endOffset":1000,"filters":[`+exclude+`]}}`, 146, "The filter 'wasVuln' is invalid (valid filters: ")
		}
		require.Len(t, v.iterate(`},"sourceType":"cumulative"`, filters, 1), 2)
		require.Len(t, v.iterate(`},"sourceType":"patched"`, filters, 1000), 1)
		require.Len(t, v.iterate(`},"sourceType":"cumulative","sortField":"vprScore","sortDir":"ASC"`, filters, 3), 2)

		// The view is in the query alone. The newest client has the ID there, too; the older ones get everything from newer servers.
		require.Len(t, v.iterate(`,"view":"all","scanID":`+result+`},"sourceType":"individual","scanID":`+result, plugin, 1000), 1)
		require.Len(t, v.iterate(`,"view":"patched","scanID":`+result+`},"sourceType":"individual","scanID":`+result, plugin, 1000), 1)
		old := v.iterate(`,"view":"all"},"sourceType":"individual","scanID":`+result, plugin, 1000)
		require.Len(t, old, map[string]int{"5.23": 1, "6.5": 2}[version])

		for name, filter := range map[string]string{
			"ids":         `{"filterName":"repository","operator":"=","value":[{"id":"1"}]}`,
			"old name":    `{"filterName":"repositoryIDs","operator":"=","value":"1"}`,
			"old asset":   `{"filterName":"assetID","operator":"=","value":"24"}`,
			"combination": `{"filterName":"asset","operator":"~","value":{"operator":"union","operand1":{"id":"24"},"operand2":{"id":"24"}}}`,
			"port":        `{"filterName":"tcpport","operator":"=","value":"445"}`,
			"format":      `{"filterName":"dataFormat","operator":"=","value":"IPv4"}`,
		} {
			require.NotEmpty(t, v.iterate(`},"sourceType":"cumulative"`, filter, 1000), name)
		}
		for name, value := range map[string]string{
			"udpport": "445", "vprScore": "6.1-10", "baseCVSSScore": "9", "cpe": "x", "patchPublished": "0:30", "vulnPublished": "0:30", "xref": "x",
		} {
			filter := fmt.Sprintf(`{"filterName":%q,"operator":"=","value":%q}`, name, value)
			require.Empty(t, v.iterate(`},"sourceType":"cumulative"`, filter, 1000), name)
		}
		v.deny("POST", "analysis", `{"type":"vuln","sourceType":"cumulative","query":{"tool":"sumip","type":"vuln","filters":[`+
			`{"filterName":"vprScore","operator":"=","value":"high"}]}}`, 146, "vprScore")
	})
}

// Summaries have these keys, and all of their counts are text.
func TestPythonSummaries(t *testing.T) {
	t.Parallel()
	counts := []string{"score", "total", "severityCritical", "severityHigh", "severityMedium", "severityLow", "severityInfo"}
	withKeys(t, func(t *testing.T, v *visitor, _ string) {
		t.Helper()
		for tool, keys := range map[string][]string{
			"sumseverity": {"count", "severity"}, "sumcve": {"cveID", "total", "hostTotal", "severity"},
			"sumdnsname": append(slices.Clone(counts), "dnsName", "repository"), "sumfamily": append(slices.Clone(counts), "family"),
			"sumport": append(slices.Clone(counts), "port"), "sumprotocol": append(slices.Clone(counts), "protocol"),
			"sumip": append(slices.Clone(counts), "ip", "dnsName"), "sumid": {"pluginID", "total", "hostTotal", "severity", "family"},
		} {
			out := v.object("POST", "analysis", `{"type":"vuln","sourceType":"cumulative","query":{"tool":"`+tool+`","type":"vuln",`+
				`"filters":[],"startOffset":0,"endOffset":1000}}`)
			require.NotEmpty(t, out["results"], tool)
			for _, key := range keys {
				require.Contains(t, out["results"].([]any)[0], key, tool)
			}
			for _, count := range append(slices.Clone(counts), "count", "hostTotal") {
				if value, found := out["results"].([]any)[0].(m)[count]; found {
					require.IsType(t, "", value, tool+"."+count)
				}
			}
		}
		list := v.object("POST", "analysis", `{"type":"vuln","sourceType":"cumulative","query":{"tool":"iplist","type":"vuln",`+
			`"filters":[],"startOffset":0,"endOffset":1000}}`)
		require.Contains(t, list, "results", "the client deletes it")
		require.Nil(t, list["results"])
	})
}

package sctest_test

// What other clients of Security Center use: changes, copies, downloads, pages of hosts, and odd parameters.

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestChangePolicy(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts)
	body := policyBody([]int{97833}, nil)
	body["name"], body["context"] = "Weekly", ""
	made := l.ok("POST", "/rest/policy", body).(m)
	l.clock.forward(time.Minute)
	changed := l.ok("PATCH", "/rest/policy/"+made["id"].(string), m{
		"name": "Monthly", "context": "", "preferences": m{"thorough_tests": "yes"}, "removePrefs": []any{"udp_scanner"},
	}).(m)
	require.Equal(t, []any{"Monthly", made["id"], made["createdTime"]}, []any{changed["name"], changed["id"], changed["createdTime"]})
	require.NotEqual(t, changed["createdTime"], changed["modifiedTime"])
	require.Equal(t, made["families"], changed["families"])
	preferences := changed["preferences"].(m)
	require.Equal(t, []any{"yes", "445"}, []any{preferences["thorough_tests"], preferences["portscan_range"]})
	require.NotContains(t, preferences, "udp_scanner")
	l.refused("PATCH", "/rest/policy/"+made["id"].(string), m{"preferences": m{"portscan_range": "x"}}, 146, "portscan_range")
	l.refused("PATCH", "/rest/policy/77", m{}, 147, "does not exist")

	// A scan runs with what its policy says by then.
	definition := l.define(m{"type": "template"}, m{"policy": m{"id": made["id"]}})
	l.ok("PATCH", "/rest/policy/"+made["id"].(string), m{"preferences": m{"thorough_tests": "no", "report_paranoia": "Avoid false alarms"}})
	run := l.ok("POST", "/rest/scan/"+definition["id"].(string)+"/launch", nil).(m)["scanResult"].(m)
	l.clock.forward(time.Hour)
	require.Contains(t, l.scanInfo(run["id"].(string)), "Paranoia level : 0")

	once := l.ok("POST", "/rest/policy", policyBody([]int{97833}, nil)).(m)
	require.Equal(t, "scan", l.ok("PATCH", "/rest/policy/"+once["id"].(string), m{"context": "", "description": "x"}).(m)["context"])
}

func TestChangeScan(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts+"assets: [{id: 24, name: Web, definedIPs: 10.0.0.8}]\n")
	made := l.define(m{"type": "template"}, nil)
	path := "/rest/scan/" + made["id"].(string)
	changed := l.ok("PATCH", path, m{"name": "Renamed", "ipList": "10.0.0.9"}).(m)
	require.Equal(t, []any{"Renamed", "10.0.0.9", "policy"}, []any{changed["name"], changed["ipList"], changed["type"]})
	require.Equal(t, made["policy"].(m)["id"], changed["policy"].(m)["id"])
	changed = l.ok("PATCH", path, m{"assets": []any{m{"id": 24}}}).(m)
	require.Empty(t, changed["ipList"])
	require.Len(t, changed["assets"], 1)
	l.ok("PATCH", path, m{"schedule": m{"type": "ical", "start": "TZID=UTC:20260302T130000", "repeatRule": "FREQ=DAILY;INTERVAL=1"}})
	l.clock.forward(3 * time.Hour)
	require.Len(t, l.sim.State().ScanResults, 1, "it runs by its new calendar")
	l.refused("PATCH", path, m{"classifyMitigatedAge": 7}, 146, "classifyMitigatedAge")
	l.refused("PATCH", "/rest/scan/77", m{}, 147, "does not exist")
}

func TestChangeAsset(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts)
	made := l.ok("POST", "/rest/asset", assetRequest).(m)
	path := "/rest/asset/" + made["id"].(string)
	changed := l.ok("PATCH", path, m{"definedIPs": "10.0.0.5,10.0.0.6"}).(m)
	require.Equal(t, []any{"static test list", "10.0.0.5-10.0.0.6"}, []any{changed["name"], changed["typeFields"].(m)["definedIPs"]})
	require.Equal(t, "b", l.ok("PATCH", path, m{"name": "b"}).(m)["name"])
	l.refused("PATCH", path, m{"definedIPs": "x y"}, 146, "definedIPs")
	l.refused("PATCH", path, m{"type": "dnsname"}, 146, "can not be changed")
}

func TestCopies(t *testing.T) {
	t.Parallel()
	l := newLab(t, twoUsers+threeHosts)
	policy := l.ok("POST", "/rest/policy", policyBody([]int{97833}, nil)).(m)
	copied := l.ok("POST", "/rest/policy/"+policy["id"].(string)+"/copy", m{"name": "Mine"}).(m)
	require.Equal(t, "Mine", copied["name"])
	require.NotEqual(t, policy["id"], copied["id"])
	definition := l.define(m{"type": "template"}, nil)
	scan := l.ok("POST", "/rest/scan/"+definition["id"].(string)+"/copy", m{"name": "Theirs", "targetUser": m{"id": 2}}).(m)["scan"].(m)
	require.Equal(t, []any{"Theirs", "stranger"}, []any{scan["name"], scan["owner"].(m)["username"]})
	id := l.scanned("10.0.0.5", nil, nil)
	require.IsType(t, "", l.ok("POST", "/rest/scanResult/"+id+"/copy", m{"users": []any{m{"id": 1}, m{"id": "2"}}, "name": "Shared"}))
	copies := l.sim.State().ScanResults[1:]
	require.Equal(t, []string{"api", "stranger"}, []string{copies[0].Owner, copies[1].Owner})
	require.Equal(t, "Shared", copies[0].Name)
	require.Len(t, l.individual(fmt.Sprint(copies[0].ID), "all"), len(l.individual(id, "all")))
	require.IsType(t, "", l.ok("POST", "/rest/scanResult/"+id+"/copy", nil), "for oneself")
	l.refused("POST", "/rest/scanResult/"+id+"/copy", m{"users": []any{m{"id": 77}}}, 147, "User #77 does not exist")
	require.Len(t, l.sim.State().ScanResults, 4)

	// A second import of the one leaves the other alone.
	l.ok("POST", "/rest/scanResult/"+id+"/import", nil)
	require.NotEmpty(t, l.individual(fmt.Sprint(copies[0].ID), "all"))
}

func TestDownloadAndSecondImport(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts+"faults: [{do: import-error}]\n")
	id := l.scanned("10.0.0.5", nil, nil)
	require.Equal(t, "Error", l.result(id)["importStatus"])
	require.Len(t, l.addresses("cumulative", 97833), 3)
	l.ok("POST", "/rest/scanResult/"+id+"/import", m{"classifyMitigatedAge": 365})
	require.Equal(t, "Import Pending", l.result(id)["importStatus"])
	l.clock.forward(time.Minute)
	require.Equal(t, "Finished", l.result(id)["importStatus"])
	require.Len(t, l.addresses("cumulative", 97833), 2)
	require.Len(t, l.addresses("patched", 97833), 1)

	r := l.do("POST", "/rest/scanResult/"+id+"/download", m{"downloadType": "v2"})
	require.Equal(t, []any{200, "application/octet-stream"}, []any{r.status, r.header.Get("Content-Type")})
	archive, err := zip.NewReader(bytes.NewReader([]byte(r.raw)), int64(len(r.raw)))
	require.NoError(t, err)
	file, err := archive.File[0].Open()
	require.NoError(t, err)
	content, err := io.ReadAll(file)
	require.NoError(t, err)
	require.Contains(t, string(content), `<ReportHost name="10.0.0.5">`)
	require.Contains(t, string(content), `pluginID="19506"`)
	require.Equal(t, 501, l.do("POST", "/rest/scanResult/"+id+"/download", m{"downloadType": "scap1_2"}).status)
}

func TestPagesOfPeopleAndHosts(t *testing.T) {
	t.Parallel()
	l := newLab(t, twoUsers+threeHosts)
	require.Len(t, l.ok("GET", "/rest/user", nil), 2)
	require.Equal(t, true, l.ok("GET", "/rest/user/2", nil).(m)["canUse"])
	require.Len(t, l.ok("GET", "/rest/role", nil), 8)
	require.Equal(t, "Internal Scanner", l.ok("GET", "/rest/scanner/1", nil).(m)["name"])
	require.Len(t, l.ok("GET", "/rest/scanner", nil), 1)
	for _, path := range []string{"/rest/deviceInfo?ip=10.0.0.5", "/rest/repository/1/deviceInfo?ip=10.0.0.5&dnsName=web1.example.com"} {
		host := l.ok("GET", path, nil).(m)
		require.Equal(t, []any{"web1.example.com", "1", "1", "2"}, []any{host["dnsName"], host["repositoryID"], host["severityCritical"], host["total"]})
	}
	require.Equal(t, "0", l.ok("GET", "/rest/deviceInfo?ip=10.0.0.77", nil).(m)["total"])
	l.refused("GET", "/rest/deviceInfo", nil, 146, "ip")
}

func TestOddParameters(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts)
	require.Len(t, l.ok("GET", "/rest/plugin?endOffset=2", nil), 2)
	require.NotEmpty(t, l.ok("GET", "/rest/plugin?startOffset=3", nil))
	for query, want := range map[string]int{
		"op=eq&value=CVE-2017-0144": 1, "op=like&value=2017-0144": 1, "op=eq&value=CVE-2017-0145": 0,
	} {
		require.Len(t, l.ok("GET", "/rest/plugin?filterField=xrefs:CVE&"+query, nil), want, query)
	}
	require.Empty(t, l.ok("GET", "/rest/plugin?filterField=xrefs:BID&op=like&value=1", nil))
	require.Len(t, l.ok("GET", "/rest/repository?type=local", nil), 1)
	summary := l.rows(analysis("cumulative", "vulnipsummary", filter("pluginID", "97833")))
	require.Equal(t, "1", summary[0]["repositoryID"])
	require.NotContains(t, summary[0]["hosts"].([]any)[0], "repositoryID")
	require.Len(t, l.ok("GET", "/rest/policyTemplate", nil), 2)
}

func TestZonesHaveRanges(t *testing.T) {
	t.Parallel()
	const zones = "zones: [{id: 1, name: Inside, ranges: 10.0.0.5-10.0.0.8}, {id: 2, name: Far, ranges: 10.0.0.9}]\n"
	for zone, want := range map[int][]any{
		1:  {"10.0.0.5,10.0.0.8", "10.0.0.6-10.0.0.7"},
		2:  {"", "10.0.0.9"},
		-1: {"10.0.0.5,10.0.0.8", "10.0.0.6-10.0.0.7,10.0.0.9"},
	} {
		l := newLab(t, zones+threeHosts)
		progress := l.result(l.scanned("10.0.0.4-10.0.0.10", nil, m{"zone": m{"id": zone}}))["progress"].(m)
		require.Equal(t, want, []any{progress["scannedIPs"], progress["deadHostIPs"]}, "zone %d", zone)
	}
	l := newLab(t, zones+threeHosts)
	require.Equal(t, "10.0.0.9", l.ok("GET", "/rest/zone/2", nil).(m)["ipList"])
}

func TestDynamicAssets(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts+"assets: [{id: 24, name: Web, type: dynamic, viewableIPs: '10.0.0.5,10.0.0.8'}]\n")
	asset := l.ok("GET", "/rest/asset/24?fields=name,type,typeFields,viewableIPs,ipCount", nil).(m)
	require.Equal(t, "dynamic", asset["type"])
	require.NotContains(t, asset["typeFields"], "definedIPs")
	viewable := asset["viewableIPs"].([]any)[0].(m)
	require.Equal(t, []any{"2", "10.0.0.5|web1.example.com\n10.0.0.8|\n"}, []any{viewable["ipCount"], viewable["ipList"]})
	require.NotContains(t, l.ok("GET", "/rest/asset/24", nil), "viewableIPs", "it is slow")
	progress := l.result(l.scanned("", nil, m{"ipList": "", "assets": []any{m{"id": 24}}}))["progress"].(m)
	require.Equal(t, "10.0.0.5,10.0.0.8", progress["scannedIPs"])
	require.Len(t, l.rows(analysis("cumulative", "vulndetails", filter("asset", m{"id": "24"}), filter("pluginID", "97833"))), 1)
}

// Two machines answer at one address: their accounts are two hosts, whatever row comes first.
func TestTwoAccountsOfOneAddress(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ first, second string }{
		"names": {"dns: a.example.com", "dns: b.example.com"},
		"uuids": {"dns: a.example.com, uuid: 1111", "dns: a.example.com, uuid: 2222"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, fixed := range []bool{false, true} {
				l := newLab(t, withLogin+base+fmt.Sprintf("hosts: [{ip: 10.0.0.5, %s, findings: [{plugin: 97833, port: 445, fixed: %t}]}, "+
					"{ip: 10.0.0.5, %s, findings: [{plugin: 97833, port: 445, fixed: %t}]}]\n", tt.first, fixed, tt.second, !fixed))
				require.Len(t, l.addresses("cumulative", 97833), 2)
				id := l.scanned("10.0.0.5", nil, sent)
				require.Len(t, l.seen(id, 97833), 1)
				require.Len(t, l.seen(id, 19506), 2)
				require.Len(t, l.addresses("cumulative", 97833), 1)
				require.Len(t, l.addresses("patched", 97833), 1)
			}
		})
	}
}

// Summaries say how many rows there are of each severity, in place of a count. Names that are not there are not summed up.
func TestSummaries(t *testing.T) {
	t.Parallel()
	l := newLab(t, base+"hosts: [{ip: 10.0.0.5, dns: web1.example.com, findings: [{plugin: 97833, port: 445}, {plugin: 97833, port: 139}, {plugin: 41028, port: 161, protocol: UDP}]}, "+
		"{ip: 10.0.0.6, findings: [{plugin: 97833, port: 445}]}]\n")
	for tool, want := range map[string]string{
		"sumip": "6:3:1:0:0:2:130", "sumport": "6:3:1:0:0:2:130", "sumfamily": "6:3:1:0:0:2:130", "sumprotocol": "6:3:1:0:0:2:130",
		"sumseverity": "6:3:1:0:0:2", "vulnipdetail": "6", "listvuln": "-1", "sumcve": "6:0:0:0:0:0:0:6",
	} {
		require.Equal(t, want, l.ok("POST", "/rest/analysis", analysis("cumulative", tool)).(m)["matchingDataElementCount"], tool)
	}
	names := l.rows(analysis("cumulative", "sumdnsname"))
	require.Len(t, names, 1)
	require.Equal(t, "web1.example.com", names[0]["dnsName"])
	rows := l.rows(analysis("cumulative", "vulnipsummary", filter("pluginID", "97833")))
	require.Equal(t, "10.0.0.5,10.0.0.5-10.0.0.6", rows[0]["hosts"].([]any)[0].(m)["iplist"], "an address for each row")
}

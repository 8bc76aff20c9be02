package sctest_test

// Faults of the later kind: warnings, refusals, a clock that is set, answers beyond all measure, rows of others.

import (
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/sctest"
)

func TestWarning(t *testing.T) {
	t.Parallel()
	l := newLab(t, base+"faults: [{method: POST, path: /rest/asset, do: warn}, {method: POST, path: /rest/asset, do: warn, bare: true, text: \"Odd.\\n\"}]\n")
	r := l.do("POST", "/rest/asset", assetRequest)
	require.Equal(t, []any{200, 0}, []any{r.status, r.code})
	require.Contains(t, r.message, "email failed")
	require.Equal(t, "1", r.response.(m)["id"])
	r = l.do("POST", "/rest/asset", assetRequest)
	require.Equal(t, []any{200, 0, "Odd.\n", ""}, []any{r.status, r.code, r.message, r.response})
	require.Len(t, l.sim.State().Assets, 2, "both were made")
	require.Empty(t, l.do("POST", "/rest/asset", assetRequest).message)
}

func TestRefusal(t *testing.T) {
	t.Parallel()
	l := newLab(t, base+"faults: [{path: /rest/asset, do: refusal}, {path: /rest/asset, do: refusal, text: No such luck., code: 147}]\n")
	l.refused("POST", "/rest/asset", assetRequest, 146, "Unable to retrieve the requested object.")
	l.refused("POST", "/rest/asset", assetRequest, 147, "No such luck.")
	require.Empty(t, l.sim.State().Assets)
	l.ok("POST", "/rest/asset", assetRequest)
}

func TestResultDetails(t *testing.T) {
	t.Parallel()
	for kind, want := range map[string]string{"policy": "_177245", "plugin": "Plugin #97833", "none": ""} {
		l := newLab(t, "resultDetails: "+kind+"\n"+threeHosts)
		result := l.result(l.scanned("10.0.0.5", nil, nil))
		require.Equal(t, "Remediation Scan of Plugin #97833", result["name"])
		require.Empty(t, result["description"])
		if kind == "policy" {
			require.True(t, strings.HasPrefix(result["details"].(string), want), result["details"])
			continue
		}
		require.Equal(t, want, result["details"])
	}
}

// stamp is the time of an answer.
func stamp(t *testing.T, r reply) int64 {
	t.Helper()
	var env struct {
		Timestamp int64 `json:"timestamp"`
	}
	require.NoError(t, json.Unmarshal([]byte(r.raw), &env))
	return env.Timestamp
}

func TestClockIsSetWhileAScanRuns(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts)
	id := l.launch("10.0.0.5", nil, nil)
	l.sim.AddFaults(clockFault(t, -time.Hour))
	l.clock.forward(30 * time.Second)
	r := l.do("GET", "/rest/status", nil)
	require.Equal(t, noon.Add(30*time.Second-time.Hour).Unix(), stamp(t, r), "the clock went back")
	require.Contains(t, r.header.Get("Date"), "11:00:30")
	// The scan takes no longer for that. Its creation lies in the future now, so that lists do not show it unless asked further.
	list := l.ok("GET", "/rest/scanResult", nil).(m)
	require.Empty(t, list["usable"])
	list = l.ok("GET", "/rest/scanResult?endTime="+strconv.FormatInt(noon.Add(time.Hour).Unix(), 10), nil).(m)
	require.Len(t, list["usable"], 1)
	l.clock.forward(2 * time.Minute)
	result := l.result(id)
	require.Equal(t, []any{"Completed", "Finished"}, []any{result["status"], result["importStatus"]})
	require.Equal(t, strconv.FormatInt(noon.Unix(), 10), result["createdTime"])
	require.Equal(t, strconv.FormatInt(noon.Add(time.Minute-time.Hour).Unix(), 10), result["finishTime"])
	row := l.individual(id, "all", filter("pluginID", "19506"))[0]
	require.Equal(t, result["finishTime"], row["lastSeen"])
	require.Contains(t, row["pluginText"], "Scan Start Date : 2026/3/2 11:00 UTC")
	// The mitigation is dated by the clock of its moment.
	finish := noon.Add(-time.Hour)
	for window, rows := range map[string]int{
		strconv.FormatInt(noon.Unix(), 10) + "-" + strconv.FormatInt(noon.Add(time.Hour).Unix(), 10):     0,
		strconv.FormatInt(finish.Unix(), 10) + "-" + strconv.FormatInt(finish.Add(time.Hour).Unix(), 10): 1,
	} {
		require.Len(t, l.rows(analysis("patched", "vulndetails", filter("pluginID", "97833"), filter("lastMitigated", window))), rows, window)
	}
	require.Equal(t, noon.Add(150*time.Second-time.Hour), l.sim.State().Now)
}

func TestHugeAnswers(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts+"faults: [{path: /rest/analysis, do: huge, what: rows, size: 5000}, {path: /rest/analysis, do: huge, what: text, where: pluginName, size: 100000}, "+
		"{path: /rest/analysis, do: huge, what: text, size: 100000, text: 'ä'}, {path: /rest/asset, do: huge, what: rows, size: 3}, "+
		"{path: /rest/analysis, do: huge, what: gzip, size: 20000000}]\n")
	question := analysis("cumulative", "vulndetails", filter("pluginID", "97833"))
	require.Len(t, l.rows(question), 5000)
	rows := l.rows(question)
	require.Len(t, rows, 3)
	require.Greater(t, len(rows[0]["pluginName"].(string)), 99_999)
	r := l.do("POST", "/rest/analysis", question)
	require.Equal(t, []any{403, 146}, []any{r.status, r.code})
	require.Greater(t, len(r.message), 99_999)
	require.Len(t, l.ok("GET", "/rest/asset", nil).(m)["usable"], 3)

	encoded, err := json.Marshal(question)
	require.NoError(t, err)
	resp, err := l.send("POST", "/rest/analysis", string(encoded), "x-apikey", l.keys, "Accept-Encoding", "gzip")
	require.NoError(t, err)
	defer resp.Body.Close()
	packed, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, "gzip", resp.Header.Get("Content-Encoding"))
	require.Less(t, len(packed), 200_000)
	require.Len(t, l.rows(question), 3, "all are spent")
	l.sim.AddFaults(sctest.Fault{Do: sctest.FaultHuge, Size: 7})
	require.Len(t, l.ok("GET", "/rest/currentUser", nil), 7, "where there was an object, there is a list")
}

func TestEndlessRows(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts+"faults: [{path: /rest/analysis, do: huge, what: endless, times: 100, size: 2500}]\n")
	seen := map[any]bool{}
	for _, page := range []struct{ from, to, want int }{{0, 1000, 1000}, {1000, 2000, 1000}, {2000, 3000, 500}, {3000, 4000, 0}} {
		body := analysis("cumulative", "vulndetails")
		body["query"].(m)["startOffset"], body["query"].(m)["endOffset"] = page.from, page.to
		rows := l.rows(body)
		require.Len(t, rows, page.want)
		for _, row := range rows {
			require.False(t, seen[row["ip"]])
			seen[row["ip"]] = true
		}
	}
}

func TestForeignRows(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts+"faults: [{do: foreign-rows}]\n")
	id := l.scanned("10.0.0.8", nil, nil)
	rows := l.individual(id, "all", filter("pluginID", "97833"))
	var ips []any
	for _, row := range rows {
		ips = append(ips, row["ip"])
	}
	require.Contains(t, ips, "10.0.0.9", "which was no target")
	require.NotContains(t, l.seen(id, 97833), "10.0.0.9:445")
}

func TestNewFaultsAreChecked(t *testing.T) {
	t.Parallel()
	l := newLab(t, base)
	for body, text := range map[string]string{
		`{"do":"clock"}`:                       "by: must say how far",
		`{"do":"clock","by":"soon"}`:           "not a duration",
		`{"do":"huge","what":"cheese"}`:        "what",
		`{"do":"huge","size":-1}`:              "size",
		`{"do":"warn","bear":true}`:            "bear",
		`{"do":"huge","what":"rows","whom":1}`: "whom",
	} {
		r := l.do("POST", "/_sim/faults", body)
		require.Equal(t, http.StatusBadRequest, r.status, body)
		require.Contains(t, r.raw, text)
	}
}

func TestTiesSwap(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts+"faults: [{do: swap-ties}]\n")
	question := func(order string) string {
		body := analysis("cumulative", "vulndetails", filter("pluginID", "97833"))
		body["sortField"], body["sortDir"] = order, "desc"
		return l.rows(body)[0]["ip"].(string)
	}
	require.Equal(t, "10.0.0.9", question("severity"), "the same order")
	require.Equal(t, "10.0.0.5", question("severity"))
	l.sim.AddFaults(sctest.Fault{Do: sctest.FaultSwapTies})
	require.Equal(t, "10.0.0.9", question("ip"), "which addresses do not know")
}

func TestAnswersWithoutFields(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts+"faults: [{path: /rest/analysis, do: without, fields: [port, pluginText]}, {path: /rest/plugin, do: without, fields: [checkType], text: LOCAL}]\n")
	row := l.rows(analysis("cumulative", "vulndetails", filter("pluginID", "97833")))[0]
	require.NotContains(t, row, "port")
	require.NotContains(t, row, "pluginText")
	require.Contains(t, row, "ip")
	require.Equal(t, "LOCAL", l.ok("GET", "/rest/plugin/97833", nil).(m)["checkType"])
	require.Equal(t, "remote", l.ok("GET", "/rest/plugin/97833", nil).(m)["checkType"])
}

// The worst answers: the thing was made, and a proxy or the server itself says otherwise.
func TestFaultsAfterTheEffect(t *testing.T) {
	t.Parallel()
	l := newLab(t, base+"faults: [{path: /rest/asset, do: status, status: 502, when: after}, {path: /rest/asset, do: refusal, when: after}]\n")
	require.Equal(t, 502, l.do("POST", "/rest/asset", assetRequest).status)
	l.refused("POST", "/rest/asset", assetRequest, 146, "Unable")
	require.Len(t, l.sim.State().Assets, 2)
}

func TestMappedAddresses(t *testing.T) {
	t.Parallel()
	l := newLab(t, "mappedAddresses: true\n"+threeHosts)
	rows := l.rows(analysis("cumulative", "vulndetails", filter("pluginID", "97833"), filter("ip", "10.0.0.5")))
	require.Equal(t, "::ffff:10.0.0.5", rows[0]["ip"])
}

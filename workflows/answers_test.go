package workflows_test

// What foreign servers answer where the simulator would not: other spellings, rows that lack a column, rows of others.

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
)

// question is an analysis that is asked for: of which rows, and whether our scan was launched before.
type question struct {
	SourceType string `json:"sourceType"`
	View       string `json:"view"`
	launched   bool
}

// vulns are the rows of an answer.
type vulns []map[string]any

// rewriteRows lets the test change the rows of every analysis.
func (s *stage) rewriteRows(change func(q question, rows vulns) vulns) {
	launched := false
	s.alter = func(r *http.Request, asked, answer string) string {
		launched = launched || r.Method == http.MethodPost && r.URL.Path == "/rest/scan"
		if r.URL.Path != "/rest/analysis" {
			return answer
		}
		var q question
		require.NoError(s.t, json.Unmarshal([]byte(asked), &q))
		q.launched = launched
		var envelope struct {
			Response  map[string]any `json:"response"`
			ErrorCode int            `json:"error_code"`
			ErrorMsg  string         `json:"error_msg"`
			Timestamp int64          `json:"timestamp"`
		}
		require.NoError(s.t, json.Unmarshal([]byte(answer), &envelope))
		rows := vulns{}
		for _, row := range envelope.Response["results"].([]any) {
			rows = append(rows, row.(map[string]any))
		}
		rows = change(q, rows)
		envelope.Response["results"], envelope.Response["totalRecords"], envelope.Response["returnedRecords"] = rows, len(rows), len(rows)
		text, err := json.Marshal(envelope)
		require.NoError(s.t, err)
		return string(text)
	}
}

// each changes the rows of some plugins; with none named, all of them.
func (v vulns) each(change func(row map[string]any), plugins ...string) vulns {
	for _, row := range v {
		if id, _ := row["pluginID"].(string); len(plugins) == 0 || slices.Contains(plugins, id) {
			change(row)
		}
	}
	return v
}

// and adds a copy of the plugin's first row, changed.
func (v vulns) and(plugin string, change func(row map[string]any)) vulns {
	i := slices.IndexFunc(v, func(row map[string]any) bool { return row["pluginID"] == plugin })
	if i < 0 {
		return v
	}
	row := maps.Clone(v[i])
	change(row)
	return append(v, row)
}

func put(key string, value any) func(map[string]any) {
	return func(row map[string]any) { row[key] = value }
}

// nowhere takes away where a row is about.
func nowhere(row map[string]any) { delete(row, "ip"); delete(row, "ips") }

func TestForeignAnswers(t *testing.T) {
	t.Parallel()
	const fixed, named = "findings: [{plugin: 97833, port: 445, fixed: true}]", "dns: web1.example.com, "
	own := func(change func(rows vulns) vulns) func(question, vulns) vulns {
		return func(q question, rows vulns) vulns {
			if q.View != "all" {
				return rows
			}
			return change(rows)
		}
	}
	patched := func(change func(map[string]any)) func(question, vulns) vulns {
		return func(q question, rows vulns) vulns {
			if q.View == "patched" || q.SourceType == "patched" {
				rows.each(change)
			}
			return rows
		}
	}
	before := func(change func(map[string]any)) func(question, vulns) vulns {
		return func(q question, rows vulns) vulns {
			if q.SourceType == "cumulative" && !q.launched {
				rows.each(change, "19506")
			}
			return rows
		}
	}
	login := func(r *remediation.Request) { r.Scan.Credentials = []int{4} }
	local := func(r *remediation.Request) { r.Plugin = 97737; login(r) }
	for name, test := range map[string]struct {
		host    string
		change  func(*remediation.Request)
		answer  func(question, vulns) vulns
		verdict remediation.Verdict
		reason  string
	}{
		// Values in other spellings, and repetitions.
		"protocols by their numbers": {fixed, nil, own(func(v vulns) vulns { return v.each(put("protocol", "6"), "11219", "22964") }), remediation.FixedConfirmed, ""},
		"a MAC address with hyphens": {
			"mac: '00:11:22:33:44:55', " + fixed, nil,
			own(func(v vulns) vulns { return v.each(put("macAddress", "00-11-22-33-44-55")) }), remediation.FixedConfirmed, "",
		},
		"every row twice and backwards": {named + fixed, login, func(_ question, v vulns) vulns {
			v = append(v, v...)
			slices.Reverse(v)
			return v
		}, remediation.FixedConfirmed, ""},
		"an address where a name should be, now": {
			named + fixed, nil, own(func(v vulns) vulns { return v.each(put("dnsName", "10.0.0.20")) }),
			remediation.HostUnconfirmed, "still web1.example.com",
		},
		"an address where a name should be, always": {
			"netbios: WEB1, " + fixed, nil, func(_ question, v vulns) vulns { return v.each(put("dnsName", "10.0.0.20")) },
			remediation.HostUnconfirmed, "",
		},
		// Rows that do not say where: what is bad may be of this host, what is good is of nobody.
		"a failed login nowhere": {"findings: [{plugin: 97737, port: 445, fixed: true}]", local, own(func(v vulns) vulns {
			return v.and("19506", func(row map[string]any) { row["pluginID"], row["pluginText"] = "26917", ""; nowhere(row) })
		}), remediation.AuthFailed, "plugin 26917"},
		"logins nowhere": {
			"findings: [{plugin: 97737, port: 445, fixed: true}]", local,
			own(func(v vulns) vulns { return v.each(nowhere, "117887", "141118") }), remediation.AuthFailed, "nothing shows that its rights were enough",
		},
		"open ports nowhere": {fixed, nil, own(func(v vulns) vulns { return v.each(nowhere, "11219", "22964") }), remediation.PortNotObserved, ""},
		"another machine's scan information nowhere": {named + fixed, nil, own(func(v vulns) vulns {
			return v.and("19506", func(row map[string]any) { row["dnsName"] = "web2.example.com"; nowhere(row) })
		}), remediation.HostChanged, "web2.example.com"},
		"found by a thorough scan, nowhere": {"scannedWith: {thorough: true}, " + fixed, nil, before(nowhere), remediation.PluginNotRun, "thorough_tests=yes"},
		"a failed login of nobody knows which plugin": {"credentials: intermittent, findings: [{plugin: 97737, port: 445, fixed: true}]", local, own(func(v vulns) vulns {
			return v.each(func(row map[string]any) { delete(row, "pluginID") }, "117885")
		}), remediation.AuthFailed, "does not say of which plugin it is"},
		"found by a scan that does not say how it looked": {fixed, nil, before(put("pluginText", "")), remediation.PluginNotRun, "how hard"},
		"seen nowhere": {"findings: [{plugin: 97833, port: 445}]", nil, own(func(v vulns) vulns { return v.each(nowhere, "97833") }), remediation.StillVulnerable, "does not say where"},
		// Filters that the server passes over.
		"what was mitigated of another plugin":     {fixed, nil, patched(put("pluginID", "97834")), remediation.TimedOut, "do not show the mitigation"},
		"what was mitigated of another repository": {fixed, nil, patched(put("repository", map[string]any{"id": "9"})), remediation.TimedOut, "do not show the mitigation"},
		"rows of hosts that were not scanned":      {fixed, nil, own(func(v vulns) vulns { return v.each(put("ip", "10.0.0.77"), "11219") }), remediation.TimedOut, "its result could not be read"},
		// A kind of check that nobody knows may come from the network, where the port is hidden.
		"a kind that nobody knows, a host firewall": {"filtered: true, " + fixed, login, func(_ question, v vulns) vulns {
			return v.each(put("checkType", "hybrid"), "97833")
		}, remediation.PortNotObserved, "hidden from the scanner"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, fates+"  - {ip: 10.0.0.20, repository: 1, "+test.host+"}\n")
			s.rewriteRows(test.answer)
			r := request("10.0.0.20")
			r.Timeout, r.ConfirmFor = remediation.Duration(2*time.Hour), remediation.Duration(24*time.Hour)
			if test.change != nil {
				test.change(&r)
			}
			status := s.run(r)
			require.Len(t, status.Findings, 1)
			require.Equal(t, test.verdict, status.Findings[0].Verdict, status.Findings[0].Reason)
			require.Contains(t, status.Findings[0].Reason, test.reason)
			require.NotContains(t, status.Findings[0].Reason, "()", "a reason without holes")
			s.nothingLeft()
		})
	}
}

package workflows_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	"patchproof/activities"
	"patchproof/remediation"
	"patchproof/workflows"
)

// maxPayload is what a payload may have: half of where Temporal begins to warn.
const maxPayload = 256 << 10

// scales measures every payload on its way: inputs, results, heartbeats, answers of queries and the details of failures.
type scales struct {
	converter.DataConverter
	mu      sync.Mutex
	largest int
	what    string
}

func weigh(s *stage) *scales {
	w := &scales{DataConverter: converter.GetDefaultDataConverter()}
	s.env.SetDataConverter(w)
	return w
}

func (w *scales) ToPayload(value any) (*commonpb.Payload, error) {
	payload, err := w.DataConverter.ToPayload(value)
	w.add(value, payload.GetData())
	return payload, err
}

func (w *scales) ToPayloads(values ...any) (*commonpb.Payloads, error) {
	payloads, err := w.DataConverter.ToPayloads(values...)
	for i, p := range payloads.GetPayloads() {
		w.add(values[i], p.GetData())
	}
	return payloads, err
}

func (w *scales) add(value any, data []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(data) > w.largest {
		w.largest, w.what = len(data), fmt.Sprintf("%T", value)
	}
}

func (w *scales) check(t *testing.T, limit int) {
	t.Helper()
	t.Logf("largest payload: %d KiB, a %s", w.largest>>10, w.what)
	require.Less(t, w.largest, limit, w.what)
}

// crowd is a scenario of so many hosts with a finding each.
func crowd(n int) string { return crowdOf(n, "", "plugin: 97833, port: 445, fixed: true") }

func crowdOf(n int, host, finding string) string {
	var b strings.Builder
	b.WriteString(scenario)
	for i := range n {
		fmt.Fprintf(&b, "  - {ip: 10.1.%d.%d, dns: a-rather-long-host-name-%d.department.example.com, repository: 1, %sfindings: [{%s}]}\n", i/200, 1+i%200, i, host, finding)
	}
	return b.String()
}

// The largest ticket that is taken fits into payloads of 256 KiB, and one more finding is refused.
func TestLargestTicket(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		host, finding string
		plugin        int
		verdict       remediation.Verdict
	}{
		"fixed":             {"", "plugin: 97833, port: 445, fixed: true", 97833, remediation.FixedConfirmed},
		"still vulnerable":  {"", "plugin: 97833, port: 445", 97833, remediation.StillVulnerable},
		"troubles of login": {"credentials: insufficient, ", "plugin: 97737, port: 445, fixed: true", 97737, remediation.AuthFailed},
		"already fixed":     {"", "plugin: 97833, port: 445, mitigated: true", 97833, remediation.AlreadyFixed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, crowdOf(250, test.host, test.finding))
			scales := weigh(s)
			r := request("10.1.0.0/16")
			r.Plugin, r.Scan.Credentials = test.plugin, []int{4}
			var baseline activities.BaselineResult
			var assessed activities.AssessResult
			s.env.SetOnActivityCompletedListener(func(info *activity.Info, result converter.EncodedValue, err error) {
				switch {
				case err != nil:
				case info.ActivityType.Name == "Baseline":
					require.NoError(t, result.Get(&baseline))
				case info.ActivityType.Name == "Assess":
					assessed = activities.AssessResult{}
					require.NoError(t, result.Get(&assessed))
				}
			})
			status := s.run(r)
			require.Len(t, status.Findings, 250)
			facts := assessed.Facts
			facts.Baseline, facts.Before = baseline.Findings, baseline.Before
			require.Equal(t, activities.Verdicts(assessed.Judgement), activities.Verdicts(remediation.Judge(facts)), "what was left out changes no verdict")
			for _, f := range status.Findings {
				require.Equal(t, test.verdict, f.Verdict, f.Reason)
			}
			scales.check(t, maxPayload)
		})
	}
	require.Contains(t, newStage(t, crowd(251)).refuse(request("10.1.0.0/16")), "251 findings are more than the 250")
}

// hostile appends a text to the values of some names, in an answer of Security Center.
func hostile(t *testing.T, answer, text string, names ...string) string {
	t.Helper()
	var envelope any
	if json.Unmarshal([]byte(answer), &envelope) != nil {
		return answer
	}
	var walk func(v any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for name, value := range v {
				if s, ok := value.(string); ok && slices.Contains(names, name) {
					v[name] = s + text
				}
				walk(value)
			}
		}
	}
	walk(envelope)
	out, err := json.Marshal(envelope)
	require.NoError(t, err)
	return string(out)
}

// No answer of Security Center makes a payload too large, nor a verification that ends without an outcome or a sentence.
func TestHostileTexts(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path  string
		names []string
		size  int
	}{
		"of the policy":       {"/rest/policy", []string{"name", "description", "owner"}, 1 << 17},
		"of the policy: name": {"/rest/policy", []string{"name"}, 1 << 14},
		"of the plugin":       {"/rest/plugin", []string{"name", "description", "riskFactor", "family"}, 1 << 17},
		"of the repository":   {"/rest/repository", []string{"name", "description", "dataFormat"}, 1 << 17},
		"of the scan":         {"/rest/scan", []string{"name", "description"}, 1 << 17},
		"of the result":       {"/rest/scanResult", []string{"errorDetails", "importErrorDetails", "deadHostIPs", "description"}, 1 << 17},
		"of its status":       {"/rest/scanResult", []string{"status", "importStatus"}, 1 << 12},
		"of rows: texts":      {"/rest/analysis", []string{"pluginText", "pluginInfo", "synopsis", "solution", "pluginName"}, 1 << 10},
		"of rows: hosts":      {"/rest/analysis", []string{"dnsName", "netbiosName", "macAddress", "hostUUID", "uuid"}, 1 << 10},
		"of rows: protocols":  {"/rest/analysis", []string{"protocol"}, 1 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Rows are many and go on being hostile; one object is enough, for as long as it takes to wait for it.
			hosts, limit, until := 3, 32<<10, 10*time.Minute
			if test.path == "/rest/analysis" {
				hosts, limit, until = 250, maxPayload, 24*time.Hour
			}
			s := newStage(t, crowd(hosts))
			scales := weigh(s)
			text := strings.Repeat("<\x01\u2028\"", test.size/6)
			begun := s.env.Now()
			s.alter = func(r *http.Request, _, answer string) string {
				if s.env.Now().Sub(begun) > until || r.URL.Path != test.path && !strings.HasPrefix(r.URL.Path, test.path+"/") {
					return answer
				}
				return hostile(t, answer, text, test.names...)
			}
			r := request("10.1.0.0/16")
			r.Timeout, r.Poll = remediation.Duration(2*time.Hour), remediation.Duration(5*time.Minute)
			s.ask(15*time.Minute, func(workflows.Status) {})
			s.env.ExecuteWorkflow(workflows.RemediationWorkflow, r)
			require.True(t, s.env.IsWorkflowCompleted())
			scales.check(t, limit)
			if err := s.env.GetWorkflowError(); err != nil {
				require.Less(t, len(err.Error()), 4<<10)
				t.Log(err)
				return
			}
			var status workflows.Status
			require.NoError(t, s.env.GetWorkflowResult(&status))
			require.NotEmpty(t, status.Outcome)
			t.Log(status.Outcome, len(status.Findings))
		})
	}
}

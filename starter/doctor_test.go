package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/mocks"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	taskqueuepb "go.temporal.io/api/taskqueue/v1"
	workflowpb "go.temporal.io/api/workflow/v1"

	"patchproof/sclient"
	"patchproof/sctest"
	"patchproof/starter/doctor"
	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/namespace"
	"patchproof/workflows"
)

// operator is the part of Temporal that knows the search attributes.
type operator struct {
	operatorservice.OperatorServiceClient
	attributes map[string]enumspb.IndexedValueType
	err        error
}

func (o operator) ListSearchAttributes(
	context.Context, *operatorservice.ListSearchAttributesRequest, ...grpc.CallOption,
) (*operatorservice.ListSearchAttributesResponse, error) {
	return &operatorservice.ListSearchAttributesResponse{CustomAttributes: o.attributes}, o.err
}

// healthy is a Temporal without anything to complain of; runs are those that it knows, by ID.
func healthy(t *testing.T, runs map[string]enumspb.WorkflowExecutionStatus) *mocks.Client {
	t.Helper()
	fake := &mocks.Client{}
	fake.Test(t)
	attributes := map[string]enumspb.IndexedValueType{}
	for _, key := range workflows.SearchAttributes() {
		attributes[key.GetName()] = key.GetValueType()
	}
	fake.On("OperatorService").Return(operator{attributes: attributes})
	fake.On("DescribeTaskQueue", mock.Anything, "patchproof", mock.Anything).Return(&workflowservice.DescribeTaskQueueResponse{
		Pollers: []*taskqueuepb.PollerInfo{{Identity: "1@host", LastAccessTime: timestamppb.New(noon.Add(-time.Second))}},
	}, nil)
	for query, takes := range map[string]func(string, enumspb.WorkflowExecutionStatus) bool{
		"WorkflowType = 'RemediationWorkflow' AND ExecutionStatus = 'Running'": func(id string, s enumspb.WorkflowExecutionStatus) bool {
			return !strings.Contains(id, "/") && s == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
		},
		"WorkflowType = 'RemediationWorkflow' AND ExecutionStatus != 'Running'": func(id string, s enumspb.WorkflowExecutionStatus) bool {
			return !strings.Contains(id, "/") && s != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
		},
		"WorkflowType = 'CleanUpWorkflow' AND ExecutionStatus = 'Running'": func(id string, s enumspb.WorkflowExecutionStatus) bool {
			return strings.Contains(id, "/") && s == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
		},
		"WorkflowType = 'CleanUpWorkflow' AND ExecutionStatus = 'Failed'": func(id string, s enumspb.WorkflowExecutionStatus) bool {
			return strings.Contains(id, "/") && s == enumspb.WORKFLOW_EXECUTION_STATUS_FAILED
		},
	} {
		var list []*workflowpb.WorkflowExecutionInfo
		for run, status := range runs {
			if takes(run, status) {
				list = append(list, &workflowpb.WorkflowExecutionInfo{Status: status, Execution: &commonpb.WorkflowExecution{WorkflowId: run, RunId: run}})
			}
		}
		fake.On("ListWorkflow", mock.Anything, mock.MatchedBy(func(r *workflowservice.ListWorkflowExecutionsRequest) bool {
			return r.GetQuery() == query
		})).Return(&workflowservice.ListWorkflowExecutionsResponse{Executions: list}, nil)
	}
	// Who was reset goes on in another run, whose first is the old one.
	for run, status := range runs {
		info := &workflowpb.WorkflowExecutionInfo{Status: status, FirstRunId: run}
		if status == enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED {
			info.Status = enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
		}
		fake.On("DescribeWorkflowExecution", mock.Anything, run, "").Return(
			&workflowservice.DescribeWorkflowExecutionResponse{WorkflowExecutionInfo: info}, nil)
	}
	fake.On("ListWorkflow", mock.Anything, mock.Anything).Return(&workflowservice.ListWorkflowExecutionsResponse{}, nil)
	fake.On("Close")
	return fake
}

// examine runs the doctor, and gives its answers by the names of the checks.
func examine(t *testing.T, environ []string, temporal namespace.Client) (code int, found map[string]doctor.Answer) {
	t.Helper()
	i := newTrial(t, "doctor", "-o", "json")
	i.Environ = append(i.Environ, environ...)
	i.CheckTime = 2 * time.Second
	i.Connect = func(context.Context, client.Options) (namespace.Client, error) { return temporal, nil }
	if temporal == nil {
		i.Connect = func(context.Context, client.Options) (namespace.Client, error) {
			return nil, errors.New("nobody there")
		}
	}
	code = i.run(t)
	var list []doctor.Answer
	require.NoError(t, json.Unmarshal(i.stdout.Bytes(), &list), i.stderr.String())
	found = map[string]doctor.Answer{}
	for _, c := range list {
		require.Contains(t, []string{doctor.StatusOK, doctor.StatusWarn, doctor.StatusFail}, c.Status)
		require.NotEmpty(t, c.Detail, c.Check)
		found[c.Check] = c
	}
	require.Len(t, found, 17, "every check answers, whatever the others do")
	return code, found
}

func serveTLS(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // clients that hang up are what is tested
	server.StartTLS()
	t.Cleanup(server.Close)
	return server
}

func TestDoctorFindsNothing(t *testing.T) {
	t.Parallel()
	server := serveTLS(t, lab(t, "6.5"))
	environ := []string{"SC_URL=" + server.URL, "SC_ACCESS_KEY=" + sctest.DefaultAccessKey, "SC_SECRET_KEY=" + sctest.DefaultSecretKey, "SC_TLS_SKIP_VERIFY=true"}
	i := newTrial(t, "doctor")
	i.Environ = append(i.Environ, environ...)
	i.Connect = func(context.Context, client.Options) (namespace.Client, error) { return healthy(t, nil), nil }
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	require.Equal(t, `✓ url               `+server.URL+` answers
! tls               the server's certificate is not verified, so that anybody in between can read the keys: give its CA in SC_CA_FILE and remove SC_TLS_SKIP_VERIFY
✓ login             API key of api, Security Manager in Example
✓ permissions       may list repositories, policies, scans and scan results
✓ version           Security Center 6.5.1
✓ clock             agrees with ours
✓ job-daemon        running
✓ licence           valid, 2 of 102400 hosts
✓ plugin-feed       6 hours old
✓ repositories      2, scannable: Default (1); not scannable: Agents (7, agent)
✓ plugins           Settings (41): 19506 21745 24786 104410 110385 110723 117885 117887 141118; Port scanners (42): 11219 10335 34277 34220 14272; Service detection (24): 22964; General (30): 12053 86420; Windows (20): 10150 26917; Misc. (23): 35716
✓ temporal          127.0.0.1:7233, namespace default
✓ search-attributes all 8 registered
✓ worker            1 worker on task queue patchproof
✓ holds             nobody holds launches
✓ leftovers         no policy or scan of ours
✓ clean-ups         none goes on after its verification
`, i.stdout.String())
	require.Empty(t, i.stderr.String())
}

func TestDoctorWithoutAnything(t *testing.T) {
	t.Parallel()
	code, found := examine(t, nil, nil)
	require.Equal(t, exit.Failed, code)
	require.Equal(t, doctor.StatusFail, found["url"].Status)
	require.Contains(t, found["url"].Detail, "SC_URL: not set")
	require.Equal(t, "not checked: Security Center is not configured", found["plugins"].Detail)
	require.Equal(t, doctor.StatusFail, found["temporal"].Status)
	require.Contains(t, found["temporal"].Detail, "no Temporal server answers")
}

func TestDoctorAndTheServer(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		handler http.Handler
		check   string
		status  string
		want    string
	}{
		"a web server": {http.NotFoundHandler(), "url", doctor.StatusFail, "there is no Security Center at this URL"},
		"a login page": {http.RedirectHandler("https://sso.example.com/", http.StatusFound), "url", doctor.StatusFail, "redirect refused"},
		"keys refused": {&sctest.Server{Now: at(noon), Scenario: sctest.Scenario{Users: []sctest.User{{Username: "x", AccessKey: strings.Repeat("c", 32), SecretKey: strings.Repeat("d", 32)}}}}, "login", doctor.StatusFail, "SC refused the key (403)"},
		"an administrator": {&sctest.Server{Now: at(noon), Scenario: sctest.Scenario{Users: []sctest.User{
			{Username: "admin", AccessKey: sctest.DefaultAccessKey, SecretKey: sctest.DefaultSecretKey, Role: "administrator"},
		}}}, "login", doctor.StatusFail, "an administrator, who can neither scan nor analyse"},
		"no keys before 5.13": {&sctest.Server{Now: at(noon), Scenario: sctest.Scenario{Version: "5.8"}}, "version", doctor.StatusFail, "Security Center 5.8.0 knows no API keys"},
		"another clock":       {&sctest.Server{Now: at(noon.Add(-time.Hour))}, "clock", doctor.StatusWarn, "1h0m0s behind ours"},
		"nearly our clock":    {&sctest.Server{Now: at(noon.Add(20 * time.Second))}, "clock", doctor.StatusOK, "20s ahead of ours"},
		"no repository":       {&sctest.Server{Now: at(noon), Scenario: sctest.Scenario{Repositories: []sctest.Repository{{ID: 1, Name: "x", DataFormat: "agent"}}}}, "repositories", doctor.StatusFail, "none that scans can be imported into"},
		"a plugin is missing": {without(t, "/rest/plugin/117887"), "plugins", doctor.StatusWarn, "missing: 117887"},
		"19506 is missing":    {without(t, "/rest/plugin/19506"), "plugins", doctor.StatusFail, "19506"},
		"no policies":         {without(t, "/rest/policy"), "permissions", doctor.StatusFail, "policies ("},
		"no job daemon":       {answering(t, "/rest/status", `{"jobd":"Stopped","licenseStatus":"Valid"}`), "job-daemon", doctor.StatusFail, `"Stopped"`},
		"expired licence":     {answering(t, "/rest/status", `{"jobd":"Running","licenseStatus":"Expired"}`), "licence", doctor.StatusFail, `"Expired"`},
		"full licence":        {answering(t, "/rest/status", `{"licenseStatus":"Valid","activeIPs":"10","licensedIPs":"10"}`), "licence", doctor.StatusWarn, "all of the 10"},
		"old feed":            {answering(t, "/rest/status", `{"pluginUpdates":{"active":{"updateTime":"1792670400","stale":"false"}}}`), "plugin-feed", doctor.StatusWarn, "31 days old"},
		"no feed":             {answering(t, "/rest/status", `{"pluginUpdates":{}}`), "plugin-feed", doctor.StatusFail, "never updated"},
		"subscription":        {answering(t, "/rest/status", `{"PluginSubscriptionStatus":"Expired","pluginUpdates":{"active":{"updateTime":"1795348000"}}}`), "plugin-feed", doctor.StatusWarn, "subscription"},
		"no status":           {without(t, "/rest/status"), "job-daemon", doctor.StatusFail, "unknown"},
		"no version":          {answering(t, "/rest/system", `{}`), "version", doctor.StatusWarn, "does not tell its version"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, environ := serve(t, test.handler)
			code, found := examine(t, environ, healthy(t, nil))
			require.Equal(t, test.status, found[test.check].Status, "%+v", found)
			require.Contains(t, found[test.check].Detail, test.want)
			require.Equal(t, doctor.StatusWarn, found["tls"].Status)
			if test.status == doctor.StatusFail {
				require.Equal(t, exit.Failed, code)
			}
		})
	}
}

func at(t time.Time) func() time.Time { return func() time.Time { return t } }

// without is the laboratory without an object.
func without(t *testing.T, path string) *sctest.Server {
	t.Helper()
	server := lab(t, "5.23")
	server.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != path {
			return false
		}
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"response":"","error_code":147,"error_msg":"It does not exist.\n"}`)
		return true
	}
	return server
}

// answering is the laboratory with another answer.
func answering(t *testing.T, path, response string) *sctest.Server {
	t.Helper()
	server := lab(t, "5.23")
	server.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		if r.URL.Path != path {
			return false
		}
		_, _ = fmt.Fprintf(w, `{"response":%s,"error_code":0,"error_msg":"","timestamp":%d}`, response, noon.Unix())
		return true
	}
	return server
}

func TestDoctorAndTLS(t *testing.T) {
	t.Parallel()
	server := serveTLS(t, lab(t, "5.23"))
	environ := []string{"SC_URL=" + server.URL, "SC_ACCESS_KEY=" + sctest.DefaultAccessKey, "SC_SECRET_KEY=" + sctest.DefaultSecretKey}
	code, found := examine(t, environ, healthy(t, nil))
	require.Equal(t, exit.Failed, code)
	require.Equal(t, doctor.StatusFail, found["tls"].Status)
	require.Contains(t, found["tls"].Detail, "is not trusted")
	require.Contains(t, found["tls"].Todo, "SC_CA_FILE")
	require.Equal(t, "not checked: Security Center does not answer", found["login"].Detail)

	plain := strings.Replace(server.URL, "https:", "http:", 1)
	_, found = examine(t, append([]string{"SC_URL=" + plain}, environ[1:]...), healthy(t, nil))
	require.Equal(t, doctor.StatusFail, found["url"].Status)
}

func TestDoctorAndNobody(t *testing.T) {
	t.Parallel()
	code, found := examine(t, []string{"SC_URL=https://127.0.0.1:1", "SC_USERNAME=a", "SC_PASSWORD=b"}, healthy(t, nil))
	require.Equal(t, exit.Failed, code)
	require.Contains(t, found["url"].Detail, "https://127.0.0.1:1 does not answer (")
	require.Equal(t, doctor.StatusOK, found["worker"].Status)
}

func TestDoctorIsNotHeldUp(t *testing.T) {
	t.Parallel()
	server := lab(t, "5.23")
	server.Fault = func(_ http.ResponseWriter, r *http.Request) bool {
		<-r.Context().Done()
		return true
	}
	_, environ := serve(t, server)
	begun := time.Now()
	code, found := examine(t, environ, healthy(t, nil))
	require.Equal(t, exit.Failed, code)
	require.Less(t, time.Since(begun), 10*time.Second)
	require.Equal(t, doctor.StatusFail, found["url"].Status)
	require.Equal(t, doctor.StatusOK, found["temporal"].Status)
}

func TestDoctorAndTemporal(t *testing.T) {
	t.Parallel()
	_, environ := serve(t, lab(t, "5.23"))
	for name, test := range map[string]struct {
		change func(*mocks.Client)
		check  string
		want   string
	}{
		"no namespace": {func(fake *mocks.Client) {
			fake.On("ListWorkflow", mock.Anything, mock.Anything).Return(nil, &serviceerror.NamespaceNotFound{})
		}, "temporal", `no namespace "default"`},
		"no attributes": {func(fake *mocks.Client) { fake.On("OperatorService").Return(operator{}) }, "search-attributes", "PpTicket"},
		"no right to see attributes": {func(fake *mocks.Client) {
			fake.On("OperatorService").Return(operator{err: &serviceerror.PermissionDenied{}})
		}, "search-attributes", "refuses us"},
		"no worker": {func(fake *mocks.Client) {
			fake.On("DescribeTaskQueue", mock.Anything, mock.Anything, mock.Anything).Return(&workflowservice.DescribeTaskQueueResponse{}, nil)
		}, "worker", "no worker polls task queue patchproof"},
		"a worker that has gone": {func(fake *mocks.Client) {
			fake.On("DescribeTaskQueue", mock.Anything, mock.Anything, mock.Anything).Return(&workflowservice.DescribeTaskQueueResponse{
				Pollers: []*taskqueuepb.PollerInfo{{LastAccessTime: timestamppb.New(noon.Add(-3 * time.Minute))}},
			}, nil)
		}, "worker", "no worker polls"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := &mocks.Client{}
			fake.Test(t)
			test.change(fake)
			fake.ExpectedCalls = append(fake.ExpectedCalls, healthy(t, nil).ExpectedCalls...)
			code, found := examine(t, environ, fake)
			require.Equal(t, exit.Failed, code)
			require.Equal(t, doctor.StatusFail, found[test.check].Status, "%+v", found)
			require.Contains(t, found[test.check].Detail, test.want)
		})
	}
}

func TestDoctorFindsLeftovers(t *testing.T) {
	t.Parallel()
	const (
		open    = "0198c1f0-0000-7000-8000-000000000001"
		closed  = "0198c1f0-0000-7000-8000-000000000002"
		unknown = "0198c1f0-0000-7000-8000-000000000003"
		cleaned = "0198c1f0-0000-7000-8000-000000000004"
		reset   = "0198c1f0-0000-7000-8000-000000000005"
	)
	server := lab(t, "5.23")
	url, environ := serve(t, server)
	sc := &sclient.Client{URL: url, AccessKey: sclient.NewSecret(sctest.DefaultAccessKey), SecretKey: sclient.NewSecret(sctest.DefaultSecretKey)}
	leave := func(run string) sclient.ID {
		policy, err := sc.CreatePolicy(t.Context(), sclient.PolicyRequest{
			Name: "of " + run, Description: workflows.Mark(run, 1),
			Families: []sclient.PolicyFamily{{ID: 20, Plugins: []sclient.ID{97833}}, {ID: 41, Plugins: []sclient.ID{19506}}},
		})
		require.NoError(t, err)
		return policy.ID
	}
	leave(open)
	temporal := func() *mocks.Client {
		return healthy(t, map[string]enumspb.WorkflowExecutionStatus{
			open: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, closed: enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED,
			reset: enumspb.WORKFLOW_EXECUTION_STATUS_TERMINATED, workflows.CleanUpID(cleaned, 1): enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING,
		})
	}
	_, found := examine(t, environ, temporal())
	require.Equal(t, doctor.Answer{Check: "leftovers", Status: doctor.StatusOK, Detail: "policies and scans of 1 running verification"}, found["leftovers"])

	leave(reset)
	third := leave(cleaned)
	_, found = examine(t, environ, temporal())
	require.Equal(t, doctor.Answer{
		Check: "leftovers", Status: doctor.StatusOK, Detail: fmt.Sprintf("policies and scans of 2 running verifications; being cleaned up: policy %d", third),
	}, found["leftovers"])

	first, second := leave(closed), leave(unknown)
	code, found := examine(t, environ, temporal())
	require.Equal(t, exit.OK, code)
	require.Equal(t, doctor.StatusWarn, found["leftovers"].Status)
	require.Contains(t, found["leftovers"].Detail, fmt.Sprintf("policy %d, policy %d belong to no running verification", first, second))

	// A run of a scan is found by its name, the only text that reaches it everywhere.
	scan, err := sc.CreateScan(t.Context(), sclient.ScanRequest{
		Name: "Remediation Scan of Plugin #97833 " + workflows.Mark(unknown, 2), RepositoryID: 1, PolicyID: second, PluginID: 97833,
		IPList: []string{"10.0.0.5"}, TimeoutAction: sclient.TimeoutImport,
	})
	require.NoError(t, err)
	_, found = examine(t, environ, temporal())
	require.Contains(t, found["leftovers"].Detail, "running scan result "+scan.ScanResultID.String())
	require.Contains(t, found["leftovers"].Detail, "being cleaned up")

	_, found = examine(t, environ, nil)
	require.Contains(t, found["leftovers"].Detail, "only Temporal knows")
}

// A mark that somebody copied makes nothing ours: whoever follows the advice must not stop or delete what belongs to another user.
func TestDoctorTellsCopiedMarksApart(t *testing.T) {
	t.Parallel()
	server := lab(t, "5.23")
	other := strings.Repeat("c", 32)
	server.Scenario.Users = []sctest.User{
		{Username: "api", Password: "secret", AccessKey: sctest.DefaultAccessKey, SecretKey: sctest.DefaultSecretKey},
		{Username: "stranger", AccessKey: other, SecretKey: other},
	}
	url, environ := serve(t, server)
	sc := &sclient.Client{URL: url, AccessKey: sclient.NewSecret(other), SecretKey: sclient.NewSecret(other)}
	mark := workflows.Mark("0198c1f0-0000-7000-8000-000000000003", 1)
	policy, err := sc.CreatePolicy(t.Context(), sclient.PolicyRequest{
		Name: "a copy", Description: mark,
		Families: []sclient.PolicyFamily{{ID: 20, Plugins: []sclient.ID{97833}}, {ID: 41, Plugins: []sclient.ID{19506}}},
	})
	require.NoError(t, err)
	scan, err := sc.CreateScan(t.Context(), sclient.ScanRequest{
		Name: "Copy of " + mark, RepositoryID: 1, PolicyID: policy.ID, PluginID: 97833,
		IPList: []string{"10.0.0.5"}, TimeoutAction: sclient.TimeoutImport,
	})
	require.NoError(t, err)
	_, found := examine(t, environ, healthy(t, nil))
	require.Equal(t, doctor.StatusOK, found["leftovers"].Status, found["leftovers"].Detail)
	require.Contains(t, found["leftovers"].Detail, "no policy or scan of ours; of another user, though with our mark: ")
	require.Contains(t, found["leftovers"].Detail, "running scan result "+scan.ScanResultID.String())
	require.Empty(t, found["leftovers"].Todo)
}

// What a clean-up still has to delete is shown although Security Center lists no policy for one use, and while it is down.
func TestDoctorShowsCleanUps(t *testing.T) {
	t.Parallel()
	id := workflows.CleanUpID("0198c1f0-0000-7000-8000-000000000004", 1)
	for name, c := range map[string]struct {
		status enumspb.WorkflowExecutionStatus
		want   string
	}{
		"goes on": {enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, "still trying to stop and delete what a verification left: " + id},
		"gave up": {enumspb.WORKFLOW_EXECUTION_STATUS_FAILED, "gave up after a week: " + id},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, found := examine(t, nil, healthy(t, map[string]enumspb.WorkflowExecutionStatus{id: c.status}))
			require.Equal(t, doctor.StatusWarn, found["clean-ups"].Status)
			require.Equal(t, c.want, found["clean-ups"].Detail)
			require.NotEmpty(t, found["clean-ups"].Todo)
		})
	}
}

func TestDoctorOnARealServer(t *testing.T) {
	t.Parallel()
	server := startRealServer(t)
	lab := lab(t, "5.23")
	lab.Now = time.Now
	_, environ := serve(t, lab)
	diagnose := func() (int, string) {
		i := server.invoke(t, "doctor")
		i.Environ = append(i.Environ, environ...)
		return i.run(t), i.stdout.String()
	}
	code, text := diagnose()
	require.Equal(t, exit.Failed, code)
	require.Contains(t, text, "✗ search-attributes not registered")
	require.Contains(t, text, "run `patchproof setup`")
	require.Contains(t, text, "✗ worker            no worker polls task queue patchproof: verifications wait: start patchproof-worker")
	require.Equal(t, exit.OK, server.invoke(t, "setup").run(t))
	stop := server.work(t)
	defer stop()
	// The server learns of the worker with its first poll.
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	for range 50 {
		if code, text = diagnose(); code == exit.OK {
			break
		}
		<-ticker.C
	}
	require.Equal(t, exit.OK, code, text)
	require.Contains(t, text, "✓ worker            1 worker on task queue patchproof")
}

func TestDoctorTellsWhoHolds(t *testing.T) {
	t.Parallel()
	var running []*workflowpb.WorkflowExecutionInfo
	for _, hold := range []workflows.Hold{
		{SC: "default", By: "ada", Reason: "upgrade", Since: noon}, {SC: "branch", By: "eve", Reason: "freeze", Since: noon},
	} {
		memo, err := converter.GetDefaultDataConverter().ToPayload(hold)
		require.NoError(t, err)
		running = append(running, &workflowpb.WorkflowExecutionInfo{
			Status: enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, Execution: &commonpb.WorkflowExecution{WorkflowId: workflows.SecurityCenterID(hold.SC)},
			Memo: &commonpb.Memo{Fields: map[string]*commonpb.Payload{"hold": memo}},
		})
	}
	fake := healthy(t, nil)
	held := fake.On("ListWorkflow", mock.Anything, mock.MatchedBy(func(r *workflowservice.ListWorkflowExecutionsRequest) bool {
		return r.GetQuery() == "WorkflowType = 'SecurityCenterWorkflow' AND ExecutionStatus = 'Running'"
	})).Return(&workflowservice.ListWorkflowExecutionsResponse{Executions: running}, nil)
	last := len(fake.ExpectedCalls) - 1 // before what answers every question
	fake.ExpectedCalls = append([]*mock.Call{held}, fake.ExpectedCalls[:last]...)
	_, found := examine(t, nil, fake)
	require.Equal(t, doctor.StatusWarn, found["holds"].Status)
	require.Equal(t, "launches of branch are held by eve since 2026-11-22T12:00:00Z: freeze, "+
		"launches of default are held by ada since 2026-11-22T12:00:00Z: upgrade", found["holds"].Detail)
	require.Contains(t, found["holds"].Todo, "patchproof release --sc branch --reason TEXT")
}

package main

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/remediation"
	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/namespace"
	"patchproof/workflows"
)

// realServer is Temporal's dev server, with the fake verification as its worker.
type realServer struct {
	*testsuite.DevServer
	options testsuite.DevServerOptions
}

func startRealServer(t *testing.T) *realServer {
	t.Helper()
	binary, err := filepath.Abs("../bin/temporal")
	require.NoError(t, err)
	if _, err := os.Stat(binary); err != nil {
		t.Skip("bin/temporal is missing: `make bin/temporal` builds it")
	}
	s := &realServer{options: testsuite.DevServerOptions{
		ExistingPath: binary, LogLevel: "never", Stdout: io.Discard, Stderr: io.Discard,
		DBFilename:    filepath.Join(t.TempDir(), "temporal.db"),
		ClientOptions: &client.Options{Logger: log.NewStructuredLogger(quiet())},
		ExtraArgs:     []string{"--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=1"},
	}}
	s.start(t)
	t.Cleanup(func() { _ = s.Stop() })
	return s
}

func (s *realServer) start(t *testing.T) {
	t.Helper()
	server, err := testsuite.StartDevServer(t.Context(), s.options)
	require.NoError(t, err)
	s.DevServer = server
	s.options.ClientOptions.HostPort = server.FrontendHostPort() // a restart is at the same place
}

// work starts a worker; it returns what stops it.
func (s *realServer) work(t *testing.T) (stop func()) {
	t.Helper()
	w := worker.New(s.Client(), workflows.DefaultTaskQueue, worker.Options{})
	w.RegisterWorkflowWithOptions(fakeVerification, workflow.RegisterOptions{Name: workflows.RemediationWorkflowType})
	w.RegisterWorkflowWithOptions(workflows.SecurityCenterWorkflow, workflow.RegisterOptions{Name: workflows.SecurityCenterWorkflowType})
	w.RegisterActivityWithOptions(fakeAwait, activity.RegisterOptions{Name: "AwaitScan"})
	require.NoError(t, w.Start())
	return w.Stop
}

// invoke is the command against the server.
func (s *realServer) invoke(t *testing.T, args ...string) *trial {
	t.Helper()
	i := newTrial(t, args...)
	i.Now, i.Connect, i.Tick, i.Patience, i.Answer = time.Now, namespace.Dial, 100*time.Millisecond, 10*time.Second, 2*time.Second
	i.Environ = append(i.Environ, "TEMPORAL_ADDRESS="+s.FrontendHostPort(), "PATCHPROOF_UI_URL=http://ui.example.com")
	return i
}

func verifyArgs(ticket string, more ...string) []string {
	return append([]string{"verify", "--ticket", ticket, "--plugin", "97833", "--repository", "1", "--ip", "10.0.0.5"}, more...)
}

// fakeVerification keeps the contract of a verification and does what its ticket says.
func fakeVerification(ctx workflow.Context, r remediation.Request) (*workflows.Status, error) {
	info := workflow.GetInfo(ctx)
	status := &workflows.Status{
		Ticket: r.Ticket, Plugin: r.Plugin, Repository: r.Repository, SC: r.SC, WorkflowID: info.WorkflowExecution.ID,
		RunID: info.WorkflowExecution.RunID, Phase: workflows.PhaseScanning, StartedAt: info.WorkflowStartTime,
		Deadline: info.WorkflowStartTime.Add(time.Duration(r.Timeout)),
	}
	done := false
	err := workflow.SetQueryHandler(ctx, workflows.StatusQuery, func() (*workflows.Status, error) { return status, nil })
	if err != nil {
		return nil, err
	}
	err = workflow.SetUpdateHandler(ctx, workflows.CancelUpdate, func(_ workflow.Context, c workflows.Cancel) error {
		status.Notes = append(status.Notes, "cancelled by "+c.Actor+": "+c.Reason)
		status.Outcome, done = remediation.OutcomeCancelled, true
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = workflow.SetUpdateHandlerWithOptions(ctx, workflows.ExtendUpdate, func(_ workflow.Context, e workflows.Extend) (workflows.Extended, error) {
		status.Deadline = status.Deadline.Add(time.Duration(e.By))
		status.Notes = append(status.Notes, "extended by "+e.Actor+": "+e.Reason)
		return workflows.Extended{Deadline: status.Deadline, AskedAt: e.AskedAt}, nil
	}, workflow.UpdateHandlerOptions{Validator: func(e workflows.Extend) error {
		if e.By > remediation.Duration(1000*time.Hour) {
			return temporal.NewApplicationError("by: that is too much", "Invalid")
		}
		return nil
	}})
	if err != nil {
		return nil, err
	}
	switch {
	case strings.HasPrefix(r.Ticket, "FAIL"):
		return nil, temporal.NewNonRetryableApplicationError("repository 1: Security Center does not know it", "Invalid", nil)
	case strings.HasPrefix(r.Ticket, "POLL"):
		ctx := workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
			StartToCloseTimeout: time.Minute, HeartbeatTimeout: time.Minute, RetryPolicy: &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 1},
		})
		if err := workflow.ExecuteActivity(ctx, "AwaitScan").Get(ctx, nil); err != nil {
			return nil, err
		}
		status.Outcome = remediation.OutcomeNotFixed
	case strings.HasPrefix(r.Ticket, "WAIT"):
		// A native cancel is an outcome, as in the real workflow.
		work, _ := workflow.NewDisconnectedContext(ctx)
		if err := workflow.Await(work, func() bool {
			return (done || ctx.Err() != nil) && workflow.AllHandlersFinished(ctx)
		}); err != nil {
			return nil, err
		}
		if !done {
			status.Notes = append(status.Notes, "cancelled in Temporal, by an unknown person")
			status.Outcome = remediation.OutcomeCancelled
		}
		ctx = work
	default:
		status.Outcome = remediation.OutcomeFixed
	}
	if err := workflow.UpsertTypedSearchAttributes(ctx, workflows.PhaseAttribute.ValueSet("done"), workflows.OutcomeAttribute.ValueSet(string(status.Outcome))); err != nil {
		return nil, err
	}
	finished := workflow.Now(ctx)
	status.Phase, status.FinishedAt = workflows.PhaseDone, &finished
	status.Findings = []remediation.Judged{{Host: "10.0.0.5", Port: 445, Protocol: "TCP", Verdict: remediation.FixedConfirmed, Reason: "proved"}}
	return status, nil
}

// fakeAwait polls as a waiting activity does: it fails until its third attempt.
func fakeAwait(ctx context.Context) error {
	attempt := activity.GetInfo(ctx).Attempt
	if attempt > 2 {
		return nil
	}
	activity.RecordHeartbeat(ctx, workflows.Progress{Text: "scan Running, 1 of 3 hosts"})
	if attempt == 2 {
		return temporal.NewApplicationError("GET /rest/scanResult: 502", "Unavailable")
	}
	return temporal.NewApplicationErrorWithOptions("scan Running", "NotYet", temporal.ApplicationErrorOptions{
		NextRetryDelay: 2 * time.Second, Category: temporal.ApplicationErrorCategoryBenign,
	})
}

// TestOnARealServer goes through the commands in the order in which somebody new would use them. The parts share the
// server, whose start is what takes time.
func TestOnARealServer(t *testing.T) {
	t.Parallel()
	s := startRealServer(t)

	i := s.invoke(t, verifyArgs("EARLY-1")...)
	require.Equal(t, exit.Failed, i.run(t))
	require.Contains(t, i.stderr.String(), "`patchproof setup`")
	i = s.invoke(t, "list", "--ticket", "EARLY-1")
	require.Equal(t, exit.Failed, i.run(t))
	require.Contains(t, i.stderr.String(), "`patchproof setup`")

	i = s.invoke(t, "setup")
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	require.Equal(t, 8, strings.Count(i.stdout.String(), "registered"))
	i = s.invoke(t, "setup")
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	require.Equal(t, 8, strings.Count(i.stdout.String(), "was there"))

	testWithoutWorker(t, s)
	testUpdatesWithoutWorker(t, s)
	testHoldsWithoutWorker(t, s)
	stop := s.work(t)
	testVerdicts(t, s)
	testUpdates(t, s)
	testUpdatesThatWaited(t, s)
	testHolds(t, s)
	testByHand(t, s)
	testFinding(t, s)
	stop()
	testRestart(t, s)
	testWrongAttribute(t, s)
}

func testWithoutWorker(t *testing.T, s *realServer) {
	t.Helper()
	i := s.invoke(t, verifyArgs("WAIT-1")...)
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	require.Contains(t, i.stdout.String(), "WAIT-1 (started)")
	require.Contains(t, i.stdout.String(), "http://ui.example.com/namespaces/default/workflows/patchproof%2Fdefault%2F1%2F97833%2FWAIT-1/")

	i = s.invoke(t, verifyArgs("WAIT-1", "-o", "json")...)
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	require.Equal(t, "WAIT-1: a verification of the same targets runs already; this is it\n", i.stderr.String())
	status := decode(t, i)
	require.Equal(t, 97833, status.Plugin)
	require.NotZero(t, status.Deadline)
	require.Contains(t, i.stdout.String(), `"findings": []`)

	i = s.invoke(t, verifyArgs("WAIT-1", "--timeout", "2h", "--port-range", "all", "-o", "json")...)
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	require.Contains(t, i.stderr.String(), "WAIT-1: a verification of the same targets runs already; this is it. It was asked otherwise and stays as it is: "+
		"--timeout, --port-range\n")
	require.Contains(t, i.stdout.String(), `"attachedTo": "`+status.RunID+`"`)
	require.Contains(t, strings.Join(strings.Fields(i.stdout.String()), ""), `"differs":["timeout","scan.portRange"]`)
	require.Equal(t, status.RunID, decode(t, i).RunID)

	i = s.invoke(t, "verify", "--ticket", "WAIT-1", "--plugin", "97833", "--repository", "1", "--ip", "10.0.0.5,10.0.0.6")
	require.Equal(t, exit.Failed, i.run(t))
	require.Contains(t, i.stderr.String(), "for other targets (10.0.0.5)")

	i = s.invoke(t, "status", "WAIT-1", "--plugin", "97833", "--repository", "1", "-o", "json")
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	require.Contains(t, decode(t, i).Notes[0], "no worker is polling task queue patchproof")

	// To stop watching is not to cancel.
	i = s.invoke(t, verifyArgs("WAIT-1", "--wait")...)
	ctx, stop := context.WithCancel(t.Context())
	i.Stderr = &trigger{Writer: i.Stderr, on: "no worker is polling", do: stop}
	require.Equal(t, exit.Failed, run(ctx, i.command))
	require.Contains(t, i.stderr.String(), "the verification goes on. See it: patchproof status WAIT-1 --plugin 97833 --repository 1 --wait; "+
		"stop it: patchproof cancel WAIT-1 --plugin 97833 --repository 1 --reason TEXT")
	require.Empty(t, i.stdout.String())
	i = s.invoke(t, "list", "--ticket", "WAIT-1", "-o", "json")
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	require.Contains(t, i.stdout.String(), `"state": "running"`)
}

// trigger does something when a text is written.
type trigger struct {
	io.Writer
	on string
	do func()
}

func (w *trigger) Write(p []byte) (int, error) {
	if strings.Contains(string(p), w.on) {
		w.do()
	}
	return w.Writer.Write(p)
}

func decode(t *testing.T, i *trial) workflows.Status {
	t.Helper()
	var status workflows.Status
	decoder := json.NewDecoder(strings.NewReader(i.stdout.String()))
	require.NoError(t, decoder.Decode(&status), i.stdout.String())
	require.ErrorIs(t, decoder.Decode(&status), io.EOF, "one JSON value and nothing else")
	return status
}

func testVerdicts(t *testing.T, s *realServer) {
	t.Helper()
	i := s.invoke(t, verifyArgs("FIX-1", "--wait", "-o", "json")...)
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	first := decode(t, i)
	require.Equal(t, remediation.OutcomeFixed, first.Outcome)
	require.Contains(t, i.stdout.String(), `"differs": []`)
	require.Empty(t, i.stderr.String(), "no progress for who asked for JSON only")

	// Asked again after a verdict, it is proved again.
	i = s.invoke(t, verifyArgs("FIX-1", "--wait", "-o", "json")...)
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	require.NotEqual(t, first.RunID, decode(t, i).RunID)

	i = s.invoke(t, verifyArgs("FAIL-1", "--wait", "-o", "json")...)
	require.Equal(t, exit.Failed, i.run(t))
	require.Equal(t, "patchproof: FAIL-1: repository 1: Security Center does not know it\n", i.stderr.String())
	require.Contains(t, i.stdout.String(), `"error": "`)
	require.Contains(t, i.stdout.String(), `"findings": []`)
	i = s.invoke(t, "status", "FAIL-1")
	require.Equal(t, exit.Failed, i.run(t))
	require.Equal(t, "patchproof: FAIL-1: repository 1: Security Center does not know it\n", i.stderr.String())

	i = s.invoke(t, verifyArgs("POLL-1", "--wait")...)
	require.Equal(t, exit.NotFixed, i.run(t), i.stderr.String())
	require.Contains(t, i.stderr.String(), "POLL-1: scanning (")
	require.Contains(t, i.stderr.String(), "POLL-1: scan Running, 1 of 3 hosts\n")
	require.Contains(t, i.stderr.String(), "POLL-1: GET /rest/scanResult: 502 (attempt 3 at ")
	require.Contains(t, i.stdout.String(), "POLL-1: not-fixed after ")
	require.Contains(t, i.stdout.String(), "10.0.0.5  445/tcp  fixed-confirmed  proved")

	// A terminal gets the live view on stderr, and the verdict on stdout.
	i = s.invoke(t, "status", "FIX-1", "POLL-1", "--wait", "-o", "json")
	i.Terminal = func(io.Writer) (int, int, bool) { return 100, 30, true }
	require.Equal(t, exit.NotFixed, i.run(t), i.stderr.String())
	require.Contains(t, i.stderr.String(), "\x1b[K")
	var both []workflows.Status
	require.NoError(t, json.Unmarshal(i.stdout.Bytes(), &both))
	require.Equal(t, []string{"FIX-1", "POLL-1"}, []string{both[0].Ticket, both[1].Ticket})
}

func testUpdates(t *testing.T, s *realServer) {
	t.Helper()
	i := s.invoke(t, "extend", "WAIT-1", "--by", "12h", "--reason", "scanner is down")
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	require.Contains(t, i.stdout.String(), "WAIT-1: the deadline is now ")
	i = s.invoke(t, "extend", "WAIT-1", "--by", "2000h", "--reason", "for ever")
	require.Equal(t, exit.Failed, i.run(t))
	require.Equal(t, "patchproof: the verification of ticket WAIT-1 refuses: by: that is too much\n", i.stderr.String())
	i = s.invoke(t, "cancel", "WAIT-1", "--reason", "rolled back")
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	i = s.invoke(t, "status", "WAIT-1", "--plugin", "97833", "--repository", "1", "--wait", "-o", "json")
	require.Equal(t, exit.Undecided, i.run(t), i.stderr.String())
	require.Equal(t, []string{"extended by jo: scanner is down", "cancelled by jo: rolled back"}, decode(t, i).Notes)
	i = s.invoke(t, "cancel", "WAIT-1", "--reason", "again")
	require.Equal(t, exit.Failed, i.run(t))
	require.Equal(t, "patchproof: the verification of ticket WAIT-1 is closed already (cancelled): nothing was changed\n", i.stderr.String())
	i = s.invoke(t, "cancel", "WAIT-99", "--plugin", "1", "--repository", "1", "--reason", "x")
	require.Equal(t, exit.Failed, i.run(t))
	require.Equal(t, "patchproof: there is no verification of ticket WAIT-99, plugin 1, repository 1: start one with `patchproof verify`\n", i.stderr.String())
}

// testUpdatesWithoutWorker: what is said while nobody listens is not kept, and the command does not claim it.
func testUpdatesWithoutWorker(t *testing.T, s *realServer) {
	t.Helper()
	for _, ticket := range []string{"WAIT-2", "WAIT-3"} {
		i := s.invoke(t, verifyArgs(ticket)...)
		require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	}
	i := s.invoke(t, "extend", "WAIT-2", "--plugin", "97833", "--repository", "1", "--by", "12h", "--reason", "scanner is down")
	require.Equal(t, exit.Failed, i.run(t))
	require.Contains(t, i.stderr.String(), "no worker answered on task queue patchproof within 2s")
	require.Contains(t, i.stderr.String(), "nothing is recorded")
	require.Empty(t, i.stdout.String())

	i = s.invoke(t, "cancel", "WAIT-3", "--plugin", "97833", "--repository", "1", "--reason", "rolled back")
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	require.Contains(t, i.stdout.String(), "WAIT-3: no worker answered on task queue patchproof within 2s, so Temporal itself was asked to cancel it")
	require.Contains(t, i.stdout.String(), "the reason is not")
}

// testUpdatesThatWaited: the worker is back.
func testUpdatesThatWaited(t *testing.T, s *realServer) {
	t.Helper()
	i := s.invoke(t, "status", "WAIT-3", "--wait", "-o", "json")
	require.Equal(t, exit.Undecided, i.run(t), i.stderr.String())
	require.Equal(t, remediation.OutcomeCancelled, decode(t, i).Outcome)

	// Repeated until it is heard, an extension counts once, and is told so.
	var first, again workflows.Status
	for _, status := range []*workflows.Status{&first, &again} {
		i := s.invoke(t, "extend", "WAIT-2", "--by", "12h", "--reason", "scanner is down")
		require.Equal(t, exit.OK, i.run(t), i.stderr.String())
		if status == &again {
			require.Contains(t, i.stdout.String(), "counted once")
			require.Contains(t, i.stdout.String(), "--update-id")
		}
		i = s.invoke(t, "status", "WAIT-2", "-o", "json")
		require.Equal(t, exit.OK, i.run(t), i.stderr.String())
		*status = decode(t, i)
	}
	require.Equal(t, first.Deadline, again.Deadline)
	require.Equal(t, []string{"extended by jo: scanner is down"}, again.Notes)
	for _, more := range [][]string{{"--update-id", "once-more"}, {"--by", "13h"}} { // said twice on purpose
		i := s.invoke(t, append([]string{"extend", "WAIT-2", "--by", "12h", "--reason", "scanner is down"}, more...)...)
		require.Equal(t, exit.OK, i.run(t), i.stderr.String())
		require.NotContains(t, i.stdout.String(), "once")
	}
	i = s.invoke(t, "cancel", "WAIT-2", "--reason", "enough")
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
}

// testHoldsWithoutWorker: a hold needs nobody but the server; a release is kept until a worker comes.
func testHoldsWithoutWorker(t *testing.T, s *realServer) {
	t.Helper()
	say := func(args ...string) *trial {
		i := s.invoke(t, args...)
		require.Equal(t, exit.OK, i.run(t), i.stderr.String())
		return i
	}
	i := say("release", "--sc", "branch", "--reason", "done")
	require.Equal(t, "nobody holds launches of branch: nothing was changed\n", i.stdout.String())
	i = say("hold", "--sc", "branch", "--reason", "upgrade")
	require.Contains(t, i.stdout.String(), "launches of branch are held by jo since ")
	require.Contains(t, i.stdout.String(), ": upgrade (no worker on task queue patchproof took notice within 2s; the hold is kept)\n")
	require.Contains(t, i.stderr.String(), "warning: Temporal lists no verification in a Security Center named branch")
	i = say("hold", "--sc", "branch", "--reason", "freeze", "--actor", "eve")
	require.Contains(t, i.stdout.String(), "launches of branch are held by eve since ")
	require.Contains(t, i.stdout.String(), "; before that launches of branch are held by jo since ")
	i = say("release", "--sc", "branch", "--reason", "done")
	require.Contains(t, i.stdout.String(), "the release is kept, but no worker on task queue patchproof took notice within 2s: until one does, launches of branch are held by ")
	i = say("hold", "--sc", "default", "--reason", "audit")
	require.NotContains(t, i.stderr.String(), "warning")
	i = s.invoke(t, "doctor", "-o", "json")
	i.run(t)
	require.Contains(t, i.stdout.String(), "launches of default are held by jo since ")
}

// testHolds: a worker is there, and has heard what was said before it came.
func testHolds(t *testing.T, s *realServer) {
	t.Helper()
	say := func(want string, args ...string) {
		i := s.invoke(t, args...)
		require.Equal(t, exit.OK, i.run(t), i.stderr.String())
		require.Contains(t, i.stdout.String(), want)
		require.NotContains(t, i.stdout.String(), "took notice")
	}
	say("nobody holds launches of branch", "release", "--sc", "branch", "--reason", "done")
	say("; before that launches of default are held by jo since ", "hold", "--sc", "default", "--reason", "freeze", "--actor", "eve")
	say("launches of default go on; until now launches of default are held by eve since ", "release", "--sc", "default", "--reason", "done")
	say("nobody holds launches of default", "release", "--sc", "default", "--reason", "done")
	say("launches of default are held by jo since ", "hold", "--sc", "default", "--reason", "again")
	say("launches of default go on", "release", "--sc", "default", "--reason", "done")
	var out workflows.Released
	require.NoError(t, s.Client().GetWorkflow(t.Context(), workflows.SecurityCenterID("default"), "").Get(t.Context(), &out))
	require.Equal(t, []string{"jo", "again", "jo", "done"}, []string{out.Hold.By, out.Hold.Reason, out.By, out.Reason})
}

// testByHand: a workflow that somebody started under an ID of their own belongs to its ticket all the same.
func testByHand(t *testing.T, s *realServer) {
	t.Helper()
	hand := func(id, ticket string) {
		_, err := s.Client().ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{
			ID: id, TaskQueue: workflows.DefaultTaskQueue,
			TypedSearchAttributes: temporal.NewSearchAttributes(workflows.TicketAttribute.ValueSet(ticket),
				workflows.PluginAttribute.ValueSet(97833), workflows.RepositoryAttribute.ValueSet("1"), workflows.SCAttribute.ValueSet("default")),
		}, workflows.RemediationWorkflowType, remediation.Request{Ticket: ticket, Plugin: 97833, Repository: 1, SC: "default", Targets: []string{"10.0.0.5"}})
		require.NoError(t, err)
	}
	listed := func(ticket string, n int) {
		for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
			i := s.invoke(t, "list", "--ticket", ticket, "-o", "json")
			require.Equal(t, exit.OK, i.run(t), i.stderr.String())
			if strings.Count(i.stdout.String(), `"workflowId"`) == n {
				return
			}
		}
		require.Fail(t, "not listed", ticket)
	}
	hand("by-hand-1", "WAIT-10")
	listed("WAIT-10", 1)
	for _, args := range [][]string{
		{"status", "WAIT-10", "-o", "json"},
		{"status", "WAIT-10", "--plugin", "97833", "--repository", "1", "-o", "json"},
		{"status", "WAIT-10", "--workflow-id", "by-hand-1", "-o", "json"},
	} {
		i := s.invoke(t, args...)
		require.Equal(t, exit.OK, i.run(t), "%v: %s", args, i.stderr.String())
		require.Equal(t, "by-hand-1", decode(t, i).WorkflowID)
	}
	i := s.invoke(t, "status", "WAIT-10", "--workflow-id", "by-hand-2")
	require.Equal(t, exit.Failed, i.run(t))
	require.Contains(t, i.stderr.String(), "by-hand-2")
	i = s.invoke(t, "status", "WAIT-11", "--workflow-id", "by-hand-1")
	require.Equal(t, exit.Failed, i.run(t))
	require.Contains(t, i.stderr.String(), "by-hand-1 is about ticket WAIT-10")

	// Two that run are named, whatever else is said of them.
	i = s.invoke(t, verifyArgs("WAIT-10")...)
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	listed("WAIT-10", 2)
	for _, args := range [][]string{{"WAIT-10"}, {"WAIT-10", "--plugin", "97833", "--repository", "1"}} {
		i = s.invoke(t, append([]string{"cancel", "--reason", "x"}, args...)...)
		require.Equal(t, exit.Failed, i.run(t))
		require.Contains(t, i.stderr.String(), "--workflow-id by-hand-1, or --workflow-id patchproof/default/1/97833/WAIT-10")
	}
	i = s.invoke(t, "cancel", "WAIT-10", "--workflow-id", "patchproof/default/1/97833/WAIT-10", "--reason", "x")
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	i = s.invoke(t, "status", "WAIT-10", "--workflow-id", "patchproof/default/1/97833/WAIT-10", "--wait", "-o", "json")
	require.Equal(t, exit.Undecided, i.run(t), i.stderr.String())

	// One of them is closed: what runs is meant.
	i = s.invoke(t, "extend", "WAIT-10", "--plugin", "97833", "--repository", "1", "--by", "1h", "--reason", "x")
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	i = s.invoke(t, "cancel", "WAIT-10", "--workflow-id", "by-hand-1", "--reason", "x")
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
}

func testFinding(t *testing.T, s *realServer) {
	t.Helper()
	for _, repository := range []string{"1", "2"} {
		i := s.invoke(t, "verify", "--ticket", "TWO-1", "--plugin", "5", "--repository", repository, "--ip", "10.0.0.5", "--wait", "-o", "json")
		require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	}
	// The index may list the second one later than the first.
	var i *trial
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		i = s.invoke(t, "status", "TWO-1")
		if i.run(t) == exit.Failed {
			break
		}
	}
	require.Equal(t, "patchproof: ticket TWO-1 has 2 verifications: say which one with --plugin 5 --repository 1 --sc default, or "+
		"--plugin 5 --repository 2 --sc default\n", i.stderr.String())
	i = s.invoke(t, "status", "TWO-1", "--repository", "2", "-o", "json")
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	require.Equal(t, 2, decode(t, i).Repository)

	for _, ticket := range []string{`O'Brien`, `back\slash`, `say "please"`, `100%_ü`, `A-1' OR PpTicket != '`} {
		i := s.invoke(t, verifyArgs(ticket, "--wait")...)
		require.Equal(t, exit.OK, i.run(t), i.stderr.String())
		i = s.invoke(t, "status", ticket, "-o", "json")
		require.Equal(t, exit.OK, i.run(t), i.stderr.String())
		require.Equal(t, ticket, decode(t, i).Ticket)
	}

	i = s.invoke(t, "list", "--plugin", "5", "--outcome", "fixed", "--phase", "done", "-o", "json")
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	var found []namespace.Record
	require.NoError(t, json.Unmarshal(i.stdout.Bytes(), &found))
	require.Len(t, found, 2)
	require.Equal(t, 2, found[0].Repository, "the newest first")
	require.NotNil(t, found[0].FinishedAt)
	i = s.invoke(t, "list", "--ticket", "NONE-1", "-o", "json")
	require.Equal(t, exit.OK, i.run(t), i.stderr.String())
	require.Equal(t, "[]\n", i.stdout.String())
}

// testRestart takes worker and server away while somebody watches.
func testRestart(t *testing.T, s *realServer) {
	t.Helper()
	i := s.invoke(t, verifyArgs("POLL-2", "--wait")...)
	restart := make(chan struct{})
	i.Stderr = &trigger{Writer: i.Stderr, on: "no worker is polling", do: func() { close(restart) }}
	code := make(chan int)
	go func() { code <- run(t.Context(), i.command) }()
	<-restart
	require.NoError(t, s.Stop())
	s.start(t)
	stop := s.work(t)
	defer stop()
	require.Equal(t, exit.NotFixed, <-code)
	require.Contains(t, i.stdout.String(), "POLL-2: not-fixed after ")
}

func testWrongAttribute(t *testing.T, s *realServer) {
	t.Helper()
	operator := s.Client().OperatorService()
	_, err := operator.RemoveSearchAttributes(t.Context(), &operatorservice.RemoveSearchAttributesRequest{
		Namespace: "default", SearchAttributes: []string{"PpOpenFindings"},
	})
	require.NoError(t, err)
	_, err = operator.AddSearchAttributes(t.Context(), &operatorservice.AddSearchAttributesRequest{
		Namespace: "default", SearchAttributes: map[string]enumspb.IndexedValueType{"PpOpenFindings": enumspb.INDEXED_VALUE_TYPE_BOOL},
	})
	require.NoError(t, err)
	i := s.invoke(t, "setup")
	require.Equal(t, exit.Failed, i.run(t))
	require.Contains(t, i.stderr.String(), "the search attribute PpOpenFindings exists as Bool but must be Int: remove it with "+
		"`temporal operator search-attribute remove --name PpOpenFindings --namespace default`")
}

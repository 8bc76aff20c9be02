package verification

import (
	"bytes"
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/mocks"

	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/remediation"
	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/follow"
	"patchproof/starter/internal/invocation"
	"patchproof/starter/internal/namespace"
	"patchproof/workflows"
)

// noon is the time in tests.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// trial is the commands of this room on no terminal, in an empty environment.
type trial struct {
	*commands
	stdout, stderr bytes.Buffer
}

func newTrial(t *testing.T) *trial {
	t.Helper()
	i := &trial{}
	i.commands = &commands{&invocation.Invocation{
		Stdout: &i.stdout, Stderr: &i.stderr, Environ: []string{"USER=jo"},
		Terminal: func(io.Writer) (int, int, bool) { return 0, 0, false },
		Now:      func() time.Time { return noon },
	}, Options{Tick: 10 * time.Millisecond}}
	return i
}

// answer is what a worker says to the status query.
func answer(t *testing.T, status workflows.Status) converter.EncodedValue {
	t.Helper()
	value := &mocks.Value{}
	value.On("Get", mock.Anything).Run(func(args mock.Arguments) {
		target, ok := args.Get(0).(*workflows.Status)
		require.True(t, ok)
		*target = status
	}).Return(nil)
	return value
}

// ending is a run whose result is already there.
func ending(t *testing.T, status workflows.Status, err error) client.WorkflowRun {
	t.Helper()
	run := &mocks.WorkflowRun{}
	run.Test(t)
	run.On("Get", mock.Anything, mock.Anything).Run(func(args mock.Arguments) {
		if target, ok := args.Get(1).(*workflows.Status); ok {
			*target = status
		}
	}).Return(err)
	return run
}

func TestWatchSurvivesAnOutage(t *testing.T) {
	t.Parallel()
	ns, fake := fakeTemporal(t)
	scanning := workflows.Status{Ticket: "VULN-3", Phase: workflows.PhaseScanning, StartedAt: noon}
	describing := func() *mock.Call { return fake.On("DescribeWorkflowExecution", mock.Anything, "id", "run") }
	describing().Return(description(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING), nil).Once()
	fake.On("QueryWorkflow", mock.Anything, "id", "run", workflows.StatusQuery).Return(answer(t, scanning), nil).Once()
	describing().Return(nil, serviceerror.NewUnavailable("connection refused")).Times(3)
	describing().Return(nil, serviceerror.NewNotFound("not loaded yet")).Once()
	describing().Return(description(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING), nil).Once() // no event, so no worker is asked
	describing().Return(description(enumspb.WORKFLOW_EXECUTION_STATUS_COMPLETED), nil)
	fake.On("GetWorkflow", mock.Anything, "id", "run").Return(ending(t, workflows.Status{}, serviceerror.NewUnavailable("again"))).Once()
	fake.On("GetWorkflow", mock.Anything, "id", "run").Return(ending(t, workflows.Status{Ticket: "VULN-3", Outcome: remediation.OutcomeInconclusive, Phase: workflows.PhaseDone}, nil)).Once()

	i := newTrial(t)
	err := i.watch(t.Context(), ns, []*follow.Follower{follow.New(ns, namespace.Run{WorkflowID: "id", RunID: "run"}, "VULN-3", i.Now)}, form{output: flags.OutputTable})
	require.Equal(t, exit.With(exit.Undecided), err)
	require.Equal(t, `VULN-3: scanning (0s)
VULN-3: lost contact with Temporal, still trying
VULN-3: the trouble is over
VULN-3: lost contact with Temporal, still trying
VULN-3: inconclusive (0s)
`, i.stderr.String(), "several failures in a row are one trouble")
	require.Contains(t, i.stdout.String(), "VULN-3: inconclusive")
}

func TestWatchEndsWhenTheVerificationIsGone(t *testing.T) {
	t.Parallel()
	ns, fake := fakeTemporal(t)
	fake.On("DescribeWorkflowExecution", mock.Anything, "id", "run").Return(nil, serviceerror.NewNotFound("workflow not found"))
	i := newTrial(t)
	now := noon
	clock := func() time.Time { now = now.Add(time.Minute); return now } // it is not known for long enough
	f := follow.New(ns, namespace.Run{WorkflowID: "id", RunID: "run"}, "VULN-3", clock)
	err := i.watch(t.Context(), ns, []*follow.Follower{f}, form{output: flags.OutputJSON})
	require.Equal(t, exit.With(exit.Failed), err)
	require.Contains(t, i.stderr.String(), "VULN-3: the verification is no longer known to Temporal")
	require.Empty(t, i.stdout.String())
}

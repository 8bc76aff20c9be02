package verification

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/starter/internal/namespace"
)

func TestUpdateID(t *testing.T) {
	t.Parallel()
	eve := signed{actor: "eve", reason: "x"}
	id := eve.updateID("extend", "12h")
	require.Equal(t, id, eve.updateID("extend", "12h"), "the same command is a repetition")
	for _, other := range []string{
		eve.updateID("cancel", "12h"), eve.updateID("extend", "13h"), signed{actor: "ann", reason: "x"}.updateID("extend", "12h"),
		signed{actor: "eve", reason: "y"}.updateID("extend", "12h"), signed{actor: "evex"}.updateID("extend", "12h"),
	} {
		require.NotEqual(t, id, other)
	}
	require.Equal(t, "mine", signed{actor: "eve", reason: "x", id: "mine"}.updateID("extend", "12h"))
}

// Nobody hears the update, and Temporal's own cancel is asked for: it may come too late, or fail as well.
func TestCancelThatNobodyHears(t *testing.T) {
	t.Parallel()
	for want, answer := range map[string]error{
		"":                              nil,
		"has just closed":               serviceerror.NewNotFound("workflow execution already completed"),
		"no Temporal server answers at": context.DeadlineExceeded,
	} {
		ns, fake := fakeTemporal(t)
		fake.On("DescribeWorkflowExecution", mock.Anything, mock.Anything, mock.Anything).Return(description(enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING), nil)
		fake.On("ListWorkflow", mock.Anything, mock.Anything).Return(nil, errors.New("the index is down"))
		fake.On("UpdateWorkflow", mock.Anything, mock.MatchedBy(func(o client.UpdateWorkflowOptions) bool { return o.UpdateID != "" && o.RunID == "run" })).
			Return(nil, client.NewWorkflowUpdateServiceTimeoutOrCanceledError(context.DeadlineExceeded))
		fake.On("CancelWorkflow", mock.Anything, "id", "run").Return(answer).Once()
		i := newTrial(t)
		err := ns.Explain(i.cancel(t.Context(), ns, namespace.Subject{Ticket: "VULN-3", Plugin: 1, Repository: 1}, signed{actor: "eve", reason: "x"}))
		if want == "" {
			require.NoError(t, err)
			require.Contains(t, i.stdout.String(), "Temporal itself was asked to cancel it")
			continue
		}
		require.ErrorContains(t, err, want)
		require.Empty(t, i.stdout.String())
	}
}

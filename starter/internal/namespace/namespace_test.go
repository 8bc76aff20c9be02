package namespace

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/api/serviceerror"

	enumspb "go.temporal.io/api/enums/v1"
)

func TestIndexQuery(t *testing.T) {
	t.Parallel()
	all := Filter{
		Subject: Subject{Ticket: "VULN-3", Plugin: 97833, Repository: 1, SC: "berlin"}, Phase: "done", Outcome: "fixed", Open: true,
	}
	require.Equal(t, "WorkflowType = 'RemediationWorkflow' AND PpTicket = 'VULN-3' AND PpPlugin = 97833 AND PpRepository = '1' AND "+
		"PpSC = 'berlin' AND PpPhase = 'done' AND PpOutcome = 'fixed' AND ExecutionStatus = 'Running'", all.query())
	require.Equal(t, "WorkflowType = 'RemediationWorkflow'", Filter{}.query())
	for ticket, want := range map[string]string{
		"x' OR PpTicket != '":   " AND PpTicket STARTS_WITH 'x'",
		`back\slash`:            " AND PpTicket STARTS_WITH 'back'",
		`say "please"`:          " AND PpTicket STARTS_WITH 'say '",
		`100%_ü`:                " AND PpTicket = '100%_ü'",
		`"`:                     "",
		`' AND 1 = "1" \' OR '`: "",
	} {
		f := Filter{Subject: Subject{Ticket: ticket}}
		require.Equal(t, "WorkflowType = 'RemediationWorkflow'"+want, f.query())
		require.True(t, f.takes(Record{Ticket: ticket}))
		require.False(t, f.takes(Record{Ticket: ticket + "x"}))
	}
}

func TestAnswersOfTheServerAreExplained(t *testing.T) {
	t.Parallel()
	n := &Namespace{Address: "temporal:7233", Name: "default"}
	for name, test := range map[string]struct {
		err  error
		want string
	}{
		"start without attributes": {serviceerror.NewInvalidArgument("Namespace default has no mapping defined for search attribute PpTicket"), "`patchproof setup`"},
		"query without attributes": {serviceerror.NewInvalidArgument("invalid query: column name 'PpTicket' is not defined"), "`patchproof setup`"},
		"another invalid argument": {serviceerror.NewInvalidArgument("WorkflowId length exceeds limit"), "WorkflowId length"},
		"namespace":                {serviceerror.NewNamespaceNotFound("default"), "TEMPORAL_NAMESPACE"},
		"rights":                   {serviceerror.NewPermissionDenied("Request unauthorized.", ""), "TEMPORAL_API_KEY"},
		"silence":                  {fmt.Errorf("list: %w", serviceerror.NewUnavailable("connection refused")), "no Temporal server answers at temporal:7233"},
		"overload":                 {serviceerror.NewResourceExhausted(enumspb.RESOURCE_EXHAUSTED_CAUSE_RPS_LIMIT, "namespace rate limit"), "overloaded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			require.ErrorContains(t, n.Explain(test.err), test.want)
		})
	}
}

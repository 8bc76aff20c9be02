package workflows

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"patchproof/remediation"
)

// The server answers a repeated update from its memory. Should one reach the workflow all the same, it counts once.
func TestARepeatedUpdateCountsOnce(t *testing.T) {
	t.Parallel()
	suite := new(testsuite.WorkflowTestSuite)
	suite.SetLogger(log.NewStructuredLogger(slog.New(slog.DiscardHandler)))
	env := suite.NewTestWorkflowEnvironment()
	start := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	v := &verification{status: Status{Deadline: start}}
	twice := func(ctx workflow.Context, e Extend) (Extended, error) {
		first, err := v.extend(ctx, e)
		if err != nil {
			return first, err
		}
		again := e
		again.AskedAt = e.AskedAt.Add(time.Minute)
		if err := v.validateExtend(ctx, again); err != nil {
			return first, err
		}
		second, err := v.extend(ctx, again)
		require.Equal(t, first, second, "the answer is the first one's, so that the asker can tell")
		return second, err
	}
	cancelTwice := func(ctx workflow.Context, c Cancel) error {
		for range 2 {
			if err := v.validateCancel(ctx, c); err != nil {
				return err
			}
			if err := v.cancel(ctx, c); err != nil {
				return err
			}
		}
		return nil
	}
	answers := 0
	env.RegisterDelayedCallback(func() {
		for range 2 { // two different ones
			env.UpdateWorkflow(ExtendUpdate, "", &reply{t: t, answers: &answers}, Extend{Actor: "eve", Reason: "x", By: remediation.Duration(time.Hour), AskedAt: start})
		}
		env.UpdateWorkflow(CancelUpdate, "", &reply{t: t, answers: &answers}, Cancel{Actor: "eve", Reason: "x"})
	}, time.Minute)
	env.ExecuteWorkflow(func(ctx workflow.Context) error {
		if err := workflow.SetUpdateHandler(ctx, ExtendUpdate, twice); err != nil {
			return err
		}
		if err := workflow.SetUpdateHandler(ctx, CancelUpdate, cancelTwice); err != nil {
			return err
		}
		return workflow.Sleep(ctx, time.Hour)
	})
	require.NoError(t, env.GetWorkflowError())
	require.Equal(t, 3, answers)
	require.Equal(t, start.Add(2*time.Hour), v.status.Deadline)
	require.Len(t, v.status.Notes, 3)
}

type reply struct {
	t       *testing.T
	answers *int
}

func (r *reply) Accept()          {}
func (r *reply) Reject(err error) { require.NoError(r.t, err) }
func (r *reply) Complete(_ any, err error) {
	require.NoError(r.t, err)
	*r.answers++
}

// What people say is kept as evidence, and shown on terminals and pages.
func TestWordsOfAnUpdate(t *testing.T) {
	t.Parallel()
	v := &verification{}
	for want, words := range map[string][2]string{
		"reason: has the character U+202E":  {"eve", "a\u202eb"},
		"actor: has the character U+001B":   {"e\x1bve", "why"},
		"reason: has bytes that are no tex": {"eve", "a\xff"},
		"reason: is longer":                 {"eve", strings.Repeat("é", 600)},
		"actor: is longer":                  {strings.Repeat("e", 300), "why"},
		"actor: is missing":                 {" ", "why"},
	} {
		require.ErrorContains(t, v.takes(words[0], words[1]), want)
	}
	require.NoError(t, v.takes("Ève", "größer"))
}

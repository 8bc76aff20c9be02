package verification

// Saying something to a running verification.

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/namespace"
)

// updateTimeout is how long a worker may take to answer: it only notes what is asked, so one that runs needs a second,
// and after a worker's death the server needs ten to give the question to another.
const updateTimeout = 15 * time.Second

// defineSigned demands who and why: what people do to a verification is part of its evidence.
func defineSigned(cmd *cobra.Command, actor, reason *string) {
	flags.Text(cmd.Flags(), reason, "reason", "TEXT", "", "why; it is kept as evidence")
	flags.Text(cmd.Flags(), actor, "actor", "WHO", "", "who says so (default: $USER)")
	flags.Require(cmd, "reason")
}

// update sends a request to the verification's workflow and waits for its answer.
func (c *commands) update(ctx context.Context, s namespace.Subject, name string, args, answer any) error {
	return c.inNamespace(ctx, func(ns *namespace.Namespace) error {
		run, err := ns.Find(ctx, s, c.Patience)
		if err != nil {
			return err
		}
		description, err := ns.Describe(ctx, run)
		if err != nil {
			return err
		}
		if info := description.GetWorkflowExecutionInfo(); info.GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
			return alreadyClosed(s, namespace.Recorded(info))
		}
		limited, cancel := context.WithTimeout(ctx, updateTimeout)
		defer cancel()
		handle, err := ns.UpdateWorkflow(limited, client.UpdateWorkflowOptions{
			WorkflowID: run.WorkflowID, RunID: run.RunID, UpdateName: name, Args: []any{args},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		if err == nil {
			err = handle.Get(limited, answer)
		}
		return updateError(ctx, s, ns.TaskQueue, err)
	})
}

func alreadyClosed(s namespace.Subject, r namespace.Record) error {
	how := r.State
	if r.Outcome != "" {
		how = string(r.Outcome)
	}
	return fmt.Errorf("the verification of %s is closed already (%s): nothing was changed", s, how)
}

func updateError(ctx context.Context, s namespace.Subject, queue string, err error) error {
	refusal, refused := errors.AsType[*temporal.ApplicationError](err)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case refused:
		return fmt.Errorf("the verification of %s refuses: %s", s, refusal.Message())
	case namespace.NotFound(err):
		return fmt.Errorf("the verification of %s has just closed: nothing was changed", s)
	case namespace.Is[*client.WorkflowUpdateServiceTimeoutOrCanceledError](err), namespace.OutOfTime(err):
		return fmt.Errorf("no worker answered on task queue %s within %s: start patchproof-worker, look at the status, and repeat it", queue, updateTimeout)
	}
	return err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/workflows"
)

// updateTimeout is how long a worker may take to answer: it only notes what is asked, so one that runs needs a second,
// and after a worker's death the server needs ten to give the question to another.
const updateTimeout = 15 * time.Second

func cancelCommand(a *app) *cobra.Command {
	var s subject
	var args workflows.Cancel
	cmd := &cobra.Command{
		Use:     "cancel KEY --reason TEXT",
		Short:   "Stop a ticket's verification and its scan",
		Long:    "Stops the verification, the scan that it runs, and deletes what it left in Security Center. The outcome is \"cancelled\".",
		Example: `  patchproof cancel VULN-3 --reason "patch was rolled back"`,
		Args:    oneKey,
		RunE: func(cmd *cobra.Command, keys []string) error {
			if err := a.signed(cmd, &args.Actor); err != nil {
				return err
			}
			s.ticket = keys[0]
			if err := a.update(cmd.Context(), s, workflows.CancelUpdate, args, nil); err != nil {
				return err
			}
			_, err := fmt.Fprintf(a.Stdout, "%s: is being cancelled; its scan is stopped\n", clean(s.ticket))
			return err
		},
	}
	s.define(cmd.Flags())
	defineSigned(cmd, &args.Actor, &args.Reason)
	return cmd
}

func extendCommand(a *app) *cobra.Command {
	var s subject
	var args workflows.Extend
	cmd := &cobra.Command{
		Use:     "extend KEY --by DURATION --reason TEXT",
		Short:   "Move the deadline of a ticket's verification",
		Example: `  patchproof extend VULN-3 --by 12h --reason "scanner is down until tonight"`,
		Args:    oneKey,
		RunE: func(cmd *cobra.Command, keys []string) error {
			if err := required(cmd, "by"); err != nil {
				return err
			}
			if err := a.signed(cmd, &args.Actor); err != nil {
				return err
			}
			s.ticket = keys[0]
			var answer workflows.Extended
			if err := a.update(cmd.Context(), s, workflows.ExtendUpdate, args, &answer); err != nil {
				return err
			}
			_, err := fmt.Fprintf(a.Stdout, "%s: the deadline is now %s\n", clean(s.ticket), stamp(answer.Deadline, a.Now().Location()))
			return err
		},
	}
	cmd.Flags().SortFlags = false
	durationFlag(cmd.Flags(), &args.By, "by", "", "how much later the deadline is to be, such as 90m or 12h")
	s.define(cmd.Flags())
	defineSigned(cmd, &args.Actor, &args.Reason)
	return cmd
}

func defineSigned(cmd *cobra.Command, actor, reason *string) {
	textFlag(cmd.Flags(), reason, "reason", "TEXT", "", "why; it is kept as evidence")
	textFlag(cmd.Flags(), actor, "actor", "WHO", "", "who says so (default: $USER)")
}

// signed demands who and why: what people do to a verification is part of its evidence.
func (a *app) signed(cmd *cobra.Command, actor *string) error {
	if err := required(cmd, "reason"); err != nil {
		return err
	}
	if *actor == "" {
		*actor = a.user()
	}
	return nil
}

// update sends a request to the verification's workflow and waits for its answer.
func (a *app) update(ctx context.Context, s subject, name string, args, answer any) error {
	conn, err := a.connect(ctx)
	if err != nil {
		return err
	}
	run, err := conn.find(ctx, s, a.Patience)
	if err != nil {
		return err
	}
	description, err := conn.describe(ctx, run)
	if err != nil {
		return err
	}
	if info := description.GetWorkflowExecutionInfo(); info.GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return alreadyClosed(s, listing(info))
	}
	limited, cancel := context.WithTimeout(ctx, updateTimeout)
	defer cancel()
	handle, err := conn.UpdateWorkflow(limited, client.UpdateWorkflowOptions{
		WorkflowID: run.workflowID, RunID: run.runID, UpdateName: name, Args: []any{args},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(limited, answer)
	}
	return conn.updateError(ctx, s, err)
}

func alreadyClosed(s subject, l listed) error {
	how := l.State
	if l.Outcome != "" {
		how = string(l.Outcome)
	}
	return fmt.Errorf("the verification of %s is closed already (%s): nothing was changed", s, how)
}

func (c *connection) updateError(ctx context.Context, s subject, err error) error {
	var slow *client.WorkflowUpdateServiceTimeoutOrCanceledError
	var app *temporal.ApplicationError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &app):
		return fmt.Errorf("the verification of %s refuses: %s", s, app.Message())
	case notFound(err):
		return fmt.Errorf("the verification of %s has just closed: nothing was changed", s)
	case errors.As(err, &slow), outOfTime(err):
		return fmt.Errorf("no worker answered on task queue %s within %s: start patchproof-worker, look at the status, and repeat it", c.taskQueue, updateTimeout)
	}
	return err
}

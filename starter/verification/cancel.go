package verification

// The command that stops a verification.

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"patchproof/starter/internal/namespace"
	"patchproof/starter/internal/term"
	"patchproof/workflows"
)

func (c *commands) cancelCommand() *cobra.Command {
	var s namespace.Subject
	var by signed
	cmd := &cobra.Command{
		Use:   "cancel KEY --reason TEXT",
		Short: "Stop a ticket's verification and its scan",
		Long: "Stops the verification, the scan that it runs, and deletes what it left in Security Center. The outcome is \"cancelled\".\n" +
			"If no worker answers, Temporal itself is asked to cancel it: then nobody knows who did it and why.",
		Example: `  patchproof cancel VULN-3 --reason "patch was rolled back"`,
		Args:    oneKey,
		RunE: func(cmd *cobra.Command, keys []string) error {
			s.Ticket, by.actor = keys[0], cmp.Or(by.actor, c.Who())
			if err := by.check(); err != nil {
				return err
			}
			return c.inNamespace(cmd.Context(), func(ns *namespace.Namespace) error { return c.cancel(cmd.Context(), ns, s, by) })
		},
	}
	defineSubject(cmd.Flags(), &s)
	defineSigned(cmd, &by)
	return cmd
}

func (c *commands) cancel(ctx context.Context, ns *namespace.Namespace, s namespace.Subject, by signed) error {
	run, err := c.say(ctx, ns, s, client.UpdateWorkflowOptions{
		UpdateName: workflows.CancelUpdate, UpdateID: by.updateID(workflows.CancelUpdate),
		Args: []any{workflows.Cancel{Actor: by.actor, Reason: by.reason}},
	}, nil)
	said := "is being cancelled; its scan is stopped"
	if errors.Is(err, errUnheard) {
		limited, stop := context.WithTimeout(ctx, namespace.CallTimeout)
		defer stop()
		err = ns.CancelWorkflow(limited, run.WorkflowID, run.RunID)
		said = fmt.Sprintf("no worker answered on task queue %s within %s, so Temporal itself was asked to cancel it. That is kept: the verification "+
			"ends, and its scan is stopped, when a worker is back. Who cancelled is then recorded as unknown and the reason is not, unless the worker is still "+
			"given this command", ns.TaskQueue, c.Answer)
	}
	switch {
	case namespace.NotFound(err):
		return justClosed(s)
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(c.Stdout, "%s: %s\n", term.Line(s.Ticket), said)
	return err
}

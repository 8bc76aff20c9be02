package verification

// The command that moves a deadline.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"patchproof/remediation"
	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/namespace"
	"patchproof/starter/internal/term"
	"patchproof/workflows"
)

func (c *commands) extendCommand() *cobra.Command {
	var s namespace.Subject
	var by signed
	var more remediation.Duration
	cmd := &cobra.Command{
		Use:   "extend KEY --by DURATION --reason TEXT",
		Short: "Move the deadline of a ticket's verification",
		Long: "Moves the deadline of a verification that runs. The same command again counts once in a run, so it may be repeated when\n" +
			"its answer was lost; to move the deadline by as much once more, give another reason or an --update-id. It needs a worker.",
		Example: `  patchproof extend VULN-3 --by 12h --reason "scanner is down until tonight"`,
		Args:    oneKey,
		RunE: func(cmd *cobra.Command, keys []string) error {
			s.Ticket, by.actor = keys[0], cmp.Or(by.actor, c.Who())
			if err := by.check(); err != nil {
				return err
			}
			return c.inNamespace(cmd.Context(), func(ns *namespace.Namespace) error { return c.extend(cmd.Context(), ns, s, by, more) })
		},
	}
	cmd.Flags().SortFlags = false
	flags.Duration(cmd.Flags(), &more, "by", 0, "how much later the deadline is to be, such as 90m or 12h")
	flags.Require(cmd, "by")
	defineSubject(cmd.Flags(), &s)
	defineSigned(cmd, &by)
	return cmd
}

func (c *commands) extend(ctx context.Context, ns *namespace.Namespace, s namespace.Subject, by signed, more remediation.Duration) error {
	asked := c.Now().UTC().Round(0)
	var answer workflows.Extended
	_, err := c.say(ctx, ns, s, client.UpdateWorkflowOptions{
		UpdateName: workflows.ExtendUpdate, UpdateID: by.updateID(workflows.ExtendUpdate, more.String()),
		Args: []any{workflows.Extend{Actor: by.actor, Reason: by.reason, By: more, AskedAt: asked}},
	}, &answer)
	if errors.Is(err, errUnheard) {
		return fmt.Errorf("no worker answered on task queue %s within %s: nothing is recorded, and Temporal keeps what nobody took only until "+
			"it restarts. Start patchproof-worker and repeat the command: it counts once", ns.TaskQueue, c.Answer)
	}
	if err != nil {
		return err
	}
	zone := c.Now().Location()
	text := "the deadline is now " + term.Stamp(answer.Deadline, zone)
	if !answer.AskedAt.Equal(asked) {
		text = fmt.Sprintf("was extended by this command already (asked at %s), to %s; it is counted once: to extend it again give another --update-id",
			answer.AskedAt.In(zone).Format(time.DateTime), term.Stamp(answer.Deadline, zone))
	}
	_, err = fmt.Fprintf(c.Stdout, "%s: %s\n", term.Line(s.Ticket), text)
	return err
}

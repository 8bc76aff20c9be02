package verification

// The command that moves a deadline.

import (
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/namespace"
	"patchproof/starter/internal/term"
	"patchproof/workflows"
)

func (c *commands) extendCommand() *cobra.Command {
	var s namespace.Subject
	var args workflows.Extend
	cmd := &cobra.Command{
		Use:     "extend KEY --by DURATION --reason TEXT",
		Short:   "Move the deadline of a ticket's verification",
		Example: `  patchproof extend VULN-3 --by 12h --reason "scanner is down until tonight"`,
		Args:    oneKey,
		RunE: func(cmd *cobra.Command, keys []string) error {
			s.Ticket, args.Actor = keys[0], cmp.Or(args.Actor, c.Who())
			var answer workflows.Extended
			if err := c.update(cmd.Context(), s, workflows.ExtendUpdate, args, &answer); err != nil {
				return err
			}
			_, err := fmt.Fprintf(c.Stdout, "%s: the deadline is now %s\n", term.Line(s.Ticket), term.Stamp(answer.Deadline, c.Now().Location()))
			return err
		},
	}
	cmd.Flags().SortFlags = false
	flags.Duration(cmd.Flags(), &args.By, "by", 0, "how much later the deadline is to be, such as 90m or 12h")
	flags.Require(cmd, "by")
	defineSubject(cmd.Flags(), &s)
	defineSigned(cmd, &args.Actor, &args.Reason)
	return cmd
}

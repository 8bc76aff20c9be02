package verification

// The command that stops a verification.

import (
	"cmp"
	"fmt"

	"github.com/spf13/cobra"

	"patchproof/starter/internal/namespace"
	"patchproof/starter/internal/term"
	"patchproof/workflows"
)

func (c *commands) cancelCommand() *cobra.Command {
	var s namespace.Subject
	var args workflows.Cancel
	cmd := &cobra.Command{
		Use:     "cancel KEY --reason TEXT",
		Short:   "Stop a ticket's verification and its scan",
		Long:    "Stops the verification, the scan that it runs, and deletes what it left in Security Center. The outcome is \"cancelled\".",
		Example: `  patchproof cancel VULN-3 --reason "patch was rolled back"`,
		Args:    oneKey,
		RunE: func(cmd *cobra.Command, keys []string) error {
			s.Ticket, args.Actor = keys[0], cmp.Or(args.Actor, c.Who())
			if err := c.update(cmd.Context(), s, workflows.CancelUpdate, args, nil); err != nil {
				return err
			}
			_, err := fmt.Fprintf(c.Stdout, "%s: is being cancelled; its scan is stopped\n", term.Line(s.Ticket))
			return err
		},
	}
	defineSubject(cmd.Flags(), &s)
	defineSigned(cmd, &args.Actor, &args.Reason)
	return cmd
}

package verification

// The command that shows verifications.

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/follow"
	"patchproof/starter/internal/namespace"
)

func (c *commands) statusCommand() *cobra.Command {
	var s namespace.Subject
	var wait bool
	var output string
	cmd := &cobra.Command{
		Use:   "status KEY...",
		Short: "Show how far the verifications of tickets are, or how they ended",
		Long: "Shows the newest verification of each ticket. A ticket with several needs --plugin and --repository to tell them apart.\n" +
			"It exits 0 when it could show them. With --wait it follows them to their end, and the exit code tells the outcome as\n" +
			"that of verify does; of several, the one that most needs a person: 1, 3, 4, 0. JSON is an array if several keys are given.",
		Example: "  patchproof status VULN-1 VULN-2 VULN-3 --wait",
		Args:    keys,
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.status(cmd.Context(), s, args, wait, output)
		},
	}
	cmd.Flags().SortFlags = false
	defineSubject(cmd.Flags(), &s)
	cmd.Flags().BoolVar(&wait, "wait", false, "follow them to their end")
	flags.Output(cmd.Flags(), &output)
	return cmd
}

func (c *commands) status(ctx context.Context, s namespace.Subject, tickets []string, wait bool, output string) error {
	return c.inNamespace(ctx, func(ns *namespace.Namespace) error {
		as := form{output: output, several: len(tickets) > 1}
		var followers []*follow.Follower
		var seen []string
		for _, ticket := range tickets {
			if slices.Contains(seen, ticket) {
				continue
			}
			seen = append(seen, ticket)
			s.Ticket = ticket
			run, err := ns.Find(ctx, s, c.Patience)
			if err != nil {
				return err
			}
			followers = append(followers, follow.New(ns, run, ticket, c.Now))
		}
		if wait {
			return c.watch(ctx, ns, followers, as)
		}
		var views []follow.View
		for _, f := range followers {
			if err := f.Look(ctx); err != nil {
				return err
			}
			views = append(views, f.Snapshot())
		}
		_, err := c.report(ns, views, as)
		return err
	})
}

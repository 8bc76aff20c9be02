package main

import (
	"context"
	"slices"

	"github.com/spf13/cobra"
)

func statusCommand(a *app) *cobra.Command {
	var s subject
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
			return a.status(cmd.Context(), s, args, wait, output)
		},
	}
	cmd.Flags().SortFlags = false
	s.define(cmd.Flags())
	cmd.Flags().BoolVar(&wait, "wait", false, "follow them to their end")
	outputFlag(cmd.Flags(), &output)
	return cmd
}

func (a *app) status(ctx context.Context, s subject, tickets []string, wait bool, output string) error {
	conn, err := a.connect(ctx)
	if err != nil {
		return err
	}
	several := len(tickets) > 1
	var followers []*follower
	var seen []string
	for _, ticket := range tickets {
		if slices.Contains(seen, ticket) {
			continue
		}
		seen = append(seen, ticket)
		s.ticket = ticket
		run, err := conn.find(ctx, s, a.Patience)
		if err != nil {
			return err
		}
		followers = append(followers, a.follower(conn, run, ticket))
	}
	if wait {
		return a.watch(ctx, conn, followers, output, several)
	}
	var views []view
	for _, f := range followers {
		if err := f.look(ctx); err != nil {
			return err
		}
		views = append(views, f.snapshot())
	}
	_, err = a.report(conn, views, output, several)
	return err
}

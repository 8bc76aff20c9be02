package main

import (
	"context"

	"github.com/spf13/cobra"

	"patchproof/remediation"
	"patchproof/workflows"
)

type listFlags struct {
	filter
	limit  int
	output string
}

func listCommand(a *app) *cobra.Command {
	var f listFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List verifications, the newest first",
		Long: "Lists what Temporal's index holds; it follows a change within seconds. A closed verification stays for as long as\n" +
			"the namespace keeps closed workflows.",
		Example: "  patchproof list --open --phase waiting",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.list(cmd.Context(), f) },
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	textFlag(fs, &f.ticket, "ticket", "KEY", "", "only this ticket")
	numberFlag(fs, &f.plugin, "plugin", 1, "only this plugin")
	numberFlag(fs, &f.repository, "repository", 1, "only this repository")
	textFlag(fs, &f.sc, "sc", "NAME", "", "only this Security Center")
	choiceFlag(fs, &f.phase, "phase", "", []string{
		string(workflows.PhaseWaiting), string(workflows.PhaseVerifying), string(workflows.PhaseReporting), string(workflows.PhaseDone),
	}, "only this phase")
	choiceFlag(fs, &f.outcome, "outcome", "", []string{
		string(remediation.OutcomeFixed), string(remediation.OutcomePartlyFixed), string(remediation.OutcomeNotFixed), string(remediation.OutcomeRiskAccepted),
		string(remediation.OutcomeInconclusive), string(remediation.OutcomeNothingFound), string(remediation.OutcomeTimedOut), string(remediation.OutcomeCancelled),
	}, "only this outcome")
	fs.BoolVar(&f.open, "open", false, "only what still runs")
	countFlag(fs, &f.limit, "limit", 50, 1, "how many at most")
	outputFlag(fs, &f.output)
	return cmd
}

func (a *app) list(ctx context.Context, f listFlags) error {
	conn, err := a.connect(ctx)
	if err != nil {
		return err
	}
	found, err := conn.list(ctx, f.filter, f.limit)
	if err != nil {
		return err
	}
	if f.output == outputJSON {
		if found == nil {
			found = []listed{} // an empty list, not null
		}
		return printJSON(a.Stdout, found)
	}
	return a.style(a.Stdout).printList(a.Stdout, found, a.Now().Location())
}

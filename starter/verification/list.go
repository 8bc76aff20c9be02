package verification

// The command that lists verifications.

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"

	"patchproof/remediation"
	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/namespace"
	"patchproof/starter/internal/term"
	"patchproof/workflows"
)

type listFlags struct {
	namespace.Filter
	limit  int
	output string
}

func (c *commands) listCommand() *cobra.Command {
	var f listFlags
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List verifications, the newest first",
		Long: "Lists what Temporal's index holds; it follows a change within seconds. A closed verification stays for as long as\n" +
			"the namespace keeps closed workflows.",
		Example: "  patchproof list --open --phase waiting",
		Args:    flags.NoArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return c.list(cmd.Context(), f) },
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	flags.Text(fs, &f.Ticket, "ticket", "KEY", "", "only this ticket")
	flags.Number(fs, &f.Plugin, "plugin", "ID", 1, "only this plugin")
	flags.Number(fs, &f.Repository, "repository", "ID", 1, "only this repository")
	flags.Text(fs, &f.SC, "sc", "NAME", "", "only this Security Center")
	flags.Choice(fs, &f.Phase, "phase", "", []string{
		string(workflows.PhaseWaiting), string(workflows.PhaseVerifying), string(workflows.PhaseReporting), string(workflows.PhaseDone),
	}, "only this phase")
	flags.Choice(fs, &f.Outcome, "outcome", "", []string{
		string(remediation.OutcomeFixed), string(remediation.OutcomePartlyFixed), string(remediation.OutcomeNotFixed), string(remediation.OutcomeRiskAccepted),
		string(remediation.OutcomeInconclusive), string(remediation.OutcomeNothingFound), string(remediation.OutcomeTimedOut), string(remediation.OutcomeCancelled),
	}, "only this outcome")
	fs.BoolVar(&f.Open, "open", false, "only what still runs")
	flags.Count(fs, &f.limit, "limit", 50, 1, "how many at most")
	flags.Output(fs, &f.output)
	return cmd
}

func (c *commands) list(ctx context.Context, f listFlags) error {
	return c.inNamespace(ctx, func(ns *namespace.Namespace) error {
		found, err := ns.List(ctx, f.Filter, f.limit)
		if err != nil {
			return err
		}
		if f.output == flags.OutputJSON {
			if found == nil {
				found = []namespace.Record{} // an empty list, not null
			}
			return term.PrintJSON(c.Stdout, found)
		}
		return printRecords(c.Stdout, c.Style(c.Stdout), found, c.Now().Location())
	})
}

func printRecords(w io.Writer, style term.Style, found []namespace.Record, zone *time.Location) error {
	if len(found) == 0 {
		_, err := fmt.Fprintln(w, "no verification found")
		return err
	}
	t := term.Table(w)
	t.AppendHeader(table.Row{"ticket", "plugin", "repository", "phase", "outcome", "started", "deadline"})
	for _, r := range found {
		phase := r.Phase
		if r.State != "running" && r.State != "completed" {
			phase = r.State // a run that ended without a verdict: its last phase would mislead
		}
		t.AppendRow(table.Row{
			term.Line(r.Ticket), r.Plugin, r.Repository, term.Line(phase), paintOutcome(style, r.Outcome),
			term.Stamp(r.StartedAt, zone), term.Stamp(r.Deadline, zone),
		})
	}
	t.Render()
	return nil
}

// Package sc has the commands that ask Security Center directly, without a workflow.
package sc

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"patchproof/sclient"
	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/invocation"
)

// Command gives the command with those of this room.
func Command(run *invocation.Invocation) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sc",
		Short: "Ask Security Center directly, without a workflow",
		Long: "Asks the Security Center that the environment names: SC_URL with SC_ACCESS_KEY and SC_SECRET_KEY, or with SC_USERNAME\n" +
			"and SC_PASSWORD for servers before 5.13; SC_CA_FILE for a certificate of your own. Each secret may be in a file, named\n" +
			"by the variable with _FILE at its end, which only you may be able to read.\n\n" +
			"-o table is for people: columns that matter, fitted to the terminal. json is one value, jsonl an object per line, csv a\n" +
			"header and a record per row; they hold every field that the server sent, under its name, with real types: numbers,\n" +
			"booleans, times as RFC 3339, null for never. Rows are written as they come, also a million of them. When something goes\n" +
			"wrong between two pages, the rows before it are printed, the JSON array stays open, and the exit code is 1.\n\n" +
			"In table and csv, characters that are not seen are shown as �. In csv, a text that begins with = + - @, a tab or a line end has an\n" +
			"apostrophe before it, so that no spreadsheet runs it; numbers stay numbers. json and jsonl are exact.",
		Example: "  patchproof sc whoami\n  patchproof sc vulns --severity high,critical --last-seen 0:7 -o jsonl > findings.jsonl",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return exit.WrongUse("unknown command %q", args[0])
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(whoamiCommand(run), statusCommand(run), pluginCommand(run))
	for _, l := range plainLists {
		cmd.AddCommand(l.command(run))
	}
	cmd.AddCommand(resultsCommand(run), vulnsCommand(run), assetsCommand(run), assetAddCommand(run), assetDeleteCommand(run))
	return cmd
}

// listOrOne is for commands that list, and that show one object when they are given its ID. The flags of the list make no sense then.
func listOrOne(
	what string, listFlags []string, one func(context.Context, sclient.ID) error, list func(context.Context) error,
) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return list(cmd.Context())
		}
		id, err := oneID(cmd, args)
		if err != nil {
			return err
		}
		for _, name := range listFlags {
			if cmd.Flags().Changed(name) {
				return exit.WrongUse("--%s: does not go with %s", name, what)
			}
		}
		return one(cmd.Context(), id)
	}
}

// oneID reads the argument of a command about one object.
func oneID(cmd *cobra.Command, args []string) (sclient.ID, error) {
	switch {
	case len(args) == 0:
		return 0, exit.WrongUse("%s: the ID is missing", cmd.CommandPath())
	case len(args) > 1:
		return 0, exit.WrongUse("%s takes one ID, but got %q too", cmd.CommandPath(), args[1])
	}
	n, err := strconv.ParseInt(strings.TrimSpace(args[0]), 10, 64)
	if err != nil || n < 1 {
		return 0, exit.WrongUse("%q is no ID: use a whole number from 1", args[0])
	}
	return sclient.ID(n), nil
}

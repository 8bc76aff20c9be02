package main

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"patchproof/sclient"
)

func scCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "sc",
		Short: "Ask Security Center directly, without a workflow",
		Long: "Asks the Security Center that the environment names: SC_URL with SC_ACCESS_KEY and SC_SECRET_KEY, or with SC_USERNAME\n" +
			"and SC_PASSWORD for servers before 5.13; SC_CA_FILE for a certificate of your own. Each secret may be in a file, named\n" +
			"by the variable with _FILE at its end.\n\n" +
			"-o table is for people: columns that matter, fitted to the terminal. json is one value, jsonl an object per line, csv a\n" +
			"header and a record per row; they hold every field that the server sent, under its name, with real types: numbers,\n" +
			"booleans, times as RFC 3339, null for never. Rows are written as they come, also a million of them. When something goes\n" +
			"wrong between two pages, the rows before it are printed, the JSON array stays open, and the exit code is 1.",
		Example: "  patchproof sc whoami\n  patchproof sc vulns --severity high,critical --last-seen 0:7 -o jsonl > findings.jsonl",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return wrongUse("unknown command %q", args[0])
			}
			return cmd.Help()
		},
	}
	cmd.AddCommand(whoamiCommand(a), scStatusCommand(a), pluginCommand(a))
	for _, l := range plainLists {
		cmd.AddCommand(listOf(a, l))
	}
	cmd.AddCommand(resultsCommand(a), vulnsCommand(a), assetsCommand(a), assetAddCommand(a), assetDeleteCommand(a))
	return cmd
}

// query is a question to Security Center with a list as its answer.
type query struct {
	use, short, example string
	view                tableView
	sample              any // of the client's type for the elements
	ask                 func(context.Context, *center) error
}

// dropList adapts the client's methods: what is shown comes from the wire.
func dropList[T any](method func(*sclient.Client, context.Context) ([]T, error)) func(context.Context, *center) error {
	return func(ctx context.Context, c *center) error {
		_, err := method(c.Client, ctx)
		return err
	}
}

func plain(title string, paths ...string) column { return column{title: title, paths: paths} }
func wide(title string, paths ...string) column {
	return column{title: title, paths: paths, wide: true}
}

func timed(title, path string) column {
	return column{title: title, paths: []string{path}, show: moment}
}

// plainLists are the lists without flags of their own.
var plainLists = []query{
	{
		use: "families", short: "List the plugin families", example: "  patchproof sc families -o csv",
		view:   tableView{columns: []column{plain("id", "id"), plain("type", "type"), wide("name", "name")}, none: "no plugin family found"},
		sample: sclient.PluginFamily{}, ask: dropList((*sclient.Client).PluginFamilies),
	},
	{
		use: "repositories", short: "List the repositories that you can see", example: "  patchproof sc repositories",
		view: tableView{columns: []column{
			plain("id", "id"), wide("name", "name"), plain("type", "type"), plain("format", "dataFormat"), plain("findings", "vulnCount"),
			timed("last update", "lastVulnUpdate"), wide("description", "description"),
		}, none: "no repository found"},
		sample: sclient.Repository{}, ask: dropList((*sclient.Client).Repositories),
	},
	{
		use: "credentials", short: "List the logins that scans may use", example: "  patchproof sc credentials",
		view: tableView{
			columns: []column{plain("id", "id"), plain("type", "type"), wide("name", "name"), wide("description", "description")},
			none:    "no credential found",
		},
		sample: sclient.Credential{}, ask: dropList((*sclient.Client).Credentials),
	},
	{
		use: "zones", short: "List the scan zones", example: "  patchproof sc zones",
		view: tableView{
			columns: []column{plain("id", "id"), wide("name", "name"), wide("addresses", "ipList"), wide("description", "description")},
			none:    "no scan zone found",
		},
		sample: sclient.Zone{}, ask: dropList((*sclient.Client).Zones),
	},
	{
		use: "scans", short: "List the scan definitions", example: "  patchproof sc scans -o json",
		view: tableView{columns: []column{
			plain("id", "id"), wide("name", "name"), wide("policy", "policy.name"), plain("repository", "repository.name"),
			plain("schedule", "schedule.type"), wide("targets", "ipList"), timed("modified", "modifiedTime"), wide("description", "description"),
		}, none: "no scan found"},
		sample: sclient.Scan{}, ask: dropList((*sclient.Client).Scans),
	},
}

func listOf(a *app, q query) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use: q.use, Short: q.short, Example: q.example, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return a.printList(cmd.Context(), q, output) },
	}
	rowsOutputFlag(cmd.Flags(), &output)
	return cmd
}

// printList asks and prints what came.
func (a *app) printList(ctx context.Context, q query, output string) error {
	return a.withCenter(ctx, func(c *center) error {
		if err := q.ask(ctx, c); err != nil {
			return err
		}
		response, err := c.wire.answer()
		if err != nil {
			return err
		}
		p := a.printer(output, shapeOf(q.sample), q.view, c.guard)
		return p.printAll(func(yield func([]byte, error) bool) {
			for _, row := range rowsOf(response) {
				if !yield(row, nil) {
					return
				}
			}
		})
	})
}

// printDetail prints the single object that came; show is its form for people.
func (a *app) printDetail(c *center, output string, sample any, show func(sheet)) error {
	if output == outputTable {
		d := sheet{app: a, guard: c.guard, style: a.style(a.Stdout), table: a.style(a.Stdout).table(&stdout{w: a.Stdout})}
		show(d)
		d.table.Render()
		return nil
	}
	response, err := c.wire.answer()
	if err != nil {
		return err
	}
	return a.printObject(output, response, sample, c.guard)
}

func (a *app) printObject(output string, object []byte, sample any, g *guard) error {
	var items []json.RawMessage
	if json.Unmarshal(object, &items) == nil && len(items) == 1 {
		object = items[0] // as some servers wrap it
	}
	if output == outputJSON {
		t := typed{rewriter{guard: g}, shapeOf(sample)}
		return printJSON(&stdout{w: a.Stdout}, json.RawMessage(t.one(object)))
	}
	p := a.printer(output, shapeOf(sample), tableView{}, g)
	return p.printAll(func(yield func([]byte, error) bool) { yield(object, nil) })
}

// oneID reads the argument of a command about one object; optional for those that list without it.
func oneID(cmd *cobra.Command, args []string, optional bool) (id sclient.ID, given bool, err error) {
	switch {
	case len(args) == 0 && optional:
		return 0, false, nil
	case len(args) == 0:
		return 0, false, wrongUse("%s: the ID is missing", cmd.CommandPath())
	case len(args) > 1:
		return 0, false, wrongUse("%s takes one ID, but got %q too", cmd.CommandPath(), args[1])
	}
	n, err := strconv.ParseInt(strings.TrimSpace(args[0]), 10, 64)
	if err != nil || n < 1 {
		return 0, false, wrongUse("%q is no ID: use a whole number from 1", args[0])
	}
	return sclient.ID(n), true, nil
}

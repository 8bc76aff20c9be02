package sc

// Lists, and the commands that only list.

import (
	"context"
	"encoding/json"

	"github.com/spf13/cobra"

	"patchproof/sclient"
	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/invocation"
	"patchproof/starter/internal/rows"
	"patchproof/starter/internal/securitycenter"
)

// list is a question to Security Center with a list as its answer.
type list struct {
	use, short, example string
	table               rows.View
	question
}

// question asks for objects of one kind.
type question struct {
	sample any // one of them, without content
	ask    func(context.Context, *sclient.Client) ([]json.RawMessage, error)
}

// whole is an object of Security Center's, which keeps what the server sent.
type whole interface{ RawJSON() json.RawMessage }

// all makes a question of one of the client's methods. What is shown is what the server sent, with every field.
func all[T whole](method func(*sclient.Client, context.Context) ([]T, error)) question {
	var sample T
	return question{sample, func(ctx context.Context, c *sclient.Client) ([]json.RawMessage, error) {
		return asSent(method(c, ctx))
	}}
}

func asSent[T whole](objects []T, err error) ([]json.RawMessage, error) {
	var sent []json.RawMessage
	for _, object := range objects {
		sent = append(sent, object.RawJSON())
	}
	return sent, err
}

func plain(title string, paths ...string) rows.Column { return rows.Column{Title: title, Paths: paths} }

func wide(title string, paths ...string) rows.Column {
	return rows.Column{Title: title, Paths: paths, Wide: true}
}

func timed(title, path string) rows.Column {
	return rows.Column{Title: title, Paths: []string{path}, Show: rows.Moment}
}

// plainLists are the lists without flags of their own.
var plainLists = []list{
	{
		use: "families", short: "List the plugin families", example: "  patchproof sc families -o csv",
		table:    rows.View{Columns: []rows.Column{plain("id", "id"), plain("type", "type"), wide("name", "name")}, None: "no plugin family found"},
		question: all((*sclient.Client).PluginFamilies),
	},
	{
		use: "repositories", short: "List the repositories that you can see", example: "  patchproof sc repositories",
		table: rows.View{Columns: []rows.Column{
			plain("id", "id"), wide("name", "name"), plain("type", "type"), plain("format", "dataFormat"), plain("findings", "vulnCount"),
			timed("last update", "lastVulnUpdate"), wide("description", "description"),
		}, None: "no repository found"},
		question: all((*sclient.Client).Repositories),
	},
	{
		use: "credentials", short: "List the logins that scans may use", example: "  patchproof sc credentials",
		table: rows.View{
			Columns: []rows.Column{plain("id", "id"), plain("type", "type"), wide("name", "name"), wide("description", "description")},
			None:    "no credential found",
		},
		question: all((*sclient.Client).Credentials),
	},
	{
		use: "zones", short: "List the scan zones", example: "  patchproof sc zones",
		table: rows.View{
			Columns: []rows.Column{plain("id", "id"), wide("name", "name"), wide("addresses", "ipList"), wide("description", "description")},
			None:    "no scan zone found",
		},
		question: all((*sclient.Client).Zones),
	},
	{
		use: "scans", short: "List the scan definitions", example: "  patchproof sc scans -o json",
		table: rows.View{Columns: []rows.Column{
			plain("id", "id"), wide("name", "name"), wide("policy", "policy.name"), plain("repository", "repository.name"),
			plain("schedule", "schedule.type"), wide("targets", "ipList"), timed("modified", "modifiedTime"), wide("description", "description"),
		}, None: "no scan found"},
		question: all((*sclient.Client).Scans),
	},
}

func (l list) command(run *invocation.Invocation) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use: l.use, Short: l.short, Example: l.example, Args: flags.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return printList(cmd.Context(), run, format, l.question, l.table)
		},
	}
	flags.RowsOutput(cmd.Flags(), &format)
	return cmd
}

// printList asks and prints what came.
func printList(ctx context.Context, run *invocation.Invocation, format string, q question, table rows.View) error {
	return securitycenter.Do(ctx, run, func(c *sclient.Client) error {
		objects, err := q.ask(ctx, c)
		if err != nil {
			return err
		}
		out := rows.Output{Run: run, Format: format, Schema: rows.SchemaOf(q.sample), Secrets: c.Redaction(), Table: table}
		return out.Print(func(yield func([]byte, error) bool) {
			for _, object := range objects {
				if !yield(object, nil) {
					return
				}
			}
		})
	})
}

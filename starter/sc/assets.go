package sc

// The commands about assets.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"patchproof/sclient"
	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/invocation"
	"patchproof/starter/internal/rows"
	"patchproof/starter/internal/securitycenter"
	"patchproof/starter/internal/term"
)

type assetsFlags struct {
	filter, fields []string
	output         string
}

func assetsCommand(run *invocation.Invocation) *cobra.Command {
	var f assetsFlags
	cmd := &cobra.Command{
		Use:   "assets [ID]",
		Short: "List assets, or show one with its addresses",
		Long: "Lists the assets that you may use, without the pseudo asset of all addresses. With an ID it shows one, with the addresses\n" +
			"that define it and those that Security Center has found for it.",
		Example: "  patchproof sc assets --filter usable,manageable --fields id,name,ipCount\n  patchproof sc assets 35",
		RunE: listOrOne("a single asset", []string{"filter", "fields"},
			func(ctx context.Context, id sclient.ID) error { return asset(ctx, run, id, f.output) },
			func(ctx context.Context) error {
				if err := f.check(); err != nil {
					return err
				}
				return assets(ctx, run, f)
			}),
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	flags.List(fs, &f.filter, "filter", "which assets (default: excludeAllDefined,usable)")
	flags.List(fs, &f.fields, "fields", "which fields (default: those of the list in the user interface)")
	flags.RowsOutput(fs, &f.output)
	return cmd
}

var fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

func (f *assetsFlags) check() error {
	for flag, list := range map[string][]string{"filter": f.filter, "fields": f.fields} {
		for _, word := range list {
			if !fieldName.MatchString(word) {
				return exit.WrongUse("--%s: %q is no name: use a list such as id,name", flag, word)
			}
		}
	}
	return nil
}

func assets(ctx context.Context, run *invocation.Invocation, f assetsFlags) error {
	columns := []rows.Column{
		plain("id", "id"), wide("name", "name"), plain("type", "type"), plain("hosts", "ipCount"), wide("owner", "owner.username"),
		timed("modified", "modifiedTime"), wide("description", "description"),
	}
	if len(f.fields) > 0 {
		columns = nil // what was asked for, and nothing else
	}
	q := question{sclient.Asset{}, func(ctx context.Context, c *sclient.Client) ([]json.RawMessage, error) {
		return asSent(c.Assets(ctx, sclient.AssetFilter{Filter: f.filter, Fields: f.fields}))
	}}
	return printList(ctx, run, f.output, q, rows.View{Columns: columns, None: "no asset found"})
}

func asset(ctx context.Context, run *invocation.Invocation, id sclient.ID, format string) error {
	return securitycenter.Do(ctx, run, func(c *sclient.Client) error {
		asset, err := c.Asset(ctx, id)
		if err != nil {
			return lacking(err, "asset "+id.String())
		}
		return printObject(run, c, format, asset, func(s sheet) { s.asset(*asset) })
	})
}

func (s sheet) asset(asset sclient.Asset) {
	s.add("Asset", named(asset.Name, asset.ID))
	s.add("Type", asset.Type)
	s.add("Description", asset.Description)
	s.add("Tags", asset.Tags)
	if asset.IPCount >= 0 {
		s.add("Hosts", asset.IPCount.String())
	} else {
		s.add("Hosts", "not counted yet")
	}
	s.hosts("Defined addresses", asset.DefinedIPs(), 0)
	s.add("Defined names", string(asset.TypeFields.DefinedDNSNames))
	for _, viewable := range asset.ViewableIPs {
		// Without the names beside the addresses, which are of the same hosts.
		found := sclient.Asset{ViewableIPs: []sclient.ViewableIPs{viewable}}.Addresses()
		s.hosts("Found", found, viewable.IPCount)
	}
	for _, r := range asset.Repositories {
		s.add("Repository", named(r.Repository.Name, r.Repository.ID))
	}
	s.add("Owner", person(asset.Owner))
	s.time("Created", asset.CreatedTime)
	s.time("Modified", asset.ModifiedTime)
}

func assetAddCommand(run *invocation.Invocation) *cobra.Command {
	var request sclient.AssetRequest
	var output string
	cmd := &cobra.Command{
		Use:   "asset-add --name TEXT --ips LIST",
		Short: "Create a static list of addresses",
		Long: "Creates an asset, reads it back, and compares the addresses as sets: Security Center reorders and merges them. Names need\n" +
			"not be unique, so repeating the command makes a second asset.",
		Example: "  patchproof sc asset-add --name \"web servers\" --ips 10.0.0.5,10.1.0.0/24,10.2.0.1-10.2.0.9",
		Args:    flags.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := request.Validate(); err != nil {
				return exit.WrongUse("--%s: %s", assetFlagOf(err), reason(err))
			}
			return addAsset(cmd.Context(), run, request, output)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	flags.Text(fs, &request.Name, "name", "TEXT", "", "the asset's name")
	flags.List(fs, &request.DefinedIPs, "ips", "addresses, CIDRs and ranges (first-last)")
	flags.Text(fs, &request.Description, "description", "TEXT", "", "what it is for")
	flags.Require(cmd, "name", "ips")
	flags.RowsOutput(fs, &output)
	return cmd
}

func assetFlagOf(err error) string {
	if wrong, ok := errors.AsType[*sclient.Error](err); ok && wrong.Field == "name" {
		return "name"
	}
	return "ips"
}

func addAsset(ctx context.Context, run *invocation.Invocation, request sclient.AssetRequest, format string) error {
	return securitycenter.Do(ctx, run, func(c *sclient.Client) error {
		created, err := c.CreateAsset(ctx, request)
		if err != nil {
			if sclient.FateUnknown(err) {
				return fmt.Errorf("%w; it may have been created nevertheless: look with `patchproof sc assets` before you repeat it", err)
			}
			return err
		}
		if created.Warning != "" {
			run.Complain("asset %d was created, but Security Center adds: %s", created.ID, created.Warning)
		}
		asset, err := c.Asset(ctx, created.ID)
		if err != nil {
			return fmt.Errorf("asset %d was created, but cannot be read back to verify it: %w", created.ID, err)
		}
		wanted := sclient.ParseAddresses(strings.Join(request.DefinedIPs, ","))
		if stored := asset.DefinedIPs(); !stored.Equal(wanted) {
			return fmt.Errorf("asset %d was created, but with other addresses than asked for (%s): it has %s; delete it with "+
				"`patchproof sc asset-delete %d`", created.ID, brief(wanted), brief(stored), created.ID)
		}
		if format != flags.OutputTable {
			return printObject(run, c, format, asset, nil)
		}
		count := addressCount(wanted) // all of them are compared, range by range
		noun := "addresses"
		if count.IsInt64() && count.Int64() == 1 {
			noun = "address"
		}
		_, err = fmt.Fprintf(run.Stdout, "asset %d %q is created; read back, it has exactly the %d %s asked for: %s\n", created.ID,
			c.Redaction().Hide(asset.Name), count, noun, brief(wanted))
		return err
	})
}

// brief is a set in a sentence.
func brief(set sclient.Addresses) string {
	if set.IsEmpty() {
		return "none"
	}
	text := set.String()
	if short := term.Cut(text, 200); short != text { // a line or two
		return short + "…"
	}
	return text
}

func assetDeleteCommand(run *invocation.Invocation) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:     "asset-delete ID",
		Short:   "Delete an asset",
		Example: "  patchproof sc asset-delete 35",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := oneID(cmd, args)
			if err != nil {
				return err
			}
			return deleteAsset(cmd.Context(), run, id, output)
		},
	}
	flags.RowsOutput(cmd.Flags(), &output)
	return cmd
}

func deleteAsset(ctx context.Context, run *invocation.Invocation, id sclient.ID, format string) error {
	return securitycenter.Do(ctx, run, func(c *sclient.Client) error {
		if err := c.DeleteAsset(ctx, id); err != nil {
			if sclient.FateUnknown(err) {
				return fmt.Errorf("%w; it may have been deleted nevertheless: repeating it does no harm", err)
			}
			return lacking(err, "asset "+id.String())
		}
		if format != flags.OutputTable {
			return outputOf(run, c, format, struct{}{}).PrintObject(fmt.Appendf(nil, `{"id":%d,"deleted":true}`, id))
		}
		_, err := fmt.Fprintf(run.Stdout, "asset %d is deleted\n", id)
		return err
	})
}

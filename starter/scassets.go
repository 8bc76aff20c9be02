package main

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"patchproof/sclient"
)

type assetsFlags struct {
	filter, fields []string
	output         string
}

func assetsCommand(a *app) *cobra.Command {
	var f assetsFlags
	cmd := &cobra.Command{
		Use:   "assets [ID]",
		Short: "List assets, or show one with its addresses",
		Long: "Lists the assets that you may use, without the pseudo asset of all addresses. With an ID it shows one, with the addresses\n" +
			"that define it and those that Security Center has found for it.",
		Example: "  patchproof sc assets --filter usable,manageable --fields id,name,ipCount\n  patchproof sc assets 35",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, given, err := oneID(cmd, args, true)
			if err != nil {
				return err
			}
			if given {
				if err := refuseWith(cmd, "a single asset", "filter", "fields"); err != nil {
					return err
				}
				return a.asset(cmd.Context(), id, f.output)
			}
			if err := f.check(); err != nil {
				return err
			}
			return a.assets(cmd.Context(), f)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	listFlag(fs, &f.filter, "filter", "which assets (default: excludeAllDefined,usable)")
	listFlag(fs, &f.fields, "fields", "which fields (default: those of the list in the user interface)")
	rowsOutputFlag(fs, &f.output)
	return cmd
}

var fieldName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

func (f *assetsFlags) check() error {
	for flag, list := range map[string][]string{"filter": f.filter, "fields": f.fields} {
		for _, word := range list {
			if !fieldName.MatchString(word) {
				return wrongUse("--%s: %q is no name: use a list such as id,name", flag, word)
			}
		}
	}
	return nil
}

func (a *app) assets(ctx context.Context, f assetsFlags) error {
	columns := []column{
		plain("id", "id"), wide("name", "name"), plain("type", "type"), plain("hosts", "ipCount"), wide("owner", "owner.username"),
		timed("modified", "modifiedTime"), wide("description", "description"),
	}
	if len(f.fields) > 0 {
		columns = nil // what was asked for, and nothing else
	}
	return a.printList(ctx, query{
		view:   tableView{columns: columns, none: "no asset found"},
		sample: sclient.Asset{},
		ask: func(ctx context.Context, c *center) error {
			_, err := c.Assets(ctx, sclient.AssetFilter{Filter: f.filter, Fields: f.fields})
			return err
		},
	}, f.output)
}

func (a *app) asset(ctx context.Context, id sclient.ID, output string) error {
	return a.withCenter(ctx, func(c *center) error {
		asset, err := c.Asset(ctx, id)
		if err != nil {
			return lacking(err, "asset "+id.String())
		}
		return a.printDetail(c, output, *asset, func(d sheet) { d.asset(*asset) })
	})
}

func (d sheet) asset(asset sclient.Asset) {
	d.add("Asset", named(asset.Name, asset.ID))
	d.add("Type", asset.Type)
	d.add("Description", asset.Description)
	d.add("Tags", asset.Tags)
	if asset.IPCount >= 0 {
		d.add("Hosts", asset.IPCount.String())
	} else {
		d.add("Hosts", "not counted yet")
	}
	d.hosts("Defined addresses", asset.DefinedIPs(), 0)
	d.add("Defined names", string(asset.TypeFields.DefinedDNSNames))
	for _, viewable := range asset.ViewableIPs {
		d.hosts("Found", viewable.IPList, 0)
	}
	for _, r := range asset.Repositories {
		d.add("Repository", named(r.Repository.Name, r.Repository.ID))
	}
	d.add("Owner", person(asset.Owner))
	d.time("Created", asset.CreatedTime)
	d.time("Modified", asset.ModifiedTime)
}

func assetAddCommand(a *app) *cobra.Command {
	var request sclient.AssetRequest
	var output string
	cmd := &cobra.Command{
		Use:   "asset-add --name TEXT --ips LIST",
		Short: "Create a static list of addresses",
		Long: "Creates an asset, reads it back, and compares the addresses as sets: Security Center reorders and merges them. Names need\n" +
			"not be unique, so repeating the command makes a second asset.",
		Example: "  patchproof sc asset-add --name \"web servers\" --ips 10.0.0.5,10.1.0.0/24,10.2.0.1-10.2.0.9",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := required(cmd, "name", "ips"); err != nil {
				return err
			}
			if err := request.Validate(); err != nil {
				return wrongUse("--%s: %s", assetFlagOf(err), reason(err))
			}
			return a.assetAdd(cmd.Context(), request, output)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	textFlag(fs, &request.Name, "name", "TEXT", "", "the asset's name")
	listFlag(fs, &request.DefinedIPs, "ips", "addresses, CIDRs and ranges (first-last)")
	textFlag(fs, &request.Description, "description", "TEXT", "", "what it is for")
	rowsOutputFlag(fs, &output)
	return cmd
}

func assetFlagOf(err error) string {
	if wrong, ok := errors.AsType[*sclient.Error](err); ok && wrong.Field == "name" {
		return "name"
	}
	return "ips"
}

func (a *app) assetAdd(ctx context.Context, request sclient.AssetRequest, output string) error {
	return a.withCenter(ctx, func(c *center) error {
		created, err := c.CreateAsset(ctx, request)
		if err != nil {
			if sclient.FateUnknown(err) {
				return fmt.Errorf("%w; it may have been created nevertheless: look with `patchproof sc assets` before you repeat it", err)
			}
			return err
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
		if output != outputTable {
			return a.printDetail(c, output, *asset, nil)
		}
		_, err = fmt.Fprintf(a.Stdout, "asset %d %q is created; read back, it has exactly the %s asked for: %s\n", created.ID,
			c.guard.hide(asset.Name), plural(addressCount(wanted), "address", "addresses"), brief(wanted))
		return err
	})
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// brief is a set in a sentence.
func brief(set sclient.Addresses) string {
	if set.IsEmpty() {
		return "none"
	}
	return cut(set.String(), maxSummary)
}

func assetDeleteCommand(a *app) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:     "asset-delete ID",
		Short:   "Delete an asset",
		Example: "  patchproof sc asset-delete 35",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, _, err := oneID(cmd, args, false)
			if err != nil {
				return err
			}
			return a.assetDelete(cmd.Context(), id, output)
		},
	}
	rowsOutputFlag(cmd.Flags(), &output)
	return cmd
}

func (a *app) assetDelete(ctx context.Context, id sclient.ID, output string) error {
	return a.withCenter(ctx, func(c *center) error {
		if err := c.DeleteAsset(ctx, id); err != nil {
			if sclient.FateUnknown(err) {
				return fmt.Errorf("%w; it may have been deleted nevertheless: repeating it does no harm", err)
			}
			return lacking(err, "asset "+id.String())
		}
		if output != outputTable {
			return a.printObject(output, fmt.Appendf(nil, `{"id":%d,"deleted":true}`, id), struct{}{}, c.guard)
		}
		_, err := fmt.Fprintf(a.Stdout, "asset %d is deleted\n", id)
		return err
	})
}

package sc

// The commands about one object without an ID of its own, and about one plugin.

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"patchproof/sclient"
	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/invocation"
	"patchproof/starter/internal/securitycenter"
)

// detailCommand is a command about the one object that the server has of a kind.
func detailCommand(use, short, example string, do func(ctx context.Context, format string) error) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example, Args: flags.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return do(cmd.Context(), format) },
	}
	flags.RowsOutput(cmd.Flags(), &format)
	return cmd
}

func whoamiCommand(run *invocation.Invocation) *cobra.Command {
	return detailCommand("whoami", "Show who the keys belong to", "  patchproof sc whoami", func(ctx context.Context, format string) error {
		return securitycenter.Do(ctx, run, func(c *sclient.Client) error {
			u, err := c.CurrentUser(ctx)
			if err != nil {
				return err
			}
			return printObject(run, c, format, u, func(s sheet) {
				s.add("User", named(u.Username, u.ID))
				s.add("Name", u.Firstname+" "+u.Lastname)
				s.add("Role", named(u.Role.Name, u.Role.ID))
				s.add("Group", u.Group.Name)
				s.add("Organization", cmp.Or(u.Organization.Name, u.OrgName, "-"))
				s.add("E-mail", u.Email)
				s.add("Authentication", u.AuthType)
				s.add("Locked", yes(u.Locked))
				s.time("Last login", u.LastLogin)
				if u.IsAdministrator() {
					s.add("Note", "administrators can neither scan nor analyse: use the keys of a user of an organization")
				}
			})
		})
	})
}

func statusCommand(run *invocation.Invocation) *cobra.Command {
	return detailCommand("status", "Show the server's health", "  patchproof sc status -o json", func(ctx context.Context, format string) error {
		return securitycenter.Do(ctx, run, func(c *sclient.Client) error {
			status, err := c.Status(ctx)
			if err != nil {
				return err
			}
			return printObject(run, c, format, status, func(s sheet) {
				s.add("Job daemon", status.Jobd)
				s.add("Licence", status.LicenseStatus)
				s.add("Hosts", fmt.Sprintf("%d of %d licensed", status.ActiveIPs, status.LicensedIPs))
				s.add("Plugin feed", status.PluginSubscriptionStatus)
				s.add("Plugin set", string(status.PluginUpdates.Active.CurrentSet))
				s.time("Active plugins", status.PluginUpdates.Active.UpdateTime)
				s.time("Passive plugins", status.PluginUpdates.Passive.UpdateTime)
				s.time("Event plugins", status.PluginUpdates.LCE.UpdateTime)
				s.time("Feed", status.FeedUpdates.UpdateTime)
			})
		})
	})
}

func pluginCommand(run *invocation.Invocation) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "plugin ID",
		Short:   "Show a plugin: family, type, dates and CVEs",
		Example: "  patchproof sc plugin 97833",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, err := oneID(cmd, args)
			if err != nil {
				return err
			}
			return plugin(cmd.Context(), run, id, format)
		},
	}
	flags.RowsOutput(cmd.Flags(), &format)
	return cmd
}

func plugin(ctx context.Context, run *invocation.Invocation, id sclient.ID, format string) error {
	return securitycenter.Do(ctx, run, func(c *sclient.Client) error {
		p, err := c.Plugin(ctx, id)
		if err != nil {
			return lacking(err, "plugin "+id.String())
		}
		return printObject(run, c, format, p, func(s sheet) {
			s.add("Plugin", named(p.Name, p.ID))
			s.add("Family", named(p.Family.Name, p.Family.ID))
			s.add("Type", p.Type)
			s.add("Check type", p.CheckType)
			if p.NeedsCredentials() {
				s.add("Credentials", "needed: the check runs on the host itself")
			}
			s.add("Risk", p.RiskFactor)
			s.add("CVSS v3", score(p.CVSSV3BaseScore)+" "+p.CVSSV3Vector)
			s.add("CVSS v2", score(p.BaseScore)+" "+p.CVSSVector)
			s.add("VPR", score(p.VPRScore))
			s.add("CVEs", strings.Join(p.CVEs(), ", "))
			s.add("Exploit", yes(p.ExploitAvailable))
			s.add("Synopsis", p.Synopsis)
			s.add("Solution", p.Solution)
			s.add("Version", string(p.Version))
			s.time("Vulnerability", p.VulnPubDate)
			s.time("Patch", p.PatchPubDate)
			s.time("Published", p.PluginPubDate)
			s.time("Modified", p.PluginModDate)
			s.time("In our feed", p.ModifiedTime)
			s.add("Description", p.Description)
		})
	})
}

package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"patchproof/sclient"
)

// sheet is one object for people: a line per fact, and none for what is not known.
type sheet struct {
	app   *app
	guard *guard
	style style
	table table.Writer
}

// labelWidth is that of the longest label.
const labelWidth = 18

func (d sheet) add(label, value string) {
	value = strings.TrimSpace(d.guard.hide(printable(value)))
	if value == "" {
		return
	}
	if d.style.columns > labelWidth+20 {
		value = text.WrapSoft(value, d.style.columns-labelWidth-gap)
	}
	d.table.AppendRow(table.Row{label, value})
}

func (d sheet) time(label string, t sclient.Time) {
	d.add(label, stamp(t.Time, d.app.Now().Location()))
}

// named writes an object with its ID.
func named(name string, id sclient.ID) string {
	switch {
	case name == "" && !id.Valid():
		return ""
	case name == "":
		return "#" + id.String()
	}
	return name + " (#" + id.String() + ")"
}

func person(p sclient.Person) string {
	full := strings.TrimSpace(p.Firstname + " " + p.Lastname)
	if full == "" || full == p.Username {
		return p.Username
	}
	return p.Username + " (" + full + ")"
}

func yes(b sclient.Bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func score(f sclient.Float) string {
	if !f.Valid {
		return ""
	}
	return strconv.FormatFloat(f.Value, 'f', -1, 64)
}

// detailCommand is a command about the one object that the server has of a kind.
func detailCommand(use, short, example string, run func(ctx context.Context, output string) error) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use: use, Short: short, Example: example, Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return run(cmd.Context(), output) },
	}
	rowsOutputFlag(cmd.Flags(), &output)
	return cmd
}

func whoamiCommand(a *app) *cobra.Command {
	return detailCommand("whoami", "Show who the keys belong to", "  patchproof sc whoami", func(ctx context.Context, output string) error {
		return a.withCenter(ctx, func(c *center) error {
			u, err := c.CurrentUser(ctx)
			if err != nil {
				return err
			}
			return a.printDetail(c, output, *u, func(d sheet) {
				d.add("User", named(u.Username, u.ID))
				d.add("Name", u.Firstname+" "+u.Lastname)
				d.add("Role", named(u.Role.Name, u.Role.ID))
				d.add("Group", u.Group.Name)
				d.add("Organization", nonEmpty(u.Organization.Name, u.OrgName, "-")[0])
				d.add("E-mail", u.Email)
				d.add("Authentication", u.AuthType)
				d.add("Locked", yes(u.Locked))
				d.time("Last login", u.LastLogin)
				if u.IsAdministrator() {
					d.add("Note", "administrators can neither scan nor analyse: use the keys of a user of an organization")
				}
			})
		})
	})
}

func scStatusCommand(a *app) *cobra.Command {
	return detailCommand("status", "Show the server's health", "  patchproof sc status -o json", func(ctx context.Context, output string) error {
		return a.withCenter(ctx, func(c *center) error {
			s, err := c.Status(ctx)
			if err != nil {
				return err
			}
			return a.printDetail(c, output, *s, func(d sheet) {
				d.add("Job daemon", s.Jobd)
				d.add("Licence", s.LicenseStatus)
				d.add("Hosts", fmt.Sprintf("%d of %d licensed", s.ActiveIPs, s.LicensedIPs))
				d.add("Plugin feed", s.PluginSubscriptionStatus)
				d.add("Plugin set", string(s.PluginUpdates.Active.CurrentSet))
				d.time("Active plugins", s.PluginUpdates.Active.UpdateTime)
				d.time("Passive plugins", s.PluginUpdates.Passive.UpdateTime)
				d.time("Event plugins", s.PluginUpdates.LCE.UpdateTime)
				d.time("Feed", s.FeedUpdates.UpdateTime)
			})
		})
	})
}

func pluginCommand(a *app) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:     "plugin ID",
		Short:   "Show a plugin: family, type, dates and CVEs",
		Example: "  patchproof sc plugin 97833",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, _, err := oneID(cmd, args, false)
			if err != nil {
				return err
			}
			return a.plugin(cmd.Context(), id, output)
		},
	}
	rowsOutputFlag(cmd.Flags(), &output)
	return cmd
}

func (a *app) plugin(ctx context.Context, id sclient.ID, output string) error {
	return a.withCenter(ctx, func(c *center) error {
		p, err := c.Plugin(ctx, id)
		if err != nil {
			return lacking(err, "plugin "+id.String())
		}
		return a.printDetail(c, output, *p, func(d sheet) {
			d.add("Plugin", named(p.Name, p.ID))
			d.add("Family", named(p.Family.Name, p.Family.ID))
			d.add("Type", p.Type)
			d.add("Check type", p.CheckType)
			if p.NeedsCredentials() {
				d.add("Credentials", "needed: the check runs on the host itself")
			}
			d.add("Risk", p.RiskFactor)
			d.add("CVSS v3", nonEmpty(score(p.CVSSV3BaseScore)+" "+p.CVSSV3Vector, "")[0])
			d.add("CVSS v2", nonEmpty(score(p.BaseScore)+" "+p.CVSSVector, "")[0])
			d.add("VPR", score(p.VPRScore))
			d.add("CVEs", strings.Join(p.CVEs(), ", "))
			d.add("Exploit", yes(p.ExploitAvailable))
			d.add("Synopsis", p.Synopsis)
			d.add("Solution", p.Solution)
			d.add("Version", string(p.Version))
			d.time("Vulnerability", p.VulnPubDate)
			d.time("Patch", p.PatchPubDate)
			d.time("Published", p.PluginPubDate)
			d.time("Modified", p.PluginModDate)
			d.time("In our feed", p.ModifiedTime)
			d.add("Description", p.Description)
		})
	})
}

// lacking says in a sentence that there is no such object.
func lacking(err error, what string) error {
	if sclient.IsNotFound(err) {
		return fmt.Errorf("Security Center knows no %s, or you may not see it", what) //nolint:staticcheck // a name
	}
	return err
}

// period writes how long something took.
func period(seconds sclient.Int) string {
	if seconds <= 0 {
		return ""
	}
	return (time.Duration(seconds) * time.Second).String()
}

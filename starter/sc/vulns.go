package sc

// The command that reads findings.

import (
	"context"

	"github.com/spf13/cobra"

	"patchproof/sclient"
	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/invocation"
	"patchproof/starter/internal/rows"
	"patchproof/starter/internal/securitycenter"
)

func vulnsCommand(run *invocation.Invocation) *cobra.Command {
	var f vulnFlags
	cmd := &cobra.Command{
		Use:   "vulns",
		Short: "Read findings: open, mitigated, or of one scan result",
		Long: "Reads findings page by page and writes them as they come.\n\n" +
			"A PERIOD is A:B, rolling days ago (0:7 is the last week), or FROM-TO, two moments by Security Center's clock as RFC 3339\n" +
			"or epoch seconds: 2026-11-01T00:00:00Z-2026-11-08T00:00:00Z. --end is the offset after the last row, as in 0 to 50.\n\n" +
			"--filter takes any filter by the name that Security Center gives it, with one of its operators before the value:\n" +
			"NAME=VALUE, NAME!=VALUE, NAME>=VALUE, NAME<=VALUE, NAME~=VALUE (contains), NAME~VALUE, NAME:pcre=VALUE. A value that is a\n" +
			"JSON object or array is sent as such: 'asset~{\"operator\":\"union\",\"operand1\":{\"id\":\"1\"},\"operand2\":{\"id\":\"2\"}}'.\n" +
			"Servers from 6.x mix in web application findings: leave them out with --filter wasVuln=excludeWas.",
		Example: "  patchproof sc vulns --plugin 97833 --repository 1\n" +
			"  patchproof sc vulns --source patched --last-mitigated 0:30 -o csv > mitigated.csv\n" +
			"  patchproof sc vulns --source individual --scan-result 121 --tool listvuln -o jsonl",
		Args: flags.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			q, err := f.read(cmd)
			if err != nil {
				return err
			}
			return vulns(cmd.Context(), run, q, f.output)
		},
	}
	f.define(cmd.Flags())
	return cmd
}

func vulns(ctx context.Context, run *invocation.Invocation, q sclient.VulnQuery, format string) error {
	return securitycenter.Do(ctx, run, func(c *sclient.Client) error {
		if q.Source == sclient.Individual {
			q.Targets = scannedHosts(ctx, c, q.ScanResultID)
		}
		out := rows.Output{
			Run: run, Format: format, Schema: rows.AnalysisSchema(), Secrets: c.Redaction(),
			Table: rows.View{Columns: toolColumns[q.Tool], None: "no finding found"},
		}
		bar := startProgress(run, q)
		defer bar.stop()
		return out.Print(func(yield func([]byte, error) bool) {
			for page, err := range c.RawPages(ctx, q) {
				bar.add(page)
				if err != nil {
					yield(nil, err)
					return
				}
				for _, row := range page.Rows {
					if !yield(row.RawMessage, nil) {
						return
					}
				}
			}
			bar.stop() // before a table or a complaint follows on the same screen
		})
	})
}

// scannedHosts gives the hosts of a scan result, so that rows of other hosts are noticed: some versions answer with everything
// they have when they miss the result's ID. Results that were imported from elsewhere do not tell; nothing is checked then.
func scannedHosts(ctx context.Context, c *sclient.Client, id sclient.ID) sclient.Addresses {
	r, err := c.ScanResult(ctx, id)
	if err != nil || r.Progress.ScannedIPs.IsEmpty() {
		return sclient.Addresses{} // the analysis itself will tell what is wrong with the result
	}
	p := r.Progress
	return p.ScannedIPs.Union(p.DeadHostIPs).Union(p.ScanningIPs).Union(p.AwaitingIPs)
}

// hostColumns are those of the tools that list the hosts of each plugin.
var hostColumns = []rows.Column{
	plain("plugin", "pluginID"), wide("name", "name"), plain("severity", "severity.name"), plain("total", "total"),
	{Title: "hosts", Paths: []string{"hosts"}, Show: rows.Addresses, Wide: true},
}

// toolColumns are those that matter to people. Other tools show what their first row has.
var toolColumns = map[sclient.Tool][]rows.Column{
	sclient.ListVuln: {
		plain("plugin", "pluginID"), wide("name", "name", "pluginName"), plain("severity", "severity.name"), plain("ip", "ip"),
		wide("dns name", "dnsName"), plain("port", "port"), plain("protocol", "protocol"), wide("repository", "repository.name"),
	},
	sclient.VulnDetails: {
		plain("plugin", "pluginID"), wide("name", "pluginName", "name"), plain("severity", "severity.name"), plain("ip", "ip"),
		wide("dns name", "dnsName"), plain("port", "port"), plain("protocol", "protocol"), wide("repository", "repository.name"),
		timed("first seen", "firstSeen"), timed("last seen", "lastSeen"),
	},
	sclient.SumIP: {
		plain("ip", "ip"), wide("dns name", "dnsName"), plain("score", "score"), plain("total", "total"),
		plain("critical", "severityCritical"), plain("high", "severityHigh"), plain("medium", "severityMedium"),
		plain("low", "severityLow"), plain("info", "severityInfo"), wide("repository", "repository.name"), timed("last login", "lastAuthRun"),
	},
	sclient.SumID: {
		plain("plugin", "pluginID"), wide("name", "name"), wide("family", "family.name"), plain("severity", "severity.name"),
		plain("total", "total"), plain("hosts", "hostTotal"),
	},
	sclient.VulnIPDetail:  hostColumns,
	sclient.VulnIPSummary: hostColumns,
}

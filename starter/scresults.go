package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"patchproof/sclient"
)

type resultsFlags struct {
	since, until time.Time
	output       string
}

func resultsCommand(a *app) *cobra.Command {
	var f resultsFlags
	cmd := &cobra.Command{
		Use:   "results [ID]",
		Short: "List scan results, or show one with its progress",
		Long: "Lists the results of scans; without --since those of the last 30 days. With an ID it shows one: how far it is, which\n" +
			"hosts answered, and which did not. Security Center itself counts the dead hosts as scanned.",
		Example: "  patchproof sc results --since 2026-11-01T00:00:00Z\n  patchproof sc results 121",
		RunE: func(cmd *cobra.Command, args []string) error {
			id, given, err := oneID(cmd, args, true)
			if err != nil {
				return err
			}
			if given {
				if err := refuseWith(cmd, "a single result", "since", "until"); err != nil {
					return err
				}
				return a.result(cmd.Context(), id, f.output)
			}
			if !f.until.IsZero() && f.until.Before(f.since) {
				return wrongUse("--until: lies before --since")
			}
			return a.results(cmd.Context(), f)
		},
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	momentFlag(fs, &f.since, "since", "only results created at or after this time")
	momentFlag(fs, &f.until, "until", "only results created until this time")
	rowsOutputFlag(fs, &f.output)
	return cmd
}

// refuseWith refuses flags that make no sense together with what the arguments ask for.
func refuseWith(cmd *cobra.Command, what string, names ...string) error {
	for _, name := range names {
		if cmd.Flags().Changed(name) {
			return wrongUse("--%s: does not go with %s", name, what)
		}
	}
	return nil
}

func momentFlag(fs *pflag.FlagSet, dst *time.Time, name, usage string) {
	fs.Var(&flagValue{kind: "TIME", set: func(s string) error {
		t, ok := parseMoment(strings.TrimSpace(s))
		if !ok {
			return fmt.Errorf("use RFC 3339 such as 2026-11-22T08:00:00Z, or epoch seconds")
		}
		*dst = t
		return nil
	}}, name, usage)
}

func (a *app) results(ctx context.Context, f resultsFlags) error {
	return a.printList(ctx, query{
		view: tableView{columns: []column{
			plain("id", "id"), wide("name", "name"), plain("status", "status"), plain("import", "importStatus"), plain("hosts", "scannedIPs"),
			plain("repository", "repository.name"), timed("started", "startTime"), timed("finished", "finishTime"), wide("policy", "details"),
		}, none: "no scan result found"},
		sample: sclient.ScanResult{},
		ask: func(ctx context.Context, c *center) error {
			_, err := c.ScanResults(ctx, sclient.ScanResultFilter{Since: f.since, Until: f.until})
			return err
		},
	}, f.output)
}

func (a *app) result(ctx context.Context, id sclient.ID, output string) error {
	return a.withCenter(ctx, func(c *center) error {
		r, err := c.ScanResult(ctx, id)
		if err != nil {
			return lacking(err, "scan result "+id.String())
		}
		return a.printDetail(c, output, *r, func(d sheet) { d.result(*r) })
	})
}

func (d sheet) result(r sclient.ScanResult) {
	d.add("Result", named(r.Name, r.ID))
	d.add("Description", r.Description)
	d.add("Policy", r.Details)
	d.add("Repository", named(r.Repository.Name, r.Repository.ID))
	d.add("Status", r.Status)
	d.add("Import", r.ImportStatus)
	d.add("Error", r.ErrorDetails)
	d.add("Import error", r.ImportErrorDetails)
	d.time("Created", r.CreatedTime)
	d.time("Started", r.StartTime)
	d.time("Finished", r.FinishTime)
	d.add("Took", period(r.ScanDuration))
	d.time("Imported", r.ImportFinish)
	d.add("Owner", person(r.Owner))
	p := r.Progress
	if r.TotalIPs > 0 {
		d.add("Hosts done", fmt.Sprintf("%d of %d, the dead ones included", r.CompletedIPs, r.TotalIPs))
	}
	d.hosts("Answered", p.ScannedIPs, p.ScannedSize)
	d.hosts("Dead", p.DeadHostIPs, p.DeadHostSize)
	d.hosts("Being scanned", p.ScanningIPs, p.ScanningSize)
	if p.TotalChecks > 0 {
		d.add("Checks", fmt.Sprintf("%d of %d", p.CompletedChecks, p.TotalChecks))
	}
	for _, s := range p.Scanners {
		d.add("Scanner", named(s.Name, s.ID))
	}
}

// hosts shows how many and which; a large network would fill the screen.
func (d sheet) hosts(label string, set sclient.Addresses, size sclient.Int) {
	if set.IsEmpty() && size <= 0 {
		return
	}
	list := strings.ReplaceAll(set.String(), ",", ", ")
	if len(list) > maxHosts {
		list = list[:strings.LastIndex(list[:maxHosts], ",")] + ", … (all with -o json)"
	}
	d.add(label, strings.TrimSuffix(fmt.Sprintf("%d: %s", max(int(size), addressCount(set)), list), ": "))
}

// maxHosts is how much text of addresses a person reads.
const maxHosts = 600

// addressCount counts the addresses of a set, as far as people count.
func addressCount(set sclient.Addresses) int {
	n := len(set.Names())
	for _, r := range set.Ranges() {
		for addr := r.From(); addr.IsValid() && n < 1<<20; addr = addr.Next() {
			n++
			if addr == r.To() {
				break
			}
		}
	}
	return n
}

package sc

// The command about scan results.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"patchproof/sclient"
	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/invocation"
	"patchproof/starter/internal/rows"
	"patchproof/starter/internal/securitycenter"
)

type resultsFlags struct {
	since, until time.Time
	output       string
}

func resultsCommand(run *invocation.Invocation) *cobra.Command {
	var f resultsFlags
	cmd := &cobra.Command{
		Use:   "results [ID]",
		Short: "List scan results, or show one with its progress",
		Long: "Lists the results of scans; without --since those of the last 30 days. With an ID it shows one: how far it is, which\n" +
			"hosts answered, and which did not. Security Center itself counts the dead hosts as scanned.",
		Example: "  patchproof sc results --since 2026-11-01T00:00:00Z\n  patchproof sc results 121",
		RunE: listOrOne("a single result", []string{"since", "until"},
			func(ctx context.Context, id sclient.ID) error { return result(ctx, run, id, f.output) },
			func(ctx context.Context) error {
				if !f.until.IsZero() && f.until.Before(f.since) {
					return exit.WrongUse("--until: lies before --since")
				}
				return results(ctx, run, f)
			}),
	}
	fs := cmd.Flags()
	fs.SortFlags = false
	momentFlag(fs, &f.since, "since", "only results created at or after this time")
	momentFlag(fs, &f.until, "until", "only results created until this time")
	flags.RowsOutput(fs, &f.output)
	return cmd
}

func momentFlag(fs *pflag.FlagSet, dst *time.Time, name, usage string) {
	flags.Var(fs, name, "TIME", "", usage, func(s string) error {
		t, ok := parseMoment(strings.TrimSpace(s))
		if !ok {
			return errors.New("use RFC 3339 such as 2026-11-22T08:00:00Z, or epoch seconds")
		}
		*dst = t
		return nil
	})
}

func results(ctx context.Context, run *invocation.Invocation, f resultsFlags) error {
	q := question{sclient.ScanResult{}, func(ctx context.Context, c *sclient.Client) ([]json.RawMessage, error) {
		return asSent(c.ScanResults(ctx, sclient.ScanResultFilter{Since: f.since, Until: f.until}))
	}}
	return printList(ctx, run, f.output, q, rows.View{Columns: []rows.Column{
		plain("id", "id"), wide("name", "name"), plain("status", "status"), plain("import", "importStatus"), plain("hosts", "scannedIPs"),
		plain("repository", "repository.name"), timed("started", "startTime"), timed("finished", "finishTime"), wide("policy", "details"),
	}, None: "no scan result found"})
}

func result(ctx context.Context, run *invocation.Invocation, id sclient.ID, format string) error {
	return securitycenter.Do(ctx, run, func(c *sclient.Client) error {
		r, err := c.ScanResult(ctx, id)
		if err != nil {
			return lacking(err, "scan result "+id.String())
		}
		return printObject(run, c, format, r, func(s sheet) { s.result(*r) })
	})
}

func (s sheet) result(r sclient.ScanResult) {
	s.add("Result", named(r.Name, r.ID))
	s.add("Description", r.Description)
	s.add("Policy", r.Details)
	s.add("Repository", named(r.Repository.Name, r.Repository.ID))
	s.add("Status", r.Status)
	s.add("Import", r.ImportStatus)
	s.add("Error", r.ErrorDetails)
	s.add("Import error", r.ImportErrorDetails)
	s.time("Created", r.CreatedTime)
	s.time("Started", r.StartTime)
	s.time("Finished", r.FinishTime)
	s.add("Took", period(r.ScanDuration))
	s.time("Imported", r.ImportFinish)
	s.add("Owner", person(r.Owner))
	p := r.Progress
	if r.TotalIPs > 0 {
		s.add("Hosts done", fmt.Sprintf("%d of %d, the dead ones included", r.CompletedIPs, r.TotalIPs))
	}
	s.hosts("Answered", p.ScannedIPs, p.ScannedSize)
	s.hosts("Dead", p.DeadHostIPs, p.DeadHostSize)
	s.hosts("Being scanned", p.ScanningIPs, p.ScanningSize)
	if p.TotalChecks > 0 {
		s.add("Checks", fmt.Sprintf("%d of %d", p.CompletedChecks, p.TotalChecks))
	}
	for _, scanner := range p.Scanners {
		s.add("Scanner", named(scanner.Name, scanner.ID))
	}
}

// hosts shows how many and which; a large network would fill the screen.
func (s sheet) hosts(label string, set sclient.Addresses, size sclient.Int) {
	if set.IsEmpty() && size <= 0 {
		return
	}
	count := addressCount(set)
	if told := big.NewInt(int64(size)); told.Cmp(count) > 0 {
		count = told
	}
	list := strings.ReplaceAll(set.String(), ",", ", ")
	if len(list) > maxHosts {
		list = list[:strings.LastIndex(list[:maxHosts], ",")] + ", … (all with -o json)"
	}
	s.add(label, strings.TrimSuffix(fmt.Sprintf("%d: %s", count, list), ": "))
}

// maxHosts is how much text of addresses a person reads.
const maxHosts = 600

// addressCount counts the addresses and names of a set, which may be more than any number of ours holds.
func addressCount(set sclient.Addresses) *big.Int {
	total := big.NewInt(int64(len(set.Names())))
	for _, r := range set.Ranges() {
		first, last := new(big.Int).SetBytes(r.From().AsSlice()), new(big.Int).SetBytes(r.To().AsSlice())
		total.Add(total, last.Sub(last, first))
		total.Add(total, big.NewInt(1))
	}
	return total
}

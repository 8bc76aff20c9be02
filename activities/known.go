package activities

// What the databases know about a request's targets before anything is done.

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"patchproof/remediation"
	"patchproof/sclient"
)

const (
	// maxAddressFilter bounds the text of one filter; with more addresses the plugin's rows are fewer than the addresses.
	maxAddressFilter = 500
	// maxOldRows is how many mitigated findings a network may have of one plugin: there may be some of each of its addresses,
	// and most are left out again.
	maxOldRows = 100_000
)

// baselineReader reads what is known about the targets of a request.
type baselineReader struct {
	sc      SecurityCenter
	request remediation.Request
	targets remediation.Targets
}

// readFindings reads what is open and what was mitigated.
func (r baselineReader) readFindings(ctx context.Context, out *BaselineResult) error {
	var records remediation.Records
	read := func(source sclient.Source, most int, filters ...sclient.Filter) ([]remediation.Finding, error) {
		return collect(ctx, r.sc, r.query(source, filters...), most, func(v sclient.Vuln) (remediation.Finding, bool) {
			if v.PluginID != sclient.ID(r.request.Plugin) || v.Repository.ID != sclient.ID(r.request.Repository) || !r.targets.Contains(host(v)) {
				return remediation.Finding{}, false
			}
			if out.Plugin == nil {
				out.Plugin = pluginOfRow(v)
			}
			f := finding(v)
			if source == sclient.Patched {
				f.Output = "" // of old findings there may be very many
			}
			return f, true
		})
	}
	var err error
	if records.Open, err = read(sclient.Cumulative, maxRows); err != nil {
		return err
	}
	if records.Mitigated, err = read(sclient.Patched, maxOldRows); err != nil {
		return err
	}
	within := time.Duration(r.request.MitigatedWithin)
	if len(records.Mitigated) > 0 && within > 0 {
		window := sclient.FilterLastMitigated(sclient.Between(out.At.Add(-within), out.At.Add(time.Hour)))
		if records.Recent, err = read(sclient.Patched, maxOldRows, window); err != nil {
			return err
		}
	}
	var left int
	if out.Findings, left = records.Merge(r.targets); left > 0 {
		out.Notes = append(out.Notes, fmt.Sprintf(
			"left out because it was mitigated longer ago than %s: %s; --mitigated-within looks back further",
			r.request.MitigatedWithin, remediation.Count(left, "finding")))
	}
	if len(out.Findings) > remediation.MaxFindings {
		return invalid("ip: %d findings are more than the %d that one verification takes: split the ticket", len(out.Findings), remediation.MaxFindings)
	}
	limitTexts(out.Findings, func(f *remediation.Finding) *string { return &f.Output })
	return nil
}

// query asks for the plugin and the repository, and for the addresses of the targets where they can be told to a filter.
func (r baselineReader) query(source sclient.Source, more ...sclient.Filter) sclient.VulnQuery {
	filters := append(slices.Clone(more), sclient.FilterPlugin(sclient.ID(r.request.Plugin)), sclient.FilterRepository(sclient.ID(r.request.Repository)))
	// Names have no list filter of their own: with names the whole plugin is read and sorted out here.
	if addresses := r.targets.Addresses(); len(r.targets.Names()) == 0 && len(addresses) <= maxAddressFilter {
		filters = append(filters, sclient.FilterIP(addresses...))
	}
	return sclient.VulnQuery{Source: source, Filters: filters}
}

// readBefore reads how the hosts of the findings were scanned last, and which of the mitigated ones were scanned since.
func (r baselineReader) readBefore(ctx context.Context, out *BaselineResult) error {
	addresses := addressesOf(out.Findings, recorded)
	if len(addresses) == 0 {
		return nil
	}
	baseline := remediation.NewBaseline(out.Findings)
	query := sclient.VulnQuery{Filters: []sclient.Filter{
		sclient.FilterPlugin(sclient.PluginScanInfo), sclient.FilterRepository(sclient.ID(r.request.Repository)), sclient.FilterIP(addresses...),
	}}
	var err error
	out.Before, err = collect(ctx, r.sc, query, maxRows, func(v sclient.Vuln) (remediation.HostScan, bool) {
		return report(v, ""), v.PluginID == sclient.PluginScanInfo && baseline.MayHaveAddress(host(v))
	})
	limitTexts(out.Before, func(h *remediation.HostScan) *string { return &h.Report })
	if err != nil || !r.request.TrustPatched {
		return err
	}
	return r.lookedSince(ctx, out)
}

// importLag is by how much a mitigation may be younger than the scan that brought it about: it is recorded at the import.
const importLag = time.Hour

// lookedSince marks the mitigated findings whose hosts were scanned when, or after, they were mitigated. When that was, no column
// says; a filter does.
func (r baselineReader) lookedSince(ctx context.Context, out *BaselineResult) error {
	scanned := map[time.Time][]string{}
	for _, h := range out.Before {
		if !h.At.IsZero() {
			scanned[h.At] = append(scanned[h.At], h.Host.Address)
		}
	}
	for at, addresses := range scanned {
		window := sclient.FilterLastMitigated(sclient.Between(time.Unix(1, 0), at.Add(importLag)))
		query := sclient.VulnQuery{Source: sclient.Patched, Filters: []sclient.Filter{
			window, sclient.FilterPlugin(sclient.ID(r.request.Plugin)), sclient.FilterRepository(sclient.ID(r.request.Repository)),
			sclient.FilterIP(addresses...),
		}}
		found, err := collect(ctx, r.sc, query, maxOldRows, func(v sclient.Vuln) (remediation.Finding, bool) {
			return finding(v), v.PluginID == sclient.ID(r.request.Plugin) && v.Repository.ID == sclient.ID(r.request.Repository)
		})
		if err != nil {
			return err
		}
		for i := range out.Findings {
			f := &out.Findings[i]
			f.LookedSince = f.LookedSince || f.State == remediation.StateMitigated && slices.ContainsFunc(found, f.SameAs)
		}
	}
	return nil
}

// readElsewhere notes where else the same weakness is open on the same addresses: the ticket speaks of one repository, and a
// reader may take a fix there for a fix everywhere.
func (r baselineReader) readElsewhere(ctx context.Context, out *BaselineResult) error {
	addresses := addressesOf(out.Findings, func(remediation.Finding) bool { return true })
	if len(addresses) == 0 {
		return nil
	}
	query := sclient.VulnQuery{Filters: []sclient.Filter{sclient.FilterPlugin(sclient.ID(r.request.Plugin)), sclient.FilterIP(addresses...)}}
	found, err := collect(ctx, r.sc, query, maxRows, func(v sclient.Vuln) (sclient.ID, bool) {
		return v.Repository.ID, v.PluginID == sclient.ID(r.request.Plugin) && v.Repository.ID.Valid() && int(v.Repository.ID) != r.request.Repository
	})
	if err != nil {
		return tooMany(err)
	}
	counts := map[sclient.ID]int{}
	for _, id := range found {
		counts[id]++
	}
	const most = 5 // of more the first ones will do
	var where []string
	for _, id := range slices.Sorted(maps.Keys(counts)) {
		where = append(where, fmt.Sprintf("%d in repository %s", counts[id], id))
	}
	if len(where) > most {
		where = append(where[:most], fmt.Sprintf("and in %d more", len(where)-most))
	}
	if len(where) > 0 {
		out.Notes = append(out.Notes, "the same plugin is also open on these addresses elsewhere: "+strings.Join(where, ", "))
	}
	return nil
}

// recorded are the findings that are in one of the databases.
func recorded(f remediation.Finding) bool { return f.State != remediation.StateAbsent }

func addressesOf(findings []remediation.Finding, want func(remediation.Finding) bool) (out []string) {
	for _, f := range findings {
		if addr, ok := f.Host.Addr(); ok && want(f) && !slices.Contains(out, addr.String()) {
			out = append(out, addr.String())
		}
	}
	return out
}

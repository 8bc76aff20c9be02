package activities

// What is known before anything is done.

import (
	"context"
	"slices"
	"time"

	"patchproof/remediation"
	"patchproof/sclient"
)

// BaselineInput asks what is known before anything is done.
type BaselineInput struct {
	Request remediation.Request `json:"request"`
}

// BaselineResult is what is known.
type BaselineResult struct {
	// At is Security Center's clock when the run began. Everything later is compared with it, never with our clock.
	At         time.Time              `json:"at"`
	Repository remediation.Repository `json:"repository"`
	Findings   []remediation.Finding  `json:"findings"`
	Before     []remediation.HostScan `json:"before,omitempty"`
	Plugin     *remediation.Plugin    `json:"plugin,omitempty"` // as a row of the baseline describes it
}

// Baseline checks the request against Security Center and reads what is open and what was mitigated before.
func (a *Activities) Baseline(ctx context.Context, in BaselineInput) (*BaselineResult, error) {
	return lookUp(ctx, in, a.baseline)
}

func (a *Activities) baseline(ctx context.Context, in BaselineInput) (*BaselineResult, error) {
	r := in.Request
	sc, err := a.sc(r.SC)
	if err != nil {
		return nil, err
	}
	out := &BaselineResult{}
	if out.At, err = sc.ServerTime(ctx); err != nil {
		return nil, err
	}
	if out.Repository, err = repository(ctx, sc, r.Repository); err != nil {
		return nil, err
	}
	targets, err := resolve(ctx, sc, r)
	if err != nil {
		return nil, err
	}
	open, err := known(ctx, sc, r, targets, sclient.Cumulative)
	if err != nil {
		return nil, err
	}
	mitigated, err := known(ctx, sc, r, targets, sclient.Patched)
	if err != nil {
		return nil, err
	}
	out.Findings = remediation.Merge(targets, findings(ofPlugin(open, r.Plugin)), findings(ofPlugin(mitigated, r.Plugin)))
	if len(out.Findings) > remediation.MaxFindings {
		return nil, invalid("ip: %d findings are more than the %d that one verification takes: split the ticket", len(out.Findings), remediation.MaxFindings)
	}
	for _, row := range ofPlugin(open, int(sclient.PluginScanInfo)) {
		// A range may hold thousands of hosts that never had the finding.
		if slices.ContainsFunc(out.Findings, func(f remediation.Finding) bool { return f.Host.Address == row.IP }) {
			out.Before = append(out.Before, report(row))
		}
	}
	limitTexts(out.Before, func(h *remediation.HostScan) *string { return &h.Report })
	if rows := slices.Concat(ofPlugin(open, r.Plugin), ofPlugin(mitigated, r.Plugin)); len(rows) > 0 {
		out.Plugin = pluginOfRow(rows[0])
	}
	return out, nil
}

func repository(ctx context.Context, sc SecurityCenter, id int) (remediation.Repository, error) {
	repo, err := sc.Repository(ctx, sclient.ID(id))
	if sclient.IsNotFound(err) {
		return remediation.Repository{}, refusedAs("repository: Security Center knows no repository %d, or this account may not use it", id)
	}
	if err != nil {
		return remediation.Repository{}, err
	}
	return remediation.Repository{
		ID: id, Name: repo.Name, Kind: repo.DataFormat, Type: repo.Type, Ranges: repo.IPRange().String(),
	}, nil
}

// resolve replaces the assets of a request by their addresses.
func resolve(ctx context.Context, sc SecurityCenter, r remediation.Request) (remediation.Targets, error) {
	targets, err := remediation.ParseTargets(r.Targets)
	if err != nil {
		return targets, invalid("ip: %s", err)
	}
	for _, id := range r.Assets {
		asset, err := sc.Asset(ctx, sclient.ID(id))
		if sclient.IsNotFound(err) {
			return targets, refusedAs("asset: Security Center knows no asset %d, or this account may not use it", id)
		}
		if err != nil {
			return targets, err
		}
		if targets, err = targets.Merge(asset.Addresses().Ranges()); err != nil {
			return targets, invalid("asset: asset %d (%s): %s", id, asset.Name, err)
		}
	}
	if targets.Empty() {
		return targets, invalid("asset: nothing that is named has an address: %s", r.TargetText(5))
	}
	return targets, nil
}

// known reads the rows of the plugin, and of the scan information, for the targets.
func known(ctx context.Context, sc SecurityCenter, r remediation.Request, targets remediation.Targets, source sclient.Source) ([]sclient.Vuln, error) {
	filters := []sclient.Filter{
		sclient.FilterPlugin(sclient.ID(r.Plugin), sclient.PluginScanInfo),
		sclient.FilterRepository(sclient.ID(r.Repository)),
	}
	// Names have no list filter of their own: with names the whole plugin is read and sorted out here.
	if addresses := targets.Addresses(); len(targets.Names()) == 0 && len(addresses) <= maxAddressFilter {
		filters = append(filters, sclient.FilterIP(addresses...))
	}
	return collect(ctx, sc, sclient.VulnQuery{Source: source, Filters: filters},
		func(v sclient.Vuln) bool { return targets.Contains(host(v)) })
}

// maxAddressFilter bounds the text of one filter; with more addresses the plugin's rows are fewer than the addresses.
const maxAddressFilter = 500

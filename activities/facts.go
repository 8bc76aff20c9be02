package activities

// Reading what our scan and the databases say.

import (
	"context"
	"slices"
	"strings"
	"time"

	"patchproof/remediation"
	"patchproof/sclient"
)

func readFacts(ctx context.Context, sc SecurityCenter, in AssessInput, facts *remediation.Facts) error {
	var err error
	if facts.ReadAt, err = sc.ServerTime(ctx); err != nil {
		return err
	}
	if scan := facts.Scan; scan != nil && scan.Ended != remediation.ScanFailed && scan.Import == remediation.ImportFinished {
		if err := readScan(ctx, sc, in, facts); err != nil {
			return err
		}
	}
	return readDatabases(ctx, sc, facts)
}

// readDatabases reads what is open and what is mitigated now, for the whole repository: a host of the baseline may be
// listed under another address.
func readDatabases(ctx context.Context, sc SecurityCenter, facts *remediation.Facts) (err error) {
	read := func(source sclient.Source, filters ...sclient.Filter) ([]remediation.Finding, error) {
		filters = append(filters,
			sclient.FilterPlugin(sclient.ID(facts.Plugin.ID)), sclient.FilterRepository(sclient.ID(facts.Repository.ID)))
		rows, err := collect(ctx, sc, sclient.VulnQuery{Source: source, Filters: filters},
			func(v sclient.Vuln) bool { return remediation.Concerns(facts.Baseline, host(v)) })
		return findings(rows), err
	}
	if facts.Open, err = read(sclient.Cumulative); err != nil {
		return err
	}
	// The window begins at the baseline, by Security Center's clock. It ends in its future, because the clock goes on
	// between this question and the answer.
	window := sclient.FilterLastMitigated(sclient.Between(facts.BaselineAt, facts.ReadAt.Add(time.Hour)))
	if facts.Mitigated, err = read(sclient.Patched, window); err != nil {
		return err
	}
	for i := range facts.Mitigated {
		facts.Mitigated[i].SinceBaseline = true
	}
	if !slices.ContainsFunc(facts.Baseline, func(f remediation.Finding) bool { return f.State == remediation.StateMitigated }) {
		return nil
	}
	ever, err := read(sclient.Patched)
	facts.Mitigated = append(facts.Mitigated, ever...)
	return err
}

// readScan reads what our own result says about the hosts that we scanned: the plugin's rows, the scan information, the
// open ports and how the credentials did.
func readScan(ctx context.Context, sc SecurityCenter, in AssessInput, facts *remediation.Facts) error {
	plugins := []sclient.ID{sclient.ID(facts.Plugin.ID)}
	plugins = append(plugins, sclient.ProofPlugins()...)
	query := sclient.VulnQuery{
		Source: sclient.Individual, ScanResultID: sclient.ID(in.ResultID), View: sclient.ViewAll,
		Filters: []sclient.Filter{sclient.FilterPlugin(plugins...)},
		// What was asked for and not what the result lists: a partial result may hold rows of hosts that it does not list.
		Targets: sclient.ParseAddresses(strings.Join(in.Targets, ",")),
	}
	rows, err := collect(ctx, sc, query, func(sclient.Vuln) bool { return true })
	if err != nil {
		return err
	}
	facts.Scan.Seen = findings(ofPlugin(rows, facts.Plugin.ID))
	facts.Scan.Hosts = hostScans(rows, facts.Baseline)
	limitTexts(facts.Scan.Hosts, func(h *remediation.HostScan) *string { return &h.Report })
	return nil
}

// hostScans sorts the proof rows by host. Of the open ports only those that the baseline asks about are kept.
func hostScans(rows []sclient.Vuln, baseline []remediation.Finding) []remediation.HostScan {
	var out []remediation.HostScan
	index := map[string]int{}
	for _, row := range rows {
		if !slices.ContainsFunc(baseline, func(f remediation.Finding) bool { return f.Host.Address == row.IP }) {
			continue // an asset's other hosts are not asked about
		}
		i, known := index[row.IP]
		if !known {
			i = len(out)
			index[row.IP] = i
			out = append(out, remediation.HostScan{Host: host(row)})
		}
		h := &out[i]
		switch id := row.PluginID; {
		case id == sclient.PluginScanInfo:
			r := report(row)
			r.LoginTroubles, r.OpenPorts = h.LoginTroubles, h.OpenPorts
			*h = r
		case slices.Contains(sclient.OpenPortPlugins(), id):
			addPort(h, row, baseline)
		case slices.Contains(sclient.LoginFailurePlugins(), id):
			h.LoginTroubles = append(h.LoginTroubles, row.PluginName)
		}
	}
	return out
}

func addPort(h *remediation.HostScan, row sclient.Vuln, baseline []remediation.Finding) {
	port := remediation.Port{Number: int(row.Port), Protocol: strings.ToUpper(row.Protocol)}
	asked := slices.ContainsFunc(baseline, func(f remediation.Finding) bool { return f.Port == port.Number })
	if asked && !slices.Contains(h.OpenPorts, port) {
		h.OpenPorts = append(h.OpenPorts, port)
	}
}

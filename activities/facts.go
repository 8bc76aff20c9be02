package activities

// Reading what our scan and the databases say.

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"patchproof/remediation"
	"patchproof/sclient"
)

// maxRows is how many rows of one kind a judgement takes: some for each of the most findings that a verification has, and too few
// for an answer without end to hurt.
const maxRows = 40 * remediation.MaxFindings

// factsReader reads the facts of one judgement.
type factsReader struct {
	sc       SecurityCenter
	resultID int
	targets  []string // what the scan was asked to look at
	policy   string   // the name of the policy that was made for it

	plugin, repository sclient.ID
	baseline           remediation.Baseline
}

func readFacts(ctx context.Context, sc SecurityCenter, in AssessInput, facts *remediation.Facts) error {
	r := factsReader{
		sc: sc, resultID: in.ResultID, targets: in.Targets, policy: in.Policy, plugin: sclient.ID(facts.Plugin.ID),
		repository: sclient.ID(facts.Repository.ID), baseline: remediation.NewBaseline(facts.Baseline),
	}
	var err error
	if facts.ReadAt, err = sc.ServerTime(ctx); err != nil {
		return err
	}
	if scan := facts.Scan; scan != nil && scan.Ended != remediation.ScanFailed && scan.Import == remediation.ImportFinished {
		if err := r.readScan(ctx, facts); err != nil {
			return err
		}
	}
	return r.readDatabases(ctx, facts)
}

// readDatabases reads what is open and what is mitigated now, for the whole repository: a host of the baseline may be
// listed under another address.
func (r factsReader) readDatabases(ctx context.Context, facts *remediation.Facts) (err error) {
	read := func(source sclient.Source, want func(sclient.Vuln) bool, filters ...sclient.Filter) ([]remediation.Finding, error) {
		filters = append(filters, sclient.FilterPlugin(r.plugin), sclient.FilterRepository(r.repository))
		return r.findings(ctx, sclient.VulnQuery{Source: source, Filters: filters}, want)
	}
	if facts.Open, err = read(sclient.Cumulative, r.speaksAgainst); err != nil {
		return err
	}
	window := sclient.FilterLastMitigated(sclient.Between(facts.Since()))
	if facts.Mitigated, err = read(sclient.Patched, r.proves, window); err != nil {
		return err
	}
	for i := range facts.Mitigated {
		facts.Mitigated[i].SinceBaseline = true
	}
	if !slices.ContainsFunc(facts.Baseline, func(f remediation.Finding) bool { return f.State == remediation.StateMitigated }) {
		return nil
	}
	ever, err := read(sclient.Patched, r.proves)
	facts.Mitigated = append(facts.Mitigated, ever...)
	return err
}

// A server may not honour a filter, or send rows without the columns that it is about. What says that something is open counts
// unless it is about something else for certain; what says that it is mitigated counts only if it is certain.

func (r factsReader) speaksAgainst(v sclient.Vuln) bool {
	plugin := !v.PluginID.Valid() || v.PluginID == r.plugin
	repository := !v.Repository.ID.Valid() || v.Repository.ID == r.repository
	return plugin && repository && r.baseline.Concerns(host(v))
}

func (r factsReader) proves(v sclient.Vuln) bool {
	return v.PluginID == r.plugin && v.Repository.ID == r.repository && r.baseline.Concerns(host(v))
}

// ofOurPlugin is for the rows of our own result, at whatever host.
func (r factsReader) ofOurPlugin(v sclient.Vuln) bool {
	return !v.PluginID.Valid() || v.PluginID == r.plugin
}

// readScan reads what our own result says about the hosts that we scanned: the plugin's rows, what the proof plugins say, and
// what the import of our scan mitigated.
func (r factsReader) readScan(ctx context.Context, facts *remediation.Facts) error {
	query := func(view string, plugins ...sclient.ID) sclient.VulnQuery {
		return sclient.VulnQuery{
			Source: sclient.Individual, ScanResultID: sclient.ID(r.resultID), View: view,
			Filters: []sclient.Filter{sclient.FilterPlugin(plugins...)},
			Targets: sclient.ParseAddresses(strings.Join(r.targets, ",")),
		}
	}
	plugins := sclient.ProofPlugins()
	if !slices.Contains(plugins, r.plugin) {
		plugins = append(plugins, r.plugin)
	}
	rows, err := r.readRows(ctx, query(sclient.ViewAll, plugins...))
	if err == nil && !rows.told { // only the filter tells the plugin's rows from the others then
		var ofPlugin ownRows
		if rows, err = r.readRows(ctx, query(sclient.ViewAll, sclient.ProofPlugins()...)); err == nil {
			ofPlugin, err = r.readRows(ctx, query(sclient.ViewAll, r.plugin))
		}
		rows.seen = ofPlugin.seen
	}
	if err != nil {
		return err
	}
	facts.Scan.Hosts = accounts(rows.proof, r.policy, facts.Baseline)
	limitTexts(facts.Scan.Hosts, func(h *remediation.HostScan) *string { return &h.Report })
	limitTexts(rows.seen, func(f *remediation.Finding) *string { return &f.Output })
	facts.Scan.Seen = r.mostTelling(rows.seen)
	facts.Scan.Mitigated, err = r.findings(ctx, query(sclient.ViewPatched, r.plugin), r.proves)
	if sclient.IsInvalidRequest(err) || sclient.IsForbidden(err) {
		// Not every server has this view. It is one of two proofs, and the database of mitigated findings is the other.
		facts.Scan.Mitigated, err = nil, nil
	}
	return err
}

// ownRows are rows of our own result: those of the proof plugins at hosts of the baseline (an asset's other hosts are not asked
// about), and those of our plugin at whatever host. told is false if a row does not say whose it is.
type ownRows struct {
	proof []sclient.Vuln
	seen  []remediation.Finding
	told  bool
}

// readRows reads rows of our own result once, for both uses.
func (r factsReader) readRows(ctx context.Context, query sclient.VulnQuery) (ownRows, error) {
	rows := ownRows{told: true}
	isProof := slices.Contains(sclient.ProofPlugins(), r.plugin) // our plugin may be one of them
	_, err := collect(ctx, r.sc, query, 2*maxRows, func(v sclient.Vuln) (struct{}, bool) {
		rows.told = rows.told && v.PluginID.Valid()
		ours := r.ofOurPlugin(v)
		if ours {
			rows.seen = append(rows.seen, finding(v))
		}
		asProof := (v.PluginID != r.plugin || isProof) && r.baseline.MayHaveAddress(host(v))
		if asProof {
			rows.proof = append(rows.proof, proofRow(v))
		}
		return struct{}{}, ours || asProof
	})
	return rows, err
}

// mostTelling keeps the rows that concern the baseline, and of the others as many as a verification has findings.
func (r factsReader) mostTelling(seen []remediation.Finding) []remediation.Finding {
	slices.SortStableFunc(seen, func(a, b remediation.Finding) int {
		rank := func(f remediation.Finding) int {
			if r.baseline.Concerns(f.Host) {
				return 0
			}
			return 1
		}
		return cmp.Compare(rank(a), rank(b))
	})
	return seen[:min(len(seen), 2*remediation.MaxFindings)]
}

func (r factsReader) findings(ctx context.Context, query sclient.VulnQuery, want func(sclient.Vuln) bool) ([]remediation.Finding, error) {
	out, err := collect(ctx, r.sc, query, maxRows, func(v sclient.Vuln) (remediation.Finding, bool) {
		if !want(v) {
			return remediation.Finding{}, false
		}
		return finding(v), true
	})
	limitTexts(out, func(f *remediation.Finding) *string { return &f.Output })
	return out, err
}

// tooMany turns the one error that no patience mends into a sentence for the person who asked.
func tooMany(err error) error {
	if most, ok := errors.AsType[tooManyError](err); ok {
		return invalid("ip: %s: split the ticket", most)
	}
	return err
}

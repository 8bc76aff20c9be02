package activities

// What is known before anything is done.

import (
	"context"
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
	// Before is how the hosts of the findings were scanned last.
	Before []remediation.HostScan `json:"before,omitempty"`
	Plugin *remediation.Plugin    `json:"plugin,omitempty"` // as a row of the baseline describes it
	// Credentials and Zone are what the worker's configuration has for a request that names none.
	Credentials []int `json:"credentials,omitempty"`
	Zone        int   `json:"zone,omitempty"`
	// Notes are for the reader of the verdicts.
	Notes []string `json:"notes,omitempty"`
}

// Baseline checks the request against Security Center and reads what is open and what was mitigated before.
func (a *Activities) Baseline(ctx context.Context, in BaselineInput) (*BaselineResult, error) {
	return lookUp(ctx, in, a.baseline)
}

func (a *Activities) baseline(ctx context.Context, in BaselineInput) (*BaselineResult, error) {
	sc, err := a.sc(in.Request.SC)
	if err != nil {
		return nil, err
	}
	out := &BaselineResult{}
	if out.At, err = sc.ServerTime(ctx); err != nil {
		return nil, err
	}
	if out.Repository, err = repository(ctx, sc, in.Request.Repository); err != nil {
		return nil, err
	}
	targets, err := resolve(ctx, sc, in.Request)
	if err != nil {
		return nil, err
	}
	r := baselineReader{sc, in.Request, targets}
	if err := r.readFindings(ctx, out); err != nil {
		return nil, tooMany(err)
	}
	rules := a.rules(in.Request.SC, in.Request.Repository)
	if err := permitAssets(rules, in.Request.Scan.ScanAssets); err != nil {
		return nil, err
	}
	if err := permit(rules, in.Request.Repository, append(addressesOf(out.Findings, recorded), addressesAlone(targets)...)); err != nil {
		return nil, err
	}
	out.Credentials, out.Zone = rules.Credentials, rules.Zone
	if err := r.readBefore(ctx, out); err != nil {
		return nil, tooMany(err)
	}
	if err := r.readElsewhere(ctx, out); err != nil {
		return nil, err
	}
	if err := fitBaseline(out); err != nil {
		return nil, err
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
		ID: id, Name: remediation.Clip(repo.Name, maxName), Kind: remediation.Clip(repo.DataFormat, maxName), Type: remediation.Clip(repo.Type, maxName),
		Ranges: repo.IPRange().String(),
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
	if err := targets.Check(); err != nil {
		return targets, invalid("asset: %s", err)
	}
	if targets.Empty() {
		return targets, invalid("asset: nothing that is named has an address: %s", r.TargetText(5))
	}
	return targets, nil
}

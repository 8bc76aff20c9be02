package activities

// The policy for one use.

import (
	"context"
	"maps"
	"slices"

	"go.temporal.io/sdk/activity"

	"patchproof/remediation"
	"patchproof/sclient"
)

// PolicyInput asks for the one-time policy of one scan.
type PolicyInput struct {
	SC          string            `json:"sc"`
	Mark        string            `json:"mark"` // as in [Ownership]
	Plugin      PolicyPlugin      `json:"plugin"`
	Proof       []PolicyPlugin    `json:"proof"`
	PortRange   string            `json:"portRange"`
	Preferences map[string]string `json:"preferences,omitempty"`
}

// PolicyResult is the policy.
type PolicyResult struct {
	Policy
	// Stray says that an earlier attempt may have left another policy, which nobody used.
	Stray bool `json:"stray,omitempty"`
}

// postMemo is what an attempt that creates something leaves for the next. The empty one, which is all that a killed worker
// leaves, means the worst: a request may be on its way.
type postMemo struct {
	// Settled: no request of ours is on its way any more. If not, Rounds is how often to look before that is believed.
	Settled bool `json:"settled,omitempty"`
	Rounds  int  `json:"rounds,omitempty"`
	// Clean: no request of ours ever had an unknown fate.
	Clean bool `json:"clean,omitempty"`
	// ScanID is a scan that was launched for certain, while its result is not known.
	ScanID int `json:"scanId,omitempty"`
	refusals
}

// create runs an attempt to create something. A refusal is final only where nothing can have come into being.
func create[I, R any](ctx context.Context, in I, attempt func(context.Context, I, *pulse[postMemo]) (*R, error)) (*R, error) {
	pulse := newPulse[postMemo](ctx)
	stop := pulse.start(postMemo{})
	defer stop()
	out, err := attempt(ctx, in, pulse)
	if err == nil {
		return out, nil
	}
	memo := pulse.state().Memo
	if !memo.Clean {
		return nil, translate(err)
	}
	memo.refusals, err = pulse.last.translate(err)
	return nil, pulse.keep(memo, err)
}

// CreatePolicy creates the guide's policy for one use, with the proof plugins besides. A policy of this kind cannot be
// found again by listing, so after a lost answer another one is made and CleanUp looks for the first.
func (a *Activities) CreatePolicy(ctx context.Context, in PolicyInput) (*PolicyResult, error) {
	return create(ctx, in, a.createPolicy)
}

func (a *Activities) createPolicy(ctx context.Context, in PolicyInput, pulse *pulse[postMemo]) (*PolicyResult, error) {
	sc, err := a.sc(in.SC)
	if err != nil {
		return nil, err
	}
	clean := pulse.last.Clean || activity.GetInfo(ctx).Attempt == 1
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// A cancellation must not cut the request in half: its effect would be unknown.
	policy, err := sc.CreatePolicy(context.WithoutCancel(ctx), policyRequest(in))
	if err != nil {
		return nil, pulse.keep(postMemo{Clean: clean && !sclient.FateUnknown(err)}, err)
	}
	return &PolicyResult{Policy: Policy{ID: int(policy.ID), Name: policy.Name}, Stray: !clean}, nil
}

// policyRequest is the guide's example with our ports, plugins and mark.
func policyRequest(in PolicyInput) sclient.PolicyRequest {
	preferences := map[string]string{
		"portscan_range":         in.PortRange,
		"tcp_scanner":            "no",
		"syn_scanner":            "yes",
		"udp_scanner":            "no",
		"syn_firewall_detection": "Automatic (normal)",
	}
	if remediation.ScansUDP(in.PortRange) {
		preferences["udp_scanner"] = "yes"
	}
	maps.Copy(preferences, in.Preferences)
	return sclient.PolicyRequest{
		Description: in.Mark,
		Context:     "scan",
		Preferences: preferences,
		Families:    families(append([]PolicyPlugin{in.Plugin}, in.Proof...)),
	}
}

func families(plugins []PolicyPlugin) []sclient.PolicyFamily {
	byFamily := map[int][]sclient.ID{}
	for _, p := range plugins {
		if !slices.Contains(byFamily[p.Family], sclient.ID(p.ID)) {
			byFamily[p.Family] = append(byFamily[p.Family], sclient.ID(p.ID))
		}
	}
	var out []sclient.PolicyFamily
	for _, family := range slices.Sorted(maps.Keys(byFamily)) {
		out = append(out, sclient.PolicyFamily{ID: sclient.ID(family), Plugins: byFamily[family]})
	}
	return out
}

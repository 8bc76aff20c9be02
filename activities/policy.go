package activities

// The policy for one use.

import (
	"context"
	"maps"
	"slices"

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
	// Stray is how many other policies earlier attempts may have left, which nobody used.
	Stray int `json:"stray,omitempty"`
	// Warning is what Security Center says went wrong beside the policy.
	Warning string `json:"warning,omitempty"`
	// Held says who holds launches back and why; then nothing was made.
	Held string `json:"held,omitempty"`
}

// CreatePolicy creates the guide's policy for one use, with the proof plugins besides. A policy of this kind cannot be
// found again by listing, so after a lost answer another one is made and CleanUp looks for the first.
func (a *Activities) CreatePolicy(ctx context.Context, in PolicyInput) (*PolicyResult, error) {
	return create(ctx, in, a.createPolicy)
}

func (a *Activities) createPolicy(ctx context.Context, in PolicyInput, attempt *attempt) (*PolicyResult, error) {
	sc, err := a.sc(in.SC)
	if err != nil {
		return nil, err
	}
	if held, err := a.holdBack(ctx, in.SC, attempt.memo); err != nil || held != "" {
		return &PolicyResult{Held: held}, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// A cancellation must not cut the request in half: its effect would be unknown.
	policy, err := sc.CreatePolicy(context.WithoutCancel(ctx), policyRequest(in))
	if sclient.FateUnknown(err) {
		attempt.memo = attempt.memo.lost(0)
	}
	if err != nil {
		return nil, err
	}
	return &PolicyResult{Policy: Policy{ID: int(policy.ID), Name: remediation.Clip(policy.Name, maxName)}, Stray: attempt.memo.Lost, Warning: policy.Warning}, nil
}

// policyRequest is the guide's example with our ports, plugins and mark.
func policyRequest(in PolicyInput) sclient.PolicyRequest {
	preferences := map[string]string{
		"portscan_range":         in.PortRange,
		"tcp_scanner":            "no",
		"syn_scanner":            "yes",
		"udp_scanner":            "no",
		"syn_firewall_detection": "Automatic (normal)",
		// By default a login that lists the listeners keeps the scanners from looking from the network, and then nothing shows that a
		// check from the network came to its port.
		"only_portscan_if_enum_failed": "no",
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

package activities

// The plugin, its family, and the plugins that prove.

import (
	"cmp"
	"context"
	"time"

	"patchproof/remediation"
	"patchproof/sclient"
)

// PolicyPlugin is a plugin that a policy enables.
type PolicyPlugin struct {
	ID     int `json:"id"`
	Family int `json:"family"`
}

// proofAge is how long the families of the proof plugins are remembered: they change with a release of the feed, if ever.
const proofAge = time.Hour

type proofCache struct {
	at      time.Time
	plugins []PolicyPlugin
	unknown []int
}

// PluginInput asks for the plugin and its family.
type PluginInput struct {
	SC     string `json:"sc"`
	Plugin int    `json:"plugin"`
	// Family is the request's, if it names one; Known is the plugin as the baseline has it, if it does.
	Family int                 `json:"family,omitempty"`
	Known  *remediation.Plugin `json:"known,omitempty"`
}

// PluginResult is the plugin with its family, and the proof plugins with theirs.
type PluginResult struct {
	Plugin remediation.Plugin `json:"plugin"`
	Proof  []PolicyPlugin     `json:"proof"`
	// Unknown are the proof plugins that this Security Center does not have.
	Unknown []int `json:"unknown,omitempty"`
}

// Plugin finds out what kind of check the plugin is and which family it belongs to.
func (a *Activities) Plugin(ctx context.Context, in PluginInput) (*PluginResult, error) {
	return lookUp(ctx, in, a.plugin)
}

func (a *Activities) plugin(ctx context.Context, in PluginInput) (*PluginResult, error) {
	sc, err := a.sc(in.SC)
	if err != nil {
		return nil, err
	}
	plugin, err := family(ctx, sc, in)
	if err != nil {
		return nil, err
	}
	if plugin.Type != "active" {
		return nil, invalid("plugin: %d (%s) is a %s plugin: only active plugins can be checked by a scan", plugin.ID, plugin.Name, plugin.Type)
	}
	proof, err := a.proofFamilies(ctx, sc, in.SC)
	return &PluginResult{Plugin: *plugin, Proof: proof.plugins, Unknown: proof.unknown}, err
}

// family asks the sources in the order of their trustworthiness; the first that answers wins.
func family(ctx context.Context, sc SecurityCenter, in PluginInput) (*remediation.Plugin, error) {
	// Without the kind of check nobody can tell whether it needs a login, so a row that lacks it is no answer.
	if p := in.Known; p != nil && p.Type != "" && p.CheckType != "" && (p.FamilyID > 0 || in.Family > 0) {
		p.FamilySource = "baseline"
		return requested(p, in.Family)
	}
	found, err := sc.Plugin(ctx, sclient.ID(in.Plugin))
	if sclient.IsNotFound(err) {
		return nil, refusedAs("plugin: Security Center knows no plugin %d", in.Plugin)
	}
	if err != nil {
		return nil, err
	}
	p := pluginOf(found)
	switch {
	case in.Family > 0 || p.Type != "active":
		return requested(p, in.Family)
	case p.FamilyID > 0:
		p.FamilySource = "plugin"
		return p, nil
	}
	return familyEndpoint(ctx, sc, p)
}

// requested takes the family that the request names. One that Security Center contradicts is refused: the plugin would not
// run, and a clean scan would look like a fix.
func requested(p *remediation.Plugin, family int) (*remediation.Plugin, error) {
	if family == 0 {
		return p, nil
	}
	if p.FamilyID > 0 && p.FamilyID != family {
		return nil, invalid("family: plugin %d belongs to family %d (%s) and not to %d", p.ID, p.FamilyID, p.FamilyName, family)
	}
	p.FamilyID, p.FamilySource = family, "request"
	return p, nil
}

// familyEndpoint is the guide's way, last because real servers read the number as the ID of a family: an answer with that
// very ID is such a family, and not the plugin's.
func familyEndpoint(ctx context.Context, sc SecurityCenter, p *remediation.Plugin) (*remediation.Plugin, error) {
	const none = "plugin: Security Center does not say which family plugin %d belongs to: name it with --family"
	f, err := sc.PluginFamily(ctx, sclient.ID(p.ID))
	if sclient.IsNotFound(err) {
		return nil, refusedAs(none, p.ID)
	}
	if err != nil {
		return nil, err
	}
	if f.Type != "active" || !f.ID.Valid() || int(f.ID) == p.ID {
		return nil, invalid(none, p.ID)
	}
	p.FamilyID, p.FamilyName, p.FamilySource = int(f.ID), f.Name, "pluginFamily"
	return p, nil
}

func pluginOf(p *sclient.Plugin) *remediation.Plugin {
	return &remediation.Plugin{
		ID: int(p.ID), Name: p.Name, Type: cmp.Or(p.Type, p.Family.Type), CheckType: p.CheckType,
		FamilyID: int(p.Family.ID), FamilyName: p.Family.Name, Modified: p.PluginModDate.Time,
		Severity: p.RiskFactor, CVEs: p.CVEs(),
	}
}

func pluginOfRow(v sclient.Vuln) *remediation.Plugin {
	return &remediation.Plugin{
		ID: int(v.PluginID), Name: v.PluginName, Type: v.Family.Type, CheckType: v.CheckType,
		FamilyID: int(v.Family.ID), FamilyName: v.Family.Name, Modified: v.PluginModDate.Time,
		Severity: v.Severity.Name, CVEs: v.CVEs(),
	}
}

// proofFamilies reads the families of the proof plugins, once an hour for all verifications. A plugin that this Security
// Center does not have is dropped and named.
func (a *Activities) proofFamilies(ctx context.Context, sc SecurityCenter, name string) (proofCache, error) {
	a.proofMu.Lock()
	c, ok := a.proof[name]
	a.proofMu.Unlock()
	if ok && time.Since(c.at) < proofAge {
		return c, nil
	}
	c = proofCache{at: time.Now()}
	// Not under the lock: a Security Center that hangs must not make others wait. Asking twice does no harm.
	for _, id := range sclient.ProofPlugins() {
		p, err := sc.Plugin(ctx, id)
		switch {
		case sclient.IsNotFound(err) && id == sclient.PluginScanInfo:
			return c, refusedAs("plugin: Security Center does not know plugin %d (Nessus Scan Information), without which no scan proves anything: is its feed up to date?", id)
		case err != nil && !sclient.IsNotFound(err):
			return c, err
		case err != nil || !p.Family.ID.Valid():
			c.unknown = append(c.unknown, int(id))
		default:
			c.plugins = append(c.plugins, PolicyPlugin{ID: int(id), Family: int(p.Family.ID)})
		}
	}
	a.proofMu.Lock()
	defer a.proofMu.Unlock()
	if a.proof == nil {
		a.proof = map[string]proofCache{}
	}
	a.proof[name] = c
	return c, nil
}

package activities

// The plugin, its family, and the plugins that prove.

import (
	"cmp"
	"context"
	"regexp"
	"strings"
	"time"

	"patchproof/remediation"
	"patchproof/sclient"
)

// PolicyPlugin is a plugin that a policy enables.
type PolicyPlugin struct {
	ID     int `json:"id"`
	Family int `json:"family"`
}

const (
	// proofAge is how long the families of the proof plugins are remembered: they change with a release of the feed, if ever.
	proofAge = time.Hour
	// unknownAge is how long it is believed that Security Center does not have one of them: it may just have said so.
	unknownAge = time.Minute
)

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
	if plugin.Deprecated != "" {
		return nil, invalid("plugin: %d (%s) is deprecated and never reports again, so its silence proves nothing: %s", plugin.ID, plugin.Name, plugin.Deprecated)
	}
	proof, err := a.proofFamilies(ctx, sc, in.SC)
	return &PluginResult{Plugin: *plugin, Proof: proof.plugins, Unknown: proof.unknown}, err
}

// family asks the sources in the order of their trustworthiness; the first that answers wins.
func family(ctx context.Context, sc SecurityCenter, in PluginInput) (*remediation.Plugin, error) {
	// Without the kind of check nobody can tell whether it needs a login, without its family by which protocol, and without its
	// date whether the scanner had it: a row that lacks one of them is no answer, and one of another plugin neither.
	if p := in.Known; p != nil && p.ID == in.Plugin && p.Type != "" && p.CheckType != "" && p.FamilyName != "" && !p.Modified.IsZero() && (p.FamilyID > 0 || in.Family > 0) {
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
	if found.ID.Valid() && int(found.ID) != in.Plugin {
		return nil, refusedAs("plugin: Security Center answers with plugin %s where %d was asked for", found.ID, in.Plugin)
	}
	p := pluginOf(found)
	p.ID = in.Plugin // whoever does not say which plugin it is was asked for this one
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
		ID: int(p.ID), Name: remediation.Clip(p.Name, maxName), Type: remediation.Clip(cmp.Or(p.Type, p.Family.Type), maxName), CheckType: remediation.Clip(p.CheckType, maxName),
		FamilyID: int(p.Family.ID), FamilyName: remediation.Clip(p.Family.Name, maxName), Modified: firstTime(p.PluginModDate, p.PluginPubDate),
		Severity: remediation.Clip(p.RiskFactor, maxName), CVEs: firstOf(p.CVEs()), Deprecated: deprecated(p.Name, p.Synopsis, p.Description, p.Solution),
	}
}

func pluginOfRow(v sclient.Vuln) *remediation.Plugin {
	return &remediation.Plugin{
		ID: int(v.PluginID), Name: remediation.Clip(v.PluginName, maxName), Type: remediation.Clip(v.Family.Type, maxName), CheckType: remediation.Clip(v.CheckType, maxName),
		FamilyID: int(v.Family.ID), FamilyName: remediation.Clip(v.Family.Name, maxName), Modified: firstTime(v.PluginModDate, v.PluginPubDate),
		Severity: remediation.Clip(v.Severity.Name, maxName), CVEs: firstOf(v.CVEs()), Deprecated: deprecated(v.PluginName, v.Synopsis, v.Description, v.Solution),
	}
}

// firstTime is the first time that is known: a plugin that was never changed may have the date of its publication only.
func firstTime(times ...sclient.Time) time.Time {
	for _, t := range times {
		if !t.IsZero() {
			return t.Time
		}
	}
	return time.Time{}
}

// firstOf keeps as many CVEs as a person reads; a bulletin may fix hundreds.
func firstOf(cves []string) []string { return cves[:min(len(cves), 50)] }

var (
	givenUp   = regexp.MustCompile(`(?i)\bthis plugin has been deprecated\b`)
	successor = regexp.MustCompile(`(?i)\bplugins?\s+(?:id\s+)?#?([0-9]{5,7})\b`)
)

// deprecated says what became of a plugin that was given up; "" for any other. The vendor writes "(deprecated)" behind the names of
// those and says in one of the texts what to use instead.
func deprecated(name string, texts ...string) string {
	text := strings.Join(texts, "\n")
	text = text[:min(len(text), maxReport)]
	if !strings.Contains(strings.ToLower(name), "(deprecated)") && !givenUp.MatchString(text) {
		return ""
	}
	if found := successor.FindStringSubmatch(text); found != nil {
		return "use plugin " + found[1] + " instead"
	}
	return "its description does not name a successor"
}

// proofFamilies reads the families of the proof plugins, once an hour for all verifications. A plugin that this Security
// Center does not have is dropped and named.
func (a *Activities) proofFamilies(ctx context.Context, sc SecurityCenter, name string) (proofCache, error) {
	a.proofMu.Lock()
	c, ok := a.proof[name]
	a.proofMu.Unlock()
	age := proofAge
	if len(c.unknown) > 0 {
		age = unknownAge
	}
	if ok && time.Since(c.at) < age {
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

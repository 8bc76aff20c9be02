package rest

// Changes and copies of policies, scans, assets and results: what a request leaves out stays as it is.

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"patchproof/sctest/internal/addresses"
	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
	"patchproof/sctest/internal/scenario"
)

// over lays what was sent over what is there, both as requests have it.
func (c *call) over(there object) {
	maps.Copy(there, c.input.Object)
	c.input = &dialect.Input{Object: there}
}

// sentAs turns values of Go into those of a decoded request.
func sentAs(value any) any {
	data, err := json.Marshal(value)
	if err != nil {
		return nil
	}
	var out any
	decoder := json.NewDecoder(strings.NewReader(string(data)))
	decoder.UseNumber()
	// What was encoded can be decoded.
	_ = decoder.Decode(&out)
	return out
}

func reference(id int) object { return object{"id": id} }

func (c *call) changePolicy() (any, error) {
	p, ok := c.Network.Policies[c.id]
	if !ok {
		return nil, dialect.Missing("retrieve", "Policy", c.id)
	}
	changed, err := c.policyLike(p)
	if err != nil {
		return nil, err
	}
	changed.ID, changed.Created, changed.Owner, changed.Modified = p.ID, p.Created, p.Owner, c.now
	*p = *changed
	return c.project(c.policyObject(p)), nil
}

// policyLike reads a policy as the request changes it.
func (c *call) policyLike(p *network.Policy) (*network.Policy, error) {
	there := object{"name": p.Name, "description": p.Description, "tags": p.Tags, "context": p.Context, "policyTemplate": reference(advancedScan)}
	preferences := object{}
	for name, value := range p.Preferences {
		preferences[name] = value
	}
	if sent, is := c.input.Object["preferences"].(object); is {
		maps.Copy(preferences, sent)
		delete(c.input.Object, "preferences")
	}
	for _, name := range c.input.List("removePrefs") {
		if word, isText := name.(string); isText {
			delete(preferences, word)
		}
	}
	families := []object{}
	for _, f := range p.Families {
		var plugins []object
		for _, id := range f.Plugins {
			plugins = append(plugins, reference(id))
		}
		families = append(families, object{"id": f.ID, "plugins": plugins})
	}
	there["preferences"], there["families"] = preferences, families
	// Clients send an empty context with every change, which makes an ordinary policy of no one-time one.
	if p.OneTime() {
		delete(c.input.Object, "context")
	}
	there, _ = sentAs(there).(object)
	c.over(there)
	return c.readPolicy()
}

func (c *call) changeScan() (any, error) {
	s, err := c.findScan("retrieve")
	if err != nil {
		return nil, err
	}
	changed, err := c.scanLike(s)
	if err != nil {
		return nil, err
	}
	changed.ID, changed.Created, changed.Owner, changed.Result, changed.Modified = s.ID, s.Created, s.Owner, s.Result, c.now
	*s = *changed
	c.Network.Plan(s, c.now)
	return c.getScan()
}

// scanLike reads a scan as the request changes it. Addresses that are sent replace assets, and the other way round.
func (c *call) scanLike(s *network.Scan) (*network.Scan, error) {
	calendar := object{"type": s.Schedule.Kind, "start": s.Schedule.Start, "repeatRule": s.Schedule.RepeatRule}
	if s.Schedule.DependsOn > 0 {
		calendar["dependentID"] = s.Schedule.DependsOn
	}
	there := object{
		"name": s.Name, "description": s.Description, "type": "policy", "policy": reference(s.Policy.ID), "pluginID": s.Plugin,
		"repository": reference(s.Repository), "zone": reference(s.Zone), "ipList": s.IPList, "assets": referencesOf(s.Assets),
		"credentials": referencesOf(s.Credentials), "reports": s.Reports, "dhcpTracking": s.DHCPTracking,
		"scanningVirtualHosts": s.VirtualHosts, "emailOnLaunch": s.EmailOnLaunch, "emailOnFinish": s.EmailOnFinish,
		"classifyMitigatedAge": s.MitigatedAge, "maxScanTime": s.MaxScanTime, "timeoutAction": s.TimeoutAction,
		"rolloverType": s.RolloverType, "schedule": calendar,
	}
	if s.Inactivity > 0 {
		there["inactivityTimeout"] = s.Inactivity
	}
	if s.Plugin == 0 {
		delete(there, "pluginID")
	}
	sent := c.input.Object
	if list, _ := sent["assets"].([]any); len(list) > 0 && sent["ipList"] == nil {
		there["ipList"] = ""
	}
	if list, _ := sent["ipList"].(string); list != "" && sent["assets"] == nil {
		there["assets"] = []object{}
	}
	there, _ = sentAs(there).(object)
	c.over(there)
	return c.readScan()
}

func referencesOf(ids []int) []object {
	list := []object{}
	for _, id := range ids {
		list = append(list, reference(id))
	}
	return list
}

func (c *call) changeAsset() (any, error) {
	a, ok := c.Network.Assets[c.id]
	if !ok {
		return nil, dialect.Missing("retrieve", "Asset", c.id)
	}
	if !c.user.may(scenario.MayAsset) {
		return nil, dialect.Refuse("You do not have permission to modify Assets.\n")
	}
	if a.Kind == network.AssetDynamic {
		return nil, dialect.NotSimulated("changes of dynamic assets")
	}
	changed := *a
	in := c.input
	for name, into := range map[string]*string{"name": &changed.Name, "description": &changed.Description, "tags": &changed.Tags} {
		if in.Object[name] != nil {
			*into = in.Text(name)
		}
	}
	c.readOwner(&changed)
	in.Require(changed.Name != "", "Please specify a name for the Asset.\n")
	in.Require(in.Text("type") == "" || in.Text("type") == a.Kind, "The type of an Asset can not be changed.\n")
	if slices.ContainsFunc([]string{"definedIPs", "definedDNSNames"}, func(name string) bool { return in.Object[name] != nil }) {
		c.readDefinition(&changed)
	}
	if in.Err() != nil {
		return nil, in.Err()
	}
	changed.Modified = c.now
	*a = changed
	return c.project(c.assetObject(a, addresses.Count(a.Set) == 0)), nil
}

// copyName is the name of a copy, unless the request has another one.
func (c *call) copyName(name string) string { return cmp.Or(c.input.Text("name"), "Copy of "+name) }

func (c *call) copyPolicy() (any, error) {
	p, ok := c.Network.Policies[c.id]
	if !ok {
		return nil, dialect.Missing("retrieve", "Policy", c.id)
	}
	if !c.user.may(scenario.MayPolicy) {
		return nil, dialect.Refuse("You do not have permission to create Policies.\n")
	}
	copied := *p
	copied.Name, copied.Owner, copied.Created, copied.Plugins = c.copyName(p.Name), c.user.owner, c.now, maps.Clone(p.Plugins)
	if c.input.Err() != nil {
		return nil, c.input.Err()
	}
	c.Network.AddPolicy(&copied)
	return c.policyObject(&copied), nil
}

// copyScan gives the copy to the user that is named. It runs as the original does, except that nothing runs at once.
func (c *call) copyScan() (any, error) {
	s, err := c.findScan("retrieve")
	if err != nil {
		return nil, err
	}
	if !c.user.may(scenario.MayScan) {
		return nil, noScanning()
	}
	copied := *s
	copied.Name, copied.Owner, copied.Created, copied.Result = c.copyName(s.Name), c.user.owner, c.now, 0
	if id, named := c.input.Inside("targetUser").Number("id"); named {
		if copied.Owner, err = c.ownerOf(id); err != nil {
			return nil, err
		}
	}
	if copied.Schedule.Kind == network.ScheduleNow {
		copied.Schedule.Kind = network.ScheduleTemplate
	}
	if c.input.Err() != nil {
		return nil, c.input.Err()
	}
	c.Network.AddScan(&copied)
	c.Network.Plan(&copied, c.now)
	return object{"scan": c.scanObject(&copied)}, nil
}

// copyResult gives each of the users that are named, or the one who asks, a copy of an imported result. The answer does not say which numbers
// those have.
func (c *call) copyResult() (any, error) {
	r, err := c.findResult()
	if err != nil {
		return nil, err
	}
	if r.ImportAt(c.now) != network.ImportFinished {
		return nil, dialect.Refuse("Scan Result #%d can not be copied.\n", r.ID)
	}
	name, ids := cmp.Or(c.input.Text("name"), r.Name), c.input.Refs("users")
	var owners []network.Owner
	if len(ids) == 0 {
		owners = append(owners, c.user.owner)
	}
	for _, id := range ids {
		owner, err := c.ownerOf(id)
		c.input.Refuse(err)
		owners = append(owners, owner)
	}
	if c.input.Err() != nil {
		return nil, c.input.Err()
	}
	for _, owner := range owners {
		c.Network.CopyRun(r, name, owner)
	}
	return "", nil
}

// ownerOf is the user whom a request names.
func (c *call) ownerOf(id int) (network.Owner, error) {
	for _, a := range c.accounts {
		if a.owner.ID == id {
			return a.owner, nil
		}
	}
	return network.Owner{}, dialect.Missing("retrieve", "User", id)
}

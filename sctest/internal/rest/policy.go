package rest

// Scan policies, one-time ones above all.

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
	"patchproof/sctest/internal/scenario"
)

func (c *call) createPolicy() (any, error) {
	p, err := c.readPolicy()
	if err != nil {
		return nil, err
	}
	c.Network.AddPolicy(p)
	if p.Name == "" {
		p.Name = c.generatedName(p)
	}
	return c.policyObject(p), nil
}

func (c *call) readPolicy() (*network.Policy, error) {
	if !c.user.may(scenario.MayPolicy) && !c.user.admin() {
		return nil, dialect.Refuse("You do not have permission to create Policies.\n")
	}
	p := &network.Policy{Created: c.now, Owner: c.user.owner}
	in := c.input
	p.Context = in.Choice("context", "", network.ContextScan)
	p.Name, p.Description, p.Tags = in.Text("name"), in.Text("description"), in.Text("tags")
	in.Require(p.Name != "" || p.OneTime(), "Please specify a name for the Policy.\n")
	template, _ := in.Ref("policyTemplate")
	if template > advancedScan && template <= lastTemplate {
		in.Refuse(dialect.NotSimulated("policies of template %d", template))
	}
	in.Require(template == advancedScan, "Please specify a valid Policy Template.\n")
	if len(in.List("auditFiles")) > 0 {
		in.Refuse(dialect.NotSimulated("audit files"))
	}
	c.readPreferences(p)
	c.readFamilies(p)
	return p, in.Err()
}

// generatedName begins with the time of creation and ends with a hash; nothing else about it is to be relied upon.
func (c *call) generatedName(p *network.Policy) string {
	hash := network.Fingerprint("policy", p.ID, c.now.UnixNano())
	fraction := c.now.Nanosecond() / 10
	return fmt.Sprintf("_%d_0.%08d_%d_0_192.0.2.186_9070_scan_%s", c.shown().Unix(), fraction, c.user.owner.ID, hash)
}

// readPreferences takes an object, or the empty list that servers themselves write for none.
func (c *call) readPreferences(p *network.Policy) {
	preferences := map[string]string{}
	sent := c.input.Object["preferences"]
	values, ok := sent.(object)
	if list, isList := sent.([]any); !ok && sent != nil && (!isList || len(list) > 0) {
		c.input.Invalid("preferences", sent)
	}
	for key, value := range values {
		if preferences[key], ok = dialect.Scalar(value); !ok {
			c.input.Invalid("preferences."+key, value)
		}
	}
	err := p.SetPreferences(preferences)
	c.input.Require(err == nil, "The preference 'portscan_range' is invalid: %v.\n", err)
}

// readFamilies enables what is listed. Without any families an ordinary policy enables everything, a one-time one nothing.
func (c *call) readFamilies(p *network.Policy) {
	list := c.input.List("families")
	if len(list) > 0 || p.OneTime() {
		p.Plugins = map[int]bool{}
	}
	for _, item := range list {
		entry, ok := item.(object)
		if !ok {
			c.input.Invalid("families", item)
			return
		}
		family := c.readFamily(&dialect.Input{Object: entry})
		p.Families = append(p.Families, family)
		for _, id := range family.Plugins {
			c.enable(p, id)
		}
	}
}

// enable adds a plugin and those that it depends on, which nobody needs to name.
func (c *call) enable(p *network.Policy, plugin int) {
	if p.Plugins[plugin] {
		return
	}
	p.Plugins[plugin] = true
	for _, id := range c.Network.Catalog.Plugins[plugin].Dependencies {
		c.enable(p, id)
	}
}

// readFamily refuses plugins under a family that is not theirs.
func (c *call) readFamily(entry *dialect.Input) network.PolicyFamily {
	id, _ := entry.Number("id")
	known := c.Network.Catalog.Families[id].Type == scenario.TypeActive
	entry.RequireAll(known, "The Plugin Family '%v' is invalid.\n", entry.Object["id"])
	plugins := entry.Refs("plugins")
	for _, plugin := range plugins {
		member := c.Network.Catalog.Plugins[plugin].Family == id
		entry.Require(member, "Plugin #%d is not a member of Plugin Family #%d.\n", plugin, id)
	}
	if len(plugins) == 0 {
		plugins = c.Network.Catalog.Members(id)
	}
	c.input.Refuse(entry.Err())
	return network.PolicyFamily{ID: id, Plugins: plugins}
}

func (c *call) policyObject(p *network.Policy) object {
	// An empty map is an empty list to servers.
	var preferences any = []any{}
	if len(p.Preferences) > 0 {
		preferences = p.Preferences
	}
	families := []object{}
	for _, f := range p.Families {
		family := c.Network.Catalog.Families[f.ID]
		families = append(families, object{"id": strconv.Itoa(f.ID), "name": family.Name, "count": strconv.Itoa(len(f.Plugins))})
	}
	return object{
		"id": strconv.Itoa(p.ID), "name": p.Name, "description": p.Description, "tags": p.Tags, "createdTime": c.epoch(p.Created),
		"modifiedTime": c.epoch(later(p.Created, p.Modified)), "generateXCCDFResults": "false", "context": p.Context, "auditFiles": []any{},
		"preferences": preferences, "families": families, "status": "0", "groups": []any{}, "canUse": "true", "canManage": "true",
		"creator": ownerObject(p.Owner), "owner": ownerObject(p.Owner), "ownerGroup": dialect.FullGroup(), "targetGroup": dialect.Nothing(),
		"policyTemplate": templateReference(),
	}
}

// listPolicies leaves the one-time ones out.
func (c *call) listPolicies() (any, error) {
	var all []object
	for _, id := range slices.Sorted(maps.Keys(c.Network.Policies)) {
		if p := c.Network.Policies[id]; !p.OneTime() {
			all = append(all, c.policyObject(p))
		}
	}
	return c.lists(all, all, "id", "name", "description", "status"), nil
}

func (c *call) getPolicy() (any, error) {
	p, ok := c.Network.Policies[c.id]
	if !ok {
		return nil, dialect.Missing("retrieve", "Policy", c.id)
	}
	return c.project(c.policyObject(p)), nil
}

// deletePolicy refuses while a scan runs with it: whether real servers do is unknown.
func (c *call) deletePolicy() (any, error) {
	if _, ok := c.Network.Policies[c.id]; !ok {
		return nil, dialect.Undeletable("Policy", c.id)
	}
	if !c.user.may(scenario.MayPolicy) && !c.user.admin() {
		return nil, dialect.Refuse("You do not have permission to delete Policies.\n")
	}
	if runs := c.Network.RunsWith(c.id, c.now); len(runs) > 0 {
		var users []string
		for _, run := range runs {
			users = append(users, fmt.Sprintf("Scan Result #%d", run))
		}
		return nil, dialect.Refuse("Policy #%d is in use by %s.\n", c.id, strings.Join(users, ", "))
	}
	delete(c.Network.Policies, c.id)
	return "", nil
}

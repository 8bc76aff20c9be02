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
	if !c.user.may(scenario.MayPolicy) && !c.user.admin() {
		return nil, dialect.Refuse("You do not have permission to create Policies.\n")
	}
	p := &network.Policy{Created: c.now, Owner: c.user.owner}
	var err error
	if p.Context, err = dialect.Choice(c.input, "context", "", network.ContextScan); err != nil {
		return nil, err
	}
	for key, into := range map[string]*string{"name": &p.Name, "description": &p.Description, "tags": &p.Tags} {
		if *into, err = dialect.Text(c.input, key); err != nil {
			return nil, err
		}
	}
	if p.Name == "" && !p.OneTime() {
		return nil, dialect.Refuse("Please specify a name for the Policy.\n")
	}
	if template, found, err := dialect.Ref(c.input, "policyTemplate"); err != nil || !found || template != advancedScan {
		return nil, dialect.Refuse("Please specify a valid Policy Template.\n")
	}
	if err := c.readPreferences(p); err != nil {
		return nil, err
	}
	if err := c.readFamilies(p); err != nil {
		return nil, err
	}
	c.Network.AddPolicy(p)
	if p.Name == "" {
		p.Name = c.generatedName(p)
	}
	return c.policyObject(p), nil
}

// generatedName begins with the time of creation and ends with a hash; nothing else about it is to be relied upon.
func (c *call) generatedName(p *network.Policy) string {
	hash := network.Fingerprint("policy", p.ID, c.now.UnixNano())
	fraction := c.now.Nanosecond() / 10
	return fmt.Sprintf("_%d_0.%08d_%d_0_192.0.2.186_9070_scan_%s", c.now.Unix(), fraction, c.user.owner.ID, hash)
}

// readPreferences takes an object, or the empty list that servers themselves write for none.
func (c *call) readPreferences(p *network.Policy) error {
	p.Preferences = map[string]string{}
	switch sent := c.input["preferences"].(type) {
	case nil:
	case object:
		for key, value := range sent {
			s, ok := dialect.Scalar(value)
			if !ok {
				return dialect.Invalid("preferences."+key, value)
			}
			p.Preferences[key] = s
		}
	case []any:
		if len(sent) > 0 {
			return dialect.Invalid("preferences", sent)
		}
	default:
		return dialect.Invalid("preferences", sent)
	}
	ports, err := network.ParsePorts(p.PortRange())
	if err != nil {
		return dialect.Refuse("The preference 'portscan_range' is invalid: %s.\n", err)
	}
	p.Ports = ports
	return nil
}

// readFamilies enables what is listed. Without any families an ordinary policy enables everything, a one-time one nothing.
func (c *call) readFamilies(p *network.Policy) error {
	list, err := dialect.List(c.input, "families")
	if err != nil {
		return err
	}
	if len(list) > 0 || p.OneTime() {
		p.Plugins = map[int]bool{}
	}
	for _, item := range list {
		entry, ok := item.(object)
		if !ok {
			return dialect.Invalid("families", item)
		}
		family, err := c.readFamily(entry)
		if err != nil {
			return err
		}
		p.Families = append(p.Families, family)
		for _, id := range family.Plugins {
			p.Plugins[id] = true
		}
	}
	return nil
}

// readFamily refuses plugins under a family that is not theirs.
func (c *call) readFamily(entry object) (network.PolicyFamily, error) {
	id, found, err := dialect.Number(entry, "id")
	known := c.Network.Catalog.Families[id]
	if err != nil || !found || known.Type != scenario.TypeActive {
		return network.PolicyFamily{}, dialect.Refuse("The Plugin Family '%v' is invalid.\n", entry["id"])
	}
	plugins, err := dialect.Refs(entry, "plugins")
	if err != nil {
		return network.PolicyFamily{}, err
	}
	for _, plugin := range plugins {
		if c.Network.Catalog.Plugins[plugin].Family != id {
			return network.PolicyFamily{}, dialect.Refuse("Plugin #%d is not a member of Plugin Family #%d.\n", plugin, id)
		}
	}
	if len(plugins) == 0 {
		plugins = c.Network.Catalog.Members(id)
	}
	return network.PolicyFamily{ID: id, Plugins: plugins}, nil
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
		"id": strconv.Itoa(p.ID), "name": p.Name, "description": p.Description, "tags": p.Tags, "createdTime": dialect.Epoch(p.Created),
		"modifiedTime": dialect.Epoch(p.Created), "generateXCCDFResults": "false", "context": p.Context, "auditFiles": []any{},
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
	list := c.projectAll(all, "id", "name", "description", "status")
	return c.lists(list, list), nil
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
		return nil, dialect.RefuseWith(dialect.CodeDoesNotExist, "Unable to find existing Policy #%d to delete.\nPolicy #%d does not exist.\n", c.id, c.id)
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

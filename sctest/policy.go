package sctest

// Scan policies, one-time ones above all.

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

func (c *call) createPolicy() (any, error) {
	if !c.user.may(mayPolicy) && !c.user.admin() {
		return nil, refuse(codeInvalid, "You do not have permission to create Policies.\n")
	}
	p := &policy{created: c.now, owner: c.user.owner}
	var err error
	if p.context, err = choiceOf(c.input, "context", "", contextScan); err != nil {
		return nil, err
	}
	for key, into := range map[string]*string{"name": &p.name, "description": &p.description, "tags": &p.tags} {
		if *into, err = textOf(c.input, key); err != nil {
			return nil, err
		}
	}
	if p.name == "" && !p.oneTime() {
		return nil, refuse(codeInvalid, "Please specify a name for the Policy.\n")
	}
	if template, found, err := refOf(c.input, "policyTemplate"); err != nil || !found || template != advancedScan {
		return nil, refuse(codeInvalid, "Please specify a valid Policy Template.\n")
	}
	if err := c.readPreferences(p); err != nil {
		return nil, err
	}
	if err := c.readFamilies(p); err != nil {
		return nil, err
	}
	c.net.addPolicy(p)
	if p.name == "" {
		p.name = c.generatedName(p)
	}
	return c.policyObject(p), nil
}

// generatedName begins with the time of creation and ends with a hash; nothing else about it is to be relied upon.
func (c *call) generatedName(p *policy) string {
	hash := fingerprint("policy", p.id, c.now.UnixNano())
	fraction := c.now.Nanosecond() / 10
	return fmt.Sprintf("_%d_0.%08d_%d_0_192.0.2.186_9070_scan_%s", c.now.Unix(), fraction, c.user.owner.id, hash)
}

// readPreferences takes an object, or the empty list that servers themselves write for none.
func (c *call) readPreferences(p *policy) error {
	p.preferences = map[string]string{}
	switch sent := c.input["preferences"].(type) {
	case nil:
	case object:
		for key, value := range sent {
			s, ok := scalar(value)
			if !ok {
				return invalid("preferences."+key, value)
			}
			p.preferences[key] = s
		}
	case []any:
		if len(sent) > 0 {
			return invalid("preferences", sent)
		}
	default:
		return invalid("preferences", sent)
	}
	ports, err := parsePorts(p.portRange())
	if err != nil {
		return refuse(codeInvalid, "The preference 'portscan_range' is invalid: %s.\n", err)
	}
	p.ports = ports
	return nil
}

// readFamilies enables what is listed. Without any families an ordinary policy enables everything, a one-time one nothing.
func (c *call) readFamilies(p *policy) error {
	list, err := listOf(c.input, "families")
	if err != nil {
		return err
	}
	if len(list) > 0 || p.oneTime() {
		p.plugins = map[int]bool{}
	}
	for _, item := range list {
		entry, ok := item.(object)
		if !ok {
			return invalid("families", item)
		}
		family, err := c.readFamily(entry)
		if err != nil {
			return err
		}
		p.families = append(p.families, family)
		for _, id := range family.plugins {
			p.plugins[id] = true
		}
	}
	return nil
}

// readFamily refuses plugins under a family that is not theirs.
func (c *call) readFamily(entry object) (policyFamily, error) {
	id, found, err := numberOf(entry, "id")
	known := c.net.catalog.families[id]
	if err != nil || !found || known.Type != typeActive {
		return policyFamily{}, refuse(codeInvalid, "The Plugin Family '%v' is invalid.\n", entry["id"])
	}
	plugins, err := refsOf(entry, "plugins")
	if err != nil {
		return policyFamily{}, err
	}
	for _, plugin := range plugins {
		if c.net.catalog.plugins[plugin].Family != id {
			return policyFamily{}, refuse(codeInvalid, "Plugin #%d is not a member of Plugin Family #%d.\n", plugin, id)
		}
	}
	if len(plugins) == 0 {
		plugins = c.net.catalog.members(id)
	}
	return policyFamily{id: id, plugins: plugins}, nil
}

func (c *call) policyObject(p *policy) object {
	// An empty map is an empty list to servers.
	var preferences any = []any{}
	if len(p.preferences) > 0 {
		preferences = p.preferences
	}
	families := []object{}
	for _, f := range p.families {
		family := c.net.catalog.families[f.id]
		families = append(families, object{"id": text(f.id), "name": family.Name, "count": text(len(f.plugins))})
	}
	return object{
		"id": text(p.id), "name": p.name, "description": p.description, "tags": p.tags, "createdTime": epoch(p.created),
		"modifiedTime": epoch(p.created), "generateXCCDFResults": "false", "context": p.context, "auditFiles": []any{},
		"preferences": preferences, "families": families, "status": "0", "groups": []any{}, "canUse": "true", "canManage": "true",
		"creator": ownerObject(p.owner), "owner": ownerObject(p.owner), "ownerGroup": fullGroup(), "targetGroup": nothing(),
		"policyTemplate": templateReference(),
	}
}

// listPolicies leaves the one-time ones out.
func (c *call) listPolicies() (any, error) {
	var all []object
	for _, id := range slices.Sorted(maps.Keys(c.net.policies)) {
		if p := c.net.policies[id]; !p.oneTime() {
			all = append(all, c.policyObject(p))
		}
	}
	list := c.projectAll(all, "id", "name", "description", "status")
	return c.lists(list, list), nil
}

func (c *call) getPolicy() (any, error) {
	p, ok := c.net.policies[c.id]
	if !ok {
		return nil, missing("retrieve", "Policy", c.id)
	}
	return c.project(c.policyObject(p)), nil
}

// deletePolicy refuses while a scan runs with it: whether real servers do is unknown.
func (c *call) deletePolicy() (any, error) {
	if _, ok := c.net.policies[c.id]; !ok {
		return nil, refuse(codeDoesNotExist, "Unable to find existing Policy #%d to delete.\nPolicy #%d does not exist.\n", c.id, c.id)
	}
	if runs := c.net.runsWith(c.id, c.now); len(runs) > 0 {
		var users []string
		for _, run := range runs {
			users = append(users, fmt.Sprintf("Scan Result #%d", run))
		}
		return nil, refuse(codeInvalid, "Policy #%d is in use by %s.\n", c.id, strings.Join(users, ", "))
	}
	delete(c.net.policies, c.id)
	return "", nil
}

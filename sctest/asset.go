package sctest

// Assets: lists of addresses under a name.

import (
	"maps"
	"slices"
	"strings"

	"go4.org/netipx"
)

func (c *call) createAsset() (any, error) {
	if !c.user.may(mayAsset) {
		return nil, refuse(codeInvalid, "You do not have permission to create Assets.\n")
	}
	a := &asset{created: c.now, owner: c.user.owner, set: new(netipx.IPSet)}
	var err error
	for key, into := range map[string]*string{"name": &a.name, "description": &a.description, "tags": &a.tags} {
		if *into, err = textOf(c.input, key); err != nil {
			return nil, err
		}
	}
	if a.name == "" {
		return nil, refuse(codeInvalid, "Please specify a name for the Asset.\n")
	}
	if a.kind, err = choiceOf(c.input, "type", "", assetStatic, assetDNS); err != nil || a.kind == "" {
		return nil, refuse(codeInvalid, "Please specify a valid type for the Asset. It should be one of [static dnsname].\n")
	}
	if err := c.readDefinition(a); err != nil {
		return nil, err
	}
	c.net.addAsset(a)
	return c.assetObject(a, true), nil
}

// readDefinition reads the attribute that belongs to the type.
func (c *call) readDefinition(a *asset) error {
	attribute := "definedIPs"
	if a.kind == assetDNS {
		attribute = "definedDNSNames"
	}
	list, err := textOf(c.input, attribute)
	if err != nil {
		return err
	}
	set, names, err := parseTargets(list)
	if err != nil {
		return refuse(codeInvalid, "The attribute '%s' is invalid: %s.\n", attribute, err)
	}
	a.set, a.names = set, names
	wrong := len(names) > 0
	empty := len(set.Ranges()) == 0
	if a.kind == assetDNS {
		wrong, empty = !empty, len(names) == 0
	}
	if wrong || empty {
		return refuse(codeInvalid, "The attribute '%s' contains the invalid value '%s'.\n", attribute, list)
	}
	return nil
}

// assetObject counts the addresses only after the creation: servers leave that to a job.
func (c *call) assetObject(a *asset, newborn bool) object {
	count := -1
	if !newborn {
		count = sizeOf(c.net.assetSet(a.id))
	}
	definition := object{"definedIPs": formatSet(a.set)}
	if a.kind == assetDNS {
		definition = object{"definedDNSNames": strings.Join(a.names, ",")}
	}
	full := object{
		"id": text(a.id), "name": a.name, "type": a.kind, "description": a.description, "tags": a.tags, "context": "", "status": "0",
		"createdTime": epoch(a.created), "modifiedTime": epoch(a.created), "typeFields": definition,
		"repositories": c.assetRepositories(a, newborn), "ipCount": count, "groups": []any{}, "assetDataFields": []any{},
		"canUse": "true", "canManage": "true", "creator": ownerObject(a.owner), "owner": ownerObject(a.owner), "ownerGroup": fullGroup(),
		"targetGroup": nothing(), "template": nothing(),
	}
	if c.dialect.atLeast(5, 18) {
		full["ioSyncStatus"], full["ioFirstSyncTime"], full["ioSyncErrorDetails"] = "Not Synced", "-1", nil
		full["uuid"] = uuidOf("asset", a.id, c.net.start.Unix())
	}
	return full
}

func (c *call) assetRepositories(a *asset, newborn bool) []object {
	list := []object{}
	for _, id := range c.visibleRepositories() {
		count := "-1"
		if !newborn {
			count = text(c.net.inhabitants(c.net.assetSet(a.id), id))
		}
		list = append(list, object{"ipCount": count, "repository": reference(id, c.net.repositories[id].Name)})
	}
	return list
}

// listAssets answers administrators in the shape of the documentation first, and later in that of all other lists.
func (c *call) listAssets() (any, error) {
	var manageable []object
	for _, id := range slices.Sorted(maps.Keys(c.net.assets)) {
		manageable = append(manageable, c.assetObject(c.net.assets[id], false))
	}
	usable := manageable
	if !slices.Contains(c.filterNames(), "excludeAllDefined") {
		usable = append([]object{c.allDefinedRanges()}, manageable...)
	}
	brief := []string{"id", "name", "description", "type", "status"}
	manage := c.projectAll(manageable, brief...)
	switch {
	case c.user.admin() && c.dialect.atLeast(5, 20):
		return manage, nil
	case c.user.admin():
		return object{"assets": manage}, nil
	}
	return c.lists(c.projectAll(usable, brief...), manage), nil
}

func (c *call) allDefinedRanges() object {
	all := &asset{id: allDefined, name: "All Defined Ranges", kind: assetStatic, set: c.net.assetSet(allDefined), created: c.net.start, owner: c.accounts[0].owner}
	all.description = "All defining ranges of the Group in whose context this Asset is being evaluated."
	return c.assetObject(all, false)
}

// getAsset demands of administrators to say whose asset they mean.
func (c *call) getAsset() (any, error) {
	a, ok := c.net.assets[c.id]
	if c.id == allDefined {
		return c.project(c.allDefinedRanges()), nil
	}
	if !ok || c.user.admin() && !c.r.URL.Query().Has("orgID") {
		return nil, refuse(codeDoesNotExist, "Unable to retrieve Asset #%d.\nAsset #%d does not exist\n", c.id, c.id)
	}
	return c.project(c.assetObject(a, false)), nil
}

func (c *call) deleteAsset() (any, error) {
	if _, ok := c.net.assets[c.id]; !ok {
		return nil, refuse(codeDoesNotExist, "Unable to find existing Asset #%d to delete.\nAsset #%d does not exist.\n", c.id, c.id)
	}
	if !c.user.may(mayAsset) {
		return nil, refuse(codeInvalid, "You do not have permission to delete Assets.\n")
	}
	delete(c.net.assets, c.id)
	return "", nil
}

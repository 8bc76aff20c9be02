package sctest

// Assets: lists of addresses under a name.

import (
	"maps"
	"slices"
	"strings"
	"time"

	"go4.org/netipx"
)

const (
	assetStatic = "static"
	assetDNS    = "dnsname"

	// allDefined is the pseudo asset that may be used, but not managed.
	allDefined = 0
)

type asset struct {
	id                      int
	name, description, tags string
	kind                    string
	set                     *netipx.IPSet
	names                   []string
	created                 time.Time
	owner                   *account
}

// assetSet are the addresses of an asset; names count by their hosts.
func (w *world) assetSet(id int) *netipx.IPSet {
	var b netipx.IPSetBuilder
	if id == allDefined {
		for _, r := range w.repositories {
			b.AddSet(r.inRange)
		}
		return built(&b)
	}
	a := w.assets[id]
	if a == nil {
		return built(&b)
	}
	b.AddSet(a.set)
	for _, h := range w.hosts {
		if h.DNS != "" && slices.Contains(a.names, strings.ToLower(h.DNS)) {
			b.Add(h.lives)
		}
	}
	return built(&b)
}

func (c *call) createAsset() (any, error) {
	if !c.user.may(mayAsset) {
		return nil, refuse(codeInvalid, "You do not have permission to create Assets.\n")
	}
	a := &asset{created: c.now, owner: c.user, set: new(netipx.IPSet)}
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
	a.id = c.next("asset")
	c.assets[a.id] = a
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
		count = sizeOf(c.assetSet(a.id))
	}
	definition := object{"definedIPs": formatSet(a.set)}
	if a.kind == assetDNS {
		definition = object{"definedDNSNames": strings.Join(a.names, ",")}
	}
	full := object{
		"id": text(a.id), "name": a.name, "type": a.kind, "description": a.description, "tags": a.tags, "context": "", "status": "0",
		"createdTime": epoch(a.created), "modifiedTime": epoch(a.created), "typeFields": definition,
		"repositories": c.assetRepositories(a, newborn), "ipCount": count, "groups": []any{}, "assetDataFields": []any{},
		"canUse": "true", "canManage": "true", "creator": a.owner.object(), "owner": a.owner.object(), "ownerGroup": fullGroup(),
		"targetGroup": nothing(), "template": nothing(),
	}
	if c.dialect.atLeast(5, 18) {
		full["ioSyncStatus"], full["ioFirstSyncTime"], full["ioSyncErrorDetails"] = "Not Synced", "-1", nil
		full["uuid"] = uuidOf("asset", a.id, c.start.Unix())
	}
	return full
}

func (c *call) assetRepositories(a *asset, newborn bool) []object {
	list := []object{}
	for _, id := range c.visibleRepositories() {
		count := "-1"
		if !newborn {
			count = text(c.inhabitants(c.assetSet(a.id), id))
		}
		list = append(list, object{"ipCount": count, "repository": reference(id, c.repositories[id].Name)})
	}
	return list
}

// inhabitants counts the addresses of a set that a repository has findings for.
func (w *world) inhabitants(set *netipx.IPSet, repository int) int {
	var b netipx.IPSetBuilder
	for _, row := range w.db.cumulative {
		if row.repository == repository && set.Contains(row.addr) {
			b.Add(row.addr)
		}
	}
	return sizeOf(built(&b))
}

// listAssets answers administrators in the shape of the documentation first, and later in that of all other lists.
func (c *call) listAssets() (any, error) {
	var manageable []object
	for _, id := range slices.Sorted(maps.Keys(c.assets)) {
		manageable = append(manageable, c.assetObject(c.assets[id], false))
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
	all := &asset{id: allDefined, name: "All Defined Ranges", kind: assetStatic, set: c.assetSet(allDefined), created: c.start, owner: c.accounts[0]}
	all.description = "All defining ranges of the Group in whose context this Asset is being evaluated."
	return c.assetObject(all, false)
}

// getAsset demands of administrators to say whose asset they mean.
func (c *call) getAsset() (any, error) {
	a, ok := c.assets[c.id]
	if c.id == allDefined {
		return c.project(c.allDefinedRanges()), nil
	}
	if !ok || c.user.admin() && !c.r.URL.Query().Has("orgID") {
		return nil, refuse(codeDoesNotExist, "Unable to retrieve Asset #%d.\nAsset #%d does not exist\n", c.id, c.id)
	}
	return c.project(c.assetObject(a, false)), nil
}

func (c *call) deleteAsset() (any, error) {
	if _, ok := c.assets[c.id]; !ok {
		return nil, refuse(codeDoesNotExist, "Unable to find existing Asset #%d to delete.\nAsset #%d does not exist.\n", c.id, c.id)
	}
	if !c.user.may(mayAsset) {
		return nil, refuse(codeInvalid, "You do not have permission to delete Assets.\n")
	}
	delete(c.assets, c.id)
	return "", nil
}

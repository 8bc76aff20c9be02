package rest

// Assets: lists of addresses under a name.

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"patchproof/sctest/internal/addresses"
	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
	"patchproof/sctest/internal/scenario"
)

// realAssetTypes are those that servers make and the simulator does not.
var realAssetTypes = []string{
	"combination", "dnsnameupload", "dynamic", "ldapquery", "staticeventfilter", "staticvulnfilter", "templates", "upload", "watchlist",
	"watchlisteventfilter", "watchlisteditor", "watchlistupload",
}

func (c *call) createAsset() (any, error) {
	if !c.user.may(scenario.MayAsset) {
		return nil, dialect.Refuse("You do not have permission to create Assets.\n")
	}
	a := &network.Asset{Created: c.now, Creator: c.user.owner, Owner: c.user.owner}
	in := c.input
	a.Name, a.Description, a.Tags = in.Text("name"), in.Text("description"), in.Text("tags")
	in.Require(a.Name != "", "Please specify a name for the Asset.\n")
	c.readOwner(a)
	a.Kind, _ = dialect.Scalar(in.Object["type"])
	if slices.Contains(realAssetTypes, a.Kind) {
		in.Refuse(dialect.NotSimulated("assets of type %s", a.Kind))
	}
	in.Require(a.Kind == network.AssetStatic || a.Kind == network.AssetDNS,
		"Please specify a valid type for the Asset. It should be one of [static dnsname].\n")
	if c.readDefinition(a); in.Err() != nil {
		return nil, in.Err()
	}
	c.Network.AddAsset(a)
	return c.assetObject(a, true), nil
}

// readOwner reads whose asset it is to be, if the request names somebody.
func (c *call) readOwner(a *network.Asset) {
	id, named := c.input.Number("ownerID")
	if !named {
		return
	}
	owner, err := c.ownerOf(id)
	c.input.Refuse(err)
	a.Owner = owner
}

// readDefinition reads the attribute that belongs to the type.
func (c *call) readDefinition(a *network.Asset) {
	attribute := "definedIPs"
	if a.Kind == network.AssetDNS {
		attribute = "definedDNSNames"
	}
	list := c.input.Text(attribute)
	set, names, err := addresses.Parse(list)
	if err != nil {
		c.input.Require(false, "The attribute '%s' is invalid: %s.\n", attribute, err)
		return
	}
	a.Set, a.Names = set, names
	wanted, unwanted := len(set.Ranges()), len(names)
	if a.Kind == network.AssetDNS {
		wanted, unwanted = unwanted, wanted
	}
	if wanted == 0 || unwanted > 0 {
		c.input.Invalid(attribute, list)
	}
}

// assetObject counts the addresses only after the creation: servers leave that to a job.
func (c *call) assetObject(a *network.Asset, newborn bool) object {
	count := -1
	if !newborn {
		count = addresses.Count(c.Network.AssetSet(a.ID))
	}
	definition := object{"definedIPs": addresses.Format(a.Set)}
	if a.Kind == network.AssetDNS {
		definition = object{"definedDNSNames": strings.Join(a.Names, ",")}
	}
	if a.Kind == network.AssetDynamic {
		definition = object{"rules": object{"operator": "all", "children": []any{}}}
	}
	full := object{
		"id": strconv.Itoa(a.ID), "name": a.Name, "type": a.Kind, "description": a.Description, "tags": a.Tags, "context": "", "status": "0",
		"createdTime": c.epoch(a.Created), "modifiedTime": c.epoch(later(a.Created, a.Modified)), "typeFields": definition,
		"repositories": c.assetRepositories(a, newborn), "ipCount": count, "groups": []any{}, "assetDataFields": []any{},
		"canUse": "true", "canManage": "true", "creator": ownerObject(a.Creator), "owner": ownerObject(a.Owner), "ownerGroup": dialect.FullGroup(),
		"targetGroup": dialect.Nothing(), "template": dialect.Nothing(),
	}
	if slices.Contains(c.fields(), "viewableIPs") {
		full["viewableIPs"] = c.viewableIPs(a)
	}
	if c.version.AtLeast(5, 18) {
		full["ioSyncStatus"], full["ioFirstSyncTime"], full["ioSyncErrorDetails"] = "Not Synced", "-1", nil
		full["uuid"] = network.UUIDOf("asset", a.ID, c.Network.Start.Unix())
	}
	return full
}

// viewableIPs is slow on real servers, which is why they only answer it where it is asked for: lines of address and name.
func (c *call) viewableIPs(a *network.Asset) []object {
	list := []object{}
	for _, id := range c.visibleRepositories() {
		var lines []string
		for _, row := range c.Network.Hosts(c.Network.AssetSet(a.ID), id) {
			lines = append(lines, row.Addr.String()+"|"+row.Identity.DNS+"\n")
		}
		list = append(list, object{
			"ipCount": strconv.Itoa(len(lines)), "ipList": strings.Join(lines, ""),
			"repository": dialect.Reference(id, c.Network.Repositories[id].Name),
		})
	}
	return list
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (c *call) assetRepositories(a *network.Asset, newborn bool) []object {
	list := []object{}
	for _, id := range c.visibleRepositories() {
		count := "-1"
		if !newborn {
			count = strconv.Itoa(c.Network.Inhabitants(c.Network.AssetSet(a.ID), id))
		}
		list = append(list, object{"ipCount": count, "repository": dialect.Reference(id, c.Network.Repositories[id].Name)})
	}
	return list
}

// listAssets answers administrators in the shape of the documentation first, and later in that of all other lists.
func (c *call) listAssets() (any, error) {
	var manageable []object
	for _, id := range slices.Sorted(maps.Keys(c.Network.Assets)) {
		manageable = append(manageable, c.assetObject(c.Network.Assets[id], false))
	}
	usable := manageable
	if !slices.Contains(c.filterNames(), "excludeAllDefined") {
		usable = append([]object{c.allDefinedRanges()}, manageable...)
	}
	if c.user.admin() {
		usable = manageable
	}
	list := c.lists(usable, manageable, "id", "name", "description", "type", "status")
	if c.user.admin() && !c.version.AtLeast(5, 20) {
		return object{"assets": list}, nil
	}
	return list, nil
}

func (c *call) allDefinedRanges() object {
	return c.assetObject(&network.Asset{
		ID: network.AllDefined, Name: "All Defined Ranges", Kind: network.AssetStatic, Set: c.Network.AssetSet(network.AllDefined),
		Description: "All defining ranges of the Group in whose context this Asset is being evaluated.",
		Created:     c.Network.Start, Creator: c.accounts[0].owner, Owner: c.accounts[0].owner,
	}, false)
}

// getAsset demands of administrators to say whose asset they mean.
func (c *call) getAsset() (any, error) {
	a, ok := c.Network.Assets[c.id]
	if c.id == network.AllDefined {
		return c.project(c.allDefinedRanges()), nil
	}
	if !ok || c.user.admin() && !c.query.Has("orgID") {
		return nil, dialect.RefuseWith(dialect.CodeDoesNotExist, "Unable to retrieve Asset #%d.\nAsset #%d does not exist\n", c.id, c.id)
	}
	return c.project(c.assetObject(a, false)), nil
}

func (c *call) deleteAsset() (any, error) {
	if _, ok := c.Network.Assets[c.id]; !ok {
		return nil, dialect.Undeletable("Asset", c.id)
	}
	if !c.user.may(scenario.MayAsset) {
		return nil, dialect.Refuse("You do not have permission to delete Assets.\n")
	}
	delete(c.Network.Assets, c.id)
	return "", nil
}

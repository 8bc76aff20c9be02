package rest

// What scans and clients refer to and nobody creates here: credentials, zones, feeds.

import (
	"slices"

	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/scenario"
)

func (c *call) credentialObject(x scenario.Credential) object {
	full := dialect.Reference(x.ID, x.Name)
	full["type"], full["status"], full["tags"] = "windows", "0", ""
	full["createdTime"], full["modifiedTime"] = dialect.Epoch(c.Network.Start), dialect.Epoch(c.Network.Start)
	full["canUse"], full["canManage"] = "true", "true"
	full["owner"], full["creator"], full["ownerGroup"] = ownerObject(c.accounts[0].owner), ownerObject(c.accounts[0].owner), dialect.FullGroup()
	return full
}

func (c *call) listCredentials() (any, error) {
	var all []object
	for _, x := range c.scenario.Credentials {
		all = append(all, c.credentialObject(x))
	}
	list := c.projectAll(all, "id", "name", "description", "type")
	return c.lists(list, list), nil
}

func (c *call) getCredential() (any, error) {
	i := slices.IndexFunc(c.scenario.Credentials, func(x scenario.Credential) bool { return x.ID == c.id })
	if i < 0 {
		return nil, dialect.Missing("retrieve", "Credential", c.id)
	}
	return c.project(c.credentialObject(c.scenario.Credentials[i])), nil
}

func (c *call) zoneObject(z scenario.Zone) object {
	full := dialect.Reference(z.ID, z.Name)
	full["createdTime"], full["modifiedTime"] = dialect.Epoch(c.Network.Start), dialect.Epoch(c.Network.Start)
	full["ipList"] = ""
	return full
}

func (c *call) listZones() (any, error) {
	var all []object
	for _, z := range c.scenario.Zones {
		all = append(all, c.zoneObject(z))
	}
	return c.projectAll(all, "id", "name", "description"), nil
}

func (c *call) getZone() (any, error) {
	i := slices.IndexFunc(c.scenario.Zones, func(z scenario.Zone) bool { return z.ID == c.id })
	if i < 0 {
		return nil, dialect.Missing("retrieve", "Scan Zone", c.id)
	}
	return c.project(c.zoneObject(c.scenario.Zones[i])), nil
}

// feedNames are the parts of the feed, and of the answer about it.
var feedNames = []string{scenario.TypeActive, "passive", "lce", "sc"}

func (c *call) feedObject() object {
	return object{"updateTime": dialect.Epoch(c.Network.FeedUpdated), "stale": "false", "updateRunning": "false"}
}

func (c *call) listFeeds() (any, error) {
	out := object{}
	for _, name := range feedNames {
		out[name] = c.feedObject()
	}
	return out, nil
}

// getFeed is one part, without its name around it.
func (c *call) getFeed() (any, error) { return c.feedObject(), nil }

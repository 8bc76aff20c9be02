package rest

// What scans and clients refer to and nobody creates here: credentials and zones.

import (
	"maps"

	"patchproof/sctest/internal/dialect"
)

func (c *call) credentials() []object {
	var all []object
	maker := ownerObject(c.accounts[0].owner)
	for _, x := range c.scenario.Credentials {
		full := c.givenObject(x.ID, x.Name)
		maps.Copy(full, object{
			"type": "windows", "status": "0", "tags": "", "canUse": "true", "canManage": "true", "owner": maker, "creator": maker,
			"ownerGroup": dialect.FullGroup(),
		})
		all = append(all, full)
	}
	return all
}

// givenObject is the beginning of what is there from the start.
func (c *call) givenObject(id int, name string) object {
	full := dialect.Reference(id, name)
	full["createdTime"], full["modifiedTime"] = c.epoch(c.Network.Start), c.epoch(c.Network.Start)
	return full
}

func (c *call) listCredentials() (any, error) {
	return c.lists(c.credentials(), c.credentials(), "id", "name", "description", "type"), nil
}

func (c *call) getCredential() (any, error) { return c.find("Credential", c.credentials()) }

func (c *call) zones() []object {
	var all []object
	for _, z := range c.scenario.Zones {
		full := c.givenObject(z.ID, z.Name)
		full["ipList"] = z.Ranges
		all = append(all, full)
	}
	return all
}

func (c *call) listZones() (any, error) {
	return c.projectAll(c.zones(), "id", "name", "description"), nil
}

func (c *call) getZone() (any, error) { return c.find("Scan Zone", c.zones()) }

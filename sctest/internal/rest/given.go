package rest

// What clients refer to and nobody creates here: credentials, zones, scanners, roles, users.

import (
	"maps"
	"strconv"

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

func (c *call) scanners() []object {
	full := c.givenObject(1, "Internal Scanner")
	maps.Copy(full, object{
		"ip": "192.0.2.10", "port": "8834", "status": "1", "version": "10.8.3", "enabled": "true", "loadedPluginSet": c.Network.Feed,
		"pluginSet": c.Network.Feed, "agentCapable": "false", "zones": []object{},
	})
	return []object{full}
}

func (c *call) listScanners() (any, error) {
	return c.projectAll(c.scanners(), "id", "name", "description", "status"), nil
}

func (c *call) getScanner() (any, error) { return c.find("Scanner", c.scanners()) }

func (c *call) roles() []object {
	return []object{
		dialect.Reference(1, "Administrator"), dialect.Reference(2, "Security Manager"), dialect.Reference(3, "Security Analyst"),
		dialect.Reference(4, "Vulnerability Analyst"), dialect.Reference(5, "Executive"), dialect.Reference(6, "Credential Manager"),
		dialect.Reference(7, "Auditor"), dialect.Reference(8, "No Role"),
	}
}

func (c *call) listRoles() (any, error) {
	return c.projectAll(c.roles(), "id", "name", "description"), nil
}

func (c *call) getRole() (any, error) { return c.find("Role", c.roles()) }

func (c *call) users() []object {
	var all []object
	for _, a := range c.accounts {
		full := ownerObject(a.owner)
		role := dialect.Reference(2, "Security Manager")
		if a.admin() {
			role = dialect.Reference(1, "Administrator")
		}
		maps.Copy(full, object{
			"status": "0", "locked": "false", "authType": "tns", "role": role, "group": dialect.FullGroup(),
			// Booleans here, unlike anywhere else.
			"canUse": true, "canManage": true, "failedLogins": strconv.Itoa(a.failedLogins), "lastLogin": c.epochOrZero(a.lastLogin),
			"title": "", "email": "", "createdTime": c.epoch(c.Network.Start), "modifiedTime": c.epoch(c.Network.Start),
		})
		all = append(all, full)
	}
	return all
}

func (c *call) listUsers() (any, error) {
	return c.projectAll(c.users(), "id", "username", "firstname", "lastname", "status"), nil
}

func (c *call) getUser() (any, error) { return c.find("User", c.users()) }

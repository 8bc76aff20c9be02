package rest

// Who and what is there besides: scanners, roles, users.

import (
	"maps"
	"strconv"

	"patchproof/sctest/internal/dialect"
)

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
			"canUse": true, "canManage": true, "failedLogins": strconv.Itoa(a.failedLogins), "lastLogin": c.epoch(a.lastLogin),
		})
		all = append(all, full)
	}
	return all
}

func (c *call) listUsers() (any, error) {
	return c.projectAll(c.users(), "id", "username", "firstname", "lastname", "status"), nil
}

func (c *call) getUser() (any, error) { return c.find("User", c.users()) }

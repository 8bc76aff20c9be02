package sctest

// Repositories.

import (
	"cmp"
	"maps"
	"slices"
)

// allTypes asks for repositories of any type.
const allTypes = "All"

// visibleRepositories are the IDs that the user may see, in order.
func (c *call) visibleRepositories() []int {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(c.net.repositories)), func(id int) bool { return !c.user.sees(id) })
}

// listRepositories is a bare list for everybody. The parameter type asks for those of one type.
func (c *call) listRepositories() (any, error) {
	kind := cmp.Or(c.r.URL.Query().Get("type"), allTypes)
	if !slices.Contains([]string{allTypes, typeLocal, typeRemote, typeOffline}, kind) {
		return nil, refuse(codeInvalid, "The parameter 'type' contains the invalid value '%s'.\n", kind)
	}
	var all []object
	for _, id := range c.visibleRepositories() {
		if r := c.net.repositories[id]; kind == allTypes || r.Type == kind {
			all = append(all, c.repositoryObject(r))
		}
	}
	return c.projectAll(all, "id", "name", "description", "dataFormat"), nil
}

func (c *call) getRepository() (any, error) {
	r, ok := c.net.repositories[c.id]
	if !ok || !c.user.sees(c.id) {
		return nil, missing("retrieve", "Repository", c.id)
	}
	return c.project(c.repositoryObject(r)), nil
}

func (c *call) repositoryObject(r *repository) object {
	rows := filter(c.net.cumulative(), func(row record) bool { return row.repository == r.ID })
	addresses := c.net.inhabitants(r.inRange, r.ID)
	full := object{
		"id": text(r.ID), "name": r.Name, "description": "", "type": r.Type, "dataFormat": r.DataFormat, "remoteID": nil,
		"running": "false", "lastVulnUpdate": epoch(r.updated), "vulnCount": text(len(rows)), "createdTime": epoch(c.net.start),
		"modifiedTime": epoch(c.net.start), "organizations": []any{},
		"typeFields": object{
			"ipRange": r.IPRange, "ipCount": text(addresses), "trendingDays": "0", "correlation": []any{},
			"nessusSchedule": object{"type": "never", "start": "", "repeatRule": ""},
		},
	}
	if c.dialect.atLeast(5, 20) {
		full["uuid"] = uuidOf("repository", r.ID)
	}
	return full
}

package sctest

// Repositories.

import (
	"maps"
	"slices"
)

// allTypes asks for repositories of any type.
const allTypes = "All"

// visibleRepositories are the IDs that the user may see, in order.
func (c *call) visibleRepositories() []int {
	return filter(slices.Sorted(maps.Keys(c.repositories)), c.user.sees)
}

// listRepositories is a bare list for everybody. The parameter type asks for those of one type.
func (c *call) listRepositories() (any, error) {
	kind := or(c.r.URL.Query().Get("type"), allTypes)
	if !slices.Contains([]string{allTypes, typeLocal, typeRemote, typeOffline}, kind) {
		return nil, refuse(codeInvalid, "The parameter 'type' contains the invalid value '%s'.\n", kind)
	}
	var all []object
	for _, id := range c.visibleRepositories() {
		if r := c.repositories[id]; kind == allTypes || r.Type == kind {
			all = append(all, c.repositoryObject(r))
		}
	}
	return c.projectAll(all, "id", "name", "description", "dataFormat"), nil
}

func (c *call) getRepository() (any, error) {
	r, ok := c.repositories[c.id]
	if !ok || !c.user.sees(c.id) {
		return nil, missing("retrieve", "Repository", c.id)
	}
	return c.project(c.repositoryObject(r)), nil
}

func (c *call) repositoryObject(r *repository) object {
	rows := 0
	for _, row := range c.db.cumulative {
		if row.repository == r.ID {
			rows++
		}
	}
	addresses := c.inhabitants(r.inRange, r.ID)
	full := object{
		"id": text(r.ID), "name": r.Name, "description": "", "type": r.Type, "dataFormat": r.DataFormat, "remoteID": nil,
		"running": "false", "lastVulnUpdate": epoch(r.updated), "vulnCount": text(rows), "createdTime": epoch(c.start),
		"modifiedTime": epoch(c.start), "organizations": []any{},
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

// rowRepository is the repository as analysis rows name it.
func (w *world) rowRepository(id int) object {
	r := w.repositories[id]
	out := reference(id, r.Name)
	out["dataFormat"] = r.DataFormat
	if w.dialect.atLeast(5, 20) {
		out["type"] = r.Type
		out["uuid"] = uuidOf("repository", r.ID)
	}
	return out
}

// numberedRepository has the ID as a number on the newest servers. Rows with details keep the text: public clients decode those.
func (w *world) numberedRepository(id int) object {
	out := w.rowRepository(id)
	if w.dialect.atLeast(6, 0) {
		out["id"] = id
	}
	return out
}

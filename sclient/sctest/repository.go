package sctest

// Repositories.

import (
	"maps"
	"slices"
)

// visibleRepositories are the IDs that the user may see, in order.
func (c *call) visibleRepositories() []int {
	return filter(slices.Sorted(maps.Keys(c.repositories)), c.user.sees)
}

func repositoryFields() fieldSet {
	return fieldSet{also: []string{
		"correlation", "ipRange", "ipCount", "downloadFormat", "lastSyncTime", "enableFormattedReports", "transfer", "uuid", "status",
	}}
}

// listRepositories is a bare list for everybody.
func (c *call) listRepositories() (any, error) {
	var all []object
	for _, id := range c.visibleRepositories() {
		all = append(all, c.repositoryObject(c.repositories[id]))
	}
	set := repositoryFields()
	set.brief = []string{"id", "name", "description", "dataFormat"}
	return c.projectAll(all, set)
}

func (c *call) getRepository() (any, error) {
	r, ok := c.repositories[c.id]
	if !ok || !c.user.sees(c.id) {
		return nil, missing("retrieve", "Repository", c.id)
	}
	return c.project(c.repositoryObject(r), repositoryFields())
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

// rowRepository is the repository as analysis rows name it; the newest servers write its ID as a number.
func (w *world) rowRepository(id int) object {
	r := w.repositories[id]
	out := reference(id, r.Name)
	out["dataFormat"] = r.DataFormat
	if w.dialect.atLeast(5, 20) {
		out["type"] = r.Type
		out["uuid"] = uuidOf("repository", r.ID)
	}
	if w.dialect.atLeast(6, 0) {
		out["id"] = id
	}
	return out
}

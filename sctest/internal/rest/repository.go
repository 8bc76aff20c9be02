package rest

// Repositories.

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"patchproof/sctest/internal/network"
	"patchproof/sctest/internal/scenario"
)

// allTypes asks for repositories of any type.
const allTypes = "All"

// visibleRepositories are the IDs that the user may see, in order.
func (c *call) visibleRepositories() []int {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(c.Network.Repositories)), func(id int) bool { return !c.user.sees(id) })
}

// listRepositories is a bare list for everybody. The parameter type asks for those of one type.
func (c *call) listRepositories() (any, error) {
	kind := cmp.Or(c.query.Get("type"), allTypes)
	types := []string{allTypes, scenario.TypeLocal, scenario.TypeRemote, scenario.TypeOffline}
	i := slices.IndexFunc(types, func(known string) bool { return strings.EqualFold(known, kind) })
	if i < 0 {
		return nil, invalidParameter("type", kind)
	}
	kind = types[i]
	return c.projectAll(c.repositories(kind), "id", "name", "description", "dataFormat"), nil
}

// repositories are those of a type that the user may see.
func (c *call) repositories(kind string) []object {
	var all []object
	for _, id := range c.visibleRepositories() {
		if r := c.Network.Repositories[id]; kind == allTypes || r.Type == kind {
			all = append(all, c.repositoryObject(r))
		}
	}
	return all
}

func (c *call) getRepository() (any, error) { return c.find("Repository", c.repositories(allTypes)) }

func (c *call) repositoryObject(r *network.Repository) object {
	rows := slices.DeleteFunc(c.Network.Cumulative(), func(row network.Row) bool { return row.Repository != r.ID })
	addresses := c.Network.Inhabitants(r.InRange, r.ID)
	full := object{
		"id": strconv.Itoa(r.ID), "name": r.Name, "description": "", "type": r.Type, "dataFormat": r.DataFormat, "remoteID": nil,
		"running": "false", "lastVulnUpdate": c.epoch(r.Updated), "vulnCount": strconv.Itoa(len(rows)),
		"createdTime": c.epoch(c.Network.Start), "modifiedTime": c.epoch(c.Network.Start), "organizations": []any{},
		"typeFields": object{
			"ipRange": r.IPRange, "ipCount": strconv.Itoa(addresses), "trendingDays": "0", "correlation": []any{},
			"nessusSchedule": object{"type": "never", "start": "", "repeatRule": ""},
		},
	}
	if c.version.AtLeast(5, 20) {
		full["uuid"] = network.UUIDOf("repository", r.ID)
	}
	return full
}

package rest

// Plugins and their families.

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
	"patchproof/sctest/internal/scenario"
)

func (c *call) pluginObject(p scenario.Plugin) object {
	full := object{
		"id": strconv.Itoa(p.ID), "name": p.Name, "description": "What " + p.Name + " is about.", "type": p.Type,
		"family": dialect.Family(c.Network.Catalog.Families[p.Family]), "copyright": "", "version": "1.1", "sourceFile": "check.nasl", "source": "",
		"dependencies": dependencies(p), "requiredPorts": "", "requiredUDPPorts": "", "cpe": "", "srcPort": nil, "dstPort": nil, "protocol": "",
		"riskFactor": dialect.RiskFactors[p.Severity], "solution": "n/a", "seeAlso": "", "synopsis": p.Synopsis(), "checkType": p.CheckType,
		"exploitEase": "", "exploitAvailable": strconv.FormatBool(p.ExploitAvailable), "exploitFrameworks": "", "cvssVector": "",
		"cvssVectorBF": "0", "baseScore": nil, "temporalScore": nil, "cvssV3Vector": "", "cvssV3VectorBF": "0",
		"cvssV3BaseScore": nil, "cvssV3TemporalScore": nil, "stigSeverity": nil,
		"pluginPubDate": c.epoch(p.PublishedAt()), "pluginModDate": c.epoch(p.ModifiedAt()), "patchPubDate": "-1", "patchModDate": "-1",
		"vulnPubDate": "-1", "modifiedTime": c.epoch(p.ModifiedAt()), "md5": network.Fingerprint("plugin", p.ID), "xrefs": xrefs(p),
	}
	if c.version.AtLeast(5, 20) {
		full["vprScore"], full["vprContext"] = nil, []any{}
	}
	return full
}

// dependencies are the source files of other plugins, as servers write them.
func dependencies(p scenario.Plugin) string {
	var files []string
	for _, id := range p.Dependencies {
		files = append(files, fmt.Sprintf("plugin_%d.nasl", id))
	}
	return strings.Join(files, ",")
}

func xrefs(p scenario.Plugin) string {
	return strings.TrimPrefix(strings.Join(append([]string{""}, p.CVEs...), ", CVE:"), ", ")
}

// listPlugins also serves /pluginFamily/{id}/plugins, where real servers list the whole catalogue too.
func (c *call) listPlugins() (any, error) {
	asked, err := c.readSearch()
	if err != nil {
		return nil, err
	}
	found := c.findPlugins(asked)
	from, to, err := c.window(len(found))
	if err != nil {
		return nil, err
	}
	return c.projectAll(found[from:to], "id", "name", "description"), nil
}

// window reads the offsets of the address; without one, the list begins or ends where it does.
func (c *call) window(size int) (from, to int, err error) {
	query := c.query
	from, errFrom := strconv.Atoi(cmp.Or(query.Get("startOffset"), "0"))
	to, errTo := strconv.Atoi(cmp.Or(query.Get("endOffset"), strconv.Itoa(max(size, from))))
	if errFrom != nil || errTo != nil || from < 0 || to < from {
		return 0, 0, dialect.Refuse("The offsets are invalid.\n")
	}
	return min(from, size), min(to, size), nil
}

func (c *call) getPlugin() (any, error) {
	p, ok := c.Network.Catalog.Plugins[c.id]
	if !ok {
		return nil, dialect.Missing("retrieve", "Plugin", c.id)
	}
	return c.project(c.pluginObject(p)), nil
}

// listFamilies counts the plugins that match the search; families of another type are left out.
func (c *call) listFamilies() (any, error) {
	asked, err := c.readSearch()
	if err != nil {
		return nil, err
	}
	count := map[string]int{}
	for _, p := range c.findPlugins(search{kind: asked.kind, since: asked.since, comparisons: asked.comparisons}) {
		count[dialect.SortKey(p["family"])]++
	}
	var all []object
	for _, id := range slices.Sorted(maps.Keys(c.Network.Catalog.Families)) {
		full := dialect.Family(c.Network.Catalog.Families[id])
		full["count"] = count[strconv.Itoa(id)]
		if asked.covers(c.Network.Catalog.Families[id].Type) {
			all = append(all, full)
		}
	}
	dialect.Sort(all, asked.sortBy, asked.down)
	return c.projectAll(all, "id", "name"), nil
}

// getFamily takes the ID of a family, whatever the guide says.
func (c *call) getFamily() (any, error) {
	family, ok := c.Network.Catalog.Families[c.id]
	if !ok {
		return nil, dialect.Missing("retrieve", "Plugin Family", c.id)
	}
	plugins := []object{}
	for _, id := range c.Network.Catalog.Members(c.id) {
		name := c.Network.Catalog.Plugins[id].Name
		plugins = append(plugins, object{"id": strconv.Itoa(id), "name": name, "description": "What " + name + " is about."})
	}
	full := dialect.Family(family)
	full["plugins"], full["count"] = plugins, len(plugins)
	return c.project(full), nil
}

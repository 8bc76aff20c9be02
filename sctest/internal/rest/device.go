package rest

// One host, as its page shows it.

import (
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"patchproof/sctest/internal/analysis"
	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
)

// getDevice finds a host by address, name or UUID, in one repository or in all that the user sees. Unknown hosts have a page too, which
// is empty.
func (c *call) getDevice() (any, error) {
	ip, dns, uuid := c.query.Get("ip"), c.query.Get("dnsName"), c.query.Get("uuid")
	if ip == "" && uuid == "" {
		return nil, dialect.Refuse("Please specify an ip or a uuid.\n")
	}
	addr, err := netip.ParseAddr(ip)
	if ip != "" && err != nil {
		return nil, invalidParameter("ip", ip)
	}
	repository, err := c.deviceRepository()
	if err != nil {
		return nil, err
	}
	rows := slices.DeleteFunc(c.Network.Cumulative(), func(row network.Row) bool {
		return !c.user.sees(row.Repository) || repository != "" && strconv.Itoa(row.Repository) != repository || ip != "" && row.Addr != addr.Unmap() ||
			uuid != "" && row.Identity.UUID != uuid || dns != "" && !strings.EqualFold(row.Identity.DNS, dns)
	})
	full := object{
		"ip": ip, "uuid": uuid, "dnsName": dns, "macAddress": "", "netbiosName": "", "os": "", "osCPE": "", "score": "0", "total": "0",
		"repositoryID": repository, "hasPassive": "No", "hasCompliance": "No", "lastScan": "-1", "firstSeen": "-1", "lastSeen": "-1", "links": []any{},
	}
	if len(rows) > 0 {
		maps.Copy(full, c.describe(rows))
	}
	cut := c.project(full)
	if c.fields() != nil {
		// These three are always there, and a host has no ID.
		delete(cut, "id")
		cut["ip"], cut["uuid"], cut["repositoryID"] = full["ip"], full["uuid"], full["repositoryID"]
	}
	return cut, nil
}

// deviceRepository is the one in the path or among the parameters; empty means all.
func (c *call) deviceRepository() (string, error) {
	repository := c.query.Get("repositoryID")
	if strings.HasPrefix(c.r.URL.Path, "/rest/repository/") {
		repository = strconv.Itoa(c.id)
	}
	if id, err := strconv.Atoi(repository); repository != "" && (err != nil || !slices.Contains(c.visibleRepositories(), id)) {
		return "", dialect.Missing("retrieve", "Repository", id)
	}
	return repository, nil
}

// describe is what the rows of a host tell of it.
func (c *call) describe(rows []network.Row) object {
	a := &analysis.Request{Network: c.Network, Version: c.version, Now: c.now, Sees: c.user.sees}
	full := a.Host(rows)
	first, last := rows[0].FirstSeen, time.Time{}
	for _, row := range rows {
		if row.FirstSeen.Before(first) {
			first = row.FirstSeen
		}
		last = later(last, row.LastSeen)
	}
	full["repositoryID"], full["firstSeen"] = strconv.Itoa(rows[0].Repository), c.epoch(first)
	full["lastSeen"], full["lastScan"] = c.epoch(last), c.epoch(last)
	return full
}

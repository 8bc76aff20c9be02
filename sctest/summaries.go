package sctest

// Summaries by host and by plugin.

import (
	"maps"
	"net/netip"
	"strings"
)

// hostOf tells the hosts of a summary apart.
type hostOf struct {
	repository int
	addr       netip.Addr
	dns, uuid  string
}

func hostKeyOf(r record) hostOf {
	return hostOf{r.repository, r.addr, strings.ToLower(r.identity.dns), r.identity.uuid}
}

// severityScores are what a finding adds to the score of its host.
var severityScores = []int{0, 1, 3, 10, 40}

func sumIP(a *Analysis, rows []record) []object {
	var out []object
	for _, group := range groupBy(rows, hostKeyOf) {
		first := group[0]
		authRun, unauthRun := "", ""
		for _, r := range group {
			if r.plugin == pluginScanInfo {
				authRun, unauthRun = lastRuns(r)
			}
		}
		row := object{
			"ip": first.addr.String(), "uuid": first.identity.uuid,
			"macAddress": first.identity.mac, "policyName": serverUUID + "-621/Full Safe Scan", "pluginSet": a.net.feed,
			"netbiosName": first.identity.netbios, "dnsName": first.identity.dns, "osCPE": "", "biosGUID": "", "tpmID": "",
			"mcafeeGUID": "", "lastAuthRun": authRun, "lastUnauthRun": unauthRun, "uniqueness": uniqueness(first),
			"repository": a.rowRepository(first.repository),
		}
		maps.Copy(row, a.counts(group))
		out = append(out, row)
	}
	return out
}

// counts are the columns that weigh a group of rows.
func (a *Analysis) counts(group []record) object {
	bySeverity := make([]int, len(severityNames))
	score := 0
	for _, r := range group {
		severity := a.plugin(r).Severity
		bySeverity[severity]++
		score += severityScores[severity]
	}
	out := object{"score": text(score), "total": text(len(group))}
	for severity, name := range severityNames {
		out["severity"+name] = text(bySeverity[severity])
	}
	return out
}

// lastRuns reads from the scan information whether the last scan had logged in; the other time is empty.
func lastRuns(r record) (authenticated, unauthenticated string) {
	if strings.Contains(r.text, "Credentialed checks : yes") {
		return epoch(r.lastSeen), ""
	}
	return "", epoch(r.lastSeen)
}

func sumID(a *Analysis, rows []record) []object {
	var out []object
	for _, group := range byPlugin(rows) {
		row := a.pluginColumns(group)
		row["hostTotal"] = text(len(groupBy(group, hostKeyOf)))
		out = append(out, row)
	}
	return out
}

func (a *Analysis) pluginColumns(group []record) object {
	p := a.plugin(group[0])
	return object{
		"pluginID": text(p.ID), "total": text(len(group)), "severity": a.severity(p), "name": p.Name,
		"family": familyObject(a.net.catalog.families[p.Family]),
	}
}

func vulnIPDetail(a *Analysis, rows []record) []object {
	var out []object
	for _, group := range byPlugin(rows) {
		var hosts []object
		for _, inRepository := range groupBy(group, func(r record) int { return r.repository }) {
			var list []object
			for _, host := range groupBy(inRepository, hostKeyOf) {
				id := host[0].identity
				list = append(list, object{
					"ip": host[0].addr.String(), "uuid": host[0].identity.uuid, "macAddress": id.mac, "netbiosName": id.netbios, "dnsName": id.dns,
				})
			}
			hosts = append(hosts, object{"iplist": list, "repository": a.numberedRepository(inRepository[0].repository)})
		}
		row := a.pluginColumns(group)
		row["pluginDescription"] = "What " + a.plugin(group[0]).Name + " is about."
		row["hosts"] = hosts
		out = append(out, row)
	}
	return out
}

// vulnIPSummary writes addresses as one text, where vulnIPDetail has a list.
func vulnIPSummary(a *Analysis, rows []record) []object {
	var out []object
	for _, group := range byPlugin(rows) {
		var hosts []object
		for _, inRepository := range groupBy(group, func(r record) int { return r.repository }) {
			var addrs []netip.Addr
			for _, r := range inRepository {
				addrs = append(addrs, r.addr)
			}
			hosts = append(hosts, object{
				"iplist": formatSet(setOf(addrs)), "uuidIPsList": "", "repository": a.rowRepository(inRepository[0].repository),
			})
		}
		row := a.pluginColumns(group)
		row["pluginDescription"] = "What " + a.plugin(group[0]).Name + " is about."
		row["hosts"] = hosts
		out = append(out, row)
	}
	return out
}

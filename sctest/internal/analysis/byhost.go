package analysis

// Summaries by host and by plugin.

import (
	"maps"
	"net/netip"
	"strconv"
	"strings"

	"patchproof/sctest/internal/addresses"
	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
	"patchproof/sctest/internal/scenario"
)

// hostOf tells the hosts of a summary apart.
type hostOf struct {
	repository int
	addr       netip.Addr
	dns, uuid  string
}

func hostKeyOf(r network.Row) hostOf {
	return hostOf{r.Repository, r.Addr, strings.ToLower(r.Identity.DNS), r.Identity.UUID}
}

// severityScores are what a finding adds to the score of its host.
var severityScores = []int{0, 1, 3, 10, 40}

func sumIP(a *Request, rows []network.Row) []object {
	var out []object
	for _, group := range groupBy(rows, hostKeyOf) {
		first := group[0]
		authRun, unauthRun := "", ""
		for _, r := range group {
			if r.Plugin == scenario.PluginScanInfo {
				authRun, unauthRun = lastRuns(r)
			}
		}
		row := object{
			"ip": first.Addr.String(), "uuid": first.Identity.UUID,
			"macAddress": first.Identity.MAC, "policyName": network.ServerUUID + "-621/Full Safe Scan", "pluginSet": a.Network.Feed,
			"netbiosName": first.Identity.Netbios, "dnsName": first.Identity.DNS, "osCPE": "", "biosGUID": "", "tpmID": "",
			"mcafeeGUID": "", "lastAuthRun": authRun, "lastUnauthRun": unauthRun, "uniqueness": uniqueness(first),
			"repository": a.rowRepository(first.Repository),
		}
		maps.Copy(row, a.counts(group))
		out = append(out, row)
	}
	return out
}

// counts are the columns that weigh a group of rows.
func (a *Request) counts(group []network.Row) object {
	bySeverity := make([]int, len(severityNames))
	score := 0
	for _, r := range group {
		severity := a.plugin(r).Severity
		bySeverity[severity]++
		score += severityScores[severity]
	}
	out := object{"score": strconv.Itoa(score), "total": strconv.Itoa(len(group))}
	for severity, name := range severityNames {
		out["severity"+name] = strconv.Itoa(bySeverity[severity])
	}
	return out
}

// lastRuns reads from the scan information whether the last scan had logged in; the other time is empty.
func lastRuns(r network.Row) (authenticated, unauthenticated string) {
	if strings.Contains(r.Text, "Credentialed checks : yes") {
		return dialect.Epoch(r.LastSeen), ""
	}
	return "", dialect.Epoch(r.LastSeen)
}

func sumID(a *Request, rows []network.Row) []object {
	var out []object
	for _, group := range byPlugin(rows) {
		row := a.pluginColumns(group)
		row["hostTotal"] = strconv.Itoa(len(groupBy(group, hostKeyOf)))
		out = append(out, row)
	}
	return out
}

func (a *Request) pluginColumns(group []network.Row) object {
	p := a.plugin(group[0])
	return object{
		"pluginID": strconv.Itoa(p.ID), "total": strconv.Itoa(len(group)), "severity": a.severity(p), "name": p.Name,
		"family": dialect.Family(a.Network.Catalog.Families[p.Family]),
	}
}

func vulnIPDetail(a *Request, rows []network.Row) []object {
	var out []object
	for _, group := range byPlugin(rows) {
		var hosts []object
		for _, inRepository := range groupBy(group, func(r network.Row) int { return r.Repository }) {
			var list []object
			for _, host := range groupBy(inRepository, hostKeyOf) {
				id := host[0].Identity
				list = append(list, object{
					"ip": host[0].Addr.String(), "uuid": host[0].Identity.UUID, "macAddress": id.MAC, "netbiosName": id.Netbios, "dnsName": id.DNS,
				})
			}
			hosts = append(hosts, object{"iplist": list, "repository": a.numberedRepository(inRepository[0].Repository)})
		}
		row := a.pluginColumns(group)
		row["pluginDescription"] = "What " + a.plugin(group[0]).Name + " is about."
		row["hosts"] = hosts
		out = append(out, row)
	}
	return out
}

// vulnIPSummary writes addresses as one text, where vulnIPDetail has a list.
func vulnIPSummary(a *Request, rows []network.Row) []object {
	var out []object
	for _, group := range byPlugin(rows) {
		var hosts []object
		for _, inRepository := range groupBy(group, func(r network.Row) int { return r.Repository }) {
			var addrs []netip.Addr
			for _, r := range inRepository {
				addrs = append(addrs, r.Addr)
			}
			hosts = append(hosts, object{
				"iplist": addresses.Format(addresses.Of(addrs)), "uuidIPsList": "", "repository": a.rowRepository(inRepository[0].Repository),
			})
		}
		row := a.pluginColumns(group)
		row["pluginDescription"] = "What " + a.plugin(group[0]).Name + " is about."
		row["hosts"] = hosts
		out = append(out, row)
	}
	return out
}

package analysis

// Summaries: rows gathered by host, by plugin or by something else.

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
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
		authRun, unauthRun, policy, set := "", "", "", ""
		for _, r := range group {
			if r.Plugin == scenario.PluginScanInfo {
				authRun, unauthRun = a.lastRuns(r)
				policy, set = lineOf(r.Text, "Scan policy used"), lineOf(r.Text, "Plugin feed version")
			}
		}
		row := object{
			"ip": a.Network.AddressText(first.Addr), "uuid": first.Identity.UUID,
			"macAddress": first.Identity.MAC, "policyName": policy, "pluginSet": set,
			"netbiosName": first.Identity.NetBIOS, "dnsName": first.Identity.DNS, "osCPE": "", "biosGUID": "", "tpmID": "",
			"mcafeeGUID": "", "lastAuthRun": authRun, "lastUnauthRun": unauthRun, "uniqueness": uniqueness(first),
			"repository": a.rowRepository(first.Repository),
		}
		maps.Copy(row, a.counts(group))
		out = append(out, row)
	}
	return out
}

// Host is the line of the first host of some rows.
func (a *Request) Host(rows []network.Row) map[string]any { return sumIP(a, rows)[0] }

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
func (a *Request) lastRuns(r network.Row) (authenticated, unauthenticated string) {
	if strings.Contains(r.Text, "Credentialed checks : yes") {
		return a.epoch(r.LastSeen), ""
	}
	return "", a.epoch(r.LastSeen)
}

// lineOf is what the scan information says under a name.
func lineOf(text, name string) string {
	_, rest, _ := strings.Cut(text, "\n"+name+" : ")
	line, _, _ := strings.Cut(rest, "\n")
	return line
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

// withHosts writes a line for each plugin, with its hosts by repository.
func (a *Request) withHosts(rows []network.Row, hosts func(inRepository []network.Row) object) []object {
	var out []object
	for _, group := range byPlugin(rows) {
		var list []object
		for _, inRepository := range groupBy(group, func(r network.Row) int { return r.Repository }) {
			list = append(list, hosts(inRepository))
		}
		row := a.pluginColumns(group)
		row["pluginDescription"] = "What " + a.plugin(group[0]).Name + " is about."
		row["hosts"] = list
		out = append(out, row)
	}
	return out
}

func vulnIPDetail(a *Request, rows []network.Row) []object {
	return a.withHosts(rows, func(inRepository []network.Row) object {
		var list []object
		for _, host := range groupBy(inRepository, hostKeyOf) {
			id := host[0].Identity
			list = append(list, object{
				"ip": a.Network.AddressText(host[0].Addr), "uuid": id.UUID, "macAddress": id.MAC, "netbiosName": id.NetBIOS, "dnsName": id.DNS,
			})
		}
		return object{"iplist": list, "repository": a.numberedRepository(inRepository[0].Repository)}
	})
}

// vulnIPSummary writes addresses as one text, where vulnIPDetail has a list.
// The repository's ID stands beside the hosts.
func vulnIPSummary(a *Request, rows []network.Row) []object {
	out := a.withHosts(rows, func(inRepository []network.Row) object {
		return object{
			"iplist": repeatedAddrs(inRepository), "uuidIPsList": "", "repository": a.rowRepository(inRepository[0].Repository),
		}
	})
	for i, group := range byPlugin(rows) {
		out[i]["repositoryID"] = strconv.Itoa(group[0].Repository)
	}
	return out
}

// repeatedAddrs writes an address as often as it has rows, and neighbours as a range.
func repeatedAddrs(rows []network.Row) string {
	var addrs []netip.Addr
	for _, r := range rows {
		addrs = append(addrs, r.Addr)
	}
	slices.SortFunc(addrs, netip.Addr.Compare)
	var parts []string
	for i := 0; i < len(addrs); {
		end := i
		for end+1 < len(addrs) && addrs[end+1] == addrs[end].Next() {
			end++
		}
		part := addrs[i].String()
		if end > i {
			part += "-" + addrs[end].String()
		}
		parts = append(parts, part)
		i = end + 1
	}
	return strings.Join(parts, ",")
}

func formatAddrs(rows []network.Row) string {
	var addrs []netip.Addr
	for _, r := range rows {
		addrs = append(addrs, r.Addr)
	}
	return addresses.Format(addresses.Of(addrs))
}

func sumSeverity(a *Request, rows []network.Row) []object {
	out := []object{}
	count := map[int]int{}
	for _, r := range rows {
		count[a.plugin(r).Severity]++
	}
	// All of them are listed, the worst first.
	for severity := range slices.Backward(severityNames) {
		out = append(out, object{"severity": a.severity(scenario.Plugin{Severity: severity}), "count": strconv.Itoa(count[severity])})
	}
	return out
}

// sumCVE counts a row under each of its plugin's CVEs.
func sumCVE(a *Request, rows []network.Row) []object {
	groups := map[string][]network.Row{}
	var order []string
	for _, r := range rows {
		for _, cve := range a.plugin(r).CVEs {
			if groups[cve] == nil {
				order = append(order, cve)
			}
			groups[cve] = append(groups[cve], r)
		}
	}
	slices.Sort(order)
	out := []object{}
	for _, cve := range order {
		group := groups[cve]
		worst := slices.MaxFunc(group, func(x, y network.Row) int { return cmp.Compare(a.plugin(x).Severity, a.plugin(y).Severity) })
		out = append(out, object{
			"cveID": cve, "total": strconv.Itoa(len(group)), "hostTotal": strconv.Itoa(len(groupBy(group, hostKeyOf))),
			"severity": a.severity(a.plugin(worst)),
		})
	}
	return out
}

func sumDNSName(a *Request, rows []network.Row) []object {
	type nameIn struct {
		repository int
		dns        string
	}
	// Hosts without a name are not in it.
	named := slices.DeleteFunc(slices.Clone(rows), func(r network.Row) bool { return r.Identity.DNS == "" })
	return weigh(a, named, func(r network.Row) nameIn { return nameIn{r.Repository, strings.ToLower(r.Identity.DNS)} }, func(r network.Row) object {
		return object{"dnsName": r.Identity.DNS, "repository": a.rowRepository(r.Repository)}
	})
}

func sumFamily(a *Request, rows []network.Row) []object {
	return weigh(a, rows, func(r network.Row) int { return a.plugin(r).Family }, func(r network.Row) object {
		return object{"family": dialect.Family(a.Network.Catalog.Families[a.plugin(r).Family])}
	})
}

func sumPort(a *Request, rows []network.Row) []object {
	return weigh(a, rows, func(r network.Row) int { return r.Port }, func(r network.Row) object { return object{"port": strconv.Itoa(r.Port)} })
}

func sumProtocol(a *Request, rows []network.Row) []object {
	return weigh(a, rows, func(r network.Row) string { return r.Protocol }, func(r network.Row) object { return object{"protocol": r.Protocol} })
}

// weigh writes a line for each group: what its first row says of it, and its counts.
func weigh[K comparable](a *Request, rows []network.Row, by func(network.Row) K, head func(network.Row) object) []object {
	out := []object{}
	for _, group := range groupBy(rows, by) {
		line := a.counts(group)
		maps.Copy(line, head(group[0]))
		out = append(out, line)
	}
	return out
}

// groupBy collects rows under a key, in the order of the keys' first appearance.
func groupBy[K comparable](rows []network.Row, of func(network.Row) K) [][]network.Row {
	var groups [][]network.Row
	index := map[K]int{}
	for _, r := range rows {
		k := of(r)
		i, known := index[k]
		if !known {
			i = len(groups)
			index[k] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], r)
	}
	return groups
}

func byPlugin(rows []network.Row) [][]network.Row {
	groups := groupBy(rows, func(r network.Row) int { return r.Plugin })
	slices.SortFunc(groups, func(a, b []network.Row) int { return cmp.Compare(a[0].Plugin, b[0].Plugin) })
	return groups
}

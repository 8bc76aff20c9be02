package analysis

// Summaries by anything else than host and plugin.

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
	"patchproof/sctest/internal/scenario"
)

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
			"cveID": cve, "total": strconv.Itoa(len(group)), "hostTotal": strconv.Itoa(len(groupBy(group, hostKeyOf))), "severity": a.severity(a.plugin(worst)),
		})
	}
	return out
}

func sumDNSName(a *Request, rows []network.Row) []object {
	type nameIn struct {
		repository int
		dns        string
	}
	return weigh(a, rows, func(r network.Row) nameIn { return nameIn{r.Repository, strings.ToLower(r.Identity.DNS)} }, func(r network.Row) object {
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

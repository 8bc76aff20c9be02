package sctest

// Summaries by anything else than host and plugin.

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

func sumSeverity(a *Analysis, rows []record) []object {
	out := []object{}
	count := map[int]int{}
	for _, r := range rows {
		count[a.plugin(r).Severity]++
	}
	// All of them are listed, the worst first.
	for severity := range slices.Backward(severityNames) {
		out = append(out, object{"severity": a.severity(Plugin{Severity: severity}), "count": text(count[severity])})
	}
	return out
}

// sumCVE counts a row under each of its plugin's CVEs.
func sumCVE(a *Analysis, rows []record) []object {
	groups := map[string][]record{}
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
		worst := slices.MaxFunc(group, func(x, y record) int { return cmp.Compare(a.plugin(x).Severity, a.plugin(y).Severity) })
		out = append(out, object{
			"cveID": cve, "total": text(len(group)), "hostTotal": text(len(groupBy(group, hostKeyOf))), "severity": a.severity(a.plugin(worst)),
		})
	}
	return out
}

func sumDNSName(a *Analysis, rows []record) []object {
	type nameIn struct {
		repository int
		dns        string
	}
	return weigh(a, rows, func(r record) nameIn { return nameIn{r.repository, strings.ToLower(r.identity.dns)} }, func(r record) object {
		return object{"dnsName": r.identity.dns, "repository": a.rowRepository(r.repository)}
	})
}

func sumFamily(a *Analysis, rows []record) []object {
	return weigh(a, rows, func(r record) int { return a.plugin(r).Family }, func(r record) object {
		return object{"family": familyObject(a.net.catalog.families[a.plugin(r).Family])}
	})
}

func sumPort(a *Analysis, rows []record) []object {
	return weigh(a, rows, func(r record) int { return r.port }, func(r record) object { return object{"port": text(r.port)} })
}

func sumProtocol(a *Analysis, rows []record) []object {
	return weigh(a, rows, func(r record) string { return r.protocol }, func(r record) object { return object{"protocol": r.protocol} })
}

// weigh writes a line for each group: what its first row says of it, and its counts.
func weigh[K comparable](a *Analysis, rows []record, by func(record) K, head func(record) object) []object {
	out := []object{}
	for _, group := range groupBy(rows, by) {
		line := a.counts(group)
		maps.Copy(line, head(group[0]))
		out = append(out, line)
	}
	return out
}

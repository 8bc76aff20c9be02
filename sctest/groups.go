package sctest

// Summaries by anything else than host and plugin.

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

func sumSeverity(w *world, rows []record) []object {
	out := []object{}
	count := map[int]int{}
	for _, r := range rows {
		count[w.plugin(r).Severity]++
	}
	// All of them are listed, the worst first.
	for severity := range slices.Backward(severityNames) {
		out = append(out, object{"severity": w.severity(Plugin{Severity: severity}), "count": text(count[severity])})
	}
	return out
}

// sumCVE counts a row under each of its plugin's CVEs.
func sumCVE(w *world, rows []record) []object {
	groups := map[string][]record{}
	var order []string
	for _, r := range rows {
		for _, cve := range w.plugin(r).CVEs {
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
		worst := slices.MaxFunc(group, func(a, b record) int { return cmp.Compare(w.plugin(a).Severity, w.plugin(b).Severity) })
		out = append(out, object{
			"cveID": cve, "total": text(len(group)), "hostTotal": text(len(groupBy(group, hostKeyOf))), "severity": w.severity(w.plugin(worst)),
		})
	}
	return out
}

func sumDNSName(w *world, rows []record) []object {
	type nameIn struct {
		repository int
		dns        string
	}
	return weigh(w, rows, func(r record) nameIn { return nameIn{r.repository, strings.ToLower(r.identity.dns)} }, func(r record) object {
		return object{"dnsName": r.identity.dns, "repository": w.rowRepository(r.repository)}
	})
}

func sumFamily(w *world, rows []record) []object {
	return weigh(w, rows, func(r record) int { return w.plugin(r).Family }, func(r record) object {
		return object{"family": w.catalog.families[w.plugin(r).Family].object()}
	})
}

func sumPort(w *world, rows []record) []object {
	return weigh(w, rows, func(r record) int { return r.port }, func(r record) object { return object{"port": text(r.port)} })
}

func sumProtocol(w *world, rows []record) []object {
	return weigh(w, rows, func(r record) string { return r.protocol }, func(r record) object { return object{"protocol": r.protocol} })
}

// weigh writes a line for each group: what its first row says of it, and its counts.
func weigh[K comparable](w *world, rows []record, by func(record) K, head func(record) object) []object {
	out := []object{}
	for _, group := range groupBy(rows, by) {
		line := w.counts(group)
		maps.Copy(line, head(group[0]))
		out = append(out, line)
	}
	return out
}

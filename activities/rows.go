package activities

// Security Center's rows in the domain's words, and bounded.

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"patchproof/remediation"
	"patchproof/sclient"
)

// finding translates a row of Security Center into the domain's words.
func finding(v sclient.Vuln) remediation.Finding {
	return remediation.Finding{
		Host:         host(v),
		Port:         port(v.Port),
		Protocol:     protocol(v.Protocol),
		FirstSeen:    v.FirstSeen.Time,
		LastSeen:     v.LastSeen.Time,
		RiskAccepted: bool(v.AcceptRisk),
		RiskRecast:   bool(v.RecastRisk),
		FromAgent:    fromAgent(v),
		Output:       remediation.Clip(v.Output(), maxOutput),
	}
}

func port(p sclient.Port) int {
	if !p.Known {
		return remediation.NoPort
	}
	return p.Number
}

// protocol is TCP, UDP or another name of some letters; what is longer is none. Filters have the protocols by their numbers, and
// some servers' rows as well.
func protocol(name string) string {
	const longest = 8
	if len(name) > longest {
		return ""
	}
	switch name = strings.ToUpper(strings.TrimSpace(name)); name {
	case "1":
		return "ICMP"
	case "6":
		return "TCP"
	case "17":
		return "UDP"
	}
	return strings.Clone(name)
}

// host is who a row is about. Its texts are bounded: a DNS name has 253 characters, a NetBIOS name and its domain 15 each, a
// UUID 36, and of a list of MAC addresses the first ones do.
func host(v sclient.Vuln) remediation.Host {
	h := remediation.Host{
		Address: remediation.Clip(v.IP, 64), DNSName: remediation.Clip(v.DNSName, 253), NetBIOS: remediation.Clip(v.NetBIOSName, 64),
		MAC: remediation.Clip(v.MACAddress, 128), UUID: remediation.Clip(cmp.Or(v.UUID, v.HostUUID), 64),
	}
	if addr, ok := h.Addr(); ok {
		h.Address = addr.String()
	}
	return h
}

// proofRow is what accounts need of a row of a proof plugin, in memory of its own.
func proofRow(v sclient.Vuln) sclient.Vuln {
	h := host(v)
	return sclient.Vuln{
		PluginID: v.PluginID, IP: h.Address, DNSName: h.DNSName, NetBIOSName: h.NetBIOS, MACAddress: h.MAC, UUID: h.UUID,
		Port: v.Port, Protocol: protocol(v.Protocol), LastSeen: v.LastSeen, PluginText: strings.Clone(v.PluginText[:min(len(v.PluginText), maxReport)]),
	}
}

// fromAgent: a host of an agent repository, or in a universal one a row that is told apart by the agent's UUID instead
// of the address (the server's own "uniqueness").
func fromAgent(v sclient.Vuln) bool {
	if strings.EqualFold(v.Repository.DataFormat, "agent") {
		return true
	}
	unique := cmp.Or(v.HostUniqueness, v.Uniqueness)
	return strings.EqualFold(v.Repository.DataFormat, "universal") && strings.Contains(unique, "uuid") && !strings.Contains(unique, "ip")
}

const (
	// maxOutput bounds one finding's text; the whole text stays in Security Center.
	maxOutput = 1000
	// maxTexts bounds all texts of one answer together, so that the payloads of a large ticket stay below 256 KiB.
	maxTexts = 32 << 10
	// pageRows and pagesAhead bound what a query holds of answers as long as the client takes them, which have 24 MB then. Few
	// verifications have more rows than one page.
	pageRows, pagesAhead = 500, 1
	// maxName bounds the names of plugins, families, policies and the like, which have some dozens of characters.
	maxName = 250
)

// limitTexts keeps the texts of a list until together they are too long, and says of the others that they were there.
func limitTexts[T any](list []T, text func(*T) *string) {
	total := 0
	for i := range list {
		t := text(&list[i])
		if total += len(*t); total > maxTexts && *t != "" {
			*t = "…"
		}
	}
}

// collect gathers what is wanted of the rows of a query, and no more than most: whoever answers with more has no end.
func collect[T any](ctx context.Context, sc SecurityCenter, query sclient.VulnQuery, most int, want func(sclient.Vuln) (T, bool)) ([]T, error) {
	var out []T
	query.PageSize, query.PagesAhead = pageRows, pagesAhead
	for row, err := range sc.Vulns(ctx, query) {
		if err != nil {
			return nil, err
		}
		if wanted, ok := want(row); ok {
			if len(out) == most {
				return nil, tooManyError(most)
			}
			out = append(out, wanted)
		}
	}
	return out, nil
}

// tooManyError is how many rows were the most that could be taken.
type tooManyError int

func (most tooManyError) Error() string {
	return fmt.Sprintf("Security Center answers with more than %d rows for this verification", int(most))
}

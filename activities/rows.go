package activities

// Security Center's rows in the domain's words, and bounded.

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"
	"time"

	"patchproof/remediation"
	"patchproof/sclient"
)

// finding translates a row of Security Center into the domain's words.
func finding(v sclient.Vuln) remediation.Finding {
	return remediation.Finding{
		Host:         host(v),
		Port:         int(v.Port),
		Protocol:     strings.ToUpper(v.Protocol),
		FirstSeen:    v.FirstSeen.Time,
		LastSeen:     v.LastSeen.Time,
		RiskAccepted: bool(v.AcceptRisk),
		FromAgent:    fromAgent(v),
		Output:       clip(v.Output()),
	}
}

func host(v sclient.Vuln) remediation.Host {
	return remediation.Host{
		Address: v.IP, DNSName: v.DNSName, NetBIOS: v.NetBIOSName, MAC: v.MACAddress, UUID: v.UUID,
	}
}

// fromAgent: a host of an agent repository, or in a universal one a row that is told apart by the agent's UUID instead
// of the address (the server's own "uniqueness").
func fromAgent(v sclient.Vuln) bool {
	if v.Repository.DataFormat == "agent" {
		return true
	}
	unique := cmp.Or(v.HostUniqueness, v.Uniqueness)
	return v.Repository.DataFormat == "universal" && strings.Contains(unique, "uuid") && !strings.Contains(unique, "ip")
}

const (
	// maxOutput bounds one finding's text; the whole text stays in Security Center.
	maxOutput = 1000
	// maxTexts bounds all texts of one answer together, so that the payloads of a large ticket stay below 256 KiB.
	maxTexts = 32 << 10
)

func clip(text string) string {
	if len(text) > maxOutput {
		text = strings.ToValidUTF8(text[:maxOutput], "") + " …"
	}
	return text
}

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

var (
	feedLine  = regexp.MustCompile(`(?mi)^\s*Plugin feed version\s*:\s*(\d{12})`)
	thorough  = regexp.MustCompile(`(?mi)^\s*Thorough tests\s*:\s*yes`)
	loginLine = regexp.MustCompile(`(?mi)^\s*Credentialed checks\s*:\s*(\w+)`)
)

// report reads a host's scan information (plugin 19506): that it was checked, with which plugins, and logged in or not.
func report(v sclient.Vuln) remediation.HostScan {
	h := remediation.HostScan{Host: host(v), Report: cmp.Or(clip(v.Output()), "present, without text"), Thorough: thorough.MatchString(v.PluginText)}
	if m := feedLine.FindStringSubmatch(v.PluginText); m != nil {
		// The feed's version is the minute of its release, in UTC.
		if feed, err := time.Parse("200601021504", m[1]); err == nil {
			h.Feed = feed
		}
	}
	if m := loginLine.FindStringSubmatch(v.PluginText); m != nil {
		h.Credentials = remediation.LoginNo
		if strings.EqualFold(m[1], "yes") {
			h.Credentials = remediation.LoginYes
		}
	}
	return h
}

// collect gathers the rows of a query that are wanted.
func collect(ctx context.Context, sc SecurityCenter, query sclient.VulnQuery, want func(sclient.Vuln) bool) ([]sclient.Vuln, error) {
	var rows []sclient.Vuln
	for row, err := range sc.Vulns(ctx, query) {
		if err != nil {
			return nil, err
		}
		if want(row) {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

func findings(rows []sclient.Vuln) []remediation.Finding {
	out := make([]remediation.Finding, 0, len(rows))
	for _, row := range rows {
		out = append(out, finding(row))
	}
	limitTexts(out, func(f *remediation.Finding) *string { return &f.Output })
	return out
}

// ofPlugin keeps the rows of one plugin.
func ofPlugin(rows []sclient.Vuln, plugin int) []sclient.Vuln {
	return slices.DeleteFunc(slices.Clone(rows), func(v sclient.Vuln) bool { return int(v.PluginID) != plugin })
}

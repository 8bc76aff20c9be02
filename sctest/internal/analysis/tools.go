package analysis

// The tools of an analysis, and those that list rows.

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
	"patchproof/sctest/internal/scenario"
)

type tool struct {
	make    func(*Request, []network.Row) []object
	columns []string
	// bare tools answer their own shape, without paging.
	bare func([]object) object
	// elements is the number that servers call matchingDataElementCount and that is not a count.
	elements func(a *Request, rows []network.Row) string
}

var tools = map[string]tool{
	"listvuln":      {make: listVuln, columns: listColumns, elements: noElements},
	"vulndetails":   {make: vulnDetails, columns: detailColumns, elements: noElements},
	"sumip":         {make: sumIP, columns: sumIPColumns, elements: scoredTuple},
	"sumid":         {make: sumID, columns: sumIDColumns, elements: noElements},
	"vulnipdetail":  {make: vulnIPDetail, columns: sumIDColumns, elements: rowCount},
	"vulnipsummary": {make: vulnIPSummary, columns: sumIDColumns, elements: rowCount},
	"sumseverity":   {make: sumSeverity, columns: []string{"severity", "count"}, elements: tuple},
	"sumcve":        {make: sumCVE, columns: []string{"cveID", "total", "hostTotal", "severity"}, elements: longTuple},
	"sumdnsname":    {make: sumDNSName, columns: append([]string{"dnsName", "repository"}, countColumns...), elements: scoredTuple},
	"sumfamily":     {make: sumFamily, columns: append([]string{"family"}, countColumns...), elements: scoredTuple},
	"sumport":       {make: sumPort, columns: append([]string{"port"}, countColumns...), elements: scoredTuple},
	"sumprotocol":   {make: sumProtocol, columns: append([]string{"protocol"}, countColumns...), elements: scoredTuple},
	"iplist":        {make: ipList, bare: numbered},
}

var (
	listColumns = []string{
		"pluginID", "severity", "ip", "uuid", "port", "protocol", "name", "dnsName", "macAddress", "netbiosName", "uniqueness", "family",
		"repository", "pluginInfo",
	}
	detailColumns = []string{
		"pluginID", "severity", "hasBeenMitigated", "acceptRisk", "recastRisk", "ip", "uuid", "port", "protocol", "pluginName", "firstSeen",
		"lastSeen", "exploitAvailable", "exploitEase", "exploitFrameworks", "synopsis", "description", "solution", "seeAlso", "riskFactor",
		"stigSeverity", "baseScore", "temporalScore", "cvssVector", "cvssV3BaseScore", "cvssV3TemporalScore", "cvssV3Vector", "vprScore",
		"cpe", "vulnPubDate", "patchPubDate", "pluginPubDate", "pluginModDate", "checkType", "version", "cve", "bid", "xref", "pluginText",
		"dnsName", "macAddress", "netbiosName", "uniqueness", "family", "repository", "pluginInfo",
	}
	sumIPColumns = append([]string{
		"ip", "uuid", "macAddress", "netbiosName", "dnsName", "repository", "lastAuthRun", "lastUnauthRun", "policyName", "pluginSet", "osCPE",
		"biosGUID", "tpmID", "mcafeeGUID", "uniqueness",
	}, countColumns...)
	countColumns = []string{
		"score", "total", "severityInfo", "severityLow", "severityMedium", "severityHigh", "severityCritical",
	}
	sumIDColumns = []string{"pluginID", "total", "severity", "name", "hostTotal", "family"}
)

func noElements(*Request, []network.Row) string { return "-1" }

func rowCount(_ *Request, rows []network.Row) string { return strconv.Itoa(len(rows)) }

// tuple is what summaries have instead of a count: all rows, then those of each severity, the worst first.
func tuple(a *Request, rows []network.Row) string {
	counts := a.counts(rows)
	parts := []string{dialect.SortKey(counts["total"])}
	for _, name := range slices.Backward(severityNames) {
		parts = append(parts, dialect.SortKey(counts["severity"+name]))
	}
	return strings.Join(parts, ":")
}

// scoredTuple also has the score.
func scoredTuple(a *Request, rows []network.Row) string {
	return tuple(a, rows) + ":" + dialect.SortKey(a.counts(rows)["score"])
}

// longTuple is that of the CVEs, with nothing between its ends.
func longTuple(_ *Request, rows []network.Row) string {
	return fmt.Sprintf("%d:0:0:0:0:0:0:%d", len(rows), len(rows))
}

func listVuln(a *Request, rows []network.Row) []object {
	out := make([]object, 0, len(rows))
	for _, r := range rows {
		p := a.plugin(r)
		row := a.identityColumns(r)
		row["name"] = p.Name
		row["repository"] = a.numberedRepository(r.Repository)
		out = append(out, row)
	}
	return out
}

// identityColumns are those that all lists of rows have.
func (a *Request) identityColumns(r network.Row) object {
	p := a.plugin(r)
	return object{
		"pluginID": strconv.Itoa(p.ID), "severity": a.severity(p), "ip": a.Network.AddressText(r.Addr), "uuid": r.Identity.UUID, "port": strconv.Itoa(r.Port),
		"protocol": r.Protocol, "dnsName": r.Identity.DNS, "macAddress": r.Identity.MAC, "netbiosName": r.Identity.NetBIOS,
		"uniqueness": uniqueness(r), "family": dialect.Family(a.Network.Catalog.Families[p.Family]), "repository": a.rowRepository(r.Repository),
		"pluginInfo": fmt.Sprintf("%d (%d/%d) %s", p.ID, r.Port, protocolNumber(r.Protocol), p.Name),
	}
}

func vulnDetails(a *Request, rows []network.Row) []object {
	out := make([]object, 0, len(rows))
	for _, r := range rows {
		p := a.plugin(r)
		row := a.identityColumns(r)
		maps.Copy(row, a.detailValues(r, p))
		if a.Version.AtLeast(6, 0) {
			maps.Copy(row, a.newerValues(r))
		}
		out = append(out, row)
	}
	return out
}

func (a *Request) detailValues(r network.Row, p scenario.Plugin) object {
	exploit := "No"
	if p.ExploitAvailable {
		exploit = "Yes"
	}
	values := object{
		"hasBeenMitigated": zeroOne(r.Reopened), "acceptRisk": zeroOne(r.Accepted), "recastRisk": zeroOne(r.Recast),
		"pluginName": p.Name, "firstSeen": a.epoch(r.FirstSeen), "lastSeen": a.epoch(r.LastSeen), "exploitAvailable": exploit,
		"synopsis": p.Synopsis(), "description": "What " + p.Name + " is about.", "solution": "n/a", "riskFactor": dialect.RiskFactors[p.Severity],
		"vulnPubDate": "-1", "patchPubDate": "-1", "pluginPubDate": a.epoch(p.PublishedAt()), "pluginModDate": a.epoch(p.ModifiedAt()),
		"checkType": p.CheckType, "version": "1.1", "cve": strings.Join(p.CVEs, ","),
		"pluginText": "<plugin_output>" + r.Text + "</plugin_output>",
	}
	for _, column := range []string{
		"exploitEase", "exploitFrameworks", "seeAlso", "stigSeverity", "baseScore", "temporalScore", "cvssVector", "cvssV3BaseScore",
		"cvssV3TemporalScore", "cvssV3Vector", "cpe", "bid", "xref",
	} {
		values[column] = ""
	}
	return values
}

// newerValues are columns that only the newest servers have.
func (a *Request) newerValues(r network.Row) object {
	return object{
		"ips": a.Network.AddressText(r.Addr), "recastRiskRuleComment": "", "acceptRiskRuleComment": "", "hostUniqueness": uniqueness(r),
		"hostUUID": "", "assetExposureScore": "", "vulnUniqueness": "repositoryID,ip,port,protocol,pluginID", "vulnUUID": "",
		"seolDate": "-1", "vprScore": "", "vprContext": "[]",
	}
}

var (
	severityNames        = []string{"Info", "Low", "Medium", "High", "Critical"}
	severityDescriptions = []string{"Informative", "Low Severity", "Medium Severity", "High Severity", "Critical Severity"}
)

func (a *Request) severity(p scenario.Plugin) object {
	out := object{"id": strconv.Itoa(p.Severity), "name": severityNames[p.Severity]}
	if !a.Version.AtLeast(6, 0) {
		out["description"] = severityDescriptions[p.Severity]
	}
	return out
}

var protocolNumbers = map[string]int{"icmp": 1, "tcp": 6, "udp": 17}

func protocolNumber(name string) int { return protocolNumbers[strings.ToLower(name)] }

func uniqueness(r network.Row) string {
	if r.Agent {
		return "repositoryID,uuid"
	}
	return "repositoryID,ip,dnsName"
}

// ipList writes each range of addresses as one result.
func ipList(_ *Request, rows []network.Row) []object {
	var out []object
	for _, part := range dialect.Split(formatAddrs(rows)) {
		out = append(out, object{"ip": part})
	}
	return out
}

// numbered is a list that arrives as an object, and has no total.
func numbered(results []object) object {
	out := object{"results": nil}
	for i, r := range results {
		out[strconv.Itoa(i)] = r["ip"]
	}
	return out
}

// rowRepository is the repository as analysis rows name it.
func (a *Request) rowRepository(id int) object {
	r := a.Network.Repositories[id]
	out := dialect.Reference(id, r.Name)
	out["dataFormat"] = r.DataFormat
	if a.Version.AtLeast(5, 20) {
		out["type"] = r.Type
		out["uuid"] = network.UUIDOf("repository", r.ID)
	}
	return out
}

// numberedRepository has the ID as a number on the newest servers. Rows with details keep the text: public clients decode those.
func (a *Request) numberedRepository(id int) object {
	out := a.rowRepository(id)
	if a.Version.AtLeast(6, 0) {
		out["id"] = id
	}
	return out
}

func zeroOne(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

package sctest

// The tools of an analysis: lists of rows, and summaries by host and by plugin.

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

type tool struct {
	make    func(*Analysis, []record) []object
	columns []string
	// bare tools answer their own shape, without paging.
	bare func([]object) object
	// elements is the number that servers call matchingDataElementCount and that is not a count.
	elements func(rows []record, results int) string
}

var tools = map[string]tool{
	"listvuln":      {make: listVuln, columns: listColumns, elements: noElements},
	"vulndetails":   {make: vulnDetails, columns: detailColumns, elements: noElements},
	"sumip":         {make: sumIP, columns: sumIPColumns, elements: tuple},
	"sumid":         {make: sumID, columns: sumIDColumns, elements: noElements},
	"vulnipdetail":  {make: vulnIPDetail, columns: sumIDColumns, elements: rowCount},
	"vulnipsummary": {make: vulnIPSummary, columns: sumIDColumns, elements: rowCount},
	"sumseverity":   {make: sumSeverity, columns: []string{"severity", "count"}, elements: noElements},
	"sumcve":        {make: sumCVE, columns: []string{"cveID", "total", "hostTotal", "severity"}, elements: noElements},
	"sumdnsname":    {make: sumDNSName, columns: append([]string{"dnsName", "repository"}, countColumns...), elements: noElements},
	"sumfamily":     {make: sumFamily, columns: append([]string{"family"}, countColumns...), elements: noElements},
	"sumport":       {make: sumPort, columns: append([]string{"port"}, countColumns...), elements: noElements},
	"sumprotocol":   {make: sumProtocol, columns: append([]string{"protocol"}, countColumns...), elements: noElements},
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
	sumIPColumns = []string{
		"ip", "uuid", "score", "total", "severityInfo", "severityLow", "severityMedium", "severityHigh", "severityCritical", "macAddress",
		"netbiosName", "dnsName", "repository", "lastAuthRun", "lastUnauthRun", "policyName", "pluginSet", "osCPE", "biosGUID", "tpmID",
		"mcafeeGUID", "uniqueness",
	}
	countColumns = []string{
		"score", "total", "severityInfo", "severityLow", "severityMedium", "severityHigh", "severityCritical",
	}
	sumIDColumns = []string{"pluginID", "total", "severity", "name", "hostTotal", "family"}
)

func noElements([]record, int) string { return "-1" }

func rowCount(rows []record, _ int) string { return text(len(rows)) }

// tuple is what the summary by host has instead of a count.
func tuple(rows []record, _ int) string { return text(len(rows)) + ":0:0:0:0:0:0" }

func listVuln(a *Analysis, rows []record) []object {
	out := make([]object, 0, len(rows))
	for _, r := range rows {
		p := a.plugin(r)
		row := a.identityColumns(r)
		row["name"] = p.Name
		row["repository"] = a.numberedRepository(r.repository)
		out = append(out, row)
	}
	return out
}

// identityColumns are those that all lists of rows have.
func (a *Analysis) identityColumns(r record) object {
	p := a.plugin(r)
	return object{
		"pluginID": text(p.ID), "severity": a.severity(p), "ip": r.addr.String(), "uuid": r.identity.uuid, "port": text(r.port),
		"protocol": r.protocol, "dnsName": r.identity.dns, "macAddress": r.identity.mac, "netbiosName": r.identity.netbios,
		"uniqueness": uniqueness(r), "family": familyObject(a.net.catalog.families[p.Family]), "repository": a.rowRepository(r.repository),
		"pluginInfo": fmt.Sprintf("%d (%d/%d) %s", p.ID, r.port, protocolNumber(r.protocol), p.Name),
	}
}

func vulnDetails(a *Analysis, rows []record) []object {
	out := make([]object, 0, len(rows))
	for _, r := range rows {
		p := a.plugin(r)
		row := a.identityColumns(r)
		maps.Copy(row, a.detailValues(r, p))
		if a.dialect.atLeast(6, 0) {
			maps.Copy(row, newerValues(r))
		}
		out = append(out, row)
	}
	return out
}

func (a *Analysis) detailValues(r record, p Plugin) object {
	exploit := "No"
	if p.ExploitAvailable {
		exploit = "Yes"
	}
	values := object{
		"hasBeenMitigated": zeroOne(r.reopened), "acceptRisk": zeroOne(r.accepted), "recastRisk": zeroOne(r.recast),
		"pluginName": p.Name, "firstSeen": epoch(r.firstSeen), "lastSeen": epoch(r.lastSeen), "exploitAvailable": exploit,
		"synopsis": p.Name, "description": "What " + p.Name + " is about.", "solution": "n/a", "riskFactor": riskFactors[p.Severity],
		"vulnPubDate": "-1", "patchPubDate": "-1", "pluginPubDate": epoch(p.published()), "pluginModDate": epoch(p.modified()),
		"checkType": p.CheckType, "version": "1.1", "cve": strings.Join(p.CVEs, ","),
		"pluginText": "<plugin_output>" + r.text + "</plugin_output>",
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
func newerValues(r record) object {
	return object{
		"ips": r.addr.String(), "recastRiskRuleComment": "", "acceptRiskRuleComment": "", "hostUniqueness": uniqueness(r),
		"hostUUID": "", "assetExposureScore": "", "vulnUniqueness": "repositoryID,ip,port,protocol,pluginID", "vulnUUID": "",
		"seolDate": "-1", "vprScore": "", "vprContext": "[]",
	}
}

var (
	severityNames        = []string{"Info", "Low", "Medium", "High", "Critical"}
	severityDescriptions = []string{"Informative", "Low Severity", "Medium Severity", "High Severity", "Critical Severity"}
)

func (a *Analysis) severity(p Plugin) object {
	out := object{"id": text(p.Severity), "name": severityNames[p.Severity]}
	if !a.dialect.atLeast(6, 0) {
		out["description"] = severityDescriptions[p.Severity]
	}
	return out
}

var protocolNumbers = map[string]int{"icmp": 1, "tcp": 6, "udp": 17}

func protocolNumber(name string) int { return protocolNumbers[strings.ToLower(name)] }

func uniqueness(r record) string {
	if r.agent {
		return "repositoryID,uuid"
	}
	return "repositoryID,ip,dnsName"
}

// ipList writes each range of addresses as one result.
func ipList(_ *Analysis, rows []record) []object {
	var addrs []netip.Addr
	for _, r := range rows {
		addrs = append(addrs, r.addr)
	}
	var out []object
	for _, part := range splitList(formatSet(setOf(addrs))) {
		out = append(out, object{"ip": part})
	}
	return out
}

// numbered is a list that arrives as an object, and has no total.
func numbered(results []object) object {
	out := object{"results": nil}
	for i, r := range results {
		out[text(i)] = r["ip"]
	}
	return out
}

// groupBy collects rows under a key, in the order of the keys' first appearance.
func groupBy[K comparable](rows []record, of func(record) K) [][]record {
	var groups [][]record
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

func byPlugin(rows []record) [][]record {
	groups := groupBy(rows, func(r record) int { return r.plugin })
	slices.SortFunc(groups, func(a, b []record) int { return cmp.Compare(a[0].plugin, b[0].plugin) })
	return groups
}

// rowRepository is the repository as analysis rows name it.
func (a *Analysis) rowRepository(id int) object {
	r := a.net.repositories[id]
	out := reference(id, r.Name)
	out["dataFormat"] = r.DataFormat
	if a.dialect.atLeast(5, 20) {
		out["type"] = r.Type
		out["uuid"] = uuidOf("repository", r.ID)
	}
	return out
}

// numberedRepository has the ID as a number on the newest servers. Rows with details keep the text: public clients decode those.
func (a *Analysis) numberedRepository(id int) object {
	out := a.rowRepository(id)
	if a.dialect.atLeast(6, 0) {
		out["id"] = id
	}
	return out
}

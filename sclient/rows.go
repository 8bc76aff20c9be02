package sclient

// The rows of analyses, by tool.

import (
	"encoding/json"
	"hash/maphash"
	"net/netip"
	"strings"
)

// Vuln is a row of the tools listvuln and vulndetails. listvuln leaves times and descriptions out.
type Vuln struct {
	PluginID   ID        `json:"pluginID"`
	PluginName string    `json:"pluginName"`
	Name       string    `json:"name,omitempty"` // listvuln's own name for PluginName, which holds it too
	Severity   Severity  `json:"severity"`
	Family     FamilyRef `json:"family"`
	CheckType  string    `json:"checkType"`
	Version    Text      `json:"version"`

	IP            string        `json:"ip"`
	IPs           Text          `json:"ips,omitempty"`
	DNSName       string        `json:"dnsName"`
	NetBIOSName   string        `json:"netbiosName"`
	MACAddress    string        `json:"macAddress"`
	UUID          string        `json:"uuid"` // "" for hosts that were never scanned with a login or an agent
	HostUUID      string        `json:"hostUUID,omitempty"`
	Port          Port          `json:"port"`     // 0 for the host as a whole
	Protocol      string        `json:"protocol"` // TCP, UDP, ICMP
	OperatingSys  Text          `json:"operatingSystem,omitempty"`
	Repository    RepositoryRef `json:"repository"`
	ExposureScore Text          `json:"assetExposureScore,omitempty"`

	FirstSeen     Time `json:"firstSeen"`
	LastSeen      Time `json:"lastSeen"`
	LastMitigated Time `json:"lastMitigated,omitzero"` // many servers do not send it, not even for patched rows
	// HasBeenMitigated on a cumulative row says that it was mitigated once and has come back.
	HasBeenMitigated      Bool `json:"hasBeenMitigated"`
	AcceptRisk            Bool `json:"acceptRisk"`
	RecastRisk            Bool `json:"recastRisk"`
	AcceptRiskRuleComment Text `json:"acceptRiskRuleComment,omitempty"`
	RecastRiskRuleComment Text `json:"recastRiskRuleComment,omitempty"`

	PluginText  string `json:"pluginText"` // wrapped in <plugin_output>; see Output
	PluginInfo  string `json:"pluginInfo"`
	Synopsis    string `json:"synopsis"`
	Description string `json:"description"`
	Solution    string `json:"solution"`
	SeeAlso     Text   `json:"seeAlso"`
	RiskFactor  string `json:"riskFactor"`

	STIGSeverity      Text  `json:"stigSeverity"`
	BaseScore         Float `json:"baseScore"`
	TemporalScore     Float `json:"temporalScore"`
	CVSSVector        Text  `json:"cvssVector"`
	CVSSV3BaseScore   Float `json:"cvssV3BaseScore"`
	CVSSV3Temporal    Float `json:"cvssV3TemporalScore"`
	CVSSV3Vector      Text  `json:"cvssV3Vector"`
	CVSSV4BaseScore   Float `json:"cvssV4BaseScore,omitzero"`
	CVSSV4ThreatScore Float `json:"cvssV4ThreatScore,omitzero"`
	CVSSV4Vector      Text  `json:"cvssV4Vector,omitempty"`
	VPRScore          Float `json:"vprScore,omitzero"`
	VPRContext        Text  `json:"vprContext,omitempty"`
	ExploitAvailable  Bool  `json:"exploitAvailable"`
	ExploitEase       Text  `json:"exploitEase"`
	ExploitFrameworks Text  `json:"exploitFrameworks"`
	CPE               Text  `json:"cpe"`
	CVE               Text  `json:"cve"`
	BID               Text  `json:"bid"`
	Xref              Text  `json:"xref"`

	VulnPubDate   Time `json:"vulnPubDate"`
	PatchPubDate  Time `json:"patchPubDate"`
	PluginPubDate Time `json:"pluginPubDate"`
	PluginModDate Time `json:"pluginModDate"`
	SEOLDate      Time `json:"seolDate,omitzero"`

	Uniqueness     string `json:"uniqueness"` // the names of the columns that identify the host
	HostUniqueness string `json:"hostUniqueness,omitempty"`
	VulnUniqueness string `json:"vulnUniqueness,omitempty"`
	VulnUUID       string `json:"vulnUUID,omitempty"`
}

// Addr returns the address of the host, if the row has one.
func (v Vuln) Addr() (netip.Addr, bool) { return parseAddr(v.IP) }

// Output returns the plugin's text without the tags around it.
func (v Vuln) Output() string {
	text := strings.TrimSpace(v.PluginText)
	text = strings.TrimPrefix(text, "<plugin_output>")
	return strings.TrimSpace(strings.TrimSuffix(text, "</plugin_output>"))
}

// CVEs returns the CVE numbers of the row, each once.
func (v Vuln) CVEs() []string { return findCVEs(string(v.CVE)) }

// hash identifies the row. The same address may occur more than once: with another name, in another repository, or because two
// machines answer at it.
func (v *Vuln) hash(seed maphash.Seed) uint64 {
	return maphash.Comparable(seed, struct {
		plugin, repository                                         ID
		port                                                       Port
		seen                                                       int64
		ip, protocol, name, netBIOS, mac, uuid, hostUUID, vulnUUID string
	}{
		v.PluginID, v.Repository.ID, v.Port, v.LastSeen.Unix(),
		v.IP, v.Protocol, v.DNSName, v.NetBIOSName, v.MACAddress, v.UUID, v.HostUUID, v.VulnUUID,
	})
}

func (v *Vuln) host() string { return v.IP }

// HostSummary is a row of the tool sumip: one host.
type HostSummary struct {
	IP               string        `json:"ip"`
	UUID             string        `json:"uuid"`
	DNSName          string        `json:"dnsName"`
	NetBIOSName      string        `json:"netbiosName"`
	MACAddress       string        `json:"macAddress"`
	Repository       RepositoryRef `json:"repository"`
	Score            Int           `json:"score"`
	Total            Int           `json:"total"`
	SeverityInfo     Int           `json:"severityInfo"`
	SeverityLow      Int           `json:"severityLow"`
	SeverityMedium   Int           `json:"severityMedium"`
	SeverityHigh     Int           `json:"severityHigh"`
	SeverityCritical Int           `json:"severityCritical"`
	LastAuthRun      Time          `json:"lastAuthRun"` // the last scan whose login worked
	LastUnauthRun    Time          `json:"lastUnauthRun"`
	PolicyName       string        `json:"policyName"`
	PluginSet        Text          `json:"pluginSet"`
	OSCPE            Text          `json:"osCPE"`
	BIOSGUID         string        `json:"biosGUID"`
	TPMID            string        `json:"tpmID"`
	McAfeeGUID       string        `json:"mcafeeGUID"`
	HostUUID         string        `json:"hostUUID,omitempty"`
	Uniqueness       string        `json:"uniqueness"`
	HostUniqueness   string        `json:"hostUniqueness,omitempty"`
}

func (h *HostSummary) hash(seed maphash.Seed) uint64 {
	return maphash.Comparable(seed, struct {
		repository               ID
		ip, name, uuid, hostUUID string
	}{h.Repository.ID, h.IP, h.DNSName, h.UUID, h.HostUUID})
}
func (h *HostSummary) host() string { return h.IP }

// PluginSummary is a row of the tool sumid: one plugin.
type PluginSummary struct {
	PluginID  ID        `json:"pluginID"`
	Name      string    `json:"name"`
	Severity  Severity  `json:"severity"`
	Family    FamilyRef `json:"family"`
	Total     Int       `json:"total"`
	HostTotal Int       `json:"hostTotal"`
}

func (p *PluginSummary) hash(seed maphash.Seed) uint64 {
	return maphash.Comparable(seed, [2]int{int(p.PluginID), int(p.Severity.ID)})
}

func (*PluginSummary) host() string { return "" }

// PluginHosts is a row of the tool vulnipdetail: one plugin with its hosts.
type PluginHosts struct {
	PluginID    ID               `json:"pluginID"`
	Name        string           `json:"name"`
	Description string           `json:"pluginDescription"`
	Severity    Severity         `json:"severity"`
	Family      FamilyRef        `json:"family"`
	Total       Int              `json:"total"`
	Hosts       List[HostsInRep] `json:"hosts"`
}

// HostsInRep are hosts of one repository.
type HostsInRep struct {
	Repository RepositoryRef  `json:"repository"`
	IPList     List[HostInfo] `json:"iplist"`
}

// HostInfo identifies a host.
type HostInfo struct {
	IP          string `json:"ip"`
	UUID        string `json:"uuid"`
	DNSName     string `json:"dnsName"`
	NetBIOSName string `json:"netbiosName"`
	MACAddress  string `json:"macAddress"`
}

func (p *PluginHosts) hash(seed maphash.Seed) uint64 {
	return maphash.Comparable(seed, [2]int{int(p.PluginID), int(p.Severity.ID)})
}

func (*PluginHosts) host() string { return "" }

func (r *RawRow) hash(seed maphash.Seed) uint64 { return maphash.Bytes(seed, r.RawMessage) }

func (r *RawRow) host() string {
	var row struct {
		IP string `json:"ip"`
	}
	_ = json.Unmarshal(r.RawMessage, &row) // a row without an address has nothing to check
	return row.IP
}

package sclient

// Plugins, their families, and those that prove a scan.

import (
	"context"
	"regexp"
	"slices"
)

// Plugin is one check. Only those of type "active" can be rescanned.
type Plugin struct {
	asSent
	ID                ID        `json:"id"`
	Name              string    `json:"name"`
	Type              string    `json:"type"`      // active, passive, compliance, lce
	CheckType         string    `json:"checkType"` // remote, local, combined, summary, …
	Family            FamilyRef `json:"family"`
	Version           Text      `json:"version"`
	RiskFactor        string    `json:"riskFactor"` // None, Low, Medium, High, Critical
	STIGSeverity      Text      `json:"stigSeverity"`
	Synopsis          string    `json:"synopsis"`
	Description       string    `json:"description"`
	Solution          string    `json:"solution"`
	SeeAlso           Text      `json:"seeAlso"`
	Xrefs             Text      `json:"xrefs"`
	CPE               Text      `json:"cpe"`
	ExploitAvailable  Bool      `json:"exploitAvailable"`
	ExploitEase       string    `json:"exploitEase"`
	ExploitFrameworks Text      `json:"exploitFrameworks"`
	BaseScore         Float     `json:"baseScore"`
	TemporalScore     Float     `json:"temporalScore"`
	CVSSVector        string    `json:"cvssVector"`
	CVSSVectorBF      Text      `json:"cvssVectorBF"`
	CVSSV3BaseScore   Float     `json:"cvssV3BaseScore"`
	CVSSV3Temporal    Float     `json:"cvssV3TemporalScore"`
	CVSSV3Vector      string    `json:"cvssV3Vector"`
	CVSSV3VectorBF    Text      `json:"cvssV3VectorBF"`
	VPRScore          Float     `json:"vprScore"`
	VPRContext        Text      `json:"vprContext"`
	Dependencies      Text      `json:"dependencies"`
	RequiredPorts     Text      `json:"requiredPorts"`
	RequiredUDPPorts  Text      `json:"requiredUDPPorts"`
	SrcPort           Text      `json:"srcPort"`
	DstPort           Text      `json:"dstPort"`
	Protocol          Text      `json:"protocol"`
	PluginPubDate     Time      `json:"pluginPubDate"`
	PluginModDate     Time      `json:"pluginModDate"`
	PatchPubDate      Time      `json:"patchPubDate"`
	PatchModDate      Time      `json:"patchModDate"`
	VulnPubDate       Time      `json:"vulnPubDate"`
	ModifiedTime      Time      `json:"modifiedTime"` // when SC took this version in
	Copyright         string    `json:"copyright"`
	SourceFile        string    `json:"sourceFile"`
	MD5               string    `json:"md5"`
}

// CVEs returns the CVE numbers among the plugin's references, each once.
func (p Plugin) CVEs() []string { return findCVEs(string(p.Xrefs)) }

var cvePattern = regexp.MustCompile(`CVE-\d{4}-\d{4,}`)

func findCVEs(text string) []string {
	found := cvePattern.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// NeedsCredentials reports whether the check runs on the host itself, so that without a login it finds nothing.
func (p Plugin) NeedsCredentials() bool { return p.CheckType == "local" || p.CheckType == "combined" }

// Plugin returns a plugin with its family (GET /rest/plugin/{id}). The source code, which may be large, is left out. Its error may be [IsNotFound].
func (c *Client) Plugin(ctx context.Context, id ID) (*Plugin, error) {
	return one[Plugin](ctx, c, get("plugin "+id.String(), "/plugin/"+id.String(), "id", "name", "type", "checkType", "family",
		"version", "riskFactor", "stigSeverity", "synopsis", "description", "solution", "seeAlso", "xrefs", "cpe",
		"exploitAvailable", "exploitEase", "exploitFrameworks", "baseScore", "temporalScore", "cvssVector", "cvssVectorBF",
		"cvssV3BaseScore", "cvssV3TemporalScore", "cvssV3Vector", "cvssV3VectorBF", "dependencies", "requiredPorts",
		"requiredUDPPorts", "srcPort", "dstPort", "protocol", "pluginPubDate", "pluginModDate", "patchPubDate", "patchModDate",
		"vulnPubDate", "modifiedTime"))
}

// PluginFamily is a family of plugins.
type PluginFamily struct {
	asSent
	ID    ID     `json:"id"`
	Name  string `json:"name"`
	Type  string `json:"type"`
	Count Int    `json:"count,omitempty"`
}

// PluginFamily returns a family (GET /rest/pluginFamily/{id}). The guide passes a plugin's id and expects its family; servers expect a family's id.
// So an answer with another ID than the requested one needs suspicion: [Client.Plugin] is the reliable source.
// Its error may be [IsNotFound].
func (c *Client) PluginFamily(ctx context.Context, id ID) (*PluginFamily, error) {
	return one[PluginFamily](ctx, c, get("plugin family "+id.String(), "/pluginFamily/"+id.String(), "id", "name", "type", "count"))
}

// PluginFamilies lists all families, active and passive ones (GET /rest/pluginFamily).
func (c *Client) PluginFamilies(ctx context.Context) ([]PluginFamily, error) {
	return many[PluginFamily](ctx, c, get("plugin families", "/pluginFamily", "id", "name", "type"))
}

// PluginScanInfo is "Nessus Scan Information": one row per host that a scan really checked, about the scan itself.
const PluginScanInfo ID = 19506

// NetworkPortPlugins report the ports that a scanner saw open from the network: its SYN, TCP connect and UDP scanners, and
// service detection.
func NetworkPortPlugins() []ID { return []ID{11219, 10335, 34277, 22964} }

// ListenerPlugins list what listens on the host, as netstat tells it by WMI and SSH, whatever a firewall hides.
func ListenerPlugins() []ID { return []ID{34220, 14272} }

// The plugins that tell who a host is: its DNS and NetBIOS names and its MAC addresses.
const (
	PluginHostName    ID = 12053
	PluginNetBIOSName ID = 10150
	PluginMACs        ID = 86420
	PluginMACVendor   ID = 35716
)

// IdentityPlugins tell who a host is.
func IdentityPlugins() []ID {
	return []ID{PluginHostName, PluginNetBIOSName, PluginMACs, PluginMACVendor}
}

// LoginFailurePlugins report that a login failed, had too few rights, or was not tried for want of credentials.
func LoginFailurePlugins() []ID { return []ID{21745, 24786, 26917, 104410, 110385, 110723, 117885} }

// LoginSuccessPlugins report that a login worked.
func LoginSuccessPlugins() []ID { return []ID{117887, 141118} }

// ProofPlugins are all whose rows show whether a host answered, who it is, which ports are open and whether credentials worked.
// A remediation policy without them proves nothing by a clean result.
func ProofPlugins() []ID {
	return slices.Concat([]ID{PluginScanInfo}, NetworkPortPlugins(), ListenerPlugins(), IdentityPlugins(),
		LoginFailurePlugins(), LoginSuccessPlugins())
}

package main

// plainRow is the row that one would write down: SC's columns as SC sends them, as text.
type plainRow struct {
	PluginID   string `json:"pluginID"`
	PluginName string `json:"pluginName"`
	Severity   struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		Description string `json:"description"`
	} `json:"severity"`
	Family struct {
		ID   string `json:"id"`
		Name string `json:"name"`
		Type string `json:"type"`
	} `json:"family"`
	Repository struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		Description string `json:"description"`
		DataFormat  string `json:"dataFormat"`
	} `json:"repository"`

	IP             string `json:"ip"`
	IPs            string `json:"ips"`
	UUID           string `json:"uuid"`
	HostUUID       string `json:"hostUUID"`
	DNSName        string `json:"dnsName"`
	NetBIOSName    string `json:"netbiosName"`
	MACAddress     string `json:"macAddress"`
	Port           string `json:"port"`
	Protocol       string `json:"protocol"`
	Uniqueness     string `json:"uniqueness"`
	HostUniqueness string `json:"hostUniqueness"`
	VulnUniqueness string `json:"vulnUniqueness"`
	VulnUUID       string `json:"vulnUUID"`

	FirstSeen             string `json:"firstSeen"`
	LastSeen              string `json:"lastSeen"`
	HasBeenMitigated      string `json:"hasBeenMitigated"`
	AcceptRisk            string `json:"acceptRisk"`
	RecastRisk            string `json:"recastRisk"`
	AcceptRiskRuleComment string `json:"acceptRiskRuleComment"`
	RecastRiskRuleComment string `json:"recastRiskRuleComment"`

	PluginText  string `json:"pluginText"`
	PluginInfo  string `json:"pluginInfo"`
	Synopsis    string `json:"synopsis"`
	Description string `json:"description"`
	Solution    string `json:"solution"`
	SeeAlso     string `json:"seeAlso"`
	RiskFactor  string `json:"riskFactor"`
	CheckType   string `json:"checkType"`
	Version     string `json:"version"`

	STIGSeverity      string `json:"stigSeverity"`
	VPRScore          string `json:"vprScore"`
	VPRContext        string `json:"vprContext"`
	BaseScore         string `json:"baseScore"`
	TemporalScore     string `json:"temporalScore"`
	CVSSVector        string `json:"cvssVector"`
	CVSSV3BaseScore   string `json:"cvssV3BaseScore"`
	CVSSV3Temporal    string `json:"cvssV3TemporalScore"`
	CVSSV3Vector      string `json:"cvssV3Vector"`
	ExploitAvailable  string `json:"exploitAvailable"`
	ExploitEase       string `json:"exploitEase"`
	ExploitFrameworks string `json:"exploitFrameworks"`
	CPE               string `json:"cpe"`
	CVE               string `json:"cve"`
	BID               string `json:"bid"`
	Xref              string `json:"xref"`

	VulnPubDate   string `json:"vulnPubDate"`
	PatchPubDate  string `json:"patchPubDate"`
	PluginPubDate string `json:"pluginPubDate"`
	PluginModDate string `json:"pluginModDate"`
	SEOLDate      string `json:"seolDate"`
}

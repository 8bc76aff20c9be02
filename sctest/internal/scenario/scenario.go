// Package scenario describes what exists on a simulated Security Center and in the network behind it, and reads such descriptions.
package scenario

import "time"

// Scenario describes a Security Center and its network. Empty parts get defaults: version 6.5, one user, one IPv4 repository
// with the ID 1, and a timing of realistic length.
type Scenario struct {
	// Version is the dialect: "5.8", "5.23" or "6.5" (default).
	Version      string       `yaml:"version"`
	Users        []User       `yaml:"users"`
	Repositories []Repository `yaml:"repositories"`
	Families     []Family     `yaml:"families"`
	Plugins      []Plugin     `yaml:"plugins"`
	Credentials  []Credential `yaml:"credentials"`
	Zones        []Zone       `yaml:"zones"`
	Assets       []Asset      `yaml:"assets"`
	Hosts        []Host       `yaml:"hosts"`
	// Timing nil means 30 seconds in the queue, 20 per host and 45 for the import; a zero Timing makes scans instant.
	Timing *Timing `yaml:"timing"`
	Faults []Fault `yaml:"faults"`
	// ResultDescription lets a scan's description reach its result.
	ResultDescription bool `yaml:"resultDescription"`
	// ResultDetails is what a result's details say: policy (default, the policy's name), plugin ("Plugin #N") or none.
	ResultDetails string `yaml:"resultDetails"`
	// Identities says when the rows of a result carry names, MAC addresses and UUIDs: "plugins" (default), when a plugin of the policy could
	// have found them out, or "always".
	Identities string `yaml:"identities"`
	// MappedAddresses writes the IPv4 addresses of rows as IPv6 ones, such as ::ffff:10.0.0.5.
	MappedAddresses bool `yaml:"mappedAddresses"`
	// EnumerationFirst is the scanner's own default for policies that do not send only_portscan_if_enum_failed: where a login lists the open
	// ports, the network is not scanned for them.
	EnumerationFirst bool `yaml:"enumerationFirst"`
	// DeadHosts says what becomes of the findings of dead hosts that are older than a scan's classifyMitigatedAge: "remove" (default) or
	// "mitigate", which is the other reading of the vendor's words.
	DeadHosts string `yaml:"deadHosts"`
	// ReuseIDs gives the number of what was deleted to what is made next.
	ReuseIDs bool `yaml:"reuseIds"`
	// MissingPlugins are IDs that the feed lacks although every server should have them.
	MissingPlugins []int `yaml:"missingPlugins"`
	// PluginFeed is the version of the plugin feed, YYYYMMDDHHMM. Default: six hours before the start.
	PluginFeed string `yaml:"pluginFeed"`
	// SessionLimit is how many sessions a user may have at once. Default 5.
	SessionLimit int `yaml:"sessionLimit"`
	// SessionTimeout is how long a session survives unused. Default one hour.
	SessionTimeout time.Duration `yaml:"sessionTimeout"`
}

// User is an account. Without keys it can only log in; without a password it can only use its keys.
type User struct {
	Username  string `yaml:"username"`
	Password  string `yaml:"password"`
	AccessKey string `yaml:"accessKey"`
	SecretKey string `yaml:"secretKey"`
	// Role is "organization" (default) or "administrator"; administrators can neither scan nor analyse.
	Role string `yaml:"role"`
	// Repositories the user may see; none named means all.
	Repositories []int `yaml:"repositories"`
	// Permissions of the user, of "scan", "policy", "asset" and "analysis"; none named means all.
	Permissions []string `yaml:"permissions"`
}

// Repository is a store of findings.
type Repository struct {
	ID   int    `yaml:"id"`
	Name string `yaml:"name"`
	// DataFormat is IPv4 (default), IPv6, universal, agent or mobile; scans need one of the first three.
	DataFormat string `yaml:"dataFormat"`
	// Type is Local (default), Remote or Offline; scans need Local.
	Type string `yaml:"type"`
	// IPRange bounds what is imported. Default: everything.
	IPRange string `yaml:"ipRange"`
}

// Family is a plugin family.
type Family struct {
	ID   int    `yaml:"id"`
	Name string `yaml:"name"`
	// Type is active (default), passive, compliance or lce.
	Type string `yaml:"type"`
}

// Plugin is a check.
type Plugin struct {
	ID     int    `yaml:"id"`
	Name   string `yaml:"name"`
	Family int    `yaml:"family"`
	// Type is active (default), passive, compliance or lce.
	Type string `yaml:"type"`
	// CheckType is remote (default), local, combined, summary, settings or thirdparty, in any case. All but remote ones see nothing without a login;
	// without one the findings of local and combined ones are not mitigated either.
	CheckType string   `yaml:"checkType"`
	Severity  int      `yaml:"severity"`
	CVEs      []string `yaml:"cves"`
	// Published and Modified are days, YYYY-MM-DD. Default: 2017-03-20.
	Published string `yaml:"published"`
	Modified  string `yaml:"modified"`
	// ExploitAvailable shows in analysis rows and can be filtered by.
	ExploitAvailable bool `yaml:"exploitAvailable"`
	// Needs is what a policy has to allow before the check sees anything: thorough, paranoid, unsafe, cgi, webTests, experimental,
	// superseded. What needs thorough or paranoid is not mitigated by a scan that was neither.
	Needs []string `yaml:"needs"`
	// Deprecated plugins are called so, and never report again.
	Deprecated bool `yaml:"deprecated"`
	// Dependencies are plugins that scans run along with this one.
	Dependencies []int `yaml:"dependencies"`
}

// Credential is a login that scans may name.
type Credential struct {
	ID   int    `yaml:"id"`
	Name string `yaml:"name"`
}

// Zone is a scan zone.
type Zone struct {
	ID   int    `yaml:"id"`
	Name string `yaml:"name"`
	// Ranges are the addresses that its scanners may scan; none means any. Targets outside are neither scanned nor dead. A scan that leaves the
	// choice to the server reaches what any zone may scan.
	Ranges string `yaml:"ranges"`
}

// Asset is a list of addresses.
type Asset struct {
	ID   int    `yaml:"id"`
	Name string `yaml:"name"`
	// Type is static (default) or dynamic.
	Type       string `yaml:"type"`
	DefinedIPs string `yaml:"definedIPs"`
	// ViewableIPs are what the rules of a dynamic asset give.
	ViewableIPs string `yaml:"viewableIPs"`
}

// Host is a machine in the network. Durations count from the start of the server.
type Host struct {
	IP      string `yaml:"ip"`
	DNS     string `yaml:"dns"`
	MAC     string `yaml:"mac"`
	NetBIOS string `yaml:"netbios"`
	UUID    string `yaml:"uuid"`
	// Repository that holds its findings. Default: the only one.
	Repository int `yaml:"repository"`
	// Up nil means true.
	Up        *bool         `yaml:"up"`
	UpAfter   time.Duration `yaml:"upAfter"`
	DownAfter time.Duration `yaml:"downAfter"`
	// Credentials says which logins the host accepts. Default: any.
	Credentials Credentials `yaml:"credentials"`
	// Logins are by protocol, smb or ssh, where a host is entered by both: worked, refused, insufficient or intermittent. They overrule
	// Credentials; local checks of a family whose name begins with Windows need smb, all others ssh.
	Logins map[string]string `yaml:"logins"`
	// Becomes puts another machine at this address.
	Becomes *Becomes `yaml:"becomes"`
	// MovesTo is the address at which the host answers now; its findings were recorded at IP.
	MovesTo string `yaml:"movesTo"`
	// Agent marks the recorded findings as an agent's: scans neither see nor mitigate those rows.
	Agent bool `yaml:"agent"`
	// Scannable nil means true; false excludes the host from scans.
	Scannable *bool `yaml:"scannable"`
	// Filtered hides all ports of the host from the scanner's network, not from a login on the host.
	Filtered bool `yaml:"filtered"`
	// Anonymous hosts answer, and coming scans learn nothing of who they are.
	Anonymous bool `yaml:"anonymous"`
	// ScannedWith is how the host was scanned before, as its recorded scan information tells.
	ScannedWith *ScannedWith `yaml:"scannedWith"`
	// ScanInfo nil means true; false has coming scans write no scan information for the host.
	ScanInfo *bool `yaml:"scanInfo"`
	// ScanInfoWithout names lines that the scan information of coming scans lacks, such as "Plugin feed version".
	ScanInfoWithout []string  `yaml:"scanInfoWithout"`
	Findings        []Finding `yaml:"findings"`
}

// Becomes is the machine that takes an address over.
type Becomes struct {
	DNS     string        `yaml:"dns"`
	MAC     string        `yaml:"mac"`
	NetBIOS string        `yaml:"netbios"`
	UUID    string        `yaml:"uuid"`
	After   time.Duration `yaml:"after"`
}

// Finding is a weakness of a host, recorded in its repository at the start.
type Finding struct {
	Plugin int `yaml:"plugin"`
	// Port 0 is the host itself.
	Port int `yaml:"port"`
	// Protocol is TCP (default), UDP or ICMP.
	Protocol string `yaml:"protocol"`
	// Fixed findings stay recorded until the import of a scan that no longer sees them. Nil means that only mitigated ones are fixed; false
	// beside mitigated is a weakness that came back unseen.
	Fixed        *bool         `yaml:"fixed"`
	FixedAfter   time.Duration `yaml:"fixedAfter"`
	ReopensAfter time.Duration `yaml:"reopensAfter"`
	// FirstSeen and LastSeen are durations before the start. Default: 30 days and one day.
	FirstSeen time.Duration `yaml:"firstSeen"`
	LastSeen  time.Duration `yaml:"lastSeen"`
	// Mitigated puts the finding into the patched database at the start; it is fixed, unless Fixed says otherwise.
	Mitigated Mitigated `yaml:"mitigated"`
	// Reopened marks the recorded row as mitigated before.
	Reopened   bool `yaml:"reopened"`
	AcceptRisk bool `yaml:"acceptRisk"`
	RecastRisk bool `yaml:"recastRisk"`
	// PortOpen nil means true; false closes the port, which hides the finding from scans.
	PortOpen *bool `yaml:"portOpen"`
	// Filtered hides the port from the scanner's network, not from a login on the host: a firewall, not a patch.
	Filtered bool `yaml:"filtered"`
	// MovesToPort is where the service listens now; the finding was recorded at Port.
	MovesToPort int `yaml:"movesToPort"`
}

// ScannedWith is what the scan before the start was like. Empty parts are those of a usual weekly scan.
type ScannedWith struct {
	Thorough     bool `yaml:"thorough"`
	CGI          bool `yaml:"cgi"`
	WebTests     bool `yaml:"webTests"`
	Experimental bool `yaml:"experimental"`
	Debugging    bool `yaml:"debugging"`
	// Paranoia is 0, 1 or 2; nil means 1.
	Paranoia *int `yaml:"paranoia"`
	// SafeChecks and Superseded nil mean true.
	SafeChecks *bool `yaml:"safeChecks"`
	Superseded *bool `yaml:"superseded"`
	// Credentials nil means that it logged in if the host accepts any login.
	Credentials *bool  `yaml:"credentials"`
	PortRange   string `yaml:"portRange"`
	PortScanner string `yaml:"portScanner"`
	// Policy is the name of its policy, Scanner the address of its scanner, Feed its plugin feed, YYYYMMDDHHMM.
	Policy  string `yaml:"policy"`
	Scanner string `yaml:"scanner"`
	Feed    string `yaml:"feed"`
	// Agent: an agent looked, not a scanner.
	Agent bool `yaml:"agent"`
	// Ago is how long before the start. Default: when the host's latest finding was seen.
	Ago time.Duration `yaml:"ago"`
}

// Timing is how long scans take, in the server's time.
type Timing struct {
	Queue         time.Duration `yaml:"queue"`
	PerHost       time.Duration `yaml:"perHost"`
	Import        time.Duration `yaml:"import"`
	MitigationLag time.Duration `yaml:"mitigationLag"`
}

// Credentials says which logins a host accepts. The zero value accepts any credential that a scan names.
type Credentials struct {
	// Refused turns every login away.
	Refused bool
	// Insufficient lets every login in, with too few rights.
	Insufficient bool
	// Intermittent lets logins in and turns others away, so that local checks see nothing.
	Intermittent bool
	// IDs accepted; none means any.
	IDs []int
}

// Mitigated says whether and how long before the start a finding was mitigated.
type Mitigated struct {
	Yes bool
	// Ago zero means one day.
	Ago time.Duration
}

// Roles of users.
const (
	roleOrganization  = "organization"
	RoleAdministrator = "administrator"
)

// Permissions that a user may have.
const (
	MayScan    = "scan"
	MayPolicy  = "policy"
	MayAsset   = "asset"
	MayAnalyse = "analysis"
)

// TypeActive is the type of the plugins and families that scans can use.
const TypeActive = "active"

// Types of repositories.
const (
	TypeLocal   = "Local"
	TypeRemote  = "Remote"
	TypeOffline = "Offline"
)

// Protocols of findings.
const (
	TCP  = "TCP"
	UDP  = "UDP"
	ICMP = "ICMP"
)

const (
	// KeyLength is the length of each of the two API keys.
	KeyLength = 32
	// MaxPort is the highest port.
	MaxPort = 65535
)

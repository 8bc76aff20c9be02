package scenario

// The plugins and families that a server knows: the scenario's, and those that every remediation scan is proved with.

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// Plugins whose rows show what a scan could see: open ports from the network and from inside, who answered, and what became of the login.
const (
	PluginSYN           = 11219
	PluginConnect       = 10335
	PluginUDP           = 34277
	PluginServices      = 22964
	PluginNetstatSSH    = 14272
	PluginNetstatWMI    = 34220
	PluginFQDN          = 12053
	PluginNetBIOS       = 10150
	PluginMACAddresses  = 86420
	PluginCardMaker     = 35716
	PluginScanInfo      = 19506
	PluginAuthFailure   = 21745
	PluginNotAdmin      = 24786
	PluginNoRegistry    = 26917
	PluginLoginFailed   = 104410
	PluginLowPrivilege  = 110385
	PluginNoCredentials = 110723
	PluginIntermittent  = 117885
	PluginPatchesReady  = 117887
	PluginLoginWorked   = 141118
)

const (
	familyWindows  = 20
	familyMisc     = 23
	familyServices = 24
	familyGeneral  = 30
	familySettings = 41
	familyScanners = 42
)

// Catalog is what a server knows, by ID.
type Catalog struct {
	Families map[int]Family
	Plugins  map[int]Plugin
}

// NewCatalog lets the scenario overrule what is built in, and take away what its feed lacks.
func NewCatalog(s Scenario) Catalog {
	c := Catalog{Families: map[int]Family{}, Plugins: map[int]Plugin{}}
	for _, f := range builtinFamilies() {
		c.Families[f.ID] = f
	}
	for _, p := range builtinPlugins() {
		c.Plugins[p.ID] = p.withDefaults()
	}
	for _, f := range s.Families {
		c.Families[f.ID] = f
	}
	c.makeRoom()
	for _, p := range s.Plugins {
		c.Plugins[p.ID] = p
	}
	for _, id := range s.MissingPlugins {
		delete(c.Plugins, id)
	}
	return c
}

// makeRoom moves built-in plugins out of a family whose number the scenario gives to a passive one: no active plugin is in such.
func (c Catalog) makeRoom() {
	for _, f := range builtinFamilies() {
		if c.Families[f.ID].Type == TypeActive {
			continue
		}
		taken := f.ID
		for ; c.Families[f.ID].ID != 0; f.ID++ {
		}
		c.Families[f.ID] = f
		for _, id := range c.Members(taken) {
			p := c.Plugins[id]
			p.Family = f.ID
			c.Plugins[id] = p
		}
	}
}

// PluginIDs are in order.
func (c Catalog) PluginIDs() []int { return slices.Sorted(maps.Keys(c.Plugins)) }

// Members are the plugins of a family, by ID.
func (c Catalog) Members(family int) []int {
	var list []int
	for _, id := range c.PluginIDs() {
		if c.Plugins[id].Family == family {
			list = append(list, id)
		}
	}
	return list
}

func builtinFamilies() []Family {
	return []Family{
		{ID: familyWindows, Name: "Windows", Type: TypeActive},
		{ID: familyMisc, Name: "Misc.", Type: TypeActive},
		{ID: familyServices, Name: "Service detection", Type: TypeActive},
		{ID: familyGeneral, Name: "General", Type: TypeActive},
		{ID: familySettings, Name: "Settings", Type: TypeActive},
		{ID: familyScanners, Name: "Port scanners", Type: TypeActive},
	}
}

func builtinPlugins() []Plugin {
	return []Plugin{
		{ID: PluginSYN, Name: "Nessus SYN scanner", Family: familyScanners},
		{ID: PluginConnect, Name: "Nessus TCP scanner", Family: familyScanners},
		{ID: PluginUDP, Name: "Nessus UDP Scanner", Family: familyScanners},
		{ID: PluginNetstatSSH, Name: "Netstat Portscanner (SSH)", Family: familyScanners},
		{ID: PluginNetstatWMI, Name: "Netstat Portscanner (WMI)", Family: familyScanners},
		{ID: PluginServices, Name: "Service Detection", Family: familyServices},
		{ID: PluginFQDN, Name: "Host Fully Qualified Domain Name (FQDN) Resolution", Family: familyGeneral},
		{ID: PluginNetBIOS, Name: "Windows NetBIOS / SMB Remote Host Information Disclosure", Family: familyWindows},
		{ID: PluginMACAddresses, Name: "Ethernet MAC Addresses", Family: familyGeneral, CheckType: "combined"},
		{ID: PluginCardMaker, Name: "Ethernet Card Manufacturer Detection", Family: familyMisc, CheckType: "combined"},
		{ID: PluginScanInfo, Name: "Nessus Scan Information", Family: familySettings, CheckType: "summary", Published: "2005-08-26"},
		{ID: PluginAuthFailure, Name: "Authentication Failure - Local Checks Not Run", Family: familySettings},
		{ID: PluginNotAdmin, Name: "Nessus Windows Scan Not Performed with Admin Privileges", Family: familySettings},
		{ID: PluginNoRegistry, Name: "Nessus Cannot Access the Windows Registry", Family: familyWindows},
		{ID: PluginLoginFailed, Name: byProtocol + "Status by Authentication Protocol - Failure for Provided Credentials", Family: familySettings},
		{ID: PluginLowPrivilege, Name: byProtocol + "Issues by Authentication Protocol - Insufficient Privilege", Family: familySettings},
		{ID: PluginNoCredentials, Name: byProtocol + "Status by Authentication Protocol - No Credentials Provided", Family: familySettings},
		{ID: PluginIntermittent, Name: byProtocol + "Issues by Authentication Protocol - Intermittent Authentication Failure", Family: familySettings},
		{ID: PluginPatchesReady, Name: "OS Security Patch Assessment Available", Family: familySettings},
		{ID: PluginLoginWorked, Name: byProtocol + "Status by Authentication Protocol - Valid Credentials Provided", Family: familySettings},
	}
}

// byProtocol begins the names of the plugins that report on logins.
const byProtocol = "Target Credential "

// PublishedAt is the beginning of the day. It is in the past of any scenario unless it says otherwise.
func (p Plugin) PublishedAt() time.Time { return dayOf(p.Published) }

// ModifiedAt is the beginning of the day.
func (p Plugin) ModifiedAt() time.Time { return dayOf(p.Modified) }

func dayOf(text string) time.Time {
	// Checked with the scenario.
	t, _ := time.Parse(time.DateOnly, text)
	return t
}

// Synopsis is one sentence.
func (p Plugin) Synopsis() string {
	if p.Deprecated {
		return "This plugin has been deprecated."
	}
	return p.Name
}

// Local says that the check looks from within and needs a login.
func (p Plugin) Local() bool {
	return strings.EqualFold(p.CheckType, "local") || strings.EqualFold(p.CheckType, "combined")
}

// Inside says that the check sees nothing without a login: everything but a purely remote one, in the stricter reading.
func (p Plugin) Inside() bool { return !strings.EqualFold(p.CheckType, "remote") }

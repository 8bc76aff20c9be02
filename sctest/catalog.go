package sctest

// The plugins and families that a server knows: the scenario's, and those that every remediation scan is proved with.

import (
	"maps"
	"slices"
	"time"
)

// Plugins whose rows show what a scan could see.
const (
	pluginSYN           = 11219
	pluginNetstatSSH    = 14272
	pluginNetstatWMI    = 34220
	pluginServices      = 22964
	pluginScanInfo      = 19506
	pluginAuthFailure   = 21745
	pluginNotAdmin      = 24786
	pluginNoRegistry    = 26917
	pluginLoginFailed   = 104410
	pluginLowPrivilege  = 110385
	pluginNoCredentials = 110723
	pluginIntermittent  = 117885
	pluginPatchesReady  = 117887
	pluginLoginWorked   = 141118
)

const (
	familyWindows  = 20
	familyServices = 24
	familySettings = 41
	familyScanners = 42
)

type catalog struct {
	families map[int]Family
	plugins  map[int]Plugin
}

// newCatalog lets the scenario overrule what is built in.
func newCatalog(s Scenario) catalog {
	c := catalog{families: map[int]Family{}, plugins: map[int]Plugin{}}
	for _, f := range builtinFamilies() {
		c.families[f.ID] = f
	}
	for _, p := range builtinPlugins() {
		c.plugins[p.ID] = p.withDefaults()
	}
	for _, f := range s.Families {
		c.families[f.ID] = f
	}
	for _, p := range s.Plugins {
		c.plugins[p.ID] = p
	}
	return c
}

func (c catalog) pluginIDs() []int { return slices.Sorted(maps.Keys(c.plugins)) }

func (c catalog) familyIDs() []int { return slices.Sorted(maps.Keys(c.families)) }

// members are the plugins of a family, by ID.
func (c catalog) members(family int) []int {
	var list []int
	for _, id := range c.pluginIDs() {
		if c.plugins[id].Family == family {
			list = append(list, id)
		}
	}
	return list
}

func builtinFamilies() []Family {
	return []Family{
		{ID: familyWindows, Name: "Windows", Type: typeActive},
		{ID: familyServices, Name: "Service detection", Type: typeActive},
		{ID: familySettings, Name: "Settings", Type: typeActive},
		{ID: familyScanners, Name: "Port scanners", Type: typeActive},
	}
}

func builtinPlugins() []Plugin {
	return []Plugin{
		{ID: pluginSYN, Name: "Nessus SYN scanner", Family: familyScanners},
		{ID: pluginNetstatSSH, Name: "Netstat Portscanner (SSH)", Family: familyScanners},
		{ID: pluginNetstatWMI, Name: "Netstat Portscanner (WMI)", Family: familyScanners},
		{ID: pluginServices, Name: "Service Detection", Family: familyServices},
		{ID: pluginScanInfo, Name: "Nessus Scan Information", Family: familySettings, CheckType: "summary", Published: "2005-08-26"},
		{ID: pluginAuthFailure, Name: "Authentication Failure - Local Checks Not Run", Family: familySettings},
		{ID: pluginNotAdmin, Name: "Nessus Windows Scan Not Performed with Admin Privileges", Family: familySettings},
		{ID: pluginNoRegistry, Name: "Nessus Cannot Access the Windows Registry", Family: familyWindows},
		{ID: pluginLoginFailed, Name: "Target Credential Status - Failure for Provided Credentials", Family: familySettings},
		{ID: pluginLowPrivilege, Name: "Target Credential Issues - Insufficient Privilege", Family: familySettings},
		{ID: pluginNoCredentials, Name: "Target Credential Status - No Credentials Provided", Family: familySettings},
		{ID: pluginIntermittent, Name: "Target Credential Issues - Intermittent Authentication Failure", Family: familySettings},
		{ID: pluginPatchesReady, Name: "OS Security Patch Assessment Available", Family: familySettings},
		{ID: pluginLoginWorked, Name: "Target Credential Status - Valid Credentials Provided", Family: familySettings},
	}
}

// published and modified are in the past of any scenario unless it says otherwise.
func (p Plugin) published() time.Time { return dayOf(p.Published) }

func (p Plugin) modified() time.Time { return dayOf(p.Modified) }

func dayOf(text string) time.Time {
	// Checked with the scenario.
	t, _ := time.Parse(time.DateOnly, text)
	return t
}

// local says that the check looks from within and needs a login.
func (p Plugin) local() bool { return p.CheckType == "local" || p.CheckType == "combined" }

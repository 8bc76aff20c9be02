package sclient

import "slices"

// PluginScanInfo is "Nessus Scan Information": one row per host that a scan really checked, about the scan itself.
const PluginScanInfo ID = 19506

// OpenPortPlugins report the ports that a scan found open: SYN scanner, service detection, and netstat by WMI and SSH.
func OpenPortPlugins() []ID { return []ID{11219, 22964, 34220, 14272} }

// LoginFailurePlugins report that a login failed or had too few rights.
func LoginFailurePlugins() []ID { return []ID{21745, 24786, 26917, 104410, 110385, 117885} }

// ProofPlugins are all whose rows show whether a host answered, which ports are open and whether credentials worked. A
// remediation policy without them proves nothing by a clean result.
func ProofPlugins() []ID {
	// 110723 says that no credentials were sent, 117887 and 141118 that they worked.
	return slices.Concat([]ID{PluginScanInfo}, OpenPortPlugins(), LoginFailurePlugins(), []ID{110723, 117887, 141118})
}

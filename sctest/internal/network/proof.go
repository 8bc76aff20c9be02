package network

// The rows that show what a scan could see: open ports, and whether logging in worked.

import (
	"strings"

	"patchproof/sctest/internal/scenario"
)

// proofRows are written for every host that answered, as far as the policy enables their plugins.
func (n *Network) proofRows(r *Run, o observation, credential string) []Row {
	var rows []Row
	add := func(plugin int, protocol string, port int, text string) {
		if _, known := n.Catalog.Plugins[plugin]; !known || !r.Policy.enables(plugin) {
			return
		}
		row := n.row(r, o, plugin, protocol, port)
		row.Text = text
		rows = append(rows, row)
	}
	n.portRows(r, o, add)
	n.identityRows(o, add)
	words := strings.NewReplacer("{user}", credential, "{protocol}", strings.ToUpper(o.host.loginProtocol(n.Catalog)))
	for _, plugin := range n.loginPlugins(o) {
		add(plugin, scenario.TCP, 0, words.Replace(loginTexts[plugin]))
	}
	add(scenario.PluginScanInfo, scenario.TCP, 0, n.runInfo(r, o, credential).String())
	return rows
}

// loginPlugins are those that report what became of the credentials.
func (n *Network) loginPlugins(o observation) []int {
	switch o.login {
	case loginWorked:
		return []int{scenario.PluginLoginWorked, scenario.PluginPatchesReady}
	case loginInsufficient:
		plugins := []int{scenario.PluginLowPrivilege}
		if o.host.windows(n.Catalog) {
			plugins = append(plugins, scenario.PluginNotAdmin, scenario.PluginNoRegistry)
		}
		return plugins
	case loginRefused:
		return []int{scenario.PluginLoginFailed, scenario.PluginAuthFailure}
	default:
		return []int{scenario.PluginNoCredentials}
	}
}

// loginTexts are what the plugins write about a login.
var loginTexts = map[int]string{
	scenario.PluginLoginWorked:  "\nNessus was able to log in to the remote host via the following :\n\nUser:    '{user}'\nProto:   {protocol}\n",
	scenario.PluginPatchesReady: "\nOS Security Patch Assessment is available.\n\nAccount  : {user}\nProtocol : {protocol}\n",
	scenario.PluginLowPrivilege: "\nNessus was able to log into the remote host, however this credential\ndid not have sufficient privileges.\n\n" +
		"User:    '{user}'\nProto:   {protocol}\n",
	scenario.PluginNotAdmin:   "\nIt was not possible to connect to ADMIN$ with the supplied credentials.\n",
	scenario.PluginNoRegistry: "\nCould not connect to the registry because:\nCould not connect to \\winreg\n",
	scenario.PluginLoginFailed: "\nNessus was unable to log into the following host for which\ncredentials have been provided :\n\n" +
		"Proto:   {protocol}\n",
	scenario.PluginAuthFailure: "\nThe following service is affected :\n\n- Proto : {protocol}\n" +
		"  Failed to authenticate using the supplied credentials.\n",
	scenario.PluginNoCredentials: "\n{protocol} was detected but no credentials were provided.\n",
}

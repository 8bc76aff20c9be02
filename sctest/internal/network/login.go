package network

// Logging in: which credential opens which door, and what the plugins say of it.

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"patchproof/sctest/internal/scenario"
)

// login is what became of the credentials that a scan sent; the better, the higher.
type login int

const (
	loginNone login = iota
	loginRefused
	loginInsufficient
	loginIntermittent
	loginWorked
)

func (l login) in() bool { return l >= loginInsufficient }

// Protocols by which scanners log in.
const (
	protocolSMB = "smb"
	protocolSSH = "ssh"
)

var loginPorts = map[string]int{protocolSMB: 445, protocolSSH: 22}

// attempt is a login by one protocol.
type attempt struct {
	protocol   string
	result     login
	credential int
}

// attempts are those that a scan makes with the credentials that it sends. Hosts are entered by one protocol, unless the scenario says more.
func (h *host) attempts(cat scenario.Catalog, sent []int) []attempt {
	if len(sent) == 0 || len(h.Logins) == 0 {
		result, credential := h.tryLogin(sent)
		return []attempt{{h.loginProtocol(cat), result, credential}}
	}
	var list []attempt
	for _, protocol := range slices.Sorted(maps.Keys(h.Logins)) {
		list = append(list, attempt{protocol, loginWords[h.Logins[protocol]], sent[0]})
	}
	return list
}

var loginWords = map[string]login{
	scenario.LoginRefused: loginRefused, scenario.LoginInsufficient: loginInsufficient, scenario.LoginIntermittent: loginIntermittent,
	scenario.LoginWorked: loginWorked,
}

// best is the attempt that the scan information tells of.
func best(attempts []attempt) attempt {
	return slices.MaxFunc(attempts, func(a, b attempt) int { return cmp.Compare(a.result, b.result) })
}

// tryLogin returns the credential that opened the door.
func (h *host) tryLogin(sent []int) (login, int) {
	switch {
	case len(sent) == 0:
		return loginNone, 0
	case h.Credentials.Refused:
		return loginRefused, 0
	case h.Credentials.Insufficient:
		return loginInsufficient, sent[0]
	case h.Credentials.Intermittent:
		return loginIntermittent, sent[0]
	case len(h.Credentials.IDs) == 0:
		return loginWorked, sent[0]
	}
	for _, id := range sent {
		if slices.Contains(h.Credentials.IDs, id) {
			return loginWorked, id
		}
	}
	return loginRefused, 0
}

// loginProtocol is what scanners call the way in.
func (h *host) loginProtocol(cat scenario.Catalog) string {
	if h.windows(cat) {
		return protocolSMB
	}
	return protocolSSH
}

// loginFor is what became of the login that a check needs: by the protocol of its family where there are several.
func (n *Network) loginFor(o observation, p scenario.Plugin) login {
	if len(o.host.Logins) == 0 {
		return o.attempts[0].result
	}
	protocol := protocolSSH
	if strings.HasPrefix(n.Catalog.Families[p.Family].Name, "Windows") {
		protocol = protocolSMB
	}
	for _, a := range o.attempts {
		if a.protocol == protocol {
			return a.result
		}
	}
	return loginNone
}

// loginRows report what became of the credentials, by protocol and at the port of its service.
func (n *Network) loginRows(o observation, add func(plugin int, protocol string, port int, text string)) {
	for _, a := range o.attempts {
		port := loginPorts[a.protocol]
		words := strings.NewReplacer("{user}", n.CredentialName(a.credential), "{protocol}", strings.ToUpper(a.protocol), "{port}", strconv.Itoa(port))
		for _, plugin := range loginPlugins(a) {
			at := port
			if slices.Contains(hostPlugins, plugin) {
				at = 0
			}
			add(plugin, scenario.TCP, at, words.Replace(loginTexts[plugin]))
		}
	}
}

// hostPlugins report on the host as a whole.
var hostPlugins = []int{scenario.PluginPatchesReady, scenario.PluginAuthFailure, scenario.PluginNotAdmin}

func loginPlugins(a attempt) []int {
	switch a.result {
	case loginWorked:
		return []int{scenario.PluginLoginWorked, scenario.PluginPatchesReady}
	case loginIntermittent:
		return []int{scenario.PluginLoginWorked, scenario.PluginPatchesReady, scenario.PluginIntermittent}
	case loginInsufficient:
		plugins := []int{scenario.PluginLowPrivilege}
		if a.protocol == protocolSMB {
			plugins = append(plugins, scenario.PluginNotAdmin, scenario.PluginNoRegistry)
		}
		return plugins
	case loginRefused:
		return []int{scenario.PluginLoginFailed, scenario.PluginAuthFailure}
	default:
		return []int{scenario.PluginNoCredentials}
	}
}

const (
	userLines = "User:        '{user}'\nPort:        {port}\nProto:       {protocol}\nMethod:      password\n"
	portLines = "  Protocol        : {protocol}\n  Port            : {port}\n"
)

// loginTexts are what the plugins write about a login.
var loginTexts = map[int]string{
	scenario.PluginLoginWorked:  "\nNessus was able to log in to the remote host via the following :\n\n" + userLines,
	scenario.PluginPatchesReady: "OS Security Patch Assessment is available.\n\nAccount  : {user}\nProtocol : {protocol}\n",
	scenario.PluginIntermittent: "\nNessus was able to log in to the remote host via the following\nprotocol as {user}, but authentication also failed :\n\n" +
		portLines + "  Failure details :\n\n    {user} > The connection was closed.\n",
	scenario.PluginLowPrivilege: "\nNessus was able to log in to the remote host via the following\nprotocol as {user}. Due to insufficient privilege, some of the" +
		"\nplanned checks were not possible :\n\n" + portLines,
	scenario.PluginNotAdmin:   "\nIt was not possible to connect to ADMIN$ with the supplied credentials.\n",
	scenario.PluginNoRegistry: "\nCould not connect to the registry because:\nCould not connect to \\winreg\n",
	scenario.PluginLoginFailed: "\nNessus was unable to log into the following host for which\ncredentials have been provided :\n\n" + portLines +
		"  Failure details :\n\n    {user} > Failed to authenticate using the supplied credentials.\n",
	scenario.PluginAuthFailure: "\n  - Protocol    : {protocol}\n    Message     : Failed to authenticate using the supplied credentials.\n",
	scenario.PluginNoCredentials: "\n{protocol} was detected on port {port} but no credentials were provided.\n" +
		"{protocol} local checks were not enabled.\n",
}

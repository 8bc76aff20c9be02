package activities

// The scan's own accounts of the hosts, put together from the rows of the proof plugins.

import (
	"cmp"
	"regexp"
	"slices"
	"strings"

	"patchproof/remediation"
	"patchproof/sclient"
)

// accounts makes an account of every row of scan information, and adds what the other proof plugins say about the same host. At
// one address several machines may answer: each has an account of its own, and a row that fits none makes one without scan
// information. Only hosts of the baseline are asked about, and of their ports only those of its findings.
func accounts(rows []sclient.Vuln, policy string, findings []remediation.Finding) []remediation.HostScan {
	b := accountBook{
		policy: policy, baseline: remediation.NewBaseline(findings), ports: askedPorts(findings), via: map[int]string{}, reports: map[reportKey]bool{},
	}
	for _, kind := range [][]sclient.ID{{sclient.PluginScanInfo}, sclient.IdentityPlugins(), nil} {
		for _, row := range rows {
			early := row.PluginID == sclient.PluginScanInfo || slices.Contains(sclient.IdentityPlugins(), row.PluginID)
			if (kind == nil && early) || (kind != nil && !slices.Contains(kind, row.PluginID)) || !b.baseline.MayHaveAddress(host(row)) {
				continue
			}
			b.add(row)
		}
	}
	return b.list
}

type accountBook struct {
	baseline remediation.Baseline
	policy   string // the one that was made for our scan
	ports    map[int]bool
	list     []remediation.HostScan
	reports  map[reportKey]bool
	via      map[int]string // by which protocol the login of an account worked, as its scan information says
}

// maxAccounts is how many machines may answer at one address before nothing that is said of it is believed.
const maxAccounts = 4

func (b *accountBook) add(row sclient.Vuln) {
	if row.PluginID == sclient.PluginScanInfo {
		b.addReport(row)
		return
	}
	who := host(row)
	if _, placed := who.Addr(); !placed {
		b.addUnplaced(row)
		return
	}
	identify(&who, row)
	at := b.fitting(who)
	if len(at) == 0 {
		b.list = append(b.list, remediation.HostScan{Host: who})
		at = []int{len(b.list) - 1}
	}
	for _, i := range at {
		h := &b.list[i]
		switch id := row.PluginID; {
		case slices.Contains(sclient.LoginFailurePlugins(), id), !id.Valid(): // it may be one of them
			addTroubles(h, row)
		case len(at) > 1:
			// Nobody can tell whose it is, and it would be good news.
		case slices.Contains(sclient.LoginSuccessPlugins(), id):
			addLogins(h, row, b.via[i])
		case slices.Contains(sclient.NetworkPortPlugins(), id), slices.Contains(sclient.ListenerPlugins(), id):
			b.addPort(h, row)
		}
		if len(at) == 1 {
			merge(&h.Host, who)
		}
	}
}

// addUnplaced takes a row that does not say at which address it is for everybody's where it is bad news, and for nobody's where it
// is good. Its protocol is left out: many of them for every host are more than a payload holds.
func (b *accountBook) addUnplaced(row sclient.Vuln) {
	trouble := remediation.LoginTrouble{Plugin: max(0, int(row.PluginID))}
	for i := range b.list {
		h := &b.list[i]
		if (slices.Contains(sclient.LoginFailurePlugins(), row.PluginID) || !row.PluginID.Valid()) && !slices.Contains(h.LoginTroubles, trouble) {
			h.LoginTroubles = append(h.LoginTroubles, trouble)
		}
	}
}

// reportKey tells scan information from a repetition of it, as two pages may have it.
type reportKey struct {
	host remediation.Host
	at   int64
	text string
}

func (b *accountBook) addReport(row sclient.Vuln) {
	key := reportKey{host(row), row.LastSeen.Unix(), row.PluginText}
	if b.reports[key] {
		return
	}
	b.reports[key] = true
	here := b.fitting(remediation.Host{Address: host(row).Address})
	if len(here) == maxAccounts {
		b.list[here[0]] = remediation.HostScan{Host: b.list[here[0]].Host}
		return
	}
	if found := loggedInBy.FindStringSubmatch(scanInfo(row.PluginText)["credentialed checks"]); found != nil {
		b.via[len(b.list)] = strings.ToUpper(found[1])
	}
	b.list = append(b.list, report(row, b.policy))
}

// fitting are the accounts of the address that nothing tells apart from the host.
func (b *accountBook) fitting(h remediation.Host) (at []int) {
	for i := range b.list {
		if b.list[i].Host.Address == h.Address && !b.list[i].Host.Contradicts(h) {
			at = append(at, i)
		}
	}
	return at
}

// merge adds identities that were not known.
func merge(h *remediation.Host, more remediation.Host) {
	for _, field := range []struct {
		into *string
		from string
	}{{&h.DNSName, more.DNSName}, {&h.NetBIOS, more.NetBIOS}, {&h.MAC, more.MAC}, {&h.UUID, more.UUID}} {
		if *field.into == "" {
			*field.into = field.from
		}
	}
}

var (
	resolvesAs   = regexp.MustCompile(`resolves as\s+([A-Za-z0-9_.-]{1,253}[A-Za-z0-9_])`)
	computerName = regexp.MustCompile(`(?m)^\s*(\S{1,15})\s+=\s+Computer name`)
	macAddress   = regexp.MustCompile(`\b[0-9A-Fa-f]{2}(?:[:-][0-9A-Fa-f]{2}){5}\b`)
	protocolLine = regexp.MustCompile(`(?mi)^[\s-]*Proto(?:col)?\s*:\s*([A-Za-z0-9]{1,8})\b`)
	detectedLine = regexp.MustCompile(`(?m)^\s*([A-Z0-9]{2,8}) was detected`)
	loggedInBy   = regexp.MustCompile(`(?i)\bvia\s+([A-Za-z0-9]{1,8})\b`)
)

// maxMACs is how many of a host's network cards are remembered.
const maxMACs = 4

// identify reads the texts of the identity plugins, for servers that do not put what they say into the row's columns.
func identify(h *remediation.Host, row sclient.Vuln) {
	text := row.PluginText[:min(len(row.PluginText), maxReport)]
	switch row.PluginID { //nolint:exhaustive // the others do not identify anybody
	case sclient.PluginHostName:
		if found := resolvesAs.FindStringSubmatch(text); found != nil {
			merge(h, remediation.Host{DNSName: found[1]})
		}
	case sclient.PluginNetBIOSName:
		if found := computerName.FindStringSubmatch(text); found != nil {
			merge(h, remediation.Host{NetBIOS: found[1]})
		}
	case sclient.PluginMACs, sclient.PluginMACVendor:
		merge(h, remediation.Host{MAC: strings.Join(macAddress.FindAllString(text, maxMACs), ",")})
	}
}

// addLogins notes by which protocols a login worked.
func addLogins(h *remediation.HostScan, row sclient.Vuln, via string) {
	found := protocols(row)
	if len(found) == 0 {
		found = []string{cmp.Or(via, remediation.AnyProtocol)}
	}
	for _, p := range found {
		if !slices.Contains(h.Logins, p) {
			h.Logins = append(h.Logins, p)
		}
	}
}

func addTroubles(h *remediation.HostScan, row sclient.Vuln) {
	found := protocols(row)
	if len(found) == 0 {
		found = []string{windowsOnly[row.PluginID]}
	}
	for _, p := range found {
		trouble := remediation.LoginTrouble{Plugin: max(0, int(row.PluginID)), Protocol: p}
		if !slices.Contains(h.LoginTroubles, trouble) {
			h.LoginTroubles = append(h.LoginTroubles, trouble)
		}
	}
}

// windowsOnly are the checks of Windows logins, which do not say that it was SMB.
var windowsOnly = map[sclient.ID]string{24786: "SMB", 26917: "SMB"}

// maxProtocols is how many protocols a row may name: SSH, SMB, SNMP and some that are rarer.
const maxProtocols = 4

func protocols(row sclient.Vuln) (out []string) {
	text := row.PluginText[:min(len(row.PluginText), maxReport)]
	for _, pattern := range []*regexp.Regexp{protocolLine, detectedLine} {
		for _, found := range pattern.FindAllStringSubmatch(text, maxProtocols) {
			if p := strings.ToUpper(found[1]); !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

func askedPorts(findings []remediation.Finding) map[int]bool {
	asked := map[int]bool{}
	for _, f := range findings {
		asked[f.Port] = true
	}
	return asked
}

// maxPorts is how many ports of a host are kept; a ticket asks about 250 at most. With more nobody can say what is closed.
const maxPorts = 1000

func (b *accountBook) addPort(h *remediation.HostScan, row sclient.Vuln) {
	p := remediation.Port{
		Number: port(row.Port), Protocol: protocol(row.Protocol), Observer: int(row.PluginID),
		Network: slices.Contains(sclient.NetworkPortPlugins(), row.PluginID),
	}
	if len(h.OpenPorts) == maxPorts {
		h.Listed = false
		return
	}
	h.Listed = h.Listed || !p.Network
	// A listener that does not say on which port it is may be on any; what was seen from the network only counts as it is.
	asked := b.ports[p.Number] || !p.Network && p.Number <= 0
	same := func(o remediation.Port) bool {
		return o.Number == p.Number && o.Protocol == p.Protocol && o.Network == p.Network
	}
	if asked && !slices.ContainsFunc(h.OpenPorts, same) {
		h.OpenPorts = append(h.OpenPorts, p)
	}
}

package scenario

// Whether a scenario makes sense. Every complaint names the field.

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"patchproof/sctest/internal/addresses"
)

// problems collects what is wrong, so that one look shows all of it.
type problems struct{ list []string }

func (p *problems) require(ok bool, field, format string, args ...any) {
	if !ok {
		p.list = append(p.list, field+": "+fmt.Sprintf(format, args...))
	}
}

// err is one line, however much is wrong.
func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	return errors.New(strings.Join(p.list, "; "))
}

func (p *problems) oneOf(field, value string, allowed ...string) {
	p.require(slices.Contains(allowed, value), field, "%q is unknown; use one of %s", value, strings.Join(allowed, ", "))
}

func (p *problems) notNegative(field string, d time.Duration) {
	p.require(d >= 0, field, "must not be negative")
}

func (p *problems) address(field, value string) {
	addr, err := netip.ParseAddr(value)
	p.require(err == nil && addr.Zone() == "", field, "%q is not an address", value)
}

func (p *problems) addresses(field, list string) {
	set, names, err := addresses.Parse(list)
	p.require(err == nil && len(names) == 0 && len(set.Ranges()) > 0, field, "%q is not a list of addresses, networks and ranges", list)
}

// ids checks that every ID is positive and used once, and returns them.
func ids[T any](p *problems, field string, list []T, id func(T) int) map[int]bool {
	known := map[int]bool{}
	for i, item := range list {
		n := id(item)
		place := fmt.Sprintf("%s[%d].id", field, i)
		p.require(n > 0, place, "must be a positive number")
		p.require(n <= 0 || !known[n], place, "%d is used twice", n)
		known[n] = true
	}
	return known
}

// Complete fills the defaults in, and says what is impossible.
func (s Scenario) Complete() (Scenario, error) {
	s = s.withDefaults()
	return s, s.check()
}

// check expects the defaults to be filled.
func (s Scenario) check() error {
	p := new(problems)
	p.oneOf("version", s.Version, "5.8", "5.23", "6.5")
	p.oneOf("deadHosts", s.DeadHosts, DeadRemove, DeadMitigate)
	p.oneOf("resultDetails", s.ResultDetails, DetailsPolicy, DetailsPlugin, DetailsNone)
	p.oneOf("identities", s.Identities, IdentitiesPlugins, IdentitiesAlways)
	repositories := ids(p, "repositories", s.Repositories, func(r Repository) int { return r.ID })
	credentials := ids(p, "credentials", s.Credentials, func(c Credential) int { return c.ID })
	ids(p, "zones", s.Zones, func(z Zone) int { return z.ID })
	ids(p, "families", s.Families, func(f Family) int { return f.ID })
	ids(p, "plugins", s.Plugins, func(x Plugin) int { return x.ID })
	ids(p, "assets", s.Assets, func(a Asset) int { return a.ID })
	cat := NewCatalog(s)
	p.checkUsers(s.Users, repositories)
	p.checkRepositories(s.Repositories)
	p.checkPlugins(s, cat)
	for i, a := range s.Assets {
		field := fmt.Sprintf("assets[%d].", i)
		p.oneOf(field+"type", a.Type, "static", "dynamic")
		if a.Type == "dynamic" {
			p.require(a.DefinedIPs == "", field+"definedIPs", "a dynamic asset has viewableIPs instead")
			p.addresses(field+"viewableIPs", a.ViewableIPs)
			continue
		}
		p.require(a.ViewableIPs == "", field+"viewableIPs", "belongs to dynamic assets")
		p.addresses(field+"definedIPs", a.DefinedIPs)
	}
	for i, z := range s.Zones {
		if z.Ranges != "" {
			p.addresses(fmt.Sprintf("zones[%d].ranges", i), z.Ranges)
		}
	}
	for i, h := range s.Hosts {
		p.checkHost(fmt.Sprintf("hosts[%d]", i), h, repositories, credentials, cat)
	}
	p.checkTwins(s.Hosts)
	p.checkTiming(s)
	p.checkFaults(s.Faults)
	return p.err()
}

func (p *problems) checkUsers(users []User, repositories map[int]bool) {
	seen := map[string]bool{}
	for i, u := range users {
		field := fmt.Sprintf("users[%d].", i)
		p.require(u.Username != "" && !seen[u.Username], field+"username", "must be there and differ from the others")
		seen[u.Username] = true
		p.checkKeys(field, u)
		p.oneOf(field+"role", u.Role, roleOrganization, RoleAdministrator)
		for _, id := range u.Repositories {
			p.require(repositories[id], field+"repositories", "%d is not among the repositories", id)
		}
		for _, permission := range u.Permissions {
			p.oneOf(field+"permissions", permission, MayScan, MayPolicy, MayAsset, MayAnalyse)
		}
	}
}

// checkKeys wants both keys or none.
func (p *problems) checkKeys(field string, u User) {
	for _, key := range []struct{ name, value string }{{"accessKey", u.AccessKey}, {"secretKey", u.SecretKey}} {
		n := len(key.value)
		p.require(u.AccessKey+u.SecretKey == "" || n == KeyLength, field+key.name, "must have %d characters, has %d", KeyLength, n)
	}
}

func (p *problems) checkRepositories(list []Repository) {
	for i, r := range list {
		field := fmt.Sprintf("repositories[%d].", i)
		p.require(r.Name != "", field+"name", "must be there")
		p.oneOf(field+"dataFormat", r.DataFormat, "IPv4", "IPv6", "universal", "agent", "mobile")
		p.oneOf(field+"type", r.Type, TypeLocal, TypeRemote, TypeOffline)
		p.addresses(field+"ipRange", r.IPRange)
	}
}

var feedVersion = regexp.MustCompile(`^\d{12}$`)

func (p *problems) checkPlugins(s Scenario, cat Catalog) {
	types := []string{TypeActive, "passive", "compliance", "lce"}
	for i, f := range s.Families {
		p.oneOf(fmt.Sprintf("families[%d].type", i), f.Type, types...)
	}
	for i, x := range s.Plugins {
		field := fmt.Sprintf("plugins[%d].", i)
		_, known := cat.Families[x.Family]
		p.require(known, field+"family", "%d is not among the families", x.Family)
		p.oneOf(field+"type", x.Type, types...)
		p.oneOf(field+"checkType", strings.ToLower(x.CheckType), "remote", "local", "combined", "summary", "settings", "thirdparty")
		for _, need := range x.Needs {
			p.oneOf(field+"needs", need, NeedsThorough, NeedsParanoid, NeedsUnsafe, NeedsCGI, NeedsWebTests, NeedsExperimental, NeedsSuperseded)
		}
		for _, id := range x.Dependencies {
			_, known := cat.Plugins[id]
			p.require(known, field+"dependencies", "%d is not among the plugins", id)
		}
		p.require(0 <= x.Severity && x.Severity <= 4, field+"severity", "must be between 0 and 4")
		for _, date := range []struct{ name, value string }{{"published", x.Published}, {"modified", x.Modified}} {
			_, err := time.Parse(time.DateOnly, date.value)
			p.require(err == nil, field+date.name, "%q is not a day; write YYYY-MM-DD", date.value)
		}
	}
	p.require(s.PluginFeed == "" || feedVersion.MatchString(s.PluginFeed), "pluginFeed", "%q is not a feed version; write YYYYMMDDHHMM", s.PluginFeed)
}

func (p *problems) checkHost(field string, h Host, repositories, credentials map[int]bool, cat Catalog) {
	p.address(field+".ip", h.IP)
	if h.MovesTo != "" {
		p.address(field+".movesTo", h.MovesTo)
	}
	p.require(repositories[h.Repository], field+".repository", "%d is not among the repositories", h.Repository)
	for _, id := range h.Credentials.IDs {
		p.require(credentials[id], field+".credentials", "%d is not among the credentials", id)
	}
	p.notNegative(field+".upAfter", h.UpAfter)
	p.notNegative(field+".downAfter", h.DownAfter)
	if b := h.Becomes; b != nil {
		p.notNegative(field+".becomes.after", b.After)
		p.require(b.DNS+b.MAC+b.NetBIOS+b.UUID != "", field+".becomes", "needs at least one of dns, mac, netbios, uuid")
	}
	for _, protocol := range slices.Sorted(maps.Keys(h.Logins)) {
		p.oneOf(field+".logins", protocol, "smb", "ssh")
		p.oneOf(field+".logins."+protocol, h.Logins[protocol], LoginWorked, LoginRefused, LoginInsufficient, LoginIntermittent)
	}
	if w := h.ScannedWith; w != nil {
		p.notNegative(field+".scannedWith.ago", w.Ago)
		p.require(w.Paranoia == nil || 0 <= *w.Paranoia && *w.Paranoia <= 2, field+".scannedWith.paranoia", "must be 0, 1 or 2")
		p.require(w.Feed == "" || feedVersion.MatchString(w.Feed), field+".scannedWith.feed", "%q is not a feed version; write YYYYMMDDHHMM", w.Feed)
	}
	seen := map[string]bool{}
	for i, f := range h.Findings {
		place := fmt.Sprintf("%s.findings[%d]", field, i)
		p.checkFinding(place, f, cat)
		id := fmt.Sprintf("plugin %d on port %d/%s", f.Plugin, f.Port, f.Protocol)
		p.require(!seen[id], place, "%s is there twice", id)
		seen[id] = true
	}
}

func (p *problems) checkFinding(field string, f Finding, cat Catalog) {
	_, known := cat.Plugins[f.Plugin]
	p.require(known, field+".plugin", "%d is not among the plugins", f.Plugin)
	for _, port := range []struct {
		name  string
		value int
	}{{"port", f.Port}, {"movesToPort", f.MovesToPort}} {
		p.require(0 <= port.value && port.value <= MaxPort, field+"."+port.name, "%d is not a port", port.value)
	}
	p.oneOf(field+".protocol", f.Protocol, TCP, UDP, ICMP)
	for _, d := range []struct {
		name  string
		value time.Duration
	}{
		{"fixedAfter", f.FixedAfter},
		{"reopensAfter", f.ReopensAfter},
		{"firstSeen", f.FirstSeen},
		{"lastSeen", f.LastSeen},
		{"mitigated", f.Mitigated.Ago},
	} {
		p.notNegative(field+"."+d.name, d.value)
	}
	p.require(f.FirstSeen >= f.LastSeen, field+".firstSeen", "must not be later than lastSeen")
	p.require(!f.Mitigated.Yes || !f.Reopened, field+".reopened", "a finding that is mitigated is not reopened")
}

// checkTwins refuses two hosts that the server could not tell apart.
func (p *problems) checkTwins(hosts []Host) {
	seen := map[string]bool{}
	for i, h := range hosts {
		// An address that is none was complained about before.
		addr, _ := netip.ParseAddr(h.IP)
		id := fmt.Sprintf("%d %q %q %q %t", h.Repository, addr.Unmap(), h.DNS, h.UUID, h.Agent)
		p.require(!seen[id], fmt.Sprintf("hosts[%d].ip", i), "%s is in repository %d already, with the same identity", h.IP, h.Repository)
		seen[id] = true
	}
}

func (p *problems) checkTiming(s Scenario) {
	p.notNegative("timing.queue", s.Timing.Queue)
	p.notNegative("timing.perHost", s.Timing.PerHost)
	p.notNegative("timing.import", s.Timing.Import)
	p.notNegative("timing.mitigationLag", s.Timing.MitigationLag)
	p.notNegative("sessionTimeout", s.SessionTimeout)
	p.require(s.SessionLimit >= 0, "sessionLimit", "must not be negative")
}

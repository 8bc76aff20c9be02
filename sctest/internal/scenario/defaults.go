package scenario

// What an empty scenario gets.

import (
	"cmp"
	"strings"
	"time"
)

// The account of a server whose scenario names no users.
const (
	DefaultUsername = "api"
	DefaultPassword = "secret"
)

// The keys of that account; 32 characters each, as real ones.
var (
	DefaultAccessKey = strings.Repeat("a", 32)
	DefaultSecretKey = strings.Repeat("b", 32)
)

const (
	defaultVersion        = "6.5"
	defaultSessionLimit   = 5
	defaultSessionTimeout = time.Hour
	// DefaultFirstSeen is how long before the start a finding was first seen.
	DefaultFirstSeen    = 30 * day
	defaultLastSeen     = day
	defaultMitigatedAgo = day
	defaultPublished    = "2017-03-20"
	deprecatedMark      = "(deprecated)"

	day = 24 * time.Hour
)

// What a result's details say.
const (
	DetailsPolicy = "policy"
	DetailsPlugin = "plugin"
	DetailsNone   = "none"
)

// What becomes of old findings of dead hosts.
const (
	DeadRemove   = "remove"
	DeadMitigate = "mitigate"
)

// When the rows of a result carry identities.
const (
	IdentitiesPlugins = "plugins"
	IdentitiesAlways  = "always"
)

// What becomes of a login.
const (
	LoginWorked       = "worked"
	LoginRefused      = "refused"
	LoginInsufficient = "insufficient"
	LoginIntermittent = "intermittent"
)

// What a check may need of a policy.
const (
	NeedsThorough     = "thorough"
	NeedsParanoid     = "paranoid"
	NeedsUnsafe       = "unsafe"
	NeedsCGI          = "cgi"
	NeedsWebTests     = "webTests"
	NeedsExperimental = "experimental"
	NeedsSuperseded   = "superseded"
)

// withDefaults fills the empty parts of a copy; doing it twice changes nothing.
func (s Scenario) withDefaults() Scenario {
	s.Version = cmp.Or(s.Version, defaultVersion)
	s.DeadHosts = cmp.Or(s.DeadHosts, DeadRemove)
	s.ResultDetails = cmp.Or(s.ResultDetails, DetailsPolicy)
	s.Identities = cmp.Or(s.Identities, IdentitiesPlugins)
	s.SessionLimit = cmp.Or(s.SessionLimit, defaultSessionLimit)
	s.SessionTimeout = cmp.Or(s.SessionTimeout, defaultSessionTimeout)
	if s.Timing == nil {
		s.Timing = &Timing{Queue: 30 * time.Second, PerHost: 20 * time.Second, Import: 45 * time.Second}
	}
	// A copy, so that the caller's changes count from the next reset on.
	s.Timing = new(*s.Timing)
	if len(s.Users) == 0 {
		s.Users = []User{{
			Username: DefaultUsername, Password: DefaultPassword, AccessKey: DefaultAccessKey, SecretKey: DefaultSecretKey,
		}}
	}
	if len(s.Repositories) == 0 {
		s.Repositories = []Repository{{ID: 1, Name: "Default"}}
	}
	s.Users = each(s.Users, User.withDefaults)
	s.Repositories = each(s.Repositories, Repository.withDefaults)
	s.Families = each(s.Families, Family.withDefaults)
	s.Plugins = each(s.Plugins, Plugin.withDefaults)
	s.Assets = each(s.Assets, func(a Asset) Asset {
		a.Type = cmp.Or(a.Type, "static")
		return a
	})
	s.Faults = each(s.Faults, Fault.withDefaults)
	only := 0
	if len(s.Repositories) == 1 {
		only = s.Repositories[0].ID
	}
	s.Hosts = each(s.Hosts, func(h Host) Host { return h.withDefaults(only) })
	return s
}

func (u User) withDefaults() User {
	u.Role = cmp.Or(u.Role, roleOrganization)
	if u.Role == "admin" {
		u.Role = RoleAdministrator
	}
	return u
}

func (r Repository) withDefaults() Repository {
	r.DataFormat = cmp.Or(r.DataFormat, "IPv4")
	r.Type = cmp.Or(r.Type, TypeLocal)
	if r.IPRange == "" {
		r.IPRange = map[string]string{"IPv6": "::/0", "universal": "0.0.0.0/0,::/0"}[r.DataFormat]
	}
	r.IPRange = cmp.Or(r.IPRange, "0.0.0.0/0")
	return r
}

func (f Family) withDefaults() Family {
	f.Type = cmp.Or(f.Type, TypeActive)
	return f
}

func (p Plugin) withDefaults() Plugin {
	p.Type = cmp.Or(p.Type, TypeActive)
	p.CheckType = cmp.Or(p.CheckType, "remote")
	p.Published = cmp.Or(p.Published, defaultPublished)
	p.Modified = cmp.Or(p.Modified, p.Published)
	if p.Deprecated && !strings.Contains(p.Name, deprecatedMark) {
		p.Name += " " + deprecatedMark
	}
	return p
}

func (h Host) withDefaults(only int) Host {
	h.Repository = cmp.Or(h.Repository, only)
	h.Findings = each(h.Findings, Finding.withDefaults)
	return h
}

func (f Finding) withDefaults() Finding {
	f.Protocol = strings.ToUpper(cmp.Or(f.Protocol, TCP))
	if f.LastSeen == 0 {
		f.LastSeen = defaultLastSeen
		if f.FirstSeen > 0 {
			f.LastSeen = min(f.LastSeen, f.FirstSeen)
		}
	}
	f.FirstSeen = cmp.Or(f.FirstSeen, max(DefaultFirstSeen, f.LastSeen))
	if f.Mitigated.Yes {
		f.Mitigated.Ago = cmp.Or(f.Mitigated.Ago, defaultMitigatedAgo)
	}
	return f
}

// each maps a list into a new one, so that the caller's scenario stays as it is.
func each[T any](list []T, f func(T) T) []T {
	if len(list) == 0 {
		return list
	}
	out := make([]T, len(list))
	for i, item := range list {
		out[i] = f(item)
	}
	return out
}

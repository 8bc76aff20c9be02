// Package network is the network that the simulator pretends: machines and their weaknesses, scans that run over them, and the databases
// of findings that the scans fill. Everything is derived from the time that callers pass in.
package network

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"go4.org/netipx"

	"patchproof/sctest/internal/addresses"
	"patchproof/sctest/internal/scenario"
)

// Network is everything that scans change or see. It is not safe for concurrent use; [Network.Settle] brings it up to a time.
type Network struct {
	scenario scenario.Scenario
	// Start is when the network came to be; all durations of the scenario count from there.
	Start   time.Time
	Catalog scenario.Catalog
	// Feed is the version of the plugin feed, feedUpdated the time of its last update.
	Feed        string
	FeedUpdated time.Time

	Repositories map[int]*Repository
	hosts        []*host
	db           *database

	Policies map[int]*Policy
	Scans    map[int]*Scan
	Runs     map[int]*Run
	Assets   map[int]*Asset
	// unsettled are the runs to which something will still happen.
	unsettled map[int]*Run

	steps []step
	// zones are the addresses that each zone may scan; none means any.
	zones map[int]*netipx.IPSet

	lastPolicy, lastScan, lastRun, lastAsset int
}

// Owner is the account that made something.
type Owner struct {
	ID       int
	Username string
}

// Repository is a store of findings; Updated is the time of its last import.
type Repository struct {
	scenario.Repository
	InRange *netipx.IPSet
	Updated time.Time
}

// New expects a scenario that is complete.
func New(s scenario.Scenario, now time.Time) *Network {
	n := &Network{
		scenario: s, Start: now, Catalog: scenario.NewCatalog(s), FeedUpdated: now.Add(-defaultFeedAge),
		Repositories: map[int]*Repository{}, Policies: map[int]*Policy{}, Scans: map[int]*Scan{}, Runs: map[int]*Run{},
		Assets: map[int]*Asset{}, unsettled: map[int]*Run{},
	}
	n.Feed = cmp.Or(s.PluginFeed, n.FeedUpdated.UTC().Format(feedFormat))
	for _, r := range s.Repositories {
		inRange, _, _ := addresses.Parse(r.IPRange)
		n.Repositories[r.ID] = &Repository{Repository: r, InRange: inRange, Updated: now}
	}
	for _, a := range s.Assets {
		set, _, _ := addresses.Parse(cmp.Or(a.ViewableIPs, a.DefinedIPs))
		first := Owner{1, s.Users[0].Username}
		n.Assets[a.ID] = &Asset{ID: a.ID, Name: a.Name, Kind: a.Type, Set: set, Created: now, Creator: first, Owner: first}
		n.lastAsset = max(n.lastAsset, a.ID)
	}
	n.zones = map[int]*netipx.IPSet{}
	for _, z := range s.Zones {
		n.zones[z.ID], _, _ = addresses.Parse(z.Ranges)
	}
	for _, h := range s.Hosts {
		n.hosts = append(n.hosts, newHost(h))
	}
	n.db = seedDatabase(n)
	return n
}

func (n *Network) age(now time.Time) time.Duration { return now.Sub(n.Start) }

// AddressText is how rows write an address.
func (n *Network) AddressText(addr netip.Addr) string {
	if n.scenario.MappedAddresses && addr.Is4() {
		return "::ffff:" + addr.String()
	}
	return addr.String()
}

// nextID is a number of its own, or the smallest that is free where the server gives the numbers of what was deleted to others.
func nextID[T any](n *Network, taken map[int]T, last *int, first int) int {
	if n.scenario.ReuseIDs {
		for id := first; ; id++ {
			if _, used := taken[id]; !used {
				return id
			}
		}
	}
	*last = max(*last+1, first)
	return *last
}

// AddPolicy numbers a policy and keeps it.
func (n *Network) AddPolicy(p *Policy) {
	p.ID = nextID(n, n.Policies, &n.lastPolicy, firstPolicyID)
	n.Policies[p.ID] = p
}

// AddScan numbers a scan definition and keeps it.
func (n *Network) AddScan(s *Scan) {
	s.ID = nextID(n, n.Scans, &n.lastScan, 1)
	n.Scans[s.ID] = s
}

// AddAsset numbers an asset and keeps it.
func (n *Network) AddAsset(a *Asset) {
	a.ID = nextID(n, n.Assets, &n.lastAsset, 1)
	n.Assets[a.ID] = a
}

const (
	// firstPolicyID is where the policies of users begin on real servers.
	firstPolicyID  = 1000001
	defaultFeedAge = 6 * time.Hour
	// feedFormat is how versions of the plugin feed are written.
	feedFormat = "200601021504"
	// ServerUUID is any; clients must not care.
	ServerUUID = "6d32dff0-2e6e-5fef-982f-80b05a31fcad"
)

// Fingerprint is a stable number in hexadecimal for whatever needs an identity of its own.
func Fingerprint(parts ...any) string {
	sum := sha256.Sum256([]byte(fmt.Sprintln(parts...)))
	return hex.EncodeToString(sum[:16])
}

// UUIDOf is the same number, written as a UUID.
func UUIDOf(parts ...any) string {
	f := strings.ToUpper(Fingerprint(parts...))
	return strings.Join([]string{f[:8], f[8:12], f[12:16], f[16:20], f[20:32]}, "-")
}

// CredentialName is empty for a credential that does not exist.
func (n *Network) CredentialName(id int) string {
	for _, x := range n.scenario.Credentials {
		if x.ID == id {
			return x.Name
		}
	}
	return ""
}

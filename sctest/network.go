package sctest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"

	"go4.org/netipx"
)

type network struct {
	scenario Scenario
	// start is when the network came to be; all durations of the scenario count from there.
	start   time.Time
	catalog catalog
	// feed is the version of the plugin feed, feedUpdated the time of its last update.
	feed        string
	feedUpdated time.Time

	repositories map[int]*repository
	hosts        []*host
	db           *database

	policies map[int]*policy
	scans    map[int]*scan
	runs     map[int]*run
	assets   map[int]*asset
	// unsettled are the runs to which something will still happen.
	unsettled map[int]*run

	lastPolicy, lastScan, lastRun, lastAsset int
}

// owner is the account that made something.
type owner struct {
	id       int
	username string
}

type repository struct {
	Repository
	inRange *netipx.IPSet
	updated time.Time
}

// newNetwork expects a scenario that is complete.
func newNetwork(s Scenario, now time.Time) *network {
	n := &network{
		scenario: s, start: now, catalog: newCatalog(s), feedUpdated: now.Add(-defaultFeedAge),
		repositories: map[int]*repository{}, policies: map[int]*policy{}, scans: map[int]*scan{}, runs: map[int]*run{},
		assets: map[int]*asset{}, unsettled: map[int]*run{}, lastPolicy: firstPolicyID - 1,
	}
	n.feed = cmp.Or(s.PluginFeed, n.feedUpdated.UTC().Format(feedFormat))
	for _, r := range s.Repositories {
		inRange, _, _ := parseTargets(r.IPRange)
		n.repositories[r.ID] = &repository{Repository: r, inRange: inRange, updated: now}
	}
	for _, a := range s.Assets {
		set, _, _ := parseTargets(a.DefinedIPs)
		first := owner{1, s.Users[0].Username}
		n.assets[a.ID] = &asset{id: a.ID, name: a.Name, kind: assetStatic, set: set, created: now, owner: first}
		n.lastAsset = max(n.lastAsset, a.ID)
	}
	for _, h := range s.Hosts {
		n.hosts = append(n.hosts, newHost(h))
	}
	n.db = seedDatabase(n)
	return n
}

func (n *network) age(now time.Time) time.Duration { return now.Sub(n.start) }

// addPolicy numbers a policy and keeps it.
func (n *network) addPolicy(p *policy) {
	n.lastPolicy++
	p.id = n.lastPolicy
	n.policies[p.id] = p
}

// addScan numbers a scan definition and keeps it.
func (n *network) addScan(s *scan) {
	n.lastScan++
	s.id = n.lastScan
	n.scans[s.id] = s
}

// addAsset numbers an asset and keeps it.
func (n *network) addAsset(a *asset) {
	n.lastAsset++
	a.id = n.lastAsset
	n.assets[a.id] = a
}

// firstPolicyID is where the policies of users begin on real servers.
const firstPolicyID = 1000001

const (
	defaultFeedAge = 6 * time.Hour
	// feedFormat is how versions of the plugin feed are written.
	feedFormat = "200601021504"
)

// fingerprint is a stable number in hexadecimal for whatever needs an identity of its own.
func fingerprint(parts ...any) string {
	sum := sha256.Sum256([]byte(fmt.Sprintln(parts...)))
	return hex.EncodeToString(sum[:16])
}

func uuidOf(parts ...any) string {
	f := strings.ToUpper(fingerprint(parts...))
	return strings.Join([]string{f[:8], f[8:12], f[12:16], f[16:20], f[20:32]}, "-")
}

// credentialName is empty for a credential that does not exist.
func (n *network) credentialName(id int) string {
	for _, x := range n.scenario.Credentials {
		if x.ID == id {
			return x.Name
		}
	}
	return ""
}

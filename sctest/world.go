package sctest

// The world behind the mutex: everything that a reset forgets.

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"go4.org/netipx"
)

// firstPolicyID is where the policies of users begin on real servers.
const firstPolicyID = 1000001

type world struct {
	scenario Scenario
	dialect  dialect
	start    time.Time
	feed     string
	catalog  catalog

	accounts     []*account
	repositories map[int]*repository
	hosts        []*host
	db           *database

	sessions map[string]*session
	policies map[int]*policy
	scans    map[int]*scan
	runs     map[int]*run
	// unsettled are the runs to which something will still happen.
	unsettled map[int]*run
	assets    map[int]*asset
	lastID    map[string]int

	faults  faultList
	calls   map[string]int
	unknown []string
}

type repository struct {
	Repository
	inRange *netipx.IPSet
	updated time.Time
}

// newWorld expects a scenario that was checked.
func newWorld(s Scenario, now time.Time) *world {
	w := &world{
		scenario: s, dialect: parseDialect(s.Version), start: now, catalog: newCatalog(s),
		feed:         or(s.PluginFeed, now.Add(-defaultFeedAge).UTC().Format(feedFormat)),
		repositories: map[int]*repository{}, sessions: map[string]*session{}, policies: map[int]*policy{},
		scans: map[int]*scan{}, runs: map[int]*run{}, unsettled: map[int]*run{}, assets: map[int]*asset{},
		lastID: map[string]int{"policy": firstPolicyID - 1},
		faults: append(faultList{}, s.Faults...), calls: map[string]int{},
	}
	for i, u := range s.Users {
		w.accounts = append(w.accounts, &account{User: u, id: i + 1})
	}
	for _, r := range s.Repositories {
		inRange, _, _ := parseTargets(r.IPRange)
		w.repositories[r.ID] = &repository{Repository: r, inRange: inRange, updated: now}
	}
	for _, a := range s.Assets {
		set, _, _ := parseTargets(a.DefinedIPs)
		w.assets[a.ID] = &asset{id: a.ID, name: a.Name, kind: assetStatic, set: set, created: now, owner: w.accounts[0]}
		w.lastID["asset"] = max(w.lastID["asset"], a.ID)
	}
	for _, h := range s.Hosts {
		w.hosts = append(w.hosts, newHost(h))
	}
	w.db = seedDatabase(w)
	return w
}

func newHost(h Host) *host {
	built := &host{Host: h}
	// Both were checked with the scenario.
	built.home, _ = netip.ParseAddr(h.IP)
	built.home = built.home.Unmap()
	built.lives = built.home
	if moved, err := netip.ParseAddr(h.MovesTo); err == nil {
		built.lives = moved.Unmap()
	}
	return built
}

// next numbers the things of a kind.
func (w *world) next(kind string) int {
	w.lastID[kind]++
	return w.lastID[kind]
}

func (w *world) age(now time.Time) time.Duration { return now.Sub(w.start) }

// fingerprint is a stable number in hexadecimal for whatever needs an identity of its own.
func fingerprint(parts ...any) string {
	sum := sha256.Sum256([]byte(fmt.Sprintln(parts...)))
	return hex.EncodeToString(sum[:16])
}

func uuidOf(parts ...any) string {
	f := strings.ToUpper(fingerprint(parts...))
	return strings.Join([]string{f[:8], f[8:12], f[12:16], f[16:20], f[20:32]}, "-")
}

// dialect is the version that is spoken.
type dialect struct {
	version      string
	major, minor int
}

func parseDialect(version string) dialect {
	major, minor, _ := strings.Cut(version, ".")
	d := dialect{version: version + ".1"}
	d.major, _ = strconv.Atoi(major)
	d.minor, _ = strconv.Atoi(minor)
	if version == "5.8" {
		d.version = "5.8.0"
	}
	return d
}

func (d dialect) atLeast(major, minor int) bool {
	return d.major > major || d.major == major && d.minor >= minor
}

package sctest

// The scenario under its public names.

import "patchproof/sctest/internal/scenario"

// What a scenario is made of. The fields are explained beside their types, in internal/scenario.
type (
	// Scenario describes a Security Center and its network. Empty parts get defaults: version 6.5, one user, one IPv4 repository
	// with the ID 1, and a timing of realistic length.
	Scenario = scenario.Scenario

	User        = scenario.User        // an account
	Repository  = scenario.Repository  // a store of findings
	Family      = scenario.Family      // a plugin family
	Plugin      = scenario.Plugin      // a check
	Credential  = scenario.Credential  // a login that scans may name
	Zone        = scenario.Zone        // a scan zone
	Asset       = scenario.Asset       // a static list of addresses
	Host        = scenario.Host        // a machine in the network
	Credentials = scenario.Credentials // which logins a host accepts
	Becomes     = scenario.Becomes     // the machine that takes an address over
	ScannedWith = scenario.ScannedWith // how a host was scanned before the start
	Finding     = scenario.Finding     // a weakness of a host
	Mitigated   = scenario.Mitigated   // whether, and how long before the start, a finding was mitigated
	Timing      = scenario.Timing      // how long scans take
	Fault       = scenario.Fault       // one thing that goes wrong
)

// What a [Fault] can do. The first group concerns a request and its answer, the second what an analysis says, the third the next
// scan that is launched.
const (
	FaultDropResponse  = scenario.FaultDropResponse
	FaultRefuse        = scenario.FaultRefuse
	FaultStatus        = scenario.FaultStatus
	FaultDelay         = scenario.FaultDelay
	FaultTruncate      = scenario.FaultTruncate
	FaultLocked        = scenario.FaultLocked
	FaultExpireSession = scenario.FaultExpireSession
	FaultWarn          = scenario.FaultWarn
	FaultRefusal       = scenario.FaultRefusal
	FaultClock         = scenario.FaultClock
	FaultHuge          = scenario.FaultHuge
	FaultWithout       = scenario.FaultWithout

	FaultIndividualDenied = scenario.FaultIndividualDenied
	FaultWrongTotals      = scenario.FaultWrongTotals
	FaultForeignRows      = scenario.FaultForeignRows
	FaultSwapTies         = scenario.FaultSwapTies

	FaultScanError   = scenario.FaultScanError
	FaultScanPartial = scenario.FaultScanPartial
	FaultScanPause   = scenario.FaultScanPause
	FaultImportError = scenario.FaultImportError
	FaultNoResults   = scenario.FaultNoResults
)

// The account of a server whose scenario names no users.
const (
	DefaultUsername = scenario.DefaultUsername
	DefaultPassword = scenario.DefaultPassword
)

// The keys of that account; 32 characters each, as real ones.
var (
	DefaultAccessKey = scenario.DefaultAccessKey
	DefaultSecretKey = scenario.DefaultSecretKey
)

// ParseScenario reads a scenario file. Unknown keys and impossible values are refused with their place.
func ParseScenario(data []byte) (Scenario, error) { return scenario.Parse(data) }

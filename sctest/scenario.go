package sctest

// The scenario under its public names.

import "patchproof/sctest/internal/scenario"

// What a scenario is made of. The fields are explained where the types are defined, in internal/scenario.
type (
	// Scenario describes a Security Center and its network. Empty parts get defaults: version 5.23, one user, one IPv4 repository
	// with the ID 1, and a timing of realistic length.
	Scenario = scenario.Scenario
	// User is an account.
	User = scenario.User
	// Repository is a store of findings.
	Repository = scenario.Repository
	// Family is a plugin family.
	Family = scenario.Family
	// Plugin is a check.
	Plugin = scenario.Plugin
	// Credential is a login that scans may name.
	Credential = scenario.Credential
	// Zone is a scan zone.
	Zone = scenario.Zone
	// Asset is a static list of addresses.
	Asset = scenario.Asset
	// Host is a machine in the network.
	Host = scenario.Host
	// Becomes is the machine that takes an address over.
	Becomes = scenario.Becomes
	// Credentials says which logins a host accepts.
	Credentials = scenario.Credentials
	// Finding is a weakness of a host.
	Finding = scenario.Finding
	// Mitigated says whether and how long before the start a finding was mitigated.
	Mitigated = scenario.Mitigated
	// Timing is how long scans take.
	Timing = scenario.Timing
	// Fault is one thing that goes wrong.
	Fault = scenario.Fault
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

	FaultIndividualDenied = scenario.FaultIndividualDenied
	FaultWrongTotals      = scenario.FaultWrongTotals

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

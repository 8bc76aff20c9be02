// Package activities holds everything of a verification that touches the network: what the workflow decides is done
// here, against Security Center.
//
// Every activity may run more than once: its worker can die at any point. What only reads is simply read again; what
// creates (a policy, a scan) first looks for what an earlier attempt may have left. Errors leave this package through
// one translator and unwrapped, because a wrapped ApplicationError loses its retry settings.
package activities

import (
	"context"
	"iter"
	"sync"
	"time"

	"patchproof/sclient"
)

//go:generate ../bin/mockgen -source=activities.go -destination=mock_test.go -package=activities_test -typed

// SecurityCenter is what a verification needs of a Security Center; [sclient.Client] is one.
type SecurityCenter interface {
	ServerTime(ctx context.Context) (time.Time, error)
	CurrentUser(ctx context.Context) (*sclient.User, error)
	Repository(ctx context.Context, id sclient.ID) (*sclient.Repository, error)
	Plugin(ctx context.Context, id sclient.ID) (*sclient.Plugin, error)
	PluginFamily(ctx context.Context, id sclient.ID) (*sclient.PluginFamily, error)
	Asset(ctx context.Context, id sclient.ID) (*sclient.Asset, error)
	Vulns(ctx context.Context, query sclient.VulnQuery) iter.Seq2[sclient.Vuln, error]

	CreatePolicy(ctx context.Context, request sclient.PolicyRequest) (*sclient.Policy, error)
	Policy(ctx context.Context, id sclient.ID) (*sclient.Policy, error)
	DeletePolicy(ctx context.Context, id sclient.ID) error

	CreateScan(ctx context.Context, request sclient.ScanRequest) (*sclient.Scan, error)
	ScanResults(ctx context.Context, filter sclient.ScanResultFilter) ([]sclient.ScanResult, error)
	ScanResult(ctx context.Context, id sclient.ID) (*sclient.ScanResult, error)
	StopScanResult(ctx context.Context, id sclient.ID) error
}

// Activities are the worker's activities. It holds clients only; everything about a verification comes as arguments.
type Activities struct {
	// SCs are the Security Centers by name.
	SCs map[string]Site
	// Desk tells who holds launches back; nil means that nobody does.
	Desk Desk
	// Now is the clock by which windows open; nil is the machine's.
	Now func() time.Time

	usersMu sync.Mutex
	users   map[string]sclient.ID // who we are

	proofMu sync.Mutex
	proof   map[string]proofCache
}

func (a *Activities) now() time.Time {
	if a.Now == nil {
		return time.Now()
	}
	return a.Now()
}

package activities

// Which scans are ours, and stopping them.

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"patchproof/sclient"
)

// Ownership tells the scans of one run from all others.
type Ownership struct {
	// Mark stands in the descriptions of the run's policy and scan.
	Mark   string `json:"mark"`
	Policy Policy `json:"policy,omitzero"` // zero while there is none
	// Begun is Security Center's clock when the run began: no scan of ours is older.
	Begun time.Time `json:"begun"`
	// ScanID is the scan that was launched for certain, if its number is known.
	ScanID int `json:"scanId,omitempty"`
}

// Policy is a policy for one use.
type Policy struct {
	ID   int    `json:"id"`
	Name string `json:"name"` // made by Security Center, unique: the scan's result carries it
}

// owns says whether a scan of ours made the result. The policy's generated name is the strongest sign; the mark in the
// description and the scan's ID reach the result on some versions only.
func (o Ownership) owns(r sclient.ScanResult) bool {
	byPolicy := o.Policy.Name != "" && r.Details == o.Policy.Name
	byMark := o.Mark != "" && strings.Contains(r.Description, o.Mark)
	byScan := o.ScanID > 0 && int(r.Scan.ID) == o.ScanID
	// Not every version lists the time; the names alone are this run's own.
	old := !r.CreatedTime.IsZero() && r.CreatedTime.Before(o.Begun)
	return (byPolicy || byMark || byScan) && !old
}

// results lists the results that are ours, the oldest first.
func (o Ownership) results(ctx context.Context, sc SecurityCenter) ([]sclient.ScanResult, error) {
	results, err := sc.ScanResults(ctx, sclient.ScanResultFilter{
		Since:  o.Begun,
		Fields: []string{"id", "name", "description", "details", "status", "importStatus", "createdTime", "scan"},
	})
	if err != nil {
		return nil, err
	}
	results = slices.DeleteFunc(results, func(r sclient.ScanResult) bool { return !o.owns(r) })
	slices.SortFunc(results, func(a, b sclient.ScanResult) int {
		return cmp.Or(a.CreatedTime.Compare(b.CreatedTime.Time), cmp.Compare(a.ID, b.ID))
	})
	return results, nil
}

// stopIfRunning asks a scan to stop. One that ended in the meantime cannot be stopped and need not be.
func stopIfRunning(ctx context.Context, sc SecurityCenter, r sclient.ScanResult) error {
	if r.Ended() || r.Status == "Stopping" {
		return nil
	}
	err := sc.StopScanResult(ctx, r.ID)
	if err == nil || sclient.IsNotFound(err) {
		return nil
	}
	if now, again := sc.ScanResult(ctx, r.ID); again == nil && (now.Ended() || now.Status == "Stopping") {
		return nil
	}
	return err
}

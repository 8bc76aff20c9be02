package activities

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"patchproof/remediation"
	"patchproof/sclient"
)

// A launch of unknown fate may still show up among the scan results, so it is looked for in rounds before it is repeated.
const (
	settleRound = 10 * time.Second
	// lostRounds: the connection was cut. A gateway gives up on a request after 30 s as a rule, and Security Center finishes it.
	lostRounds = 3
	// deadRounds: the worker died with its request, which may have been on its way for as long as nobody was there to see.
	deadRounds = 6
)

// LaunchInput asks for one scan.
type LaunchInput struct {
	SC string `json:"sc"`
	// Begun is Security Center's clock when the run began: no scan of ours is older.
	Begun   time.Time           `json:"begun"`
	Marker  string              `json:"marker"`
	Policy  PolicyResult        `json:"policy"`
	Request remediation.Request `json:"request"`
	Targets []string            `json:"targets"` // addresses; unused if the assets are scanned
}

// LaunchResult is the scan that runs.
type LaunchResult struct {
	ScanID   int  `json:"scanId"`
	ResultID int  `json:"resultId"`
	Adopted  bool `json:"adopted,omitempty"` // an earlier attempt had launched it
	// Repeated says that a launch of unknown fate came before: another scan of ours may still show up.
	Repeated bool `json:"repeated,omitempty"`
}

// Launch starts the scan, or adopts the one that an earlier attempt started. Launching is not idempotent and Security
// Center has no key against repetition, so: look for ours; if a launch may still be on its way, wait and look again; only
// then launch. Afterwards look once more and stop all but the oldest of ours.
func (a *Activities) Launch(ctx context.Context, in LaunchInput) (*LaunchResult, error) {
	pulse, stop := startPulse[postMemo](ctx)
	defer stop()
	out, err := a.launch(ctx, in, pulse)
	if err != nil {
		return nil, failed(err, pulse)
	}
	return out, nil
}

func (a *Activities) launch(ctx context.Context, in LaunchInput, pulse *pulse[postMemo]) (*LaunchResult, error) {
	sc, err := a.sc(in.SC)
	if err != nil {
		return nil, err
	}
	memo := pulse.last
	if activity.GetInfo(ctx).Attempt == 1 {
		memo = postMemo{Settled: true, Clean: true}
	}
	done, err := adopt(ctx, sc, in, memo.ScanID)
	if err != nil {
		pulse.set(memo)
		return nil, err
	}
	if done != nil {
		done.Repeated = !memo.Clean
		return done, nil
	}
	if memo.ScanID > 0 {
		return nil, pulse.keep(memo, noResult())
	}
	if !memo.Settled {
		memo.Rounds = cmp.Or(memo.Rounds, deadRounds) - 1
		memo.Settled = memo.Rounds == 0
		pulse.set(memo)
		return nil, notYet("an earlier launch may still show up; looking again before repeating it", settleRound)
	}
	return post(ctx, sc, in, memo, pulse)
}

// post launches the scan and finds its result.
func post(ctx context.Context, sc SecurityCenter, in LaunchInput, memo postMemo, pulse *pulse[postMemo]) (*LaunchResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// A cancellation must not cut the request in half: its effect would be unknown.
	ctx = context.WithoutCancel(ctx)
	scan, err := sc.CreateScan(ctx, scanRequest(in))
	switch {
	case sclient.FateUnknown(err):
		pulse.set(postMemo{Rounds: lostRounds})
		return nil, err
	case err != nil:
		pulse.set(memo) // a definite answer: nothing is on its way, and the next attempt need not wait
		return nil, err
	}
	if done, err := adopt(ctx, sc, in, int(scan.ID)); done != nil && err == nil {
		done.ScanID, done.Adopted = cmp.Or(done.ScanID, int(scan.ID)), done.ResultID != int(scan.ScanResultID)
		done.Repeated = !memo.Clean
		return done, nil
	}
	// The list does not show it yet, but its answer named the result.
	if scan.ScanResultID.Valid() {
		return &LaunchResult{ScanID: int(scan.ID), ResultID: int(scan.ScanResultID), Repeated: !memo.Clean}, nil
	}
	memo.ScanID = int(scan.ID)
	return nil, pulse.keep(memo, noResult())
}

// noResult: the scan exists for certain, so it is only looked for from now on, and never launched again.
func noResult() error {
	return retryable(ErrorUnavailable, "the scan was launched but Security Center names no result for it yet", busyDelay)
}

// adopt finds the scans of this verification and keeps the oldest; nil means that there is none.
func adopt(ctx context.Context, sc SecurityCenter, in LaunchInput, scanID int) (*LaunchResult, error) {
	mine, err := ours(ctx, sc, in, scanID)
	if err != nil || len(mine) == 0 {
		return nil, err
	}
	for _, extra := range mine[1:] {
		if err := stopIfRunning(ctx, sc, extra); err != nil {
			return nil, err
		}
	}
	return &LaunchResult{ScanID: max(0, int(mine[0].Scan.ID)), ResultID: int(mine[0].ID), Adopted: true}, nil
}

// ours lists the results that this verification's scans made, the oldest first. The policy's generated name is the
// strongest sign; the marker in the description and the scan's ID reach the result on some versions only.
func ours(ctx context.Context, sc SecurityCenter, in LaunchInput, scanID int) ([]sclient.ScanResult, error) {
	results, err := sc.ScanResults(ctx, sclient.ScanResultFilter{
		Since:  in.Begun,
		Fields: []string{"id", "name", "description", "details", "status", "importStatus", "createdTime", "scan"},
	})
	if err != nil {
		return nil, err
	}
	results = slices.DeleteFunc(results, func(r sclient.ScanResult) bool {
		byPolicy := in.Policy.Name != "" && r.Details == in.Policy.Name
		byMarker := in.Marker != "" && strings.Contains(r.Description, in.Marker)
		byScan := scanID > 0 && int(r.Scan.ID) == scanID
		// Not every version lists the time; the names alone are this run's own.
		old := !r.CreatedTime.IsZero() && r.CreatedTime.Before(in.Begun)
		return !(byPolicy || byMarker || byScan) || old
	})
	slices.SortFunc(results, func(a, b sclient.ScanResult) int {
		return cmp.Or(a.CreatedTime.Compare(b.CreatedTime.Time), cmp.Compare(a.ID, b.ID))
	})
	return results, nil
}

// scanRequest is the guide's remediation scan.
func scanRequest(in LaunchInput) sclient.ScanRequest {
	r, o := in.Request, in.Request.Scan
	request := sclient.ScanRequest{
		Name:                 o.Name,
		Description:          in.Marker,
		RepositoryID:         sclient.ID(r.Repository),
		PolicyID:             sclient.ID(in.Policy.ID),
		PluginID:             sclient.ID(r.Plugin),
		CredentialIDs:        ids(o.Credentials),
		ClassifyMitigatedAge: *o.ClassifyMitigatedAge,
		DHCPTracking:         o.DHCPTracking,
		EmailOnLaunch:        o.EmailOnLaunch,
		EmailOnFinish:        o.EmailOnFinish,
		ScanningVirtualHosts: o.ScanningVirtualHosts,
		MaxScanTime:          time.Duration(o.MaxScanTime),
		TimeoutAction:        o.TimeoutAction,
		RolloverType:         o.RolloverType,
		ZoneID:               sclient.ID(o.Zone),
		Schedule:             schedule(in.Begun, o.ScheduleTimeZone),
	}
	if o.ScanAssets {
		request.AssetIDs = ids(r.Assets)
	} else {
		request.IPList = in.Targets
	}
	return request
}

// schedule is "now"; its start must be there but is not looked at, so the run's beginning in Security Center's own time
// will do.
func schedule(begun time.Time, zone string) sclient.Schedule {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC // the request was checked on a machine that knows the zone; the time is not looked at
	}
	return sclient.Schedule{Type: sclient.ScheduleNow, Start: sclient.ScheduleStart(begun.In(loc))}
}

func ids(list []int) []sclient.ID {
	out := make([]sclient.ID, 0, len(list))
	for _, id := range list {
		out = append(out, sclient.ID(id))
	}
	return out
}

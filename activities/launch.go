package activities

// Launching the scan, exactly once.

import (
	"cmp"
	"context"
	"strings"
	"time"

	"patchproof/remediation"
	"patchproof/sclient"
)

// A launch of unknown fate may still show up among the scan results, so it is looked for in rounds before it is repeated.
const (
	settleRound = 10 * time.Second
	// lostRounds: the connection was cut. A gateway gives up on a request after 30 s as a rule, and Security Center finishes it.
	lostRounds = 3
	// deadRounds: the worker died with its request, which may have been on its way for as long as nobody was there to see. The time-out
	// of its heartbeats has gone by already.
	deadRounds = 5
)

// LaunchInput asks for one scan.
type LaunchInput struct {
	SC         string                  `json:"sc"`
	Own        Ownership               `json:"own"`
	Repository int                     `json:"repository"`
	Plugin     int                     `json:"plugin"`
	Options    remediation.ScanOptions `json:"options"` // complete, as a request's are
	Targets    []string                `json:"targets"` // addresses; unused if the assets are scanned
	Assets     []int                   `json:"assets,omitempty"`
	// Window and Margin are when it may be launched, as a request has them; "" is at any time.
	Window string               `json:"window,omitempty"`
	Margin remediation.Duration `json:"margin,omitempty"`
}

// LaunchResult is the scan that runs.
type LaunchResult struct {
	ScanID   int `json:"scanId"`
	ResultID int `json:"resultId"`
	// Repeated says that a launch of unknown fate came before: another scan of ours may still show up.
	Repeated bool `json:"repeated,omitempty"`
	// Warning is what Security Center says went wrong beside the launch.
	Warning string `json:"warning,omitempty"`
	// Held says who holds launches back and why; then nothing was launched.
	Held string `json:"held,omitempty"`
}

// Launch starts the scan, or adopts the one that an earlier attempt started. Launching is not idempotent and Security
// Center has no key against repetition, so: look for ours; if a launch may still be on its way, wait and look again; only
// then launch, unless somebody holds launches back. Afterwards look once more and stop all but the oldest of ours.
func (a *Activities) Launch(ctx context.Context, in LaunchInput) (*LaunchResult, error) {
	return create(ctx, in, a.launch)
}

func (a *Activities) launch(ctx context.Context, in LaunchInput, attempt *attempt) (*LaunchResult, error) {
	sc, err := a.sc(in.SC)
	if err != nil {
		return nil, err
	}
	own, err := a.owner(ctx, sc, in.SC, in.Own)
	if err != nil {
		return nil, err
	}
	ours, err := adopt(ctx, sc, own)
	if err != nil {
		return nil, err
	}
	memo := &attempt.memo
	switch {
	case ours != nil:
		return launched(*memo, *ours), nil
	case memo.posted():
		return named(ctx, sc, own, memo)
	case !memo.Settled:
		memo.Rounds = cmp.Or(memo.Rounds, deadRounds) - 1
		memo.Settled = memo.Rounds == 0
		return nil, notYet("an earlier launch may still show up; looking again before repeating it", settleRound)
	}
	if err := a.mayLaunch(in); err != nil {
		return nil, err
	}
	if held, err := a.holdBack(ctx, in.SC, *memo); err != nil || held != "" {
		return &LaunchResult{Held: held}, err
	}
	return post(ctx, sc, own, in, attempt)
}

func launched(memo postMemo, r sclient.ScanResult) *LaunchResult {
	return &LaunchResult{
		ScanID: cmp.Or(memo.ScanID, max(0, int(r.Scan.ID))), ResultID: int(r.ID), Repeated: memo.Lost > 0, Warning: memo.Warning,
	}
}

// named is the result that the answer to the launch named, where the list does not show it. The scan exists for certain, so it is only
// looked for from now on, and never launched again; but a number that leads to somebody else's result is not followed.
func named(ctx context.Context, sc SecurityCenter, own owner, memo *postMemo) (*LaunchResult, error) {
	if memo.ResultID > 0 {
		r, err := sc.ScanResult(ctx, sclient.ID(memo.ResultID))
		if err != nil {
			return nil, err
		}
		if own.owns(*r) {
			return launched(*memo, *r), nil
		}
	}
	return nil, retryable(ErrorUnavailable, "the scan was launched but Security Center shows no result of it yet", busyDelay)
}

// post launches the scan and finds its result.
func post(ctx context.Context, sc SecurityCenter, own owner, in LaunchInput, attempt *attempt) (*LaunchResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	// A cancellation must not cut the request in half: its effect would be unknown.
	ctx = context.WithoutCancel(ctx)
	scan, err := sc.CreateScan(ctx, scanRequest(in))
	memo := &attempt.memo
	if sclient.FateUnknown(err) {
		*memo = memo.lost(lostRounds)
	}
	if err != nil {
		return nil, err // after a definite answer nothing is on its way, and the next attempt need not wait
	}
	memo.ScanID, memo.ResultID, memo.Warning = max(0, int(scan.ID)), max(0, int(scan.ScanResultID)), scan.Warning
	attempt.pulse.remember(*memo) // whoever goes on if this worker dies now
	ours, err := adopt(ctx, sc, own)
	if err != nil {
		return nil, err
	}
	if ours != nil {
		return launched(*memo, *ours), nil
	}
	return named(ctx, sc, own, memo)
}

// adopt finds the scans of this run and keeps the oldest; nil means that there is none.
func adopt(ctx context.Context, sc SecurityCenter, own owner) (*sclient.ScanResult, error) {
	ours, err := own.results(ctx, sc)
	if err != nil || len(ours) == 0 {
		return nil, err
	}
	for _, extra := range ours[1:] {
		if err := stopIfRunning(ctx, sc, extra); err != nil {
			return nil, err
		}
	}
	return &ours[0], nil
}

// maxScanName bounds a scan's name: half of what columns for names commonly hold, because some versions store them escaped. Ours is far
// shorter; a longer one of a person is cut before the mark, which must stay whole.
const maxScanName = 127

// scanName is the guide's name, or the one that was asked for, and the mark: the name is the only text that reaches the result on
// every version.
func scanName(name, mark string) string {
	return strings.TrimSpace(cut(name, max(0, maxScanName-len(mark)-1)) + " " + mark)
}

// scanRequest is the guide's remediation scan.
func scanRequest(in LaunchInput) sclient.ScanRequest {
	o := in.Options
	request := sclient.ScanRequest{
		Name:                 scanName(o.Name, in.Own.Mark),
		Description:          in.Own.Mark,
		RepositoryID:         sclient.ID(in.Repository),
		PolicyID:             sclient.ID(in.Own.Policy.ID),
		PluginID:             sclient.ID(in.Plugin),
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
		Schedule:             schedule(in.Own.Begun, o.ScheduleTimeZone),
	}
	if o.ScanAssets {
		request.AssetIDs = ids(in.Assets)
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

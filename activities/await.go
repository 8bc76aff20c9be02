package activities

// Waiting for a scan and its import.

import (
	"context"
	"fmt"
	"strings"
	"time"

	"go4.org/netipx"

	"patchproof/remediation"
	"patchproof/sclient"
)

// AwaitInput asks to wait for a scan and its import.
type AwaitInput struct {
	SC       string               `json:"sc"`
	ResultID int                  `json:"resultId"`
	Poll     remediation.Duration `json:"poll"`
	Stall    remediation.Duration `json:"stall"`
	// Targets are the addresses that matter: of the hosts that a result lists, only these are kept.
	Targets []string `json:"targets,omitempty"`
	// Once asks how the scan stands now, without waiting.
	Once bool `json:"once,omitempty"`
	// Own is how to recognise our scans. Others asks to stop those that a launch of unknown fate may still bring.
	Own    Ownership `json:"own"`
	Others bool      `json:"others,omitempty"`
}

// AwaitResult is how the scan ended. If it was asked only once and the scan has not ended, Ended is empty.
type AwaitResult struct {
	Status       string                `json:"status"` // Security Center's words
	ImportStatus string                `json:"importStatus"`
	Ended        remediation.ScanEnd   `json:"ended"`
	Import       remediation.ImportEnd `json:"import"`
	ImportedAt   time.Time             `json:"importedAt,omitzero"`
	// Began and Finished are the first and the last of all the times that the result gives.
	Began    time.Time `json:"began,omitzero"`
	Finished time.Time `json:"finished,omitzero"`
	Error    string    `json:"error,omitempty"`
	Scanned  string    `json:"scanned,omitempty"`
	Dead     string    `json:"dead,omitempty"`
	// Extra are the results of other scans of ours that showed up late and were stopped.
	Extra []int `json:"extra,omitempty"`
}

// noResultAfter is how long a scan that ended with "No Results" may take to begin its import: real servers begin within
// seconds, and "No Results" is also what they say before.
const noResultAfter = 5 * time.Minute

// AwaitScan waits until the scan and its import have ended. It looks once per attempt and fails until then, so that
// waiting costs no history; its heartbeat says what it saw.
func (a *Activities) AwaitScan(ctx context.Context, in AwaitInput) (*AwaitResult, error) {
	watch, stop := startWatch(ctx, watchRefusals)
	defer stop()
	sc, err := a.sc(in.SC)
	if err != nil {
		return nil, watch.failed(err) // another worker may know it
	}
	result, err := sc.ScanResult(ctx, sclient.ID(in.ResultID))
	if err != nil {
		return nil, watch.failed(err)
	}
	if !in.Own.marks(*result) {
		return nil, watch.failed(refusedAs("scan result %d is no longer that of our scan, so ours was deleted and its number used again: "+
			"verify again, and let the scan run to its end", in.ResultID))
	}
	extra, err := a.stopOthers(ctx, sc, in)
	if err != nil {
		return nil, watch.failed(err)
	}
	var idle time.Duration
	if mayStall(result) {
		now, err := sc.ServerTime(ctx)
		if err != nil {
			return nil, watch.failed(err)
		}
		idle = watch.unchanged(result, now)
	}
	out := ended(result, idle, in.Targets)
	if out == nil && in.Once {
		out = stands(result)
	}
	if out != nil {
		out.Extra = extra[:min(len(extra), maxExtra)]
		return out, nil
	}
	return nil, watch.waiting(describe(result, idle, time.Duration(in.Stall)), time.Duration(in.Poll))
}

// stopOthers stops the scans of ours that a launch of unknown fate brought after all, and names them.
func (a *Activities) stopOthers(ctx context.Context, sc SecurityCenter, in AwaitInput) ([]int, error) {
	if !in.Others {
		return nil, nil
	}
	own, err := a.owner(ctx, sc, in.SC, in.Own)
	if err != nil {
		return nil, err
	}
	ours, err := own.results(ctx, sc)
	if err != nil {
		return nil, err
	}
	var extra []int
	for _, r := range ours {
		if int(r.ID) == in.ResultID {
			continue
		}
		extra = append(extra, int(r.ID))
		if err := stopIfRunning(ctx, sc, r); err != nil {
			return nil, err
		}
	}
	return extra, nil
}

// mayStall reports whether it matters for how long the scan has been as it is. A working scan is asked nothing more.
func mayStall(r *sclient.ScanResult) bool {
	switch r.Status {
	case "Queued", "Preparing", "Resolving Hostnames", "Verifying Targets", "Initializing Scanners", "Paused":
		return true
	}
	return r.Ended() && r.ImportStatus == sclient.ImportNoResults
}

const (
	// maxStatus is far more than any of Security Center's words for how a scan stands has.
	maxStatus = 50
	// maxDetails bounds what it says about an error; the result has all of it.
	maxDetails = 1000
	// maxExtra is how many scans too many are named: a launch is repeated once in a while, not ten times.
	maxExtra = 10
)

// stands is how a scan stands, in Security Center's words.
func stands(r *sclient.ScanResult) *AwaitResult {
	return &AwaitResult{Status: remediation.Clip(r.Status, maxStatus), ImportStatus: remediation.Clip(r.ImportStatus, maxStatus)}
}

// ended reads a result as final, or gives nil while anything is still to come. idle is how long nothing has changed.
func ended(r *sclient.ScanResult, idle time.Duration, targets []string) *AwaitResult {
	out := stands(r)
	out.ImportedAt = r.ImportFinish.Time
	out.Began, out.Finished = span(r)
	out.Scanned, out.Dead = within(r.Progress.ScannedIPs, targets), within(r.Progress.DeadHostIPs, targets)
	if out.ImportedAt.IsZero() {
		out.ImportedAt = r.FinishTime.Time // the import follows within minutes
	}
	switch r.Status {
	case sclient.StatusCompleted:
		out.Ended = remediation.ScanCompleted
	case sclient.StatusPartial:
		out.Ended = remediation.ScanPartial
	case sclient.StatusError:
		out.Ended, out.Error = remediation.ScanFailed, remediation.Clip(r.ErrorDetails, maxDetails)
	default:
		return nil
	}
	switch {
	case r.ImportStatus == sclient.ImportFinished:
		out.Import = remediation.ImportFinished
	case r.ImportStatus == sclient.ImportError:
		out.Import, out.Error = remediation.ImportFailed, remediation.Clip(r.ImportErrorDetails, maxDetails)
	case r.ImportStatus == sclient.ImportNoResults && !bool(r.Running) && idle > noResultAfter:
		out.Import, out.Error = remediation.ImportNothing, remediation.Clip(r.ErrorDetails, maxDetails)
	default:
		return nil
	}
	return out
}

// span is the first and the last of the times that a result gives; with a clock that was set back they are in no order.
func span(r *sclient.ScanResult) (first, last time.Time) {
	for _, t := range []sclient.Time{r.CreatedTime, r.StartTime, r.FinishTime, r.ImportStart, r.ImportFinish} {
		if t.IsZero() {
			continue
		}
		if first.IsZero() || t.Before(first) {
			first = t.Time
		}
		if t.After(last) {
			last = t.Time
		}
	}
	return first, last
}

// within keeps of a list of addresses those that matter, in their shortest form. A server may list a network where we asked
// for a host, or a million hosts.
func within(list sclient.Addresses, targets []string) string {
	var set netipx.IPSetBuilder
	set.AddSet(list.Set())
	set.Intersect(sclient.ParseAddresses(strings.Join(targets, ",")).Set())
	kept, _ := set.IPSet() // both were sets
	var out []string
	for _, r := range kept.Ranges() {
		if r.From() == r.To() {
			out = append(out, r.From().String())
		} else {
			out = append(out, r.String())
		}
	}
	return strings.Join(out, ",")
}

// describe says in a line where the scan is, and that it is stalled when it has not begun to work for too long.
func describe(r *sclient.ScanResult, idle, stall time.Duration) string {
	status := stands(r)
	text := fmt.Sprintf("scan %s", status.Status)
	if r.Progress.TotalIPs > 0 {
		text += fmt.Sprintf(", %d of %d hosts", r.Progress.CompletedIPs, r.Progress.TotalIPs)
	}
	if r.Ended() {
		text += ", import " + status.ImportStatus
	}
	if !r.Ended() && idle > stall {
		text = fmt.Sprintf("STALLED: scan %s for %s", status.Status, idle.Round(time.Minute))
		if r.ErrorDetails != "" {
			text += " (" + remediation.Clip(r.ErrorDetails, maxDetails) + ")"
		}
	}
	return text
}

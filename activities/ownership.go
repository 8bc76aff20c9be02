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
	// Mark stands in the name of the run's scan, and in the descriptions of scan and policy.
	Mark       string `json:"mark"`
	Policy     Policy `json:"policy,omitzero"` // zero while there is none
	Repository int    `json:"repository"`
	// Begun is Security Center's clock when the run began. It only bounds what is listed: the clock may be set back, so that no time
	// tells whose a scan is.
	Begun time.Time `json:"begun"`
}

// Policy is a policy for one use.
type Policy struct {
	ID   int    `json:"id"`
	Name string `json:"name"` // made by Security Center, unique: on many servers the scan's result carries it
}

// owner is an ownership with the number of the user that we are.
type owner struct {
	Ownership
	user sclient.ID
}

// owner finds out who we are, once for each Security Center: a key belongs to one user.
func (a *Activities) owner(ctx context.Context, sc SecurityCenter, name string, own Ownership) (owner, error) {
	a.usersMu.Lock()
	known, ok := a.users[name]
	a.usersMu.Unlock()
	if ok {
		return owner{own, known}, nil
	}
	// Not under the lock: a Security Center that hangs must not make others wait.
	user, err := sc.CurrentUser(ctx)
	if err != nil {
		return owner{}, err
	}
	if !user.ID.Valid() {
		return owner{}, retryable(ErrorUnavailable, "Security Center does not say who we are (GET /rest/currentUser)", 0)
	}
	a.usersMu.Lock()
	defer a.usersMu.Unlock()
	if a.users == nil {
		a.users = map[string]sclient.ID{}
	}
	a.users[name] = user.ID
	return owner{own, user.ID}, nil
}

// owns says whether a scan of ours made the result. Which text reaches a result depends on the version: the name always does, the
// description seldom, and the details are the policy's name, the plugin's or nothing. A text alone is not enough, because whoever
// copies a scan copies its name: ours is only what our user started, for our repository. A number is no sign, as it may be used again.
func (o owner) owns(r sclient.ScanResult) bool {
	user := r.Owner.ID
	if !user.Valid() {
		user = r.Initiator.ID
	}
	return o.marks(r) && user == o.user && int(r.Repository.ID) == o.Repository
}

// marks says whether a text of the result says that it is ours. That is enough to read it, also for a worker that was given the
// key of another user meanwhile.
func (o Ownership) marks(r sclient.ScanResult) bool {
	marked := o.Mark != "" && slices.ContainsFunc([]string{r.Name, r.Description, r.Details},
		func(text string) bool { return strings.Contains(text, o.Mark) })
	return marked || o.Policy.Name != "" && r.Details == o.Policy.Name
}

// ownsPolicy says whether we made the policy.
func (o Ownership) ownsPolicy(p *sclient.Policy) bool {
	return o.Mark != "" && strings.Contains(p.Description, o.Mark) || o.Policy.Name != "" && p.Name == o.Policy.Name
}

const (
	// listBefore is how far before the run's beginning results are listed: one that was created after Security Center's clock was set
	// back looks older than the run. What is listed in vain costs a few lines.
	listBefore = 24 * time.Hour
	// listAfter is how far after it. It must be named, since the list otherwise ends at Security Center's present, and one that was
	// created before the clock was set back lies in its future. It is above what a verification may take with all its extensions.
	listAfter = 400 * 24 * time.Hour
)

// results lists the results that are ours, the oldest first. Numbers are handed out in order; times may run backwards.
func (o owner) results(ctx context.Context, sc SecurityCenter) ([]sclient.ScanResult, error) {
	results, err := sc.ScanResults(ctx, sclient.ScanResultFilter{
		Since: o.Begun.Add(-listBefore), Until: o.Begun.Add(listAfter),
		Fields: []string{"id", "name", "description", "details", "status", "importStatus", "scan", "owner", "initiator", "repository"},
	})
	if err != nil {
		return nil, err
	}
	results = slices.DeleteFunc(results, func(r sclient.ScanResult) bool { return !o.owns(r) })
	slices.SortFunc(results, func(a, b sclient.ScanResult) int { return cmp.Compare(a.ID, b.ID) })
	return results, nil
}

// stopIfRunning asks a scan to stop. One that ended in the meantime cannot be stopped and need not be.
func stopIfRunning(ctx context.Context, sc SecurityCenter, r sclient.ScanResult) error {
	if stopped(r) {
		return nil
	}
	err := sc.StopScanResult(ctx, r.ID)
	if err == nil {
		return nil
	}
	now, again := sc.ScanResult(ctx, r.ID)
	if again == nil && stopped(*now) || sclient.IsNotFound(err) && sclient.IsNotFound(again) {
		return nil
	}
	return err
}

// stopped reports that there is nothing to stop any more.
func stopped(r sclient.ScanResult) bool { return r.Ended() || r.Status == "Stopping" }

package activities

// Holding launches back: what the activities ask of Temporal itself.

import (
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"patchproof/remediation"
)

// Desk is what the activities ask of Temporal itself.
type Desk interface {
	// Held says who holds the launches of a Security Center back; nil: nobody does.
	Held(ctx context.Context, sc string) (*Hold, error)
}

// Hold keeps scans of a Security Center from being launched.
type Hold struct {
	SC     string    `json:"sc"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	Since  time.Time `json:"since"`
}

func (h Hold) String() string {
	return fmt.Sprintf("launches of %s are held by %s since %s: %s", h.SC, h.By, h.Since.UTC().Format(time.RFC3339), h.Reason)
}

// holdPoll is how soon a release is noticed. A look costs one request to Temporal for all that wait in a worker, so it can be short.
const holdPoll = 15 * time.Second

// AwaitReleaseInput names the Security Center whose launches are held.
type AwaitReleaseInput struct {
	SC string `json:"sc"`
}

// AwaitRelease waits until nobody holds the launches of a Security Center. It asks nothing of Security Center itself.
func (a *Activities) AwaitRelease(ctx context.Context, in AwaitReleaseInput) error {
	hold, err := a.held(ctx, in.SC)
	if err != nil {
		return err
	}
	if hold != nil {
		// Who began to wait together must not launch together.
		return notYet(hold.String(), holdPoll+remediation.Jitter(holdPoll/3, activity.GetInfo(ctx).WorkflowExecution.RunID))
	}
	return nil
}

// holdBack is asked before anything new is posted. While nothing can have been made, the attempt ends with the hold's text as its
// result and the workflow waits: whoever calls it off then leaves nothing that must be looked for. Otherwise the activity itself
// waits, because its memo knows what may still show up.
func (a *Activities) holdBack(ctx context.Context, sc string, memo postMemo) (held string, err error) {
	hold, err := a.held(ctx, sc)
	switch {
	case err != nil || hold == nil:
		return "", err
	case memo.nothingMade():
		return hold.String(), nil
	}
	return "", notYet(hold.String(), holdPoll)
}

// held asks who holds. When Temporal does not tell, nothing is launched.
func (a *Activities) held(ctx context.Context, sc string) (*Hold, error) {
	if a.Desk == nil {
		return nil, nil //nolint:nilnil // nobody holds
	}
	hold, err := a.Desk.Held(ctx, sc)
	if err != nil {
		return nil, retryable(ErrorUnavailable, fmt.Sprintf("Temporal does not tell whether launches of %s are held: %s", sc, err), holdPoll)
	}
	return hold, nil
}

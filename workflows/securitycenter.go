package workflows

// The workflow that stands for a Security Center while somebody holds its launches.

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

// SecurityCenter is what the workflow of a Security Center knows. It starts with nothing but the name.
type SecurityCenter struct {
	SC     string `json:"sc"`
	Hold   *Hold  `json:"hold,omitempty"`
	Before *Hold  `json:"before,omitempty"` // the hold that this one replaced
}

// Released is its result: the last hold, and who ended it and why.
type Released struct {
	Hold   Hold      `json:"hold"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
	At     time.Time `json:"at"`
}

// maxHeard bounds the history of a run, which has some five events for each word; Temporal takes 10,000 signals.
const maxHeard = 200

// SecurityCenterWorkflow runs as long as somebody holds the launches of a Security Center. Who cancels it in Temporal releases them.
func SecurityCenterWorkflow(ctx workflow.Context, state SecurityCenter) (*Released, error) {
	if state.SC == "" { // started by hand
		state.SC = securityCenterOf(workflow.GetInfo(ctx).WorkflowExecution.ID)
	}
	if state.Hold != nil { // continued
		state.show(ctx)
	}
	var released *Released
	said := workflow.GetSignalChannel(ctx, LaunchesSignal)
	for heard := 0; ; {
		var words Launches
		switch {
		// Nothing that was said is left behind: neither an end nor a continuation comes before the channel is empty.
		case said.ReceiveAsync(&words):
			heard++
			state.hear(ctx, words, &released)
		case state.Hold == nil:
			return released, nil
		case heard >= maxHeard || workflow.GetInfo(ctx).GetContinueAsNewSuggested():
			return nil, workflow.NewContinueAsNewError(ctx, SecurityCenterWorkflowType, state)
		default:
			if err := workflow.Await(ctx, func() bool { return said.Len() > 0 }); err != nil {
				return nil, err
			}
		}
	}
}

// hear takes what was said. Not every client is our command, so it is checked here as well.
func (s *SecurityCenter) hear(ctx workflow.Context, l Launches, released **Released) {
	if err := l.Check(); err != nil {
		workflow.GetLogger(ctx).Warn("what was said about launches is refused", "sc", s.SC, "error", err)
		return
	}
	now := workflow.Now(ctx).UTC()
	at := l.At.UTC()
	if at.IsZero() || at.After(now) {
		at = now // the asker's clock is ahead
	}
	switch {
	case l.Do == DoRelease && s.Hold != nil:
		*released = &Released{Hold: *s.Hold, By: l.Actor, Reason: l.Reason, At: at}
		s.Hold, s.Before = nil, nil
		workflow.SetCurrentDetails(ctx, "Released by "+markdown(l.Actor)+": "+markdown(l.Reason))
	case l.Do == DoRelease: // nobody holds
	case s.Hold != nil && s.Hold.By == l.Actor && s.Hold.Reason == l.Reason: // said again: since when stays
	default:
		s.Before = s.Hold
		s.Hold = &Hold{SC: s.SC, By: l.Actor, Reason: l.Reason, Since: at}
		s.show(ctx)
	}
}

// show lets anybody read who holds, without waking a worker.
func (s *SecurityCenter) show(ctx workflow.Context) {
	if err := workflow.UpsertMemo(ctx, map[string]any{holdMemo: *s.Hold}); err != nil {
		// Only a bug can bring us here; that launches are held matters more than by whom.
		workflow.GetLogger(ctx).Error("memo not updated", "error", err)
	}
	details := markdown(s.Hold.String())
	if s.Before != nil {
		details += "\n\nBefore: " + markdown(s.Before.String())
	}
	workflow.SetCurrentDetails(ctx, details)
}

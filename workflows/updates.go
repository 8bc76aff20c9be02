package workflows

// What people can say to a running verification.

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/workflow"

	"patchproof/remediation"
)

// heard is what people have said, by the ID of the update that said it: a repetition gets the answer of the first, and does
// nothing else. The server does the same from its memory of a run, and no longer.
type heard struct {
	cancels    map[string]bool
	extensions map[string]Extended
}

// handleUpdates registers what people can say to a running verification. An update only records what they want; the
// procedure looks at it between its steps.
func (v *verification) handleUpdates(ctx workflow.Context) error {
	err := workflow.SetUpdateHandlerWithOptions(ctx, CancelUpdate, v.cancel, workflow.UpdateHandlerOptions{
		Description: "stops the verification and its scan", Validator: v.validateCancel,
	})
	if err != nil {
		return err
	}
	return workflow.SetUpdateHandlerWithOptions(ctx, ExtendUpdate, v.extend, workflow.UpdateHandlerOptions{
		Description: "moves the deadline", Validator: v.validateExtend,
	})
}

func (v *verification) cancel(ctx workflow.Context, c Cancel) error {
	id := workflow.GetCurrentUpdateInfo(ctx).ID
	if v.heard.cancels[id] {
		return nil
	}
	v.updates++
	v.note("cancelled by %s: %s", c.Actor, c.Reason)
	v.raise(remediation.Cancelled)
	v.heard.cancels = map[string]bool{id: true} // there is one: any other is refused
	return nil
}

func (v *verification) validateCancel(ctx workflow.Context, c Cancel) error {
	if v.heard.cancels[workflow.GetCurrentUpdateInfo(ctx).ID] {
		return nil
	}
	return v.takes(c.Actor, c.Reason)
}

func (v *verification) extend(ctx workflow.Context, e Extend) (Extended, error) {
	id := workflow.GetCurrentUpdateInfo(ctx).ID
	if answer, repeated := v.heard.extensions[id]; repeated {
		return answer, nil
	}
	v.updates++
	v.status.Deadline = v.status.Deadline.Add(time.Duration(e.By))
	v.note("extended by %s until %s: %s", e.Actor, v.status.Deadline.Format(time.RFC3339), e.Reason)
	v.upsert(ctx, DeadlineAttribute.ValueSet(v.status.Deadline))
	v.describe(ctx)
	answer := Extended{Deadline: v.status.Deadline, AskedAt: e.AskedAt}
	if v.heard.extensions == nil {
		v.heard.extensions = map[string]Extended{}
	}
	v.heard.extensions[id] = answer
	return answer, nil
}

func (v *verification) validateExtend(ctx workflow.Context, e Extend) error {
	if _, repeated := v.heard.extensions[workflow.GetCurrentUpdateInfo(ctx).ID]; repeated {
		return nil
	}
	if e.By <= 0 || e.By > remediation.MaxTimeout {
		return fmt.Errorf("by: %s is not allowed: use up to %s", e.By, remediation.MaxTimeout)
	}
	return v.takes(e.Actor, e.Reason)
}

// maxWords keeps the notes of a hundred updates well inside a payload.
const maxWords = 1000

// takes refuses an update that comes too late, or from nobody.
func (v *verification) takes(actor, reason string) error {
	switch {
	case v.status.FinishedAt != nil || v.status.Phase == PhaseReporting:
		return errors.New("the verification is already decided")
	case v.why == remediation.Cancelled:
		return errors.New("the verification is already being cancelled")
	case v.why == remediation.Expired:
		return errors.New("the deadline has come; the verification is ending")
	case v.updates >= maxUpdates:
		return fmt.Errorf("this verification took %d updates already", maxUpdates)
	}
	return checkWords(actor, reason)
}

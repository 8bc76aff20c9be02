package workflows

// What people can say to a running verification.

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"go.temporal.io/sdk/workflow"

	"patchproof/remediation"
)

// handleUpdates registers what people can say to a running verification. An update only records what they want; the
// procedure looks at it between its steps.
func (v *verification) handleUpdates(ctx workflow.Context) error {
	err := workflow.SetUpdateHandlerWithOptions(ctx, CancelUpdate,
		func(_ workflow.Context, c Cancel) error {
			v.updates++
			v.note("cancelled by %s: %s", c.Actor, c.Reason)
			v.raise(remediation.Cancelled)
			return nil
		},
		workflow.UpdateHandlerOptions{
			Description: "stops the verification and its scan",
			Validator:   func(c Cancel) error { return v.takes(c.Actor, c.Reason) },
		})
	if err != nil {
		return err
	}
	return workflow.SetUpdateHandlerWithOptions(ctx, ExtendUpdate,
		func(ctx workflow.Context, e Extend) (Extended, error) {
			v.updates++
			v.status.Deadline = v.status.Deadline.Add(time.Duration(e.By))
			v.note("extended by %s until %s: %s", e.Actor, v.status.Deadline.Format(time.RFC3339), e.Reason)
			v.upsert(ctx, DeadlineAttribute.ValueSet(v.status.Deadline))
			v.describe(ctx)
			return Extended{Deadline: v.status.Deadline}, nil
		},
		workflow.UpdateHandlerOptions{Description: "moves the deadline", Validator: v.validateExtend})
}

// maxWords keeps the notes of a hundred updates well inside a payload.
const maxWords = 1000

func (v *verification) validateExtend(e Extend) error {
	if e.By <= 0 || e.By > remediation.MaxTimeout {
		return fmt.Errorf("by: %s is not allowed: use up to %s", e.By, remediation.MaxTimeout)
	}
	return v.takes(e.Actor, e.Reason)
}

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
	case strings.TrimSpace(actor) == "":
		return errors.New("actor: is missing: say who asks")
	case strings.TrimSpace(reason) == "":
		return errors.New("reason: is missing: say why")
	case len(actor)+len(reason) > maxWords:
		return fmt.Errorf("reason: is longer than the %d bytes that actor and reason may have", maxWords)
	}
	return nil
}

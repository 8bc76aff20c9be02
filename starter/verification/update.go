package verification

// Saying something to a running verification.

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/remediation"
	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/namespace"
)

// signed is who says something and why: what people do to a verification is part of its evidence.
type signed struct {
	actor, reason string
	// id tells a repetition from saying the same once more.
	id string
}

func defineSigned(cmd *cobra.Command, s *signed) {
	flags.Text(cmd.Flags(), &s.reason, "reason", "TEXT", "", "why; it is kept as evidence")
	flags.Text(cmd.Flags(), &s.actor, "actor", "WHO", "", "who says so (default: $USER)")
	flags.Text(cmd.Flags(), &s.id, "update-id", "ID", "", "what tells a repetition from doing it once more (default: from who, why and how much)")
	flags.Require(cmd, "reason")
}

// check refuses here what the verification would refuse, also where nobody hears it.
func (s signed) check() error {
	err := remediation.CheckText("reason", s.reason, remediation.MaxText)
	if err == nil {
		err = remediation.CheckText("actor", s.actor, remediation.MaxKeyword)
	}
	if err != nil {
		return exit.WrongUse("--%s", err)
	}
	return nil
}

// updateID is the same for the same words, so that a command that is repeated, because its answer was lost or nobody was
// there to give one, counts once in a run.
func (s signed) updateID(update string, words ...string) string {
	if s.id != "" {
		return s.id
	}
	sum := sha256.Sum256([]byte(strings.Join(append([]string{update, s.actor, s.reason}, words...), "\x00")))
	return update + "-" + hex.EncodeToString(sum[:8])
}

// errUnheard says that no worker took what was said.
var errUnheard = errors.New("no worker answered")

// say sends an update to the verification that runs, and waits for its answer. It gives the run, also when nobody heard it.
func (c *commands) say(ctx context.Context, ns *namespace.Namespace, s namespace.Subject, update client.UpdateWorkflowOptions, answer any) (namespace.Run, error) {
	run, err := ns.Find(ctx, s, c.Patience)
	if err != nil {
		return run, err
	}
	description, err := ns.Describe(ctx, run)
	if err != nil {
		return run, err
	}
	if info := description.GetWorkflowExecutionInfo(); info.GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return run, alreadyClosed(s, namespace.Recorded(info))
	}
	limited, cancel := context.WithTimeout(ctx, c.Answer)
	defer cancel()
	update.WorkflowID, update.RunID, update.WaitForStage = run.WorkflowID, run.RunID, client.WorkflowUpdateStageCompleted
	handle, err := ns.UpdateWorkflow(limited, update)
	if err == nil {
		err = handle.Get(limited, answer)
	}
	return run, updateError(ctx, s, err)
}

func alreadyClosed(s namespace.Subject, r namespace.Record) error {
	how := r.State
	if r.Outcome != "" {
		how = string(r.Outcome)
	}
	return fmt.Errorf("the verification of %s is closed already (%s): nothing was changed", s, how)
}

func justClosed(s namespace.Subject) error {
	return fmt.Errorf("the verification of %s has just closed: nothing was changed", s)
}

func updateError(ctx context.Context, s namespace.Subject, err error) error {
	refusal, refused := errors.AsType[*temporal.ApplicationError](err)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case refused:
		return fmt.Errorf("the verification of %s refuses: %s", s, refusal.Message())
	case namespace.NotFound(err):
		return justClosed(s)
	case namespace.Is[*client.WorkflowUpdateServiceTimeoutOrCanceledError](err), namespace.OutOfTime(err):
		return errUnheard
	}
	return err
}

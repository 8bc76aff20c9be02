package verification

// The commands that hold the launches of a Security Center, and release them.

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"patchproof/remediation"
	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/namespace"
	"patchproof/starter/internal/term"
	"patchproof/workflows"
)

// hearingPoll is how often it is looked whether a worker has taken notice; one that runs needs less than a second.
const hearingPoll = 200 * time.Millisecond

func (c *commands) holdCommand() *cobra.Command {
	return c.launchesCommand(workflows.DoHold, c.hold, &cobra.Command{
		Use:   "hold --sc NAME --reason TEXT",
		Short: "Let no scan of a Security Center be launched until it is released",
		Long: "Holds the launches of a Security Center, for a maintenance or a freeze: nothing new is made there, scans that run end, and\n" +
			"verifications wait, until their deadlines; status says who holds and why. Workers notice it within seconds. It needs none,\n" +
			"and outlives the restart of any. Holding again replaces the reason. Whoever may reach Temporal may hold and release.",
		Example: `  patchproof hold --sc default --reason "upgrade to 6.6 until noon"`,
	})
}

func (c *commands) releaseCommand() *cobra.Command {
	return c.launchesCommand(workflows.DoRelease, c.release, &cobra.Command{
		Use:   "release --sc NAME --reason TEXT",
		Short: "Let scans of a Security Center be launched again",
		Long: "Ends a hold, whoever made it: what waits for it goes on within half a minute. Where nobody holds, nothing is changed.\n" +
			"It takes effect when a worker has noticed it.",
		Example: `  patchproof release --sc default --reason "upgrade is done"`,
	})
}

func (c *commands) launchesCommand(do string, run func(context.Context, *namespace.Namespace, string, workflows.Launches) error, cmd *cobra.Command) *cobra.Command {
	var sc string
	words := workflows.Launches{Do: do}
	cmd.Args = flags.NoArguments
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		words.Actor, words.At = cmp.Or(words.Actor, c.Who()), c.Now().UTC().Round(0)
		err := words.Check()
		if err == nil {
			err = remediation.CheckText("sc", sc, remediation.MaxKeyword)
		}
		if err != nil {
			return exit.WrongUse("--%s", err)
		}
		return c.inNamespace(cmd.Context(), func(ns *namespace.Namespace) error { return run(cmd.Context(), ns, sc, words) })
	}
	cmd.Flags().SortFlags = false
	flags.Text(cmd.Flags(), &sc, "sc", "NAME", "", "the Security Center, as verify names it; one that has no name is "+remediation.DefaultSC)
	flags.Text(cmd.Flags(), &words.Reason, "reason", "TEXT", "", "why; everybody who waits reads it")
	flags.Text(cmd.Flags(), &words.Actor, "actor", "WHO", "", "who says so (default: $USER)")
	flags.Require(cmd, "sc", "reason")
	return cmd
}

func (c *commands) hold(ctx context.Context, ns *namespace.Namespace, sc string, words workflows.Launches) error {
	before, err := ns.Launches(ctx, sc)
	if err != nil {
		return err
	}
	c.warnOfUnknown(ctx, ns, sc)
	hold := workflows.Hold{SC: sc, By: words.Actor, Reason: words.Reason, Since: words.At}
	options := workflows.HoldOptions(hold, ns.TaskQueue)
	limited, cancel := context.WithTimeout(ctx, namespace.CallTimeout)
	defer cancel()
	_, err = ns.SignalWithStartWorkflow(limited, options.ID, workflows.LaunchesSignal, words, options,
		workflows.SecurityCenterWorkflowType, workflows.SecurityCenter{SC: sc})
	if err != nil {
		return err
	}
	now, err := c.heard(ctx, ns, sc)
	switch {
	case err != nil:
		return fmt.Errorf("launches of %s are held, but how it stands now could not be read: %w", sc, err)
	case now.Hold == nil:
		return fmt.Errorf("launches of %s are not held: somebody has released them at the same time, or the worker refused the hold: see its log", sc)
	case now.Unheard:
		now.Hold = &hold // what the first one to hear will show
	}
	text := now.Hold.String()
	if before.Hold != nil {
		text += "; before that " + before.Hold.String()
	}
	if now.Unheard {
		text += fmt.Sprintf(" (no worker on task queue %s took notice within %s; the hold is kept)", now.TaskQueue, c.Answer)
	}
	_, err = fmt.Fprintln(c.Stdout, term.Line(text))
	return err
}

func (c *commands) release(ctx context.Context, ns *namespace.Namespace, sc string, words workflows.Launches) error {
	before, err := ns.Launches(ctx, sc)
	if err != nil {
		return err
	}
	if before.Hold != nil {
		limited, cancel := context.WithTimeout(ctx, namespace.CallTimeout)
		defer cancel()
		err = ns.SignalWorkflow(limited, workflows.SecurityCenterID(sc), "", workflows.LaunchesSignal, words)
	}
	if before.Hold == nil || namespace.NotFound(err) {
		_, err = fmt.Fprintf(c.Stdout, "nobody holds launches of %s: nothing was changed\n", term.Line(sc))
		return err
	}
	if err != nil {
		return err
	}
	now, err := c.heard(ctx, ns, sc)
	var text string
	switch {
	case err != nil:
		return fmt.Errorf("launches of %s are released, but how it stands now could not be read: %w", sc, err)
	case now.Unheard:
		text = fmt.Sprintf("the release is kept, but no worker on task queue %s took notice within %s: until one does, %s",
			now.TaskQueue, c.Answer, before.Hold)
	case now.Hold != nil:
		return errors.New("somebody has held them again, or the worker refused the release (see its log): " + now.Hold.String())
	default:
		text = fmt.Sprintf("launches of %s go on; until now %s", sc, before.Hold)
	}
	_, err = fmt.Fprintln(c.Stdout, term.Line(text))
	return err
}

// heard waits until a worker has taken notice of what was said, or for as long as one may take to answer.
func (c *commands) heard(ctx context.Context, ns *namespace.Namespace, sc string) (namespace.Launches, error) {
	patient, cancel := context.WithTimeout(ctx, c.Answer)
	defer cancel()
	ticker := time.NewTicker(hearingPoll)
	defer ticker.Stop()
	for {
		now, err := ns.Launches(ctx, sc)
		if err != nil || !now.Unheard || now.Hold == nil {
			return now, err
		}
		select {
		case <-patient.Done():
			return now, ctx.Err()
		case <-ticker.C:
		}
	}
}

// warnOfUnknown says that a name may be mistyped: such a hold would hold nothing.
func (c *commands) warnOfUnknown(ctx context.Context, ns *namespace.Namespace, sc string) {
	found, err := ns.List(ctx, namespace.Filter{Subject: namespace.Subject{SC: sc}}, 1)
	if err == nil && len(found) == 0 { // without an index, nobody can tell
		c.Complain("warning: Temporal lists no verification in a Security Center named %s: see that the name is right", sc)
	}
}

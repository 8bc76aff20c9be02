// Package verification has the commands about verifications: starting one, following it to its end, and what people do to it.
package verification

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"patchproof/remediation"
	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/invocation"
	"patchproof/starter/internal/namespace"
	"patchproof/starter/internal/term"
	"patchproof/workflows"
)

// Options are what the commands need besides the invocation.
type Options struct {
	// Connect reaches Temporal; it is called only when a command needs it.
	Connect namespace.Dialer
	// Tick is the time between two looks at a verification that is followed.
	Tick time.Duration
	// Patience is how long a verification is searched that Temporal's index does not list yet.
	Patience time.Duration
	// Answer is how long a worker may take to answer what is said to a verification.
	Answer time.Duration
}

// commands are the commands, with what they run on.
type commands struct {
	*invocation.Invocation
	Options
}

// Commands gives the commands of this room.
func Commands(run *invocation.Invocation, o Options) []*cobra.Command {
	c := &commands{run, o}
	return []*cobra.Command{
		c.verifyCommand(), c.statusCommand(), c.listCommand(), c.cancelCommand(), c.extendCommand(), c.holdCommand(), c.releaseCommand(), c.setupCommand(),
	}
}

// inNamespace does something in the namespace that the environment names.
func (c *commands) inNamespace(ctx context.Context, do func(*namespace.Namespace) error) error {
	return namespace.Do(ctx, c.Invocation, c.Connect, do)
}

// defineSubject defines the flags that tell several verifications of a ticket apart.
func defineSubject(fs *pflag.FlagSet, s *namespace.Subject) {
	flags.Number(fs, &s.Plugin, "plugin", "ID", 1, "the plugin, if the ticket has several verifications")
	flags.Number(fs, &s.Repository, "repository", "ID", 1, "the repository, if the ticket has several verifications")
	flags.Text(fs, &s.SC, "sc", "NAME", "", "the Security Center, if there are several")
	flags.Text(fs, &s.WorkflowID, "workflow-id", "ID", "", "exactly this workflow, if somebody started one by hand")
}

// resume is the command that shows a verification again.
func resume(s workflows.Status, ticket string) string {
	return subjectFlags("patchproof status", s, ticket) + " --wait"
}

// subjectFlags writes a command about exactly this verification.
func subjectFlags(command string, s workflows.Status, ticket string) string {
	text := command + " " + term.ShellWord(ticket)
	if s.Plugin > 0 && s.Repository > 0 {
		text += fmt.Sprintf(" --plugin %d --repository %d", s.Plugin, s.Repository)
	}
	if s.SC != "" && s.SC != remediation.DefaultSC {
		text += " --sc " + term.ShellWord(s.SC)
	}
	return text
}

// oneKey demands the ticket's key and nothing else.
func oneKey(cmd *cobra.Command, args []string) error {
	if len(args) > 1 {
		return exit.WrongUse("%s takes one ticket key, but got %q too", cmd.CommandPath(), args[1])
	}
	return keys(cmd, args)
}

// keys demands the keys of tickets.
func keys(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return exit.WrongUse("KEY: is missing: %s needs the ticket's key", cmd.CommandPath())
	}
	for i, key := range args {
		if err := flags.CheckText(key); err != nil {
			return exit.WrongUse("KEY: %q %s", key, err)
		}
		args[i] = strings.TrimSpace(key) // as verify does with its --ticket
	}
	return nil
}

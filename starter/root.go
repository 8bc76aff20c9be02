package main

// The root command: what it knows, and how a run ends.

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"patchproof/starter/doctor"
	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/invocation"
	"patchproof/starter/internal/namespace"
	"patchproof/starter/internal/rows"
	"patchproof/starter/sc"
	"patchproof/starter/verification"
)

// version is set by the linker when a release is built.
var version = "dev"

// command is a run of the command, with everything that it touches, so that a test can stand in for the process.
type command struct {
	invocation.Invocation
	verification.Options
	// CheckTime is how long doctor waits for one answer.
	CheckTime time.Duration
	// understood is set once the command line was: errors before it are wrong use.
	understood bool
}

// process is the command as the operating system started it.
func process() *command {
	return &command{
		Invocation: invocation.Process(),
		Options: verification.Options{
			Connect: namespace.Dial,
			// A second is what people see as "now", and what one watched verification may cost the server.
			Tick: time.Second,
			// The index follows a start within a second or two.
			Patience: 5 * time.Second,
			// A worker only notes what is asked, so one that runs needs a second; after a worker's death the server needs
			// ten to give the question to another.
			Answer: 15 * time.Second,
		},
		// Lists of a large Security Center take seconds.
		CheckTime: 20 * time.Second,
	}
}

// run does what the command line says and gives the process's exit code.
func run(ctx context.Context, c *command) int {
	root := newRoot(c) //nolint:contextcheck // commands get theirs from ExecuteContextC below
	root.SetArgs(c.Args)
	cmd, err := root.ExecuteContextC(ctx)
	return c.explain(ctx, cmd, err)
}

func newRoot(c *command) *cobra.Command {
	root := &cobra.Command{
		Use:   "patchproof",
		Short: "Durable proof that a patch worked",
		Long: "patchproof proves that a vulnerability is gone: it scans the hosts that a ticket calls fixed and gives a verdict per finding.\n\n" +
			"Temporal is found as the standard says: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, … or a profile (TEMPORAL_PROFILE).\n" +
			"PATCHPROOF_TASK_QUEUE names the worker's task queue, PATCHPROOF_UI_URL the Temporal UI for links.",
		Example:       "  patchproof verify --ticket VULN-3 --plugin 97833 --repository 1 --ip 10.0.0.5,10.0.0.8 --wait",
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			err := flags.CheckRequired(cmd)
			c.understood = err == nil
			return err
		},
	}
	root.SetIn(c.Stdin)
	root.SetOut(c.Stdout)
	root.SetErr(c.Stderr)
	root.DisableSuggestions = true // an error is one sentence
	root.PersistentFlags().BoolVar(&c.Verbose, "verbose", false, "write the Temporal client's log to stderr")
	root.AddCommand(verification.Commands(&c.Invocation, c.Options)...)
	root.AddCommand(doctor.Command(&c.Invocation, c.Connect, c.CheckTime), sc.Command(&c.Invocation), versionCommand(c))
	root.SetHelpCommand(helpCommand(root))
	// A command that does nothing answers an unknown shell with help and success.
	root.InitDefaultCompletionCmd()
	if completion, _, err := root.Find([]string{"completion"}); err == nil && completion != root {
		completion.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	return root
}

func versionCommand(c *command) *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version",
		Example: "  patchproof version",
		Args:    flags.NoArguments,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(c.Stdout, "patchproof %s (%s)\n", version, runtime.Version())
			return err
		},
	}
}

func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "help [command]",
		Short:   "Help about any command",
		Example: "  patchproof help verify",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return exit.WrongUse("unknown command %q", strings.Join(args, " "))
			}
			return cmd.Help()
		},
	}
}

// parserNoise is what the flag library's own values add to a refusal.
var parserNoise = regexp.MustCompile(`: strconv\.\w+: parsing .*$`)

// explain turns what a command returned into an exit code, and into a sentence for the person at the keyboard.
func (c *command) explain(ctx context.Context, cmd *cobra.Command, err error) int {
	var code exit.CodeError
	var usage exit.UsageError
	switch {
	case err == nil:
		return exit.OK
	case errors.As(err, &code):
		return int(code)
	case rows.ReaderGone(err):
		return exit.Failed // who cut the output knows it
	case errors.As(err, &usage), !c.understood:
		c.Complain("%s (see %s --help)", parserNoise.ReplaceAllString(err.Error(), ""), cmd.CommandPath())
		return exit.Usage
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		c.Complain("interrupted")
	default:
		c.Complain("%s", err)
	}
	return exit.Failed
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"
	"golang.org/x/term"
)

// Command is everything that an invocation touches, so that a test can stand in for the process.
type Command struct {
	Args           []string // without the program's name
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Environ        []string // KEY=value, as os.Environ gives it
	// Terminal reports whether a writer is a terminal, and its size.
	Terminal func(io.Writer) (columns, rows int, ok bool)
	Now      func() time.Time
	// User is who runs the command, for systems whose environment does not tell.
	User func() string
	// Connect reaches Temporal; it is called only when a command needs it.
	Connect func(context.Context, client.Options) (temporalClient, error)
	// Tick is the time between two looks at a verification that is followed.
	Tick time.Duration
	// Patience is how long a verification is searched that Temporal's index does not list yet.
	Patience time.Duration
	// CheckTime is how long doctor waits for one answer.
	CheckTime time.Duration
}

// process is the command as the operating system started it.
func process() Command {
	return Command{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ(),
		Terminal: terminal, Now: time.Now, User: systemUser, Connect: dial,
		// A second is what people see as "now", and what one watched verification may cost the server.
		Tick: time.Second,
		// The index follows a start within a second or two.
		Patience: 5 * time.Second,
		// Lists of a large Security Center take seconds.
		CheckTime: 20 * time.Second,
	}
}

func terminal(w io.Writer) (columns, rows int, ok bool) {
	f, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(f.Fd())) {
		return 0, 0, false
	}
	columns, rows, err := term.GetSize(int(f.Fd()))
	if err != nil || columns < 20 || rows < 5 {
		columns, rows = 80, 24 // a terminal that does not tell its size
	}
	return columns, rows, true
}

// app is one run of the command.
type app struct {
	Command
	verbose bool
	// begun is set once the command line was understood: errors before it are wrong use.
	begun bool
	conn  *connection
}

// run does what the command line says and gives the process's exit code.
func run(ctx context.Context, c Command) int {
	a := &app{Command: c}
	defer a.close()
	root := newRoot(a) //nolint:contextcheck // commands get theirs from ExecuteContextC below
	root.SetArgs(c.Args)
	cmd, err := root.ExecuteContextC(ctx)
	return a.exit(ctx, cmd, err)
}

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "patchproof",
		Short: "Durable proof that a patch worked",
		Long: "patchproof proves that a vulnerability is gone: it scans the hosts that a ticket calls fixed and gives a verdict per finding.\n\n" +
			"Temporal is found as the standard says: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, … or a profile (TEMPORAL_PROFILE).\n" +
			"PATCHPROOF_TASK_QUEUE names the worker's task queue, PATCHPROOF_UI_URL the Temporal UI for links.",
		Example:           "  patchproof verify --ticket VULN-3 --plugin 97833 --repository 1 --ip 10.0.0.5,10.0.0.8 --wait",
		SilenceUsage:      true,
		SilenceErrors:     true,
		PersistentPreRunE: func(*cobra.Command, []string) error { a.begun = true; return nil },
	}
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	root.DisableSuggestions = true // an error is one sentence
	root.PersistentFlags().BoolVar(&a.verbose, "verbose", false, "write the Temporal client's log to stderr")
	root.AddCommand(verifyCommand(a), statusCommand(a), listCommand(a), cancelCommand(a), extendCommand(a), setupCommand(a),
		doctorCommand(a), scCommand(a), versionCommand(a))
	root.SetHelpCommand(helpCommand(root))
	// A command that does nothing answers an unknown shell with help and success.
	root.InitDefaultCompletionCmd()
	if completion, _, err := root.Find([]string{"completion"}); err == nil && completion != root {
		completion.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
	}
	return root
}

func helpCommand(root *cobra.Command) *cobra.Command {
	return &cobra.Command{
		Use:     "help [command]",
		Short:   "Help about any command",
		Example: "  patchproof help verify",
		RunE: func(_ *cobra.Command, args []string) error {
			cmd, rest, err := root.Find(args)
			if err != nil || len(rest) > 0 {
				return wrongUse("unknown command %q", strings.Join(args, " "))
			}
			return cmd.Help()
		},
	}
}

// Exit codes beyond those of outcomes.
const (
	exitOK     = 0
	exitFailed = 1 // the job could not be done
	exitUsage  = 2
)

// exitError ends the command with a code and nothing more to say.
type exitError int

func (e exitError) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// usageError is wrong use that shows only after the flags were read.
type usageError string

func (e usageError) Error() string { return string(e) }

func wrongUse(format string, args ...any) error { return usageError(fmt.Sprintf(format, args...)) }

func (a *app) exit(ctx context.Context, cmd *cobra.Command, err error) int {
	var code exitError
	var usage usageError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	case readerGone(err):
		return exitFailed // who cut the output knows it
	case errors.As(err, &usage), !a.begun:
		a.complain("%s (see %s --help)", parserNoise.ReplaceAllString(err.Error(), ""), cmd.CommandPath())
		return exitUsage
	case ctx.Err() != nil && cancelled(err):
		a.complain("interrupted")
	default:
		a.complain("%s", a.conn.explain(err))
	}
	return exitFailed
}

// complain writes a sentence for the person at the keyboard.
func (a *app) complain(format string, args ...any) {
	fmt.Fprintln(a.Stderr, "patchproof: "+clean(fmt.Sprintf(format, args...)))
}

func (a *app) close() {
	if a.conn != nil {
		a.conn.Close()
	}
}

func (a *app) getenv(key string) string {
	value, _ := environment(a.Environ).LookupEnv(key)
	return value
}

// user is who runs the command.
func (a *app) user() string {
	for _, key := range []string{"USER", "LOGNAME", "USERNAME"} {
		if who := strings.TrimSpace(a.getenv(key)); who != "" {
			return who
		}
	}
	return a.User()
}

// systemUser asks the operating system. In a container nobody may have a name.
func systemUser() string {
	if me, err := user.Current(); err == nil && me.Username != "" {
		return me.Username
	}
	return "uid " + strconv.Itoa(os.Getuid())
}

// style tells how to write to w: colours only where a terminal shows them and nobody asked for none.
func (a *app) style(w io.Writer) style {
	columns, rows, ok := a.Terminal(w)
	dumb := a.getenv("TERM") == "dumb"
	return style{columns: columns, rows: rows, live: ok && !dumb, colours: ok && !dumb && a.getenv("NO_COLOR") == ""}
}

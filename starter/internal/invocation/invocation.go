// Package invocation is what a run of the command is given by whoever starts it: its streams, environment, clock and user.
package invocation

import (
	"fmt"
	"io"
	"os"
	"os/user"
	"strconv"
	"strings"
	"time"

	"patchproof/starter/internal/term"
)

// Invocation is everything that a run touches besides the two systems, so that a test can stand in for the process.
type Invocation struct {
	Args           []string // without the program's name
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Environ        Environ
	// Terminal reports whether a writer is a terminal, and its size.
	Terminal func(io.Writer) (columns, rows int, ok bool)
	Now      func() time.Time
	// User is who runs the command, for systems whose environment does not tell.
	User func() string
	// Verbose is set by the flag of that name.
	Verbose bool
}

// Process is the run that the operating system started.
func Process() Invocation {
	return Invocation{
		Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Environ: os.Environ(),
		Terminal: term.Size, Now: time.Now, User: systemUser,
	}
}

// Environ are variables as os.Environ gives them: KEY=value.
type Environ []string

// Environ gives all variables.
func (e Environ) Environ() []string { return e }

// LookupEnv gives one variable.
func (e Environ) LookupEnv(key string) (string, bool) {
	for _, entry := range e {
		if name, value, ok := strings.Cut(entry, "="); ok && name == key {
			return value, true
		}
	}
	return "", false
}

// Getenv gives one variable, "" if it is not set.
func (e Environ) Getenv(key string) string {
	value, _ := e.LookupEnv(key)
	return value
}

// Who is the person who runs the command.
func (i *Invocation) Who() string {
	for _, key := range []string{"USER", "LOGNAME", "USERNAME"} {
		if who := strings.TrimSpace(i.Environ.Getenv(key)); who != "" {
			return who
		}
	}
	return i.User()
}

// systemUser asks the operating system. In a container nobody may have a name.
func systemUser() string {
	if me, err := user.Current(); err == nil && me.Username != "" {
		return me.Username
	}
	return "uid " + strconv.Itoa(os.Getuid())
}

// Complain writes a sentence for the person at the keyboard.
func (i *Invocation) Complain(format string, args ...any) {
	fmt.Fprintln(i.Stderr, "patchproof: "+term.Line(fmt.Sprintf(format, args...)))
}

// Style tells how to write to w: colours only where a terminal shows them and nobody asked for none.
func (i *Invocation) Style(w io.Writer) term.Style {
	columns, rows, ok := i.Terminal(w)
	live := ok && i.Environ.Getenv("TERM") != "dumb"
	return term.Style{Columns: columns, Rows: rows, Live: live, Colours: live && i.Environ.Getenv("NO_COLOR") == ""}
}

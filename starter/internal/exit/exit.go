// Package exit holds the exit codes, and the errors by which a command chooses one itself.
package exit

import "fmt"

// The exit codes, for scripts that act on them.
const (
	OK        = 0
	Failed    = 1 // the job could not be done
	Usage     = 2
	NotFixed  = 3 // partly or not fixed, or the risk is accepted
	Undecided = 4 // inconclusive, nothing found, timed out or cancelled
)

// CodeError ends the command with a code and nothing more to say.
type CodeError int

func (c CodeError) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// With is what a command returns to end with a code.
func With(code int) error {
	if code == OK {
		return nil
	}
	return CodeError(code)
}

// UsageError is wrong use that shows only after the flags were read.
type UsageError string

func (e UsageError) Error() string { return string(e) }

// WrongUse makes a UsageError, which names the flag or the argument that is wrong.
func WrongUse(format string, args ...any) error { return UsageError(fmt.Sprintf(format, args...)) }

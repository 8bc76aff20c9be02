// Package rows prints what Security Center sent: objects and rows with every field that they have, in real types, as JSON,
// JSON lines, CSV or a table, one by one, however many there are.
package rows

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"syscall"

	"patchproof/sclient"
	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/invocation"
	"patchproof/starter/internal/term"
)

// Output is how and where rows are printed.
type Output struct {
	Run     *invocation.Invocation
	Format  string // one of those of flags.RowsOutput
	Schema  *Schema
	Secrets *sclient.Redaction
	Table   View
}

// View says what a list looks like for people.
type View struct {
	Columns []Column // nil means all that the first row has
	None    string   // what an empty list is: "no asset found"
}

const (
	// pieceSize: rows are written in pieces that a disk and a pipe like.
	pieceSize = 128 << 10
	// watchedSize: who watches is not to wait for the next page to see the end of this one.
	watchedSize = 1 << 10
)

// writer writes rows in one of the forms.
type writer interface {
	row(raw []byte) error
	// flush writes what was held back; more rows may follow.
	flush() error
	// end completes the output after the last row.
	end() error
}

func (o Output) writer() writer {
	stdout := Stdout(o.Run)
	piece := pieceSize
	if _, _, watched := o.Run.Terminal(o.Run.Stdout); watched {
		piece = watchedSize
	}
	switch typed := o.converter(); o.Format {
	case flags.OutputJSON, flags.OutputLines:
		return &jsonWriter{converter: typed, w: stdout, array: o.Format == flags.OutputJSON, piece: piece}
	case flags.OutputCSV:
		return &csvWriter{converter: typed, w: csv.NewWriter(bufio.NewWriterSize(stdout, piece)), run: o.Run}
	default:
		return &tableWriter{
			converter: typed, View: o.Table, w: bufio.NewWriterSize(stdout, piece), style: o.Run.Style(o.Run.Stdout), zone: o.Run.Now().Location(),
		}
	}
}

func (o Output) converter() converter { return converter{schema: o.Schema, secrets: o.Secrets} }

// Print prints rows until one of them is an error. What came before it is printed, but the output is not completed: an
// array that lacks its end is not taken for a whole result.
func (o Output) Print(rows iter.Seq2[[]byte, error]) error {
	w := o.writer()
	for row, err := range rows {
		if err == nil {
			err = w.row(row)
		}
		if _, full := errors.AsType[stdoutError](err); full {
			return err
		}
		if err != nil {
			return errors.Join(err, w.flush())
		}
	}
	return w.end()
}

// PrintObject prints a single object, for programs.
func (o Output) PrintObject(object []byte) error {
	if o.Format == flags.OutputJSON {
		typed := o.converter()
		return term.PrintJSON(Stdout(o.Run), json.RawMessage(typed.one(object)))
	}
	return o.Print(func(yield func([]byte, error) bool) { yield(object, nil) })
}

// Stdout is the stdout of a run. It marks its errors, so that a reader who has gone is not mixed up with a lost connection.
func Stdout(run *invocation.Invocation) io.Writer { return stdout{run.Stdout} }

type stdout struct{ w io.Writer }

type stdoutError struct{ err error }

func (e stdoutError) Error() string { return "cannot write to stdout: " + e.err.Error() }
func (e stdoutError) Unwrap() error { return e.err }

func (s stdout) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil {
		err = stdoutError{err}
	}
	return n, err
}

// ReaderGone reports that whoever read our output has seen enough.
func ReaderGone(err error) bool {
	out, ok := errors.AsType[stdoutError](err)
	return ok && (errors.Is(out.err, syscall.EPIPE) || errors.Is(out.err, io.ErrClosedPipe))
}

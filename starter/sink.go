package main

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"syscall"
	"unicode"

	"github.com/spf13/pflag"
)

// The forms of output of lists, besides those of flags.go.
const (
	outputLines = "jsonl"
	outputCSV   = "csv"
)

func rowsOutputFlag(fs *pflag.FlagSet, dst *string) {
	choiceFlag(fs, dst, "output", outputTable, []string{outputTable, outputJSON, outputLines, outputCSV}, "what to print on stdout")
}

// sink writes rows in the form that was asked for.
type sink interface {
	row(raw []byte) error
	// flush writes what was held back; more rows may follow.
	flush() error
	// end completes the output after the last row.
	end() error
}

// typed makes rows with real types of those that the server sent.
type typed struct {
	rewriter
	shape *shape
}

// one gives a single row, which is valid until the next one.
func (t *typed) one(raw []byte) []byte {
	t.out = t.out[:0]
	t.rewriter.row(t.shape, raw)
	return t.out
}

// printer writes the rows of a result one by one, however many there are.
type printer struct{ sink }

const (
	// pieceSize: rows are written in pieces that a disk and a pipe like.
	pieceSize = 128 << 10
	// watchedSize: who watches is not to wait for the next page to see the end of this one.
	watchedSize = 1 << 10
)

// tableView says what a list looks like for people.
type tableView struct {
	columns []column // nil means all that the first row has
	none    string   // what an empty list is: "no asset found"
}

func (a *app) printer(output string, s *shape, view tableView, g *guard) *printer {
	w := &stdout{w: a.Stdout}
	rows := typed{rewriter{guard: g}, s}
	piece := pieceSize
	if _, _, watched := a.Terminal(a.Stdout); watched {
		piece = watchedSize
	}
	switch output {
	case outputJSON, outputLines:
		return &printer{&jsonSink{typed: rows, w: w, array: output == outputJSON, piece: piece}}
	case outputCSV:
		warn := func(text string) { a.complain("%s", text) }
		return &printer{&csvSink{typed: rows, w: csv.NewWriter(bufio.NewWriterSize(w, piece)), warn: warn}}
	}
	return &printer{&grid{typed: rows, w: bufio.NewWriterSize(w, piece), style: a.style(a.Stdout), zone: a.Now().Location(), tableView: view}}
}

// printAll prints rows until one of them is an error. What came before it is printed, but the output is not completed: an
// array that lacks its end is not taken for a whole result.
func (p *printer) printAll(rows iter.Seq2[[]byte, error]) error {
	for row, err := range rows {
		if err == nil {
			err = p.row(row)
		}
		if _, full := errors.AsType[stdoutError](err); full {
			return err
		}
		if err != nil {
			return errors.Join(err, p.flush())
		}
	}
	return p.end()
}

// stdout marks its errors, so that a reader who has gone is not mixed up with a lost connection.
type stdout struct{ w io.Writer }

type stdoutError struct{ err error }

func (e stdoutError) Error() string { return "cannot write to stdout: " + e.err.Error() }
func (e stdoutError) Unwrap() error { return e.err }

func (s *stdout) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	if err != nil {
		err = stdoutError{err}
	}
	return n, err
}

// readerGone reports that whoever read our output has seen enough.
func readerGone(err error) bool {
	out, ok := errors.AsType[stdoutError](err)
	return ok && (errors.Is(out.err, syscall.EPIPE) || errors.Is(out.err, io.ErrClosedPipe))
}

// jsonSink writes one JSON array, a row per line, or the lines only. The rows are made right where they are written from.
type jsonSink struct {
	typed
	w     io.Writer
	array bool
	piece int
	begun bool
}

func (s *jsonSink) row(raw []byte) error {
	switch {
	case s.begun && s.array:
		s.out = append(s.out, ",\n"...)
	case s.array:
		s.out = append(s.out, "[\n"...)
	}
	s.begun = true
	s.rewriter.row(s.shape, raw)
	if !s.array {
		s.out = append(s.out, '\n')
	}
	if len(s.out) < s.piece {
		return nil
	}
	return s.flush()
}

func (s *jsonSink) flush() error {
	_, err := s.w.Write(s.out)
	s.out = s.out[:0]
	return err
}

func (s *jsonSink) end() error {
	switch {
	case s.array && s.begun:
		s.out = append(s.out, "\n]\n"...)
	case s.array:
		s.out = append(s.out, "[]\n"...)
	}
	return s.flush()
}

// csvSink writes a header and a record per row. The header takes every column of the first rows: a server may leave a
// column out where it has nothing to say.
type csvSink struct {
	typed
	w       *csv.Writer
	warn    func(string)
	sample  [][]byte
	columns map[string]int // by path; nil until the header is written
	record  []string
	lost    []string // columns that came up only after the header
}

// csvSample is a page of rows.
const csvSample = 1000

func (s *csvSink) row(raw []byte) error {
	row := s.one(raw)
	if s.columns != nil {
		return s.write(row)
	}
	s.sample = append(s.sample, slices.Clone(row))
	if len(s.sample) < csvSample {
		return nil
	}
	return s.flush()
}

func (s *csvSink) flush() error {
	if s.columns != nil || len(s.sample) == 0 {
		s.w.Flush()
		return s.w.Error()
	}
	if err := s.header(); err != nil {
		return err
	}
	for _, row := range s.sample {
		if err := s.write(row); err != nil {
			return err
		}
	}
	s.sample = nil
	s.w.Flush()
	return s.w.Error()
}

func (s *csvSink) header() error {
	var names []string
	known := map[string]bool{}
	parents := map[string]bool{} // an object in one row may be null in another
	for _, row := range s.sample {
		leaves(row, func(path string, _ []byte) {
			if !known[path] {
				known[path] = true
				names = append(names, path)
			}
			for i, c := range path {
				if c == '.' {
					parents[path[:i]] = true
				}
			}
		})
	}
	names = slices.DeleteFunc(names, func(name string) bool { return parents[name] })
	s.columns = map[string]int{}
	for i, name := range names {
		s.columns[name] = i
	}
	s.record = make([]string, len(names))
	return s.w.Write(names)
}

func (s *csvSink) write(row []byte) error {
	clear(s.record)
	leaves(row, func(path string, value []byte) {
		text := cellText(value)
		if i, known := s.columns[path]; known {
			s.record[i] = printable(text)
		} else if text != "" && !slices.Contains(s.lost, path) {
			s.lost = append(s.lost, path)
		}
	})
	return s.w.Write(s.record)
}

// printable takes out what would redraw a terminal; the lines of a text stay.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, text)
}

func (s *csvSink) end() error {
	if err := s.flush(); err != nil {
		return err
	}
	if len(s.lost) > 0 {
		s.warn(fmt.Sprintf("left out because they came up only after %d rows: %s (use -o jsonl for everything)", csvSample, strings.Join(s.lost, ", ")))
	}
	return nil
}

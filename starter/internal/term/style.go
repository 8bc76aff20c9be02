// Package term is what a terminal can show: its size, colours, tables and JSON, and text of others that is safe to print.
package term

import (
	"encoding/json"
	"io"
	"os"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
	xterm "golang.org/x/term"
)

// Style is what a writer can show.
type Style struct {
	Columns, Rows int  // 0: as many as it takes
	Live          bool // lines can be redrawn
	Colours       bool
}

// Size reports whether a writer is a terminal, and its size in characters.
func Size(w io.Writer) (columns, rows int, ok bool) {
	f, isFile := w.(*os.File)
	if !isFile || !xterm.IsTerminal(int(f.Fd())) {
		return 0, 0, false
	}
	columns, rows, err := xterm.GetSize(int(f.Fd()))
	if err != nil || columns < 20 || rows < 5 {
		columns, rows = 80, 24 // a terminal that does not tell its size
	}
	return columns, rows, true
}

// Paint colours text by itself: the library's own switch is global and read from the process's environment.
func (s Style) Paint(t string, colours ...text.Color) string {
	if !s.Colours || t == "" {
		return t
	}
	return text.Escape(t, text.Colors(colours).EscapeSeq())
}

// Gap is between two columns of a table.
const Gap = 2

// Table is a plain table: columns and a header, which a terminal, a log and grep all take.
func Table(w io.Writer) table.Writer {
	t := table.NewWriter()
	t.SetOutputMirror(w)
	plain := table.StyleLight
	plain.Options = table.OptionsNoBordersAndSeparators
	plain.Box.PaddingLeft, plain.Box.PaddingRight = "", "  "
	plain.Format.Header = text.FormatUpper
	t.SetStyle(plain)
	t.SuppressTrailingSpaces()
	return t
}

// PrintJSON writes a value as people and programs read it.
func PrintJSON(w io.Writer, value any) error {
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false) // reasons are read by people too
	return encoder.Encode(value)
}

package rows

// Rows as a table that fits the terminal.

import (
	"bufio"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"patchproof/starter/internal/term"
)

// Column is one of a table for people.
type Column struct {
	Title string
	Paths []string // the first one that the row has is shown
	Show  func(value []byte, zone *time.Location) string
	Wide  bool // gives way where the terminal is too narrow
}

// tableWriter is a table that is written while its rows still come. The widths are those of the first rows; a longer cell later
// is cut on a terminal, and elsewhere pushes its own line to the right.
type tableWriter struct {
	converter
	w     *bufio.Writer
	style term.Style
	zone  *time.Location
	View
	sample [][]string
	widths []int
	index  map[string][]int // the columns that a path may fill
}

// measuredRows is enough to see how wide the columns are, and little to hold back.
const measuredRows = 200

func (t *tableWriter) row(raw []byte) error {
	row := t.one(raw)
	if t.Columns == nil {
		leaves(row, func(path string, _ []byte) {
			t.Columns = append(t.Columns, Column{Title: path, Paths: []string{path}, Wide: true})
		})
	}
	cells := t.cells(row)
	if t.widths != nil {
		return t.write(cells)
	}
	t.sample = append(t.sample, cells)
	if len(t.sample) < measuredRows {
		return nil
	}
	return t.begin()
}

func (t *tableWriter) flush() error {
	if err := t.begin(); err != nil {
		return err
	}
	return t.w.Flush()
}

// cells picks what the columns show of a row.
func (t *tableWriter) cells(row []byte) []string {
	if t.index == nil {
		t.index = map[string][]int{}
		for i, c := range t.Columns {
			for _, path := range c.Paths {
				t.index[path] = append(t.index[path], i)
			}
		}
	}
	cells := make([]string, len(t.Columns))
	ranks := make([]int, len(t.Columns)) // how good what a column shows is, 0 for nothing yet
	leaves(row, func(path string, value []byte) {
		for _, i := range t.index[path] {
			c := t.Columns[i]
			rank := len(c.Paths) - slices.Index(c.Paths, path)
			if string(value) == "null" || rank <= ranks[i] {
				continue
			}
			ranks[i] = rank
			if c.Show != nil {
				cells[i] = term.Line(c.Show(value, t.zone))
			} else {
				cells[i] = term.Line(cellText(value))
			}
		}
	})
	return cells
}

// begin writes the header and the rows by which the columns were measured.
func (t *tableWriter) begin() error {
	if t.widths != nil || len(t.sample) == 0 {
		return nil
	}
	header := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		header[i] = term.Line(strings.ToUpper(c.Title))
	}
	t.measure(append([][]string{header}, t.sample...))
	if err := t.write(header); err != nil {
		return err
	}
	for _, cells := range t.sample {
		if err := t.write(cells); err != nil {
			return err
		}
	}
	t.sample = nil
	return nil
}

func (t *tableWriter) end() error {
	if t.widths == nil && len(t.sample) == 0 {
		_, _ = t.w.WriteString(t.None + "\n") // the error stays until the next write
	}
	return t.flush()
}

// measure finds the widths, 0 for a column that is not shown. On a terminal the widest of the columns that may give way are
// narrowed until a line fits; where that is not enough, the last columns are left out.
func (t *tableWriter) measure(lines [][]string) {
	natural := make([]int, len(t.Columns))
	for i := range t.Columns {
		for _, cells := range lines {
			natural[i] = max(natural[i], text.StringWidthWithoutEscSequences(cells[i]))
		}
	}
	t.widths = slices.Clone(natural)
	for shown := len(natural); t.style.Columns > 0 && shown > 0; shown-- {
		clear(t.widths)
		copy(t.widths, natural[:shown])
		if t.narrow(shown) {
			return
		}
	}
}

// leastWidth is what a column that gives way keeps.
const leastWidth = 12

func (t *tableWriter) narrow(shown int) (fits bool) {
	total := term.Gap * (shown - 1)
	for _, width := range t.widths {
		total += width
	}
	for ; total > t.style.Columns; total-- {
		widest := -1
		for i, c := range t.Columns[:shown] {
			if c.Wide && t.widths[i] > leastWidth && (widest < 0 || t.widths[i] > t.widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return false
		}
		t.widths[widest]--
	}
	return true
}

func (t *tableWriter) write(cells []string) error {
	var line strings.Builder
	for i, cell := range cells {
		if t.widths[i] == 0 {
			continue
		}
		if t.style.Columns > 0 {
			cell = text.Snip(cell, t.widths[i], "…")
		}
		line.WriteString(text.Pad(cell, t.widths[i], ' '))
		line.WriteString(strings.Repeat(" ", term.Gap))
	}
	_, err := t.w.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	return err
}

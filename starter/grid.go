package main

import (
	"bufio"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
)

// column is one of a table for people.
type column struct {
	title string
	paths []string // the first one that the row has is shown
	show  func(value []byte, zone *time.Location) string
	wide  bool // gives way where the terminal is too narrow
}

// grid is a table that is written while its rows still come. The widths are those of the first rows; a longer cell later
// is cut on a terminal, and elsewhere pushes its own line to the right.
type grid struct {
	typed
	w     *bufio.Writer
	style style
	zone  *time.Location
	tableView
	sample [][]string
	widths []int
	index  map[string][]int // the columns that a path may fill
}

// gridSample is enough to see how wide the columns are, and little to hold back.
const gridSample = 200

func (g *grid) row(raw []byte) error {
	row := g.one(raw)
	if g.columns == nil {
		leaves(row, func(path string, _ []byte) {
			g.columns = append(g.columns, column{title: path, paths: []string{path}, wide: true})
		})
	}
	cells := g.cells(row)
	if g.widths != nil {
		return g.write(cells)
	}
	g.sample = append(g.sample, cells)
	if len(g.sample) < gridSample {
		return nil
	}
	return g.begin()
}

func (g *grid) flush() error {
	if err := g.begin(); err != nil {
		return err
	}
	return g.w.Flush()
}

// cells picks what the columns show of a row.
func (g *grid) cells(row []byte) []string {
	if g.index == nil {
		g.index = map[string][]int{}
		for i, c := range g.columns {
			for _, path := range c.paths {
				g.index[path] = append(g.index[path], i)
			}
		}
	}
	cells := make([]string, len(g.columns))
	ranks := make([]int, len(g.columns)) // how good what a column shows is, 0 for nothing yet
	leaves(row, func(path string, value []byte) {
		for _, i := range g.index[path] {
			c := g.columns[i]
			rank := len(c.paths) - slices.Index(c.paths, path)
			if string(value) == "null" || rank <= ranks[i] {
				continue
			}
			ranks[i] = rank
			if c.show != nil {
				cells[i] = clean(c.show(value, g.zone))
			} else {
				cells[i] = clean(cellText(value))
			}
		}
	})
	return cells
}

// begin writes the header and the rows by which the columns were measured.
func (g *grid) begin() error {
	if g.widths != nil || len(g.sample) == 0 {
		return nil
	}
	header := make([]string, len(g.columns))
	for i, c := range g.columns {
		header[i] = strings.ToUpper(c.title)
	}
	g.measure(append([][]string{header}, g.sample...))
	if err := g.write(header); err != nil {
		return err
	}
	for _, cells := range g.sample {
		if err := g.write(cells); err != nil {
			return err
		}
	}
	g.sample = nil
	return nil
}

func (g *grid) end() error {
	if g.widths == nil && len(g.sample) == 0 {
		_, _ = g.w.WriteString(g.none + "\n") // the error stays until the next write
	}
	return g.flush()
}

// gap is between two columns, as in the other tables.
const gap = 2

// measure finds the widths, 0 for a column that is not shown. On a terminal the widest of the columns that may give way are
// narrowed until a line fits; where that is not enough, the last columns are left out.
func (g *grid) measure(lines [][]string) {
	natural := make([]int, len(g.columns))
	for i := range g.columns {
		for _, cells := range lines {
			natural[i] = max(natural[i], text.StringWidthWithoutEscSequences(cells[i]))
		}
	}
	g.widths = slices.Clone(natural)
	for shown := len(natural); g.style.columns > 0 && shown > 0; shown-- {
		clear(g.widths)
		copy(g.widths, natural[:shown])
		if g.narrow(shown) {
			return
		}
	}
}

// leastWidth is what a column that gives way keeps.
const leastWidth = 12

func (g *grid) narrow(shown int) (fits bool) {
	total := gap * (shown - 1)
	for _, width := range g.widths {
		total += width
	}
	for ; total > g.style.columns; total-- {
		widest := -1
		for i, c := range g.columns[:shown] {
			if c.wide && g.widths[i] > leastWidth && (widest < 0 || g.widths[i] > g.widths[widest]) {
				widest = i
			}
		}
		if widest < 0 {
			return false
		}
		g.widths[widest]--
	}
	return true
}

func (g *grid) write(cells []string) error {
	var line strings.Builder
	for i, cell := range cells {
		if g.widths[i] == 0 {
			continue
		}
		if g.style.columns > 0 {
			cell = text.Snip(cell, g.widths[i], "…")
		}
		line.WriteString(text.Pad(cell, g.widths[i], ' '))
		line.WriteString(strings.Repeat(" ", gap))
	}
	_, err := g.w.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	return err
}

// moment shows a time in the reader's own zone.
func moment(value []byte, zone *time.Location) string {
	t, err := time.Parse(time.RFC3339, cellText(value))
	if err != nil {
		return cellText(value)
	}
	return stamp(t, zone)
}

// addresses shows the hosts inside of a value, which lists them by repository.
func addresses(value []byte, _ *time.Location) string {
	var repositories []struct {
		IPList json.RawMessage `json:"iplist"`
	}
	if json.Unmarshal(value, &repositories) != nil {
		return cellText(value)
	}
	var all []string
	for _, r := range repositories {
		var hosts []struct {
			IP string `json:"ip"`
		}
		if json.Unmarshal(r.IPList, &hosts) != nil {
			all = append(all, cellText(r.IPList)) // some tools have a text there
		}
		for _, h := range hosts {
			all = append(all, h.IP)
		}
	}
	return strings.Join(all, " ")
}

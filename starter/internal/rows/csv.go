package rows

// Rows as CSV.

import (
	"encoding/csv"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"patchproof/starter/internal/invocation"
	"patchproof/starter/internal/term"
)

// csvWriter writes a header and a record per row. The header takes every column of the first rows: a server may leave a
// column out where it has nothing to say.
type csvWriter struct {
	converter
	w       *csv.Writer
	run     *invocation.Invocation // who is told of columns that came too late
	sample  [][]byte
	columns map[string]int // by path; nil until the header is written
	record  []string
	lost    []string // columns that came up only after the header
}

// csvSample is a page of rows.
const csvSample = 1000

func (c *csvWriter) row(raw []byte) error {
	row := c.one(raw)
	if c.columns != nil {
		return c.write(row)
	}
	c.sample = append(c.sample, slices.Clone(row))
	if len(c.sample) < csvSample {
		return nil
	}
	return c.flush()
}

func (c *csvWriter) flush() error {
	if c.columns != nil || len(c.sample) == 0 {
		c.w.Flush()
		return c.w.Error()
	}
	if err := c.header(); err != nil {
		return err
	}
	for _, row := range c.sample {
		if err := c.write(row); err != nil {
			return err
		}
	}
	c.sample = nil
	c.w.Flush()
	return c.w.Error()
}

func (c *csvWriter) header() error {
	var names []string
	known := map[string]bool{}
	parents := map[string]bool{} // an object in one row may be null in another
	for _, row := range c.sample {
		leaves(row, func(path string, _ []byte) {
			if !known[path] {
				known[path] = true
				names = append(names, path)
			}
			for i, char := range path {
				if char == '.' {
					parents[path[:i]] = true
				}
			}
		})
	}
	names = slices.DeleteFunc(names, func(name string) bool { return parents[name] })
	c.columns = map[string]int{}
	for i, name := range names {
		c.columns[name] = i
	}
	c.record = make([]string, len(names))
	for i, name := range names {
		names[i] = spreadsheetCell(name) // unknown columns are the server's words too
	}
	return c.w.Write(names)
}

func (c *csvWriter) write(row []byte) error {
	clear(c.record)
	leaves(row, func(path string, value []byte) {
		text := cellText(value)
		if i, known := c.columns[path]; known {
			c.record[i] = spreadsheetCell(text)
		} else if text != "" && !slices.Contains(c.lost, path) {
			c.lost = append(c.lost, path)
		}
	})
	return c.w.Write(c.record)
}

func (c *csvWriter) end() error {
	if err := c.flush(); err != nil {
		return err
	}
	if len(c.lost) > 0 {
		c.run.Complain("left out because they came up only after %d rows: %s (use -o jsonl for everything)", csvSample, strings.Join(c.lost, ", "))
	}
	return nil
}

// spreadsheetCell makes a text safe for programs that run a cell which begins like a formula, as most spreadsheets do, some of them also behind
// blanks or with the wide forms of the signs. An apostrophe in front makes it a text. A plain number stays one, also a negative one.
func spreadsheetCell(text string) string {
	begin := strings.TrimLeftFunc(text, unicode.IsSpace)
	formula := begin != "" && strings.ContainsRune("=+-@＝＋－＠", firstRune(begin))
	odd := text != "" && strings.ContainsRune("\t\r\n", firstRune(text))
	safe := term.Lines(text)
	if (formula || odd) && !isNumber([]byte(text)) {
		return "'" + safe
	}
	return safe
}

func firstRune(text string) rune {
	r, _ := utf8.DecodeRuneInString(text)
	return r
}

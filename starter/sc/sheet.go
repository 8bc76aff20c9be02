package sc

// One object for people, a line per fact.

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	"patchproof/sclient"
	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/invocation"
	"patchproof/starter/internal/rows"
	"patchproof/starter/internal/term"
)

// sheet is one object for people: a line per fact, and none for what is not known.
type sheet struct {
	table   table.Writer
	style   term.Style
	zone    *time.Location
	secrets *sclient.Redaction
}

// printObject prints an object; show is its form for people.
func printObject(run *invocation.Invocation, c *sclient.Client, format string, object whole, show func(sheet)) error {
	if format != flags.OutputTable {
		return outputOf(run, c, format, object).PrintObject(object.RawJSON())
	}
	s := sheet{table: term.Table(rows.Stdout(run)), style: run.Style(run.Stdout), zone: run.Now().Location(), secrets: c.Redaction()}
	show(s)
	s.table.Render()
	return nil
}

// outputOf is where rows like the sample go.
func outputOf(run *invocation.Invocation, c *sclient.Client, format string, sample any) rows.Output {
	return rows.Output{Run: run, Format: format, Schema: rows.SchemaOf(sample), Secrets: c.Redaction()}
}

// labelWidth is that of the longest label.
const labelWidth = 18

func (s sheet) add(label, value string) {
	value = strings.TrimSpace(s.secrets.Hide(term.Lines(value)))
	if value == "" {
		return
	}
	if s.style.Columns > labelWidth+20 {
		value = text.WrapSoft(value, s.style.Columns-labelWidth-term.Gap)
	}
	s.table.AppendRow(table.Row{label, value})
}

func (s sheet) time(label string, t sclient.Time) {
	s.add(label, term.Stamp(t.Time, s.zone))
}

// named writes an object with its ID.
func named(name string, id sclient.ID) string {
	switch {
	case name == "" && !id.Valid():
		return ""
	case name == "":
		return "#" + id.String()
	}
	return name + " (#" + id.String() + ")"
}

func person(p sclient.Person) string {
	full := strings.TrimSpace(p.Firstname + " " + p.Lastname)
	if full == "" || full == p.Username {
		return p.Username
	}
	return p.Username + " (" + full + ")"
}

func yes(b sclient.Bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func score(f sclient.Float) string {
	if !f.Valid {
		return ""
	}
	return strconv.FormatFloat(f.Value, 'f', -1, 64)
}

// lacking says in a sentence that there is no such object.
func lacking(err error, what string) error {
	if sclient.IsNotFound(err) {
		return fmt.Errorf("Security Center knows no %s, or you may not see it", what) //nolint:staticcheck // a name
	}
	return err
}

// period writes how long something took.
func period(seconds sclient.Int) string {
	if seconds <= 0 {
		return ""
	}
	return (time.Duration(seconds) * time.Second).String()
}

package main

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"patchproof/workflows"
)

// screen redraws a few lines in place, for people who watch.
type screen struct {
	w     io.Writer
	style style
	drawn int // lines on the terminal now
	frame int
}

var spinner = []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}

// steps are what a verification goes through.
var steps = []workflows.Phase{
	workflows.PhaseBaseline, workflows.PhaseFamily, workflows.PhasePolicy, workflows.PhaseLaunch, workflows.PhaseScanning,
	workflows.PhaseVerifying, workflows.PhaseReporting,
}

func (s *screen) show(views []view, now time.Time) {
	s.frame++
	var out []string
	for _, v := range views {
		out = append(out, s.block(v, now)...)
	}
	// What scrolled off the top cannot be redrawn.
	if most := s.style.rows - 1; most > 1 && len(out) > most {
		out = append(out[:most-1], fmt.Sprintf("… and %d more lines", len(out)-most+1))
	}
	var b strings.Builder
	if s.drawn > 0 {
		b.WriteString(text.CursorUp.Sprintn(s.drawn))
	}
	for _, line := range out {
		// A line that wraps would be two when the cursor goes up.
		b.WriteString("\r" + text.EraseLine.Sprint() + text.Snip(line, s.style.columns-1, "…") + "\n")
	}
	for range s.drawn - len(out) {
		b.WriteString("\r" + text.EraseLine.Sprint() + "\n")
	}
	if extra := s.drawn - len(out); extra > 0 {
		b.WriteString(text.CursorUp.Sprintn(extra))
	}
	s.drawn = len(out)
	fmt.Fprint(s.w, b.String())
}

// block is one verification on the screen.
func (s *screen) block(v view, now time.Time) []string {
	title := s.style.paint(text.Colors{text.Bold}, clean(v.ticket))
	switch {
	case v.err != nil:
		return []string{s.style.paint(text.Colors{text.FgRed}, "✗ ") + title + "  could not be done"}
	case v.done:
		return []string{s.style.outcomeMark(v.status.Outcome) + " " + title + "  " + s.style.outcome(v.status.Outcome) + "  " + elapsed(v.status, now)}
	}
	head := title
	if v.status.Plugin > 0 {
		head += fmt.Sprintf("  plugin %d in repository %d", v.status.Plugin, v.status.Repository)
	}
	head += "  " + elapsed(v.status, now)
	if !v.status.Deadline.IsZero() {
		head += ", until " + clock(v.status.Deadline, now)
	}
	out := []string{head, "  " + s.steps(v.status.Phase)}
	// What an activity saw of the scan is newer than what the workflow knows.
	if doing := cmp.Or(v.waiting, scansText(v.status.Scans)); doing != "" {
		out = append(out, "  "+clean(doing))
	}
	if v.trouble.key != "" {
		out = append(out, "  "+s.style.paint(text.Colors{text.FgYellow}, "! "+clean(v.trouble.text)))
	}
	return out
}

func (s *screen) steps(phase workflows.Phase) string {
	// Temporal's records only say that it waits: then the first step is shown as the current one.
	current := max(slices.Index(steps, phase), 0)
	if phase == workflows.PhaseDone {
		current = len(steps)
	}
	var out []string
	for i, step := range steps {
		switch {
		case i < current:
			out = append(out, s.style.paint(text.Colors{text.FgGreen}, "✓")+" "+string(step))
		case i == current:
			out = append(out, s.style.paint(text.Colors{text.FgCyan}, spinner[s.frame%len(spinner)])+" "+s.style.paint(text.Colors{text.Bold}, string(step)))
		default:
			out = append(out, s.style.paint(text.Colors{text.Faint}, "· "+string(step)))
		}
	}
	return strings.Join(out, "  ")
}

func nonEmpty(texts ...string) []string {
	return slices.DeleteFunc(texts, func(t string) bool { return t == "" })
}

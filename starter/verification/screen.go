package verification

// Following on a terminal: lines that are redrawn.

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"patchproof/starter/internal/follow"
	"patchproof/starter/internal/term"
	"patchproof/workflows"
)

// screen redraws a few lines in place, for people who watch.
type screen struct {
	w     io.Writer
	style term.Style
	drawn int // lines on the terminal now
	frame int
}

var spinner = []string{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"}

// steps are what a verification goes through.
var steps = []workflows.Phase{
	workflows.PhaseBaseline, workflows.PhaseFamily, workflows.PhasePolicy, workflows.PhaseLaunch, workflows.PhaseScanning,
	workflows.PhaseVerifying, workflows.PhaseReporting,
}

func (s *screen) show(views []follow.View, now time.Time) {
	s.frame++
	var out []string
	for _, v := range views {
		out = append(out, s.block(v, now)...)
	}
	// What scrolled off the top cannot be redrawn.
	if most := s.style.Rows - 1; most > 1 && len(out) > most {
		out = append(out[:most-1], fmt.Sprintf("… and %d more lines", len(out)-most+1))
	}
	var b strings.Builder
	if s.drawn > 0 {
		b.WriteString(text.CursorUp.Sprintn(s.drawn))
	}
	for _, line := range out {
		// A line that wraps would be two when the cursor goes up.
		b.WriteString("\r" + text.EraseLine.Sprint() + text.Snip(line, s.style.Columns-1, "…") + "\n")
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
func (s *screen) block(v follow.View, now time.Time) []string {
	title := s.style.Paint(term.Line(v.Ticket), text.Bold)
	switch {
	case v.Err != nil:
		return []string{s.style.Paint("✗ ", text.FgRed) + title + "  could not be done"}
	case v.Done:
		return []string{outcomeMark(s.style, v.Status.Outcome) + " " + title + "  " + paintOutcome(s.style, v.Status.Outcome) + "  " + v.Elapsed(now)}
	}
	head := title
	if v.Status.Plugin > 0 {
		head += fmt.Sprintf("  plugin %d in repository %d", v.Status.Plugin, v.Status.Repository)
	}
	head += "  " + v.Elapsed(now)
	if !v.Status.Deadline.IsZero() {
		head += ", until " + term.Clock(v.Status.Deadline, now)
	}
	out := []string{head, "  " + s.steps(v.Status.Phase)}
	// What an activity saw of the scan is newer than what the workflow knows.
	if doing := cmp.Or(v.Waiting, follow.Scans(v.Status.Scans)); doing != "" {
		out = append(out, "  "+term.Line(doing))
	}
	if v.Trouble.Key != "" {
		out = append(out, "  "+s.style.Paint("! "+term.Line(v.Trouble.Text), text.FgYellow))
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
			out = append(out, s.style.Paint("✓", text.FgGreen)+" "+string(step))
		case i == current:
			out = append(out, s.style.Paint(spinner[s.frame%len(spinner)], text.FgCyan)+" "+s.style.Paint(string(step), text.Bold))
		default:
			out = append(out, s.style.Paint("· "+string(step), text.Faint))
		}
	}
	return strings.Join(out, "  ")
}

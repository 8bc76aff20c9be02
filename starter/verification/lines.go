package verification

// Following for logs: a line per change.

import (
	"fmt"
	"io"
	"time"

	"patchproof/starter/internal/follow"
	"patchproof/starter/internal/term"
)

// lines writes a line whenever something has changed, for logs.
type lines struct {
	w    io.Writer
	last map[string]follow.Line
}

func (l *lines) show(views []follow.View, now time.Time) {
	for _, v := range views {
		l.tell(v, now)
	}
}

func (l *lines) tell(v follow.View, now time.Time) {
	if v.Done && v.Err != nil {
		return // the reason is told once, at the end
	}
	old := l.last[v.Ticket]
	current := v.Line()
	l.last[v.Ticket] = current
	say := func(text string) { fmt.Fprintf(l.w, "%s: %s\n", term.Line(v.Ticket), term.Line(text)) }
	entered := func() {
		if current.Phase != old.Phase {
			say(current.Phase + " (" + v.Elapsed(now) + ")")
		}
	}
	if !v.Done {
		entered()
	}
	if current.Scans != old.Scans && current.Scans != "" {
		say(current.Scans)
	}
	if current.Waiting != old.Waiting && current.Waiting != "" {
		say(current.Waiting)
	}
	switch {
	case v.Done: // the outcome is the last word
		entered()
	case current.Trouble == old.Trouble:
	case current.Trouble == "":
		say("the trouble is over")
	default:
		say(v.Trouble.Text)
	}
}

package follow

// A verification at one moment, as it is shown.

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"patchproof/workflows"
)

// View is what is known of a verification at a moment.
type View struct {
	Ticket  string
	Status  workflows.Status
	Known   bool   // the status is more than what we began with
	Waiting string // what an activity waits for
	Trouble Trouble
	Done    bool
	Err     error // why it is done without a verdict
}

// Trouble is what keeps a verification from getting on.
type Trouble struct {
	Key  string // the same as long as it is the same trouble; "" means none
	Text string
}

// Line is what is worth a line about a verification when it changes.
type Line struct{ Phase, Scans, Waiting, Trouble string }

// Line gives what is worth a line.
func (v View) Line() Line {
	l := Line{Scans: Scans(v.Status.Scans), Waiting: v.Waiting, Trouble: v.Trouble.Key}
	switch {
	case !v.Known:
	case v.Done:
		l.Phase = string(v.Status.Outcome)
	default:
		l.Phase = string(v.Status.Phase)
	}
	return l
}

// Elapsed is how long the verification has run, or took.
func (v View) Elapsed(now time.Time) string {
	end := now
	if v.Status.FinishedAt != nil {
		end = *v.Status.FinishedAt
	}
	return max(end.Sub(v.Status.StartedAt).Round(time.Second), 0).String()
}

// Scans says where the scans are.
func Scans(scans []workflows.Scan) string {
	var out []string
	for _, scan := range scans {
		text := fmt.Sprintf("scan %d", scan.Number)
		text += " " + cmp.Or(scan.Status, "launched")
		if scan.ImportStatus != "" {
			text += ", import " + scan.ImportStatus
		}
		out = append(out, text)
	}
	return strings.Join(out, "; ")
}

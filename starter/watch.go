package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"patchproof/workflows"
)

// display shows progress while verifications are followed.
type display interface {
	show(views []view, now time.Time)
}

// nothing is the display of who asked for JSON only.
type nothing struct{}

func (nothing) show([]view, time.Time) {}

func (a *app) display(output string) display {
	switch style := a.style(a.Stderr); {
	case style.live:
		return &screen{w: a.Stderr, style: style}
	case output == outputJSON:
		return nothing{}
	default:
		return &lines{w: a.Stderr, last: map[string]line{}}
	}
}

// watch follows verifications to their end and reports them; its error is the exit code.
func (a *app) watch(ctx context.Context, conn *connection, followers []*follower, output string, several bool) error {
	changed := make(chan struct{}, 1)
	notify := func() {
		select {
		case changed <- struct{}{}:
		default: // somebody else's change is still to be shown: this one goes with it
		}
	}
	var group sync.WaitGroup
	for _, f := range followers {
		group.Go(func() { f.follow(ctx, a.Tick, notify) })
	}
	d := a.display(output)
	views := a.showUntilDone(ctx, followers, d, changed)
	group.Wait()
	if _, live := d.(*screen); live {
		fmt.Fprintln(a.Stderr)
	}
	if ctx.Err() != nil && !allDone(views) {
		return a.stopped(views)
	}
	codes, err := a.report(conn, views, output, several)
	if err != nil {
		return err
	}
	return finish(worst(codes))
}

func (a *app) showUntilDone(ctx context.Context, followers []*follower, d display, changed <-chan struct{}) []view {
	// Once a second, so that the elapsed time moves.
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		var views []view
		for _, f := range followers {
			views = append(views, f.snapshot())
		}
		d.show(views, a.Now())
		if allDone(views) || ctx.Err() != nil {
			return views
		}
		select {
		case <-ctx.Done():
		case <-changed:
		case <-ticker.C:
		}
	}
}

func allDone(views []view) bool {
	for _, v := range views {
		if !v.done {
			return false
		}
	}
	return true
}

// stopped says what becomes of verifications that are no longer watched. To stop watching is not to cancel.
func (a *app) stopped(views []view) error {
	for _, v := range views {
		if !v.done {
			fmt.Fprintf(a.Stderr, "%s: no longer watched; the verification goes on. See it: %s; stop it: %s --reason TEXT\n", clean(v.ticket),
				resume(v.status, v.ticket), subjectFlags("patchproof cancel", v.status, v.ticket))
		}
	}
	return exitError(exitFailed)
}

// report prints how the verifications stand. Why one has no verdict is told on stderr, and in the JSON of one that failed.
func (a *app) report(conn *connection, views []view, output string, several bool) ([]int, error) {
	statuses := []workflows.Status{}
	var codes []int
	var failed error
	for _, v := range views {
		if v.err != nil {
			a.complain("%s: %s", v.ticket, v.err)
			codes, failed = append(codes, exitFailed), exitError(exitFailed)
			if v.status.Error != "" {
				statuses = append(statuses, v.status)
			}
			continue
		}
		statuses = append(statuses, v.status)
		codes = append(codes, outcomeCode(v.status.Outcome))
		if output == outputTable {
			a.printView(conn, v)
		}
	}
	if output == outputJSON {
		if err := a.printStatuses(statuses, several); err != nil {
			return nil, err
		}
	}
	return codes, failed
}

func (a *app) printStatuses(statuses []workflows.Status, several bool) error {
	switch {
	case several:
		return printJSON(a.Stdout, statuses)
	case len(statuses) == 1:
		return printJSON(a.Stdout, statuses[0])
	}
	return nil // without a verdict there is nothing on stdout
}

// lines writes a line whenever something has changed, for logs.
type lines struct {
	w    io.Writer
	last map[string]line
}

// line is what is worth a line about a verification when it changes.
type line struct{ phase, scans, waiting, trouble string }

func (v view) line() line {
	l := line{scans: scansText(v.status.Scans), waiting: v.waiting, trouble: v.trouble.key}
	if v.known {
		l.phase = phaseText(v)
	}
	return l
}

func (l *lines) show(views []view, now time.Time) {
	for _, v := range views {
		l.tell(v, now)
	}
}

func (l *lines) tell(v view, now time.Time) {
	if v.done && v.err != nil {
		return // the reason is told once, at the end
	}
	old := l.last[v.ticket]
	current := v.line()
	l.last[v.ticket] = current
	say := func(text string) { fmt.Fprintf(l.w, "%s: %s\n", clean(v.ticket), clean(text)) }
	entered := func() {
		if current.phase != old.phase {
			say(current.phase + " (" + elapsed(v.status, now) + ")")
		}
	}
	if !v.done {
		entered()
	}
	if current.scans != old.scans && current.scans != "" {
		say(current.scans)
	}
	if current.waiting != old.waiting && current.waiting != "" {
		say(current.waiting)
	}
	switch {
	case v.done: // the outcome is the last word
		entered()
	case current.trouble == old.trouble:
	case current.trouble == "":
		say("the trouble is over")
	default:
		say(v.trouble.text)
	}
}

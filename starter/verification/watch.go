package verification

// Following verifications to their end.

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/follow"
	"patchproof/starter/internal/namespace"
	"patchproof/starter/internal/term"
	"patchproof/workflows"
)

// form is how verifications are reported.
type form struct {
	output  string
	several bool     // as an array, in JSON
	started *started // what a start says besides
}

// json is a verification in JSON.
func (f form) json(status workflows.Status) any {
	if f.started == nil {
		return status
	}
	return f.started.json(status)
}

// display shows progress while verifications are followed.
type display interface {
	show(views []follow.View, now time.Time)
}

func (c *commands) display(output string) display {
	switch style := c.Style(c.Stderr); {
	case style.Live:
		return &screen{w: c.Stderr, style: style}
	case output == flags.OutputJSON:
		return &lines{w: io.Discard, last: map[string]follow.Line{}} // who asked for JSON only
	default:
		return &lines{w: c.Stderr, last: map[string]follow.Line{}}
	}
}

// watch follows verifications to their end and reports them; its error is the exit code.
func (c *commands) watch(ctx context.Context, ns *namespace.Namespace, followers []*follow.Follower, as form) error {
	changed := make(chan struct{}, 1)
	notify := func() {
		select {
		case changed <- struct{}{}:
		default: // somebody else's change is still to be shown: this one goes with it
		}
	}
	var group sync.WaitGroup
	for _, f := range followers {
		group.Go(func() { f.Follow(ctx, c.Tick, notify) })
	}
	d := c.display(as.output)
	views := c.showUntilDone(ctx, followers, d, changed)
	group.Wait()
	if _, live := d.(*screen); live {
		fmt.Fprintln(c.Stderr)
	}
	if ctx.Err() != nil && !allDone(views) {
		return c.stopped(views)
	}
	codes, err := c.report(ns, views, as)
	if err != nil {
		return err
	}
	return exit.With(worst(codes))
}

func (c *commands) showUntilDone(ctx context.Context, followers []*follow.Follower, d display, changed <-chan struct{}) []follow.View {
	// Once a second, so that the elapsed time moves.
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		var views []follow.View
		for _, f := range followers {
			views = append(views, f.Snapshot())
		}
		d.show(views, c.Now())
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

func allDone(views []follow.View) bool {
	return !slices.ContainsFunc(views, func(v follow.View) bool { return !v.Done })
}

// stopped says what becomes of verifications that are no longer watched. To stop watching is not to cancel.
func (c *commands) stopped(views []follow.View) error {
	for _, v := range views {
		if !v.Done {
			fmt.Fprintf(c.Stderr, "%s: no longer watched; the verification goes on. See it: %s; stop it: %s --reason TEXT\n", term.Line(v.Ticket),
				resume(v.Status, v.Ticket), subjectFlags("patchproof cancel", v.Status, v.Ticket))
		}
	}
	return exit.With(exit.Failed)
}

// report prints how the verifications stand. Why one has no verdict is told on stderr, and in the JSON of one that failed.
func (c *commands) report(ns *namespace.Namespace, views []follow.View, as form) ([]int, error) {
	statuses := []any{}
	var codes []int
	var failed error
	for _, v := range views {
		if v.Err != nil {
			c.Complain("%s: %s", v.Ticket, v.Err)
			codes, failed = append(codes, exit.Failed), exit.With(exit.Failed)
			if v.Status.Error != "" {
				statuses = append(statuses, as.json(v.Status))
			}
			continue
		}
		statuses = append(statuses, as.json(v.Status))
		codes = append(codes, exitCode(v.Status.Outcome))
		if as.output == flags.OutputTable {
			printView(c.Stdout, c.Style(c.Stdout), v, ns.Link(namespace.Run{WorkflowID: v.Status.WorkflowID, RunID: v.Status.RunID}), c.Now())
		}
	}
	if as.output == flags.OutputJSON {
		if err := printStatuses(c.Stdout, statuses, as.several); err != nil {
			return nil, err
		}
	}
	return codes, failed
}

func printStatuses(w io.Writer, statuses []any, several bool) error {
	switch {
	case several:
		return term.PrintJSON(w, statuses)
	case len(statuses) == 1:
		return term.PrintJSON(w, statuses[0])
	}
	return nil // without a verdict there is nothing on stdout
}

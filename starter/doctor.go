package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"patchproof/sclient"
)

// checked is what came out of one check.
type checked struct {
	Check  string `json:"check"`
	Status string `json:"status"` // ok, warn or fail
	Detail string `json:"detail"`
	Todo   string `json:"todo"`
}

const (
	statusOK   = "ok"
	statusWarn = "warn"
	statusFail = "fail"
)

func fine(format string, args ...any) checked {
	return checked{Status: statusOK, Detail: fmt.Sprintf(format, args...)}
}

func doubtful(detail, todo string) checked {
	return checked{Status: statusWarn, Detail: detail, Todo: todo}
}

func wrong(detail, todo string) checked {
	return checked{Status: statusFail, Detail: detail, Todo: todo}
}

// skipped is for checks that need what another check has found missing. That one has failed, which is enough.
func skipped(why string) checked { return doubtful("not checked: "+why, "") }

func doctorCommand(a *app) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Find out what is wrong with the set-up",
		Long: "Checks Security Center (SC_* variables) and Temporal (TEMPORAL_* variables), one line each: what is wrong and what to do.\n" +
			"Nothing is changed. It exits 0 when nothing is wrong, warnings aside, and 1 otherwise.",
		Example: "  patchproof doctor -o json",
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.doctor(cmd.Context(), output) },
	}
	outputFlag(cmd.Flags(), &output)
	return cmd
}

// check is one question and how it is answered.
type check struct {
	name string
	run  func(context.Context) checked
}

// doctor asks every question at the same time, and prints the answers in order.
func (a *app) doctor(ctx context.Context, output string) error {
	d := a.newDoctor(ctx)
	if d.center != nil {
		defer d.center.close(ctx)
	}
	checks := d.checks()
	answers := make([]chan checked, len(checks))
	for i, c := range checks {
		answers[i] = make(chan checked, 1)
		go func() { answers[i] <- a.answer(ctx, c) }()
	}
	style := a.style(a.Stdout)
	all := []checked{}
	for _, answer := range answers {
		found := <-answer
		if ctx.Err() != nil {
			return ctx.Err() // what came after ctrl-C means nothing
		}
		all = append(all, found)
		if output == outputTable {
			fmt.Fprintln(a.Stdout, style.checked(found))
		}
	}
	if output == outputJSON {
		if err := printJSON(a.Stdout, all); err != nil {
			return err
		}
	}
	for _, found := range all {
		if found.Status == statusFail {
			return exitError(exitFailed)
		}
	}
	return nil
}

// answer makes sure that a question has an answer in time, whatever the other side does.
func (a *app) answer(ctx context.Context, c check) checked {
	limited, cancel := context.WithTimeout(ctx, a.CheckTime)
	defer cancel()
	done := make(chan checked, 1)
	go func() { done <- c.run(limited) }()
	var found checked
	select {
	case found = <-done:
	case <-limited.Done():
		// A call may need a moment to notice that its time is over, and then tells more.
		select {
		case found = <-done:
		case <-time.After(a.CheckTime / 10):
			found = wrong(fmt.Sprintf("no answer within %s", a.CheckTime), "try again; if it stays so, look for what slows it down")
		}
	}
	found.Check = c.name
	return found
}

func (s style) checked(c checked) string {
	mark, colour := "✓", text.FgGreen
	switch c.Status {
	case statusWarn:
		mark, colour = "!", text.FgYellow
	case statusFail:
		mark, colour = "✗", text.FgRed
	}
	line := s.paint(text.Colors{colour}, mark) + " " + text.Pad(c.Check, 18, ' ') + clean(c.Detail)
	if c.Todo != "" {
		line += ": " + clean(c.Todo)
	}
	return strings.TrimSpace(line)
}

// doctor knows the two systems, and asks each thing only once although several checks need it.
type doctor struct {
	app    *app
	center *center
	broken error // why there is no center

	system func() (*sclient.System, error)
	user   func() (*sclient.User, error)
	status func() (*sclient.Status, error)
	clock  func() (time.Time, error)
	lists  func() lists
	conn   func() (*connection, error)
}

func (a *app) newDoctor(ctx context.Context) *doctor {
	d := &doctor{app: a}
	d.center, d.broken = a.center()
	// What several checks share must not depend on the time of the one that asks first.
	d.system = shared(ctx, a.CheckTime, func(ctx context.Context) (*sclient.System, error) { return d.center.System(ctx) })
	d.user = shared(ctx, a.CheckTime, func(ctx context.Context) (*sclient.User, error) { return d.center.CurrentUser(ctx) })
	d.status = shared(ctx, a.CheckTime, func(ctx context.Context) (*sclient.Status, error) { return d.center.Status(ctx) })
	d.clock = shared(ctx, a.CheckTime, func(ctx context.Context) (time.Time, error) { return d.center.ServerTime(ctx) })
	d.conn = shared(ctx, a.CheckTime, a.connect)
	fetch := shared(ctx, a.CheckTime, func(ctx context.Context) (lists, error) { return d.fetchLists(ctx), nil })
	d.lists = func() lists { l, _ := fetch(); return l }
	return d
}

func shared[T any](ctx context.Context, limit time.Duration, ask func(context.Context) (T, error)) func() (T, error) {
	return sync.OnceValues(func() (T, error) {
		limited, cancel := context.WithTimeout(ctx, limit)
		defer cancel()
		return ask(limited)
	})
}

func (d *doctor) checks() []check {
	return []check{
		{"url", d.checkURL},
		{"tls", d.needsCenter(d.checkTLS)},
		{"login", d.needsServer(d.checkLogin)},
		{"permissions", d.needsLogin(d.checkPermissions)},
		{"version", d.needsServer(d.checkVersion)},
		{"clock", d.needsLogin(d.checkClock)},
		{"job-daemon", d.needsLogin(d.checkJobs)},
		{"licence", d.needsLogin(d.checkLicence)},
		{"plugin-feed", d.needsLogin(d.checkFeed)},
		{"repositories", d.needsLogin(d.checkRepositories)},
		{"plugins", d.needsLogin(d.checkPlugins)},
		{"temporal", d.checkTemporal},
		{"search-attributes", d.needsTemporal(d.checkAttributes)},
		{"worker", d.needsTemporal(d.checkWorker)},
		{"leftovers", d.needsLogin(d.checkLeftovers)},
	}
}

func (d *doctor) needsCenter(run func(context.Context) checked) func(context.Context) checked {
	return func(ctx context.Context) checked {
		if d.broken != nil {
			return skipped("Security Center is not configured")
		}
		return run(ctx)
	}
}

func (d *doctor) needsServer(run func(context.Context) checked) func(context.Context) checked {
	return d.needsCenter(func(ctx context.Context) checked {
		if _, err := d.system(); !answered(err) {
			return skipped("Security Center does not answer")
		}
		return run(ctx)
	})
}

func (d *doctor) needsLogin(run func(context.Context) checked) func(context.Context) checked {
	return d.needsServer(func(ctx context.Context) checked {
		if _, err := d.user(); err != nil {
			return skipped("we cannot log in")
		}
		return run(ctx)
	})
}

func (d *doctor) needsTemporal(run func(context.Context) checked) func(context.Context) checked {
	return func(ctx context.Context) checked {
		if _, err := d.conn(); err != nil {
			return skipped("Temporal does not answer")
		}
		return run(ctx)
	}
}

// answered reports whether Security Center itself gave the answer, if only a refusal.
func answered(err error) bool {
	refusal, ok := errors.AsType[*sclient.Error](err)
	return err == nil || ok && (refusal.Code != 0 || sclient.IsUnauthorized(err))
}

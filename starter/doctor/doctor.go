// Package doctor finds out what is wrong with the set-up: it asks Security Center and Temporal, and says what to do.
package doctor

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"
	"github.com/spf13/cobra"

	"patchproof/sclient"
	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/invocation"
	"patchproof/starter/internal/namespace"
	"patchproof/starter/internal/securitycenter"
	"patchproof/starter/internal/term"
)

// Answer is what came out of one check.
type Answer struct {
	Check  string `json:"check"`
	Status string `json:"status"` // ok, warn or fail
	Detail string `json:"detail"`
	Todo   string `json:"todo"`
}

// What came out.
const (
	StatusOK   = "ok"
	StatusWarn = "warn"
	StatusFail = "fail"
)

func fine(format string, args ...any) Answer {
	return Answer{Status: StatusOK, Detail: fmt.Sprintf(format, args...)}
}

func doubtful(detail, todo string) Answer {
	return Answer{Status: StatusWarn, Detail: detail, Todo: todo}
}

func wrong(detail, todo string) Answer {
	return Answer{Status: StatusFail, Detail: detail, Todo: todo}
}

// skipped is for checks that need what another check has found missing. That one has failed, which is enough.
func skipped(why string) Answer { return doubtful("not checked: "+why, "") }

// Command gives the command. Every question has checkTime for its answer.
func Command(run *invocation.Invocation, dial namespace.Dialer, checkTime time.Duration) *cobra.Command {
	var output string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Find out what is wrong with the set-up",
		Long: "Checks Security Center (SC_* variables) and Temporal (TEMPORAL_* variables), one line each: what is wrong and what to do.\n" +
			"Nothing is changed. It exits 0 when nothing is wrong, warnings aside, and 1 otherwise.",
		Example: "  patchproof doctor -o json",
		Args:    flags.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d := newDoctor(cmd.Context(), run, dial, checkTime)
			defer d.close(cmd.Context())
			return d.examine(cmd.Context(), output)
		},
	}
	flags.Output(cmd.Flags(), &output)
	return cmd
}

// check is one question and how it is answered.
type check struct {
	name  string
	needs need
	run   func(context.Context) Answer
}

// examine asks every question at the same time, and prints the answers in order.
func (d *doctor) examine(ctx context.Context, output string) error {
	checks := d.checks()
	answers := make([]chan Answer, len(checks))
	for i, c := range checks {
		answers[i] = make(chan Answer, 1)
		go func() { answers[i] <- d.answer(ctx, c) }()
	}
	style := d.run.Style(d.run.Stdout)
	all := []Answer{}
	code := exit.OK
	for _, answer := range answers {
		found := <-answer
		if ctx.Err() != nil {
			return ctx.Err() // what came after ctrl-C means nothing
		}
		all = append(all, found)
		if output == flags.OutputTable {
			fmt.Fprintln(d.run.Stdout, found.line(style))
		}
		if found.Status == StatusFail {
			code = exit.Failed
		}
	}
	if output == flags.OutputJSON {
		if err := term.PrintJSON(d.run.Stdout, all); err != nil {
			return err
		}
	}
	return exit.With(code)
}

// answer makes sure that a question has an answer in time, whatever the other side does.
func (d *doctor) answer(ctx context.Context, c check) Answer {
	limited, cancel := context.WithTimeout(ctx, d.checkTime)
	defer cancel()
	done := make(chan Answer, 1)
	go func() {
		if why := d.missing(c.needs); why != "" {
			done <- skipped(why)
		} else {
			done <- c.run(limited)
		}
	}()
	var found Answer
	select {
	case found = <-done:
	case <-limited.Done():
		// A call may need a moment to notice that its time is over, and then tells more.
		select {
		case found = <-done:
		case <-time.After(d.checkTime / 10):
			found = wrong(fmt.Sprintf("no answer within %s", d.checkTime), "try again; if it stays so, look for what slows it down")
		}
	}
	found.Check = c.name
	return found
}

// line is the answer for people.
func (a Answer) line(s term.Style) string {
	mark, colour := "✓", text.FgGreen
	switch a.Status {
	case StatusWarn:
		mark, colour = "!", text.FgYellow
	case StatusFail:
		mark, colour = "✗", text.FgRed
	}
	line := s.Paint(mark, colour) + " " + text.Pad(a.Check, 18, ' ') + term.Line(a.Detail)
	if a.Todo != "" {
		line += ": " + term.Line(a.Todo)
	}
	return strings.TrimSpace(line)
}

// doctor knows the two systems, and asks each thing only once although several checks need it.
type doctor struct {
	run       *invocation.Invocation
	checkTime time.Duration
	sc        *sclient.Client
	broken    error // why there is no client

	system    func() (*sclient.System, error)
	user      func() (*sclient.User, error)
	status    func() (*sclient.Status, error)
	clock     func() (time.Time, error)
	inventory func() inventory
	namespace func() (*namespace.Namespace, error)
	reached   atomic.Pointer[namespace.Namespace] // to be closed
}

func newDoctor(ctx context.Context, run *invocation.Invocation, dial namespace.Dialer, checkTime time.Duration) *doctor {
	d := &doctor{run: run, checkTime: checkTime}
	d.sc, d.broken = sclient.FromEnv(run.Environ.Getenv)
	// What several checks share must not depend on the time of the one that asks first.
	d.system = shared(ctx, checkTime, d.sc.System)
	d.user = shared(ctx, checkTime, d.sc.CurrentUser)
	d.status = shared(ctx, checkTime, d.sc.Status)
	d.clock = shared(ctx, checkTime, d.sc.ServerTime)
	fetch := shared(ctx, checkTime, func(ctx context.Context) (inventory, error) { return d.fetchInventory(ctx), nil })
	d.inventory = func() inventory { found, _ := fetch(); return found }
	d.namespace = shared(ctx, checkTime, func(ctx context.Context) (*namespace.Namespace, error) {
		ns, err := namespace.Connect(ctx, run, dial)
		if err == nil {
			d.reached.Store(ns)
		}
		return ns, err
	})
	return d
}

func (d *doctor) close(ctx context.Context) {
	if d.sc != nil {
		securitycenter.LogOut(ctx, d.sc)
	}
	if ns := d.reached.Load(); ns != nil {
		ns.Close()
	}
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
		{"url", needsNothing, d.checkURL},
		{"tls", needsClient, d.checkTLS},
		{"login", needsServer, d.checkLogin},
		{"permissions", needsLogin, d.checkPermissions},
		{"version", needsServer, d.checkVersion},
		{"clock", needsLogin, d.checkClock},
		{"job-daemon", needsLogin, d.checkJobs},
		{"licence", needsLogin, d.checkLicence},
		{"plugin-feed", needsLogin, d.checkFeed},
		{"repositories", needsLogin, d.checkRepositories},
		{"plugins", needsLogin, d.checkPlugins},
		{"temporal", needsNothing, d.checkTemporal},
		{"search-attributes", needsTemporal, d.checkAttributes},
		{"worker", needsTemporal, d.checkWorker},
		{"holds", needsTemporal, d.checkHolds},
		{"leftovers", needsLogin, d.checkLeftovers},
		{"clean-ups", needsTemporal, d.checkCleanUps},
	}
}

// need is what a check cannot do without; what needs the login needs the server too.
type need int

const (
	needsNothing need = iota
	needsTemporal
	needsClient
	needsServer
	needsLogin
)

// missing says what a check needs and another has found missing; "" for nothing.
func (d *doctor) missing(n need) string {
	if n == needsTemporal {
		if _, err := d.namespace(); err != nil {
			return "Temporal does not answer"
		}
		return ""
	}
	if n >= needsClient && d.broken != nil {
		return "Security Center is not configured"
	}
	if n >= needsServer {
		if _, err := d.system(); !answered(err) {
			return "Security Center does not answer"
		}
	}
	if n >= needsLogin {
		if _, err := d.user(); err != nil {
			return "we cannot log in"
		}
	}
	return ""
}

// answered reports whether Security Center itself gave the answer, if only a refusal.
func answered(err error) bool {
	refusal, ok := errors.AsType[*sclient.Error](err)
	return err == nil || ok && (refusal.Code != 0 || sclient.IsUnauthorized(err))
}

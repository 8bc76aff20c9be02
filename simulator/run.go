package main

// The command line: flags in, exit code out.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"patchproof/sctest"
)

const (
	exitOK      = 0
	exitTrouble = 1
	exitUsage   = 2
)

type options struct {
	listen   string
	scenario string
	speed    float64
	tls      bool
	caOut    string
}

// usageError is the caller's mistake.
type usageError struct{ error }

// run is the whole program; ctx ends it gracefully.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	cmd := &cobra.Command{
		Use:   "patchproof-simulator",
		Short: "Serve a simulated Security Center",
		Long: `Serve a simulated Security Center: its REST interface under /rest, and under /_sim what moves the simulation:

  GET  /_sim/state     what the server holds     POST /_sim/advance   {"by": "1h"}
  GET  /_sim/calls     requests so far           POST /_sim/faults    one fault or a list
  GET  /_sim/unknown   requests it did not know  POST /_sim/reset     begin anew

Without a scenario it knows one user, with the keys aaaa… and bbbb… (32 characters each), and no hosts.`,
		Args:          cobra.NoArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(*cobra.Command, []string) error {
			sim, err := o.simulator()
			if err != nil {
				return usageError{err}
			}
			return serve(ctx, o, sim, stdout, stderr)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.listen, "listen", "127.0.0.1:8834", "address to listen on; port 0 picks a free one")
	flags.StringVar(&o.scenario, "scenario", "", "scenario file (YAML)")
	flags.Float64Var(&o.speed, "speed", 1, "how many times as fast the server's clock runs")
	flags.BoolVar(&o.tls, "tls", false, "serve HTTPS with a certificate made at the start")
	flags.StringVar(&o.caOut, "tls-ca-out", "", "file to write the certificate to, for clients to trust (needs --tls)")
	cmd.SetArgs(args)
	cmd.SetOut(stdout)
	cmd.SetErr(stderr)
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	cmd.CompletionOptions.DisableDefaultCmd = true

	err := cmd.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	fmt.Fprintf(stderr, "patchproof-simulator: %v\n", err)
	var usage usageError
	// Cobra has no type for superfluous arguments, but those are all that fail before RunE.
	if errors.As(err, &usage) || !errors.As(err, new(serveError)) {
		return exitUsage
	}
	return exitTrouble
}

// simulator checks the options and starts the clock.
func (o options) simulator() (*sctest.Server, error) {
	// Written so that NaN, which is neither, is refused too.
	if !(o.speed > 0 && o.speed <= 1e6) {
		return nil, fmt.Errorf("--speed %v: must be above 0 and at most 1000000", o.speed)
	}
	if o.caOut != "" && !o.tls {
		return nil, errors.New("--tls-ca-out: there is no certificate without --tls")
	}
	sim := &sctest.Server{Now: fastClock(time.Now(), o.speed)}
	if o.scenario == "" {
		return sim, nil
	}
	data, err := os.ReadFile(o.scenario)
	if err != nil {
		return nil, fmt.Errorf("--scenario: %w", err)
	}
	if sim.Scenario, err = sctest.ParseScenario(data); err != nil {
		return nil, fmt.Errorf("--scenario %s: %w", o.scenario, err)
	}
	return sim, nil
}

// fastClock begins now and runs so many times as fast as the real one.
func fastClock(start time.Time, speed float64) func() time.Time {
	return func() time.Time {
		return start.Add(time.Duration(float64(time.Since(start)) * speed))
	}
}

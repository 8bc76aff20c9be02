// Bench compares ways of reading the findings of Security Center: the client of this project and the reader that one would write
// with net/http and encoding/json.
//
//	go run ./bench                            # about two minutes
//	go run ./bench -rows 200000 -rounds 5     # the figures of the documentation
//
// It serves generated rows from a process of its own and runs each reader as a process of its own, one after the other and
// round after round, so that processor time and memory are the reader's alone and a busy machine slows all of them down. It prints
// medians, and their ratios beside those that the client is meant to reach. Nothing is asserted: machines differ.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"time"
)

type settings struct {
	rows    int
	long    int
	rounds  int
	latency time.Duration
	// Set in the processes that bench starts itself.
	serve bool
	read  string
	url   string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout)
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, in io.Reader, out io.Writer) error {
	var s settings
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.IntVar(&s.rows, "rows", 100_000, "rows to read, about 2.5 kB each")
	flags.IntVar(&s.long, "long", 1_000_000, "rows to read once more, for the memory alone; 0 leaves it out")
	flags.IntVar(&s.rounds, "rounds", 3, "rounds; the table shows medians")
	flags.DurationVar(&s.latency, "latency", 50*time.Millisecond, "latency of each request in the second half of a round; 0 leaves it out")
	flags.BoolVar(&s.serve, "serve", false, "serve the rows (used by bench itself)")
	flags.StringVar(&s.read, "read", "", "read with this reader only (used by bench itself)")
	flags.StringVar(&s.url, "url", "", "the server to read from (used by bench itself)")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if s.rows < 1 || s.rounds < 1 || s.long < 0 {
		return errors.New("rows and rounds must be positive")
	}
	switch {
	case s.serve:
		return serve(ctx, s, in, out)
	case s.read != "":
		return readOnce(ctx, s, out)
	}
	return compare(ctx, s, out)
}

// startServer starts the rows' process and returns its URL. It ends with its standard input.
func startServer(ctx context.Context, rows int, latency time.Duration) (url string, stop func() error, err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, self, "-serve", "-rows", strconv.Itoa(rows), "-latency", latency.String())
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() error {
		in.Close()
		return cmd.Wait()
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() {
		return "", nil, fmt.Errorf("the server did not start: %w", stop())
	}
	return lines.Text(), stop, nil
}

package main

// Recording every story.

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"patchproof/e2e/stack"
)

type options struct{ bin, out string }

// run is the whole program. Files are replaced only when every history was recorded.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	var o options
	flags := flag.NewFlagSet("record", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&o.bin, "bin", "bin", "folder with temporal and our binaries")
	flags.StringVar(&o.out, "out", "workflows/testdata/histories/current", "folder for the histories")
	if err := flags.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	if err := recordAll(ctx, o, stdout); err != nil {
		fmt.Fprintln(stderr, "record:", err)
		return 1
	}
	return 0
}

// patience is for the whole: the longest of the verifications, which run side by side, takes half a minute.
const patience = 5 * time.Minute

func recordAll(ctx context.Context, o options, stdout io.Writer) (err error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	dir, err := os.MkdirTemp("", "patchproof-record-")
	if err != nil {
		return fmt.Errorf("state folder: %w", err)
	}
	defer os.RemoveAll(dir)
	server, err := stack.StartTemporal(ctx, stack.ServerConfig{Binary: filepath.Join(o.bin, "temporal"), Dir: dir, Headless: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Kill()) }() // nobody needs its state any more
	if err := server.Setup(ctx, o.bin); err != nil {
		return err
	}

	recorded := make([][]byte, len(stories))
	errs := make([]error, len(stories))
	var group sync.WaitGroup
	for i, s := range stories {
		group.Go(func() {
			if recorded[i], errs[i] = record(ctx, o, server, s, filepath.Join(dir, s.name)); errs[i] != nil {
				errs[i] = fmt.Errorf("%s: %w", s.name, errs[i])
			}
		})
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return write(o.out, recorded, stdout)
}

func write(dir string, recorded [][]byte, stdout io.Writer) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("histories: %w", err)
	}
	for i, s := range stories {
		path := filepath.Join(dir, s.name+".json")
		if err := os.WriteFile(path, recorded[i], 0o600); err != nil {
			return fmt.Errorf("histories: %w", err)
		}
		fmt.Fprintf(stdout, "%s (%d kB)\n", path, len(recorded[i])/1024)
	}
	return nil
}

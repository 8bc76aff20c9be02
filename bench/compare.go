package main

// Running the readers against each other, and reporting ratios.

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"text/tabwriter"
	"time"
)

type reader struct{ name, label string }

var (
	baseline = reader{"plain", "net/http + encoding/json, text columns"}
	ours     = reader{"sclient", "sclient"}
	typed    = reader{"typed", "net/http + encoding/json, sclient.Vuln"}
	written  = reader{"jsonl", "patchproof sc vulns -o jsonl, into a file"}
)

// sample is one run of a reader.
type sample struct {
	wall, cpu float64 // seconds
	memory    float64 // MB at its peak
}

func (s sample) get(column int) float64 { return [...]float64{s.wall, s.cpu, s.memory}[column] }

// results are the samples of all rounds at one latency, by reader.
type results map[string][]sample

func (r results) median(name string) sample {
	var middle [3]float64
	for column := range middle {
		var values []float64
		for _, s := range r[name] {
			values = append(values, s.get(column))
		}
		slices.Sort(values)
		middle[column] = values[len(values)/2]
	}
	return sample{middle[0], middle[1], middle[2]}
}

func compare(ctx context.Context, s settings, out io.Writer) error {
	latencies := []time.Duration{0}
	if s.latency > 0 {
		latencies = append(latencies, s.latency)
	}
	all := map[time.Duration]results{}
	for round := range s.rounds {
		for _, latency := range latencies {
			fmt.Fprintf(os.Stderr, "round %d of %d, latency %v\n", round+1, s.rounds, latency)
			if all[latency] == nil {
				all[latency] = results{}
			}
			readers := []reader{baseline, ours}
			if latency == 0 {
				readers = append(readers, typed, written)
			}
			if err := measure(ctx, s.rows, latency, readers, all[latency]); err != nil {
				return err
			}
		}
	}
	fmt.Fprintf(out, "%d rows in pages of 1000, medians of %d rounds\n", s.rows, s.rounds)
	for _, latency := range latencies {
		if err := report(out, latency, all[latency]); err != nil {
			return err
		}
	}
	if s.long == 0 {
		return nil
	}
	long := results{}
	if err := measure(ctx, s.long, 0, []reader{ours}, long); err != nil {
		return err
	}
	_, err := fmt.Fprintf(out, "\n%s, %d rows: peak %.0f MB (target: the same as above)\n", ours.label, s.long, long.median(ours.name).memory)
	return err
}

// measure runs the readers one after the other against a server of their own.
func measure(ctx context.Context, rows int, latency time.Duration, readers []reader, into results) error {
	url, stop, err := startServer(ctx, rows, latency)
	if err != nil {
		return err
	}
	for _, r := range readers {
		run := runReader
		if r == written {
			run = runCommand
		}
		got, err := run(ctx, r.name, url, rows)
		if err != nil {
			return errors.Join(fmt.Errorf("%s: %w", r.name, err), stop())
		}
		into[r.name] = append(into[r.name], got)
	}
	return stop()
}

// runCommand lets the product itself write the rows, by the binary of `make build`. Its start is part of the time.
func runCommand(ctx context.Context, _, url string, rows int) (sample, error) {
	file, err := os.CreateTemp("", "bench-*.jsonl")
	if err != nil {
		return sample{}, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	cmd := exec.CommandContext(ctx, "bin/patchproof", "sc", "vulns", "-o", "jsonl")
	cmd.Env = append(os.Environ(), "SC_URL="+url, "SC_ACCESS_KEY="+accessKey, "SC_SECRET_KEY="+secretKey)
	cmd.Stdout, cmd.Stderr = file, os.Stderr
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		return sample{}, err
	}
	got := sampleOf(cmd, time.Since(begin).Seconds())
	n, err := countLines(file)
	if err == nil && n != rows {
		err = fmt.Errorf("%d lines instead of %d", n, rows)
	}
	return got, err
}

func countLines(file *os.File) (int, error) {
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, err
	}
	n := 0
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		n++
	}
	return n, lines.Err()
}

func sampleOf(cmd *exec.Cmd, wall float64) sample {
	return sample{wall: wall, cpu: (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), memory: peak(cmd.ProcessState)}
}

func runReader(ctx context.Context, name, url string, rows int) (sample, error) {
	self, err := os.Executable()
	if err != nil {
		return sample{}, err
	}
	cmd := exec.CommandContext(ctx, self, "-read", name, "-url", url)
	cmd.Stderr = os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return sample{}, err
	}
	var n int
	var wall float64
	if _, err := fmt.Sscan(string(text), &n, &wall); err != nil {
		return sample{}, err
	}
	if n != rows {
		return sample{}, fmt.Errorf("%d rows instead of %d", n, rows)
	}
	return sampleOf(cmd, wall), nil
}

func report(out io.Writer, latency time.Duration, all results) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintf(w, "\nlatency %v\twall s\tratio\tCPU s\tratio\tpeak MB\t\n", latency)
	base := all.median(baseline.name)
	line := func(r reader) {
		if all[r.name] != nil {
			m := all.median(r.name)
			fmt.Fprintf(w, "%s\t%.2f\t%.2f\t%.2f\t%.2f\t%.0f\t\n", r.label, m.wall, m.wall/base.wall, m.cpu, m.cpu/base.cpu, m.memory)
		}
	}
	line(baseline)
	line(ours)
	if latency == 0 {
		fmt.Fprint(w, "target\t\t0.35\t\t0.40\t64\t\n")
	} else {
		fmt.Fprint(w, "target (at 50ms)\t\t0.22\t\t0.40\t64\t\n")
	}
	line(typed)
	line(written)
	if err := w.Flush(); err != nil || all[written.name] == nil {
		return err
	}
	_, err := fmt.Fprintf(out, "writing them too takes %.2f times as long as reading (target 1.5)\n", all.median(written.name).wall/all.median(ours.name).wall)
	return err
}

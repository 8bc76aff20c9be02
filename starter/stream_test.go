package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/flags"
)

// pages serves an analysis of so many rows, a million if need be, without holding them.
type pages struct {
	total int
	row   func(int) string
	// before, if set, is called before a page is answered; false when it has answered itself.
	before func(w http.ResponseWriter, start int) bool
}

func manyRows(total int) *pages {
	return &pages{total: total, row: func(i int) string {
		return fmt.Sprintf(`{"pluginID":"%d","pluginName":"plugin %d","severity":{"id":"1","name":"Low"},"ip":"10.%d.%d.%d","port":"0","firstSeen":"-1"}`,
			i, i, i>>16&255, i>>8&255, i&255)
	}}
}

func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var asked struct {
		StartOffset int `json:"startOffset"`
		EndOffset   int `json:"endOffset"`
	}
	if json.NewDecoder(r.Body).Decode(&asked) != nil {
		http.Error(w, "no analysis", http.StatusBadRequest)
		return
	}
	if p.before != nil && !p.before(w, asked.StartOffset) {
		return
	}
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, `{"type":"regular","response":{"totalRecords":"%d","startOffset":"%d","results":[`, p.total, asked.StartOffset)
	for i := asked.StartOffset; i < min(asked.EndOffset, p.total); i++ {
		if i > asked.StartOffset {
			_ = out.WriteByte(',')
		}
		_, _ = out.WriteString(p.row(i))
	}
	_, _ = out.WriteString(`]},"error_code":0,"error_msg":"","timestamp":1795348800}`)
	_ = out.Flush()
}

// lineCounter is a stdout that keeps nothing, and looks at the memory now and then.
type lineCounter struct {
	lines int
	peak  uint64
	next  int
}

func (c *lineCounter) Write(p []byte) (int, error) {
	c.lines += bytes.Count(p, []byte{'\n'})
	if c.lines >= c.next {
		c.next += 20_000
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		c.peak = max(c.peak, m.HeapAlloc)
	}
	return len(p), nil
}

func TestRowsDoNotGatherInMemory(t *testing.T) { //nolint:paralleltest // it looks at the memory of the whole process
	const total = 200_000
	_, environ := serve(t, manyRows(total))
	for format, lines := range map[string]int{flags.OutputLines: total, flags.OutputJSON: total + 2, flags.OutputCSV: total + 1, flags.OutputTable: total + 1} {
		i := newTrial(t, "sc", "vulns", "-o", format)
		counter := &lineCounter{}
		i.Environ, i.Stdout = append(i.Environ, environ...), counter
		require.Equal(t, exit.OK, i.run(t), i.stderr.String())
		require.Equal(t, lines, counter.lines, format)
		// All rows together are six times as much, as text alone.
		require.Less(t, counter.peak, uint64(24<<20), format)
	}
}

func TestReaderWhoHasSeenEnough(t *testing.T) {
	t.Parallel()
	_, environ := serve(t, manyRows(100_000))
	for _, format := range []string{flags.OutputLines, flags.OutputJSON, flags.OutputCSV, flags.OutputTable} {
		reader, writer := io.Pipe()
		i := newTrial(t, "sc", "vulns", "-o", format)
		i.Environ, i.Stdout = append(i.Environ, environ...), writer
		go func() {
			_, _ = io.CopyN(io.Discard, reader, 1000)
			_ = reader.Close()
		}()
		require.Equal(t, exit.Failed, i.run(t))
		require.Empty(t, i.stderr.String(), format)
	}
}

func TestFullDisk(t *testing.T) {
	t.Parallel()
	_, environ := serve(t, manyRows(5000))
	for _, format := range []string{flags.OutputTable, flags.OutputJSON, flags.OutputLines, flags.OutputCSV} {
		i := newTrial(t, "sc", "vulns", "-o", format)
		i.Environ, i.Stdout = append(i.Environ, environ...), brokenWriter{}
		require.Equal(t, exit.Failed, i.run(t))
		require.Equal(t, "patchproof: cannot write to stdout: no space left\n", i.stderr.String(), format)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, fmt.Errorf("no space left") }

func TestInterruptedWhileRowsCome(t *testing.T) {
	t.Parallel()
	server := manyRows(100_000)
	ctx, interrupt := context.WithCancel(t.Context())
	server.before = func(w http.ResponseWriter, start int) bool {
		if start < 3000 {
			return true
		}
		interrupt()
		<-ctx.Done()
		http.Error(w, "too late", http.StatusServiceUnavailable)
		return false
	}
	_, environ := serve(t, server)
	i := newTrial(t, "sc", "vulns", "-o", "jsonl")
	i.Environ = append(i.Environ, environ...)
	begun := time.Now()
	require.Equal(t, exit.Failed, run(ctx, i.command))
	require.Less(t, time.Since(begun), 5*time.Second)
	require.Equal(t, "patchproof: interrupted\n", i.stderr.String())
	for line := range strings.Lines(i.stdout.String()) {
		require.True(t, json.Valid([]byte(line)), line)
	}
}

// screenshot is a terminal that can be read while it is written to.
type screenshot struct {
	mu   sync.Mutex
	text strings.Builder
	seen chan struct{} // closed when something of the wanted text came
	want string
}

func (s *screenshot) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := strings.Contains(s.text.String(), s.want)
	s.text.Write(p)
	if !before && strings.Contains(s.text.String(), s.want) {
		close(s.seen)
	}
	return len(p), nil
}

func TestProgressOnATerminal(t *testing.T) {
	t.Parallel()
	server := manyRows(4000)
	terminal := &screenshot{want: "50%  1,000 of 2,000 rows", seen: make(chan struct{})}
	server.before = func(_ http.ResponseWriter, start int) bool {
		if start > 0 {
			select {
			case <-terminal.seen:
			case <-t.Context().Done():
			}
		}
		return true
	}
	_, environ := serve(t, server)
	i := newTrial(t, "sc", "vulns", "-o", "jsonl", "--end", "2000")
	i.Environ, i.Stderr = append(i.Environ, environ...), terminal
	i.Terminal = func(w io.Writer) (int, int, bool) { return 100, 30, w == io.Writer(terminal) }
	require.Equal(t, exit.OK, i.run(t))
	require.Equal(t, 2000, strings.Count(i.stdout.String(), "\n"))
	require.True(t, strings.HasSuffix(terminal.text.String(), "\r\x1b[K"), "the line is removed")
}

func TestNoProgressBetweenTheRows(t *testing.T) {
	t.Parallel()
	_, environ := serve(t, manyRows(3))
	i := newTrial(t, "sc", "vulns")
	i.Environ = append(i.Environ, environ...)
	i.Terminal = func(io.Writer) (int, int, bool) { return 60, 30, true }
	require.Equal(t, exit.OK, i.run(t))
	require.Empty(t, i.stderr.String())
	require.Equal(t, `PLUGIN  NAME      SEVERITY  IP        DNS NAME  PORT
0       plugin 0  Low       10.0.0.0            0
1       plugin 1  Low       10.0.0.1            0
2       plugin 2  Low       10.0.0.2            0
`, i.stdout.String())
}

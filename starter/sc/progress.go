package sc

// The line that shows how far a long read is.

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jedib0t/go-pretty/v6/text"

	"patchproof/sclient"
	"patchproof/starter/internal/invocation"
	"patchproof/starter/internal/term"
)

// progress is a line on the terminal while rows go elsewhere.
type progress struct {
	rows  atomic.Int64
	total atomic.Int64 // as far as the server tells
	first int64        // the offset of the first row
	end   int64        // that after the last one, 0 for all
	begun time.Time
	now   func() time.Time

	w     io.Writer
	style term.Style
	once  sync.Once
	done  chan struct{}
	gone  chan struct{}
}

// redraw is how often the line changes: often enough to be seen moving.
const redraw = 200 * time.Millisecond

// startProgress shows progress where it disturbs nobody: on a terminal, unless the rows go to it too.
func startProgress(run *invocation.Invocation, q sclient.VulnQuery) *progress {
	p := &progress{
		first: int64(q.Start), end: int64(q.End), now: run.Now, begun: run.Now(), w: run.Stderr, style: run.Style(run.Stderr),
		done: make(chan struct{}), gone: make(chan struct{}),
	}
	_, _, sameTerminal := run.Terminal(run.Stdout)
	if !p.style.Live || sameTerminal {
		close(p.gone)
		return p
	}
	go p.run()
	return p
}

// add counts the rows of a page.
func (p *progress) add(page sclient.RawPage) {
	p.rows.Add(int64(len(page.Rows)))
	p.total.Store(int64(page.Total))
}

func (p *progress) run() {
	defer close(p.gone)
	ticker := time.NewTicker(redraw)
	defer ticker.Stop()
	for {
		select {
		case <-p.done:
			fmt.Fprint(p.w, "\r"+text.EraseLine.Sprint())
			return
		case <-ticker.C:
			// A line that wraps could not be redrawn.
			fmt.Fprint(p.w, "\r"+text.EraseLine.Sprint()+text.Snip(p.line(), p.style.Columns-1, "…"))
		}
	}
}

// line tells how many rows there are, of how many, and how fast they come.
func (p *progress) line() string {
	rows, total := p.rows.Load(), p.total.Load()
	if p.end > 0 && (total <= 0 || p.end < total) {
		total = p.end
	}
	total -= p.first
	speed := ""
	if elapsed := p.now().Sub(p.begun).Seconds(); elapsed > 0 && rows > 0 {
		speed = fmt.Sprintf("  %s rows/s", thousands(int64(float64(rows)/elapsed)))
	}
	// Totals of servers are sometimes too small.
	if total < rows || total <= 0 {
		return thousands(rows) + " rows" + speed
	}
	const width = 30
	full := int(rows * width / total)
	return strings.Repeat("█", full) + strings.Repeat("░", width-full) +
		fmt.Sprintf(" %d%%  %s of %s rows%s", rows*100/total, thousands(rows), thousands(total), speed)
}

// stop removes the line; it may be called more than once.
func (p *progress) stop() {
	p.once.Do(func() { close(p.done) })
	<-p.gone
}

// thousands writes a number with its groups apart.
func thousands(n int64) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

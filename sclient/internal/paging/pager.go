// Package paging walks through a result whose pages are asked for by offsets, of a server that takes no snapshot: rows come and go
// between two pages, and totals may be missing or wrong. It fetches pages ahead, and it knows nothing of what the rows are.
package paging

import (
	"context"
	"errors"
	"fmt"
	"iter"
)

const (
	// So many pages in a row without a new row mean that the server ignores the offsets.
	maxStalePages = 10
	// Totals that shrink from page to page so many times, and each time without a missed row, are just wrong.
	maxFalseAlarms = 3
	// So many times rows may leave a result while it is read; a total that goes up and down would go on for ever.
	maxStepsBack = 100
	// So far back rows can be read again and still be recognised.
	maxPagesBack = rememberedPages - 2
)

// Source gives the rows of one result by their offsets.
type Source[T any] interface {
	// Fetch returns so many rows from the offset on, fewer at the end. It is called by several goroutines at a time.
	Fetch(ctx context.Context, start, size int) (*Page[T], error)
	// Hash tells the rows of a result apart.
	Hash(row *T) uint64
	// Recycle takes back the list of a page whose rows are of no use any more.
	Recycle(rows []T)
	// Broken makes the error for answers that contradict each other at the offset.
	Broken(start int, reason error) error
}

// Page is a page that has arrived completely and without an error.
type Page[T any] struct {
	Rows  []T
	Total int  // of the result, -1 if the server does not tell
	Bytes int  // the length of its text
	Whole bool // it is all there is
}

// Range is what is wanted of a result.
type Range struct {
	Start, End int // offsets of the first row and of the one after the last; an End of 0 means to the end
	PageSize   int // rows per request
	Ahead      int // how many pages are fetched before their rows are asked for; -1 for none
	Most       int // how many rows are handed out at most; 0 for all
}

// ErrTooMany ends a result with more rows than are wanted.
var ErrTooMany = errors.New("too many rows")

// size returns how many rows to ask for at the offset.
func (r Range) size(start int) int {
	if r.End > 0 {
		return min(r.PageSize, r.End-start)
	}
	return r.PageSize
}

// Pages reads page after page. The rows of each are those that the latest pages before it did not have; they are valid until the next
// page is asked for. After an error the sequence ends. When the loop ends, nothing of what was fetched ahead runs any more.
func Pages[T any](ctx context.Context, source Source[T], wanted Range) iter.Seq2[Page[T], error] {
	return func(yield func(Page[T], error) bool) {
		p := &pager[T]{Range: wanted, source: source, ahead: lookahead[T]{source: source}, start: wanted.Start, total: -1}
		defer p.ahead.stop()
		for !p.done {
			rows, err := p.next(ctx)
			if err != nil {
				yield(Page[T]{}, err)
				return
			}
			if left := wanted.Most - p.given; wanted.Most > 0 && len(rows) > left {
				if left == 0 || yield(Page[T]{Rows: rows[:left], Total: p.total, Bytes: p.bytes}, nil) {
					yield(Page[T]{}, p.broken(fmt.Errorf("%w: more than %d rows", ErrTooMany, wanted.Most)))
				}
				return
			}
			p.given += len(rows)
			if !yield(Page[T]{Rows: rows, Total: p.total, Bytes: p.bytes}, nil) {
				return
			}
			source.Recycle(rows)
		}
	}
}

// pager walks through the offsets of one result.
type pager[T any] struct {
	Range
	source Source[T]
	ahead  lookahead[T]

	start int // the next offset
	total int // as of the previous page, -1 if the server did not tell
	bytes int // the length of the previous page
	short bool
	pages int
	done  bool

	given  int  // rows that were handed out
	backs  int  // how often rows had left
	moving bool // rows have left the result since the first page
	until  int  // what begins before this offset is read again
	found  bool // a row in what was read again
	alarms int  // how often there was none while the total went on shrinking
	stale  int  // pages in a row without a new row

	seen seenRows
}

// next fetches one page and returns its new rows.
func (p *pager[T]) next(ctx context.Context) ([]T, error) {
	size := p.size(p.start)
	p.lookAhead(ctx, 1+p.Ahead)
	page, err := p.ahead.take(ctx, p.start, size)
	if err != nil {
		return nil, err
	}
	got := len(page.Rows)
	fresh := p.unseen(page.Rows)
	if err := p.count(got, len(fresh)); err != nil {
		return nil, err
	}
	if p.backs > maxStepsBack {
		return nil, p.broken(fmt.Errorf("the total has shrunk %d times: ask again when the server is not importing", p.backs))
	}
	p.pages++
	p.bytes = page.Bytes
	switch {
	case page.Whole: // what follows would be the same again
		p.done, p.total = true, page.Total
	case p.stepBack(page.Total, size):
	case got == 0:
		p.done = true
		return nil, p.confirmEnd(ctx, page.Total, size)
	default:
		p.advance(got, size, page.Total)
	}
	if p.pages > 1 {
		p.lookAhead(ctx, p.Ahead) // also while the caller is busy with these rows
	}
	return fresh, nil
}

// lookAhead asks for the pages that will be needed next. The first page comes alone: most results end with it, and it tells
// whether there are more. Pages that are computed at the same time may each miss a row that moves between them, which only their
// totals give away (see stepBack): without a total, and once rows have moved, pages are fetched one after the other.
func (p *pager[T]) lookAhead(ctx context.Context, pages int) {
	if p.done || p.pages == 0 || p.total < 0 || p.short || p.moving {
		return
	}
	pages = min(pages, maxBytesAhead/max(p.bytes, 1))
	p.ahead.align(p.start, p.size(p.start))
	for len(p.ahead.waiting) < pages {
		start := p.ahead.end(p.start)
		// A full last page is followed by one more request: the total may be too small (see advance).
		if start > p.total || (p.End > 0 && start >= p.End) {
			return
		}
		p.ahead.request(ctx, start, p.size(start))
	}
}

// stepBack reads again what lies before the page at hand when rows have left the result since the previous one: later rows
// have then moved up over the border between the two. A total that only seems to shrink is ignored after a few tries.
func (p *pager[T]) stepBack(total, asked int) bool {
	previous := p.total
	p.total = total
	if total < 0 || previous <= total {
		p.alarms = 0
		return false
	}
	p.moving = true
	p.ahead.stop() // those pages were computed at any time, before or after the rows left
	back := min(previous-total, p.start-p.Range.Start, asked*maxPagesBack)
	if back <= 0 || p.alarms >= maxFalseAlarms {
		return false
	}
	p.backs++
	p.until = max(p.until, p.start)
	p.start -= back
	return true
}

// advance decides where the next page begins, and whether there is one.
func (p *pager[T]) advance(got, asked, total int) {
	p.start += got
	p.short = got < asked
	if p.End > 0 && p.start >= p.End {
		p.done = true
		return
	}
	// A short page ends the result only if the total agrees. A full page never does: totals are sometimes too small.
	p.done = p.short && total >= 0 && p.start >= total
}

// confirmEnd makes sure that an empty page is the end, and not a hole: an absent row will be taken for a fixed one.
func (p *pager[T]) confirmEnd(ctx context.Context, total, size int) error {
	probe := p.start + size
	switch {
	case total >= 0 && total <= p.start, total < 0 && p.short:
		return nil
	case total > p.start:
		probe = total - 1
	}
	page, err := p.source.Fetch(ctx, probe, size)
	if err != nil {
		return err
	}
	if len(page.Rows) > 0 {
		return p.broken(fmt.Errorf("no rows at offset %d, but rows at %d", p.start, probe))
	}
	return nil
}

func (p *pager[T]) broken(reason error) error { return p.source.Broken(p.start, reason) }

// unseen drops what the latest pages had already. Rows of one page are never duplicates of each other.
func (p *pager[T]) unseen(rows []T) []T {
	hashes := make([]uint64, len(rows))
	fresh := 0
	for i := range rows {
		hashes[i] = p.source.Hash(&rows[i])
		if p.seen.has(hashes[i]) {
			continue
		}
		if fresh != i {
			rows[fresh] = rows[i]
		}
		fresh++
	}
	p.seen.add(hashes)
	return rows[:fresh]
}

// count notices pages that bring nothing new. Of what is read again that is expected, and says that the total had not told the truth.
func (p *pager[T]) count(got, fresh int) error {
	again := p.start < p.until
	switch {
	case fresh > 0 || got == 0:
		p.stale = 0
		p.found = again
	case !again:
		p.stale++
	}
	if again && p.start+got >= p.until {
		if !p.found {
			p.alarms++
		}
		p.found = false
	}
	if p.stale >= maxStalePages {
		return p.broken(errors.New("the same rows again and again: the server ignores the offsets"))
	}
	return nil
}

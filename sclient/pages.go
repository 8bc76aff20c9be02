package sclient

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"slices"
)

const (
	// So many pages in a row without a new row mean that the server ignores the offsets.
	maxStalePages = 10
	// Totals that shrink from page to page so many times, and each time without a missed row, are just wrong.
	maxFalseAlarms = 3
	// So far back rows can be read again and still be recognised.
	maxPagesBack = rememberedPages - 2
)

// row is what paging needs to know of a row type.
type row[T any] interface {
	*T
	hash(seed maphash.Seed) uint64 // tells the rows of a result apart
	host() string                  // the address, "" if rows have none
	settle()                       // fills in what depends on the tool
}

// newRows are the rows of a page that no page before it had.
type newRows[T any] struct {
	rows  []T // valid until the next page
	total int // of the result, -1 if SC does not tell
}

// pages reads page after page. SC takes no snapshot: rows come and go between two pages, and totals may be missing or wrong.
func pages[T any, P row[T]](ctx context.Context, c *Client, q VulnQuery, tools ...Tool) iter.Seq2[newRows[T], error] {
	return func(yield func(newRows[T], error) bool) {
		pager, err := newPager[T, P](c, q, tools)
		if err != nil {
			yield(newRows[T]{}, err)
			return
		}
		defer pager.ahead.stop()
		for !pager.done {
			page, err := pager.next(ctx)
			if err != nil {
				yield(newRows[T]{}, err)
				return
			}
			if !yield(newRows[T]{page, pager.total}, nil) {
				return
			}
			pager.source.recycle(page)
		}
	}
}

// rows are those of all pages.
func rows[T any, P row[T]](ctx context.Context, c *Client, q VulnQuery, tools ...Tool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		for page, err := range pages[T, P](ctx, c, q, tools...) {
			if err != nil {
				yield(none, err)
				return
			}
			for i := range page.rows {
				if !yield(page.rows[i], nil) {
					return
				}
			}
		}
	}
}

// pager walks through the offsets of one query.
type pager[T any, P row[T]] struct {
	query   VulnQuery
	source  *pageSource[T]
	ahead   lookahead[T]
	checked bool // the rows must be of the targets

	start int // the next offset
	total int // as of the previous page, -1 if SC did not tell
	bytes int // the length of the previous page
	short bool
	pages int
	done  bool

	moving bool // rows have left the result since the first page
	until  int  // what begins before this offset is read again
	found  bool // a row in what was read again
	alarms int  // how often there was none while the total went on shrinking
	stale  int  // pages in a row without a new row

	seed maphash.Seed
	seen seenRows
}

func newPager[T any, P row[T]](c *Client, q VulnQuery, tools []Tool) (*pager[T, P], error) {
	const op = "analysis"
	q.Filters = slices.Clone(q.Filters)
	q = q.withDefaults(tools[0])
	if err := q.Validate(); err != nil {
		return nil, withOp(err, op)
	}
	var sample T
	if _, raw := any(sample).(RawRow); !raw && !slices.Contains(tools, q.Tool) {
		return nil, withOp(invalid("tool", fmt.Sprintf("%.40q has rows of another kind than %s", q.Tool, tools[0])), op)
	}
	source := newPageSource[T](c, q)
	return &pager[T, P]{
		query: q, source: source, ahead: lookahead[T]{source: source},
		checked: q.Source == Individual && len(q.Targets.names) == 0 && !q.Targets.IsEmpty(),
		start:   q.Start, total: -1, seed: maphash.MakeSeed(),
	}, nil
}

// next fetches one page and returns its new rows.
func (p *pager[T, P]) next(ctx context.Context) ([]T, error) {
	size := p.size(p.start)
	p.lookAhead(ctx, 1+p.query.PagesAhead)
	page, err := p.ahead.take(ctx, p.start, size)
	if err != nil {
		return nil, err
	}
	got := len(page.Results)
	fresh, err := p.unseen(page.Results)
	if err == nil {
		err = p.count(got, len(fresh))
	}
	if err != nil {
		return nil, err
	}
	p.pages++
	p.bytes = page.bytes
	switch {
	case p.stepBack(page.total(), size):
	case got == 0:
		p.done = true
		return nil, p.confirmEnd(ctx, page.total(), size)
	default:
		p.advance(got, size, page.total())
	}
	if p.pages > 1 {
		p.lookAhead(ctx, p.query.PagesAhead) // also while the caller is busy with these rows
	}
	return fresh, nil
}

// size returns how many rows to ask for at the offset.
func (p *pager[T, P]) size(start int) int {
	if p.query.End > 0 {
		return min(p.query.PageSize, p.query.End-start)
	}
	return p.query.PageSize
}

// lookAhead asks for the pages that will be needed next. The first page comes alone: most results end with it, and it tells
// whether there are more. Pages that are computed at the same time may each miss a row that moves between them, which only their
// totals give away (see stepBack): without a total, and once rows have moved, pages are fetched one after the other.
func (p *pager[T, P]) lookAhead(ctx context.Context, pages int) {
	if p.done || p.pages == 0 || p.total < 0 || p.short || p.moving {
		return
	}
	pages = min(pages, maxBytesAhead/max(p.bytes, 1))
	p.ahead.align(p.start, p.size(p.start))
	for len(p.ahead.waiting) < pages {
		start := p.ahead.end(p.start)
		// A full last page is followed by one more request: the total may be too small (see advance).
		if start > p.total || (p.query.End > 0 && start >= p.query.End) {
			return
		}
		p.ahead.request(ctx, start, p.size(start))
	}
}

// stepBack reads again what lies before the page at hand when rows have left the result since the previous one: later rows
// have then moved up over the border between the two. A total that only seems to shrink is ignored after a few tries.
func (p *pager[T, P]) stepBack(total, asked int) bool {
	previous := p.total
	p.total = total
	if total < 0 || previous <= total {
		p.alarms = 0
		return false
	}
	p.moving = true
	p.ahead.stop() // those pages were computed at any time, before or after the rows left
	back := min(previous-total, p.start-p.query.Start, asked*maxPagesBack)
	if back <= 0 || p.alarms >= maxFalseAlarms {
		return false
	}
	p.until = max(p.until, p.start)
	p.start -= back
	return true
}

// advance decides where the next page begins, and whether there is one.
func (p *pager[T, P]) advance(got, asked, total int) {
	p.start += got
	p.short = got < asked
	if p.query.End > 0 && p.start >= p.query.End {
		p.done = true
		return
	}
	// A short page ends the result only if the total agrees. A full page never does: totals are sometimes too small.
	p.done = p.short && total >= 0 && p.start >= total
}

// confirmEnd makes sure that an empty page is the end, and not a hole: an absent row will be taken for a fixed one.
func (p *pager[T, P]) confirmEnd(ctx context.Context, total, size int) error {
	probe := p.start + size
	switch {
	case total >= 0 && total <= p.start, total < 0 && p.short:
		return nil
	case total > p.start:
		probe = total - 1
	}
	page, err := p.source.fetch(ctx, probe, size)
	if err != nil {
		return err
	}
	if len(page.Results) > 0 {
		return p.broken(fmt.Errorf("no rows at offset %d, but rows at %d", p.start, probe))
	}
	return nil
}

func (p *pager[T, P]) broken(err error) error {
	return p.source.call(p.start, p.query.PageSize).garbled(&envelope{status: 200}, err)
}

// unseen drops what the latest pages had already. Rows of one page are never duplicates of each other.
func (p *pager[T, P]) unseen(items []T) ([]T, error) {
	hashes := make([]uint64, len(items))
	fresh := 0
	for i := range items {
		item := P(&items[i])
		item.settle()
		if err := p.checkTarget(item); err != nil {
			return nil, err
		}
		hashes[i] = item.hash(p.seed)
		if p.seen.has(hashes[i]) {
			continue
		}
		if fresh != i {
			items[fresh] = items[i]
		}
		fresh++
	}
	p.seen.add(hashes)
	return items[:fresh], nil
}

// count notices pages that bring nothing new. Of what is read again that is expected, and says that the total had not told the truth.
func (p *pager[T, P]) count(got, fresh int) error {
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

// checkTarget recognises a server that has answered for another scan than the one asked for.
func (p *pager[T, P]) checkTarget(item P) error {
	if !p.checked {
		return nil
	}
	addr, ok := parseAddr(item.host())
	if !ok || p.query.Targets.Contains(addr) {
		return nil
	}
	return p.broken(fmt.Errorf("a row of %s, which scan result %d was not to scan: the server ignores the scan's id", addr, p.query.ScanResultID))
}

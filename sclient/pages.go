package sclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"slices"
	"strings"
)

const (
	// A row moves by as many rows as SC imports between two pages; eight pages are more than it imports in that time.
	rememberedPages = 8
	// So many pages in a row without a new row mean that the server ignores the offsets.
	maxStalePages = 10
	// Totals that shrink without a missed row are just wrong.
	maxFalseAlarms = 3
)

// row is what paging needs to know of a row type.
type row[T any] interface {
	*T
	key() string  // tells the rows of a result apart
	host() string // the address, "" if rows have none
	settle()      // fills in what depends on the tool
}

// rows reads page after page. SC takes no snapshot: rows come and go between two pages, and totals may be missing or wrong.
func rows[T any, P row[T]](ctx context.Context, c *Client, q VulnQuery, tools ...Tool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		pager, err := newPager[T, P](c, q, tools)
		if err != nil {
			yield(none, err)
			return
		}
		for !pager.done {
			page, err := pager.next(ctx)
			if err != nil {
				yield(none, err)
				return
			}
			for _, item := range page {
				if !yield(item, nil) {
					return
				}
			}
		}
	}
}

// pager walks through the offsets of one query.
type pager[T any, P row[T]] struct {
	client *Client
	query  VulnQuery
	start  int // the next offset
	total  int // as of the previous page, -1 if SC did not tell
	short  bool
	done   bool

	rereading bool // the page at hand begins before the previous one
	alarms    int  // rereadings that found nothing
	stale     int  // pages in a row without a new row

	seed maphash.Seed
	seen []map[uint64]struct{} // the keys of the latest pages
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
	return &pager[T, P]{client: c, query: q, start: q.Start, total: -1, seed: maphash.MakeSeed()}, nil
}

// page is SC's answer to one request.
type page[T any] struct {
	Total       *Int    `json:"totalRecords"`
	StartOffset *Int    `json:"startOffset"`
	Results     List[T] `json:"results"`
}

func (p *page[T]) total() int {
	if p.Total == nil {
		return -1
	}
	return int(*p.Total)
}

// next fetches one page and returns its new rows.
func (p *pager[T, P]) next(ctx context.Context) ([]T, error) {
	size := p.query.PageSize
	if p.query.End > 0 {
		size = min(size, p.query.End-p.start)
	}
	page, err := p.fetch(ctx, p.start, size)
	if err != nil {
		return nil, err
	}
	got := len(page.Results)
	fresh, err := p.unseen(page.Results)
	if err != nil {
		return nil, err
	}
	switch {
	case p.stepBack(page.total(), size):
	case got == 0:
		p.done = true
		return nil, p.confirmEnd(ctx, page.total(), size)
	default:
		p.advance(got, size, page.total())
	}
	return fresh, nil
}

// stepBack reads again what lies before the page at hand when rows have left the result since the previous one: later rows
// have then moved up over the border between the two. A total that only seems to shrink is ignored after a few tries.
func (p *pager[T, P]) stepBack(total, asked int) bool {
	previous := p.total
	p.total = total
	if p.rereading || total < 0 || previous <= total || p.alarms >= maxFalseAlarms {
		p.rereading = false
		return false
	}
	back := min(previous-total, p.start-p.query.Start, asked-1)
	p.start -= max(back, 0)
	p.rereading = back > 0
	return p.rereading
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
	page, err := p.fetch(ctx, probe, size)
	if err != nil {
		return err
	}
	if len(page.Results) > 0 {
		return p.broken(fmt.Errorf("no rows at offset %d, but rows at %d", p.start, probe))
	}
	return nil
}

func (p *pager[T, P]) call(start, size int) call {
	call := post("analysis", "/analysis", p.query.body(start, start+size))
	call.reads = true
	return call
}

func (p *pager[T, P]) broken(err error) error {
	return p.call(p.start, p.query.PageSize).garbled(&envelope{status: 200}, err)
}

func (p *pager[T, P]) fetch(ctx context.Context, start, size int) (*page[T], error) {
	call := p.call(start, size)
	env, err := p.client.do(ctx, call)
	if err != nil {
		return nil, err
	}
	page, err := decodePage[T](env.Response)
	switch {
	case err != nil:
		return nil, call.garbled(env, p.client.redactError(err))
	case len(page.Results) > size:
		return nil, call.garbled(env, fmt.Errorf("%d rows instead of %d: the server ignores the offsets", len(page.Results), size))
	case page.StartOffset != nil && int(*page.StartOffset) != start && len(page.Results) > 0:
		return nil, call.garbled(env, fmt.Errorf("rows from offset %d instead of %d", *page.StartOffset, start))
	}
	return page, nil
}

// decodePage insists on "results": an object without it is no empty page.
func decodePage[T any](data []byte) (*page[T], error) {
	object, err := firstObject(data)
	if err != nil {
		return nil, err
	}
	var page page[T]
	if err := json.Unmarshal(object, &page); err != nil {
		return nil, err
	}
	if page.Results != nil {
		return &page, nil
	}
	// Some tools answer with the list itself, in PHP's form, and with "results": null beside it.
	if err := json.Unmarshal(object, &page.Results); err == nil && len(page.Results) > 0 {
		return &page, nil
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(object, &keys); err != nil || keys["results"] == nil {
		return nil, errors.New("no results in it")
	}
	page.Results = nil
	return &page, nil
}

// unseen drops what the latest pages had already. Rows of one page are never duplicates of each other.
func (p *pager[T, P]) unseen(items []T) ([]T, error) {
	keys := make(map[uint64]struct{}, len(items))
	fresh := items[:0]
	for i := range items {
		item := P(&items[i])
		item.settle()
		if err := p.checkTarget(item.host()); err != nil {
			return nil, err
		}
		key := maphash.String(p.seed, item.key())
		known := slices.ContainsFunc(p.seen, func(m map[uint64]struct{}) bool { _, ok := m[key]; return ok })
		keys[key] = struct{}{}
		if !known {
			fresh = append(fresh, items[i])
		}
	}
	p.seen = append(p.seen, keys)
	if len(p.seen) > rememberedPages {
		p.seen = p.seen[1:]
	}
	p.stale++
	if len(fresh) > 0 || len(items) == 0 {
		p.stale = 0
	} else if p.rereading {
		p.alarms++
	}
	if p.stale >= maxStalePages {
		return nil, p.broken(errors.New("the same rows again and again: the server ignores the offsets"))
	}
	return fresh, nil
}

// checkTarget recognises a server that has answered for another scan than the one asked for.
func (p *pager[T, P]) checkTarget(host string) error {
	targets := p.query.Targets
	addr, ok := parseAddr(host)
	if p.query.Source != Individual || !ok || len(targets.names) > 0 || len(targets.Ranges()) == 0 || targets.Contains(addr) {
		return nil
	}
	return p.broken(fmt.Errorf("a row of %s, which scan result %d was not to scan: the server ignores the scan's id", addr, p.query.ScanResultID))
}

// rowKey joins the columns with a separator that none of them contains.
func rowKey(columns ...string) string { return strings.Join(columns, "\x00") }

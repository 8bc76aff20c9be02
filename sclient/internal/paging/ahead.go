package paging

// Pages that are fetched before they are asked for.

import (
	"context"
	"slices"
)

// Pages that wait may have so much text together. Those of the default size and with details have 2 to 3 MB each.
const maxBytesAhead = 16 << 20

// lookahead fetches pages before they are asked for. It only ever anticipates what the pager would ask anyway: pages are
// taken in their order, and those that turn out to begin at a wrong offset are thrown away.
type lookahead[T any] struct {
	source  Source[T]
	waiting []*awaited[T] // in the order of their offsets
}

// awaited is a page under way.
type awaited[T any] struct {
	start, size int
	cancel      context.CancelFunc
	done        chan struct{} // closed when the two below are set
	page        *Page[T]
	err         error
}

// request begins to fetch a page.
func (l *lookahead[T]) request(ctx context.Context, start, size int) {
	ctx, cancel := context.WithCancel(ctx)
	a := &awaited[T]{start: start, size: size, cancel: cancel, done: make(chan struct{})}
	l.waiting = append(l.waiting, a)
	go func() {
		defer close(a.done)
		defer cancel()
		a.page, a.err = l.source.Fetch(ctx, start, size)
	}()
}

// take returns the page, from those under way if it is the first of them.
func (l *lookahead[T]) take(ctx context.Context, start, size int) (*Page[T], error) {
	l.align(start, size)
	if len(l.waiting) == 0 {
		return l.source.Fetch(ctx, start, size)
	}
	first := l.waiting[0]
	l.waiting = slices.Delete(l.waiting, 0, 1) // which also forgets the page
	<-first.done
	return first.page, first.err
}

// align stops everything if the page that comes next is not the one that was expected.
func (l *lookahead[T]) align(start, size int) {
	if len(l.waiting) > 0 && (l.waiting[0].start != start || l.waiting[0].size != size) {
		l.stop()
	}
}

// end returns the offset behind the pages under way, of which the first begins at start.
func (l *lookahead[T]) end(start int) int {
	for _, a := range l.waiting {
		start = a.start + a.size
	}
	return start
}

// stop cancels what is under way and waits until nothing of it runs any more.
func (l *lookahead[T]) stop() {
	for _, a := range l.waiting {
		a.cancel()
	}
	for _, a := range l.waiting {
		<-a.done
	}
	l.waiting = nil
}

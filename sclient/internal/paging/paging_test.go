package paging

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// numbers is a result whose rows are numbers. How pages of a real client behave is tested there, against servers.
type numbers struct {
	rows  []int
	total func() int
	lost  func(s *numbers) // what happens after each page
	hole  int              // the offset of an empty page

	mu       sync.Mutex
	recycled int
}

func (s *numbers) Fetch(_ context.Context, start, size int) (*Page[int], error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	total := len(s.rows)
	if s.total != nil {
		total = s.total()
	}
	page := &Page[int]{Rows: append([]int{}, s.rows[min(start, len(s.rows)):min(start+size, len(s.rows))]...), Total: total, Bytes: 1}
	if s.hole > 0 && start == s.hole {
		page.Rows = nil
	}
	if s.lost != nil {
		s.lost(s)
	}
	return page, nil
}

func (*numbers) Hash(row *int) uint64 { return uint64(*row) }

func (s *numbers) Recycle([]int) { s.recycled++ }

var errBroken = errors.New("broken")

func (*numbers) Broken(start int, reason error) error {
	return fmt.Errorf("%w at %d: %w", errBroken, start, reason)
}

func upTo(n int) []int {
	rows := []int{}
	for i := range n {
		rows = append(rows, i)
	}
	return rows
}

func read(t *testing.T, s *numbers, wanted Range) ([]int, error) {
	t.Helper()
	got := []int{}
	for page, err := range Pages[int](t.Context(), s, wanted) {
		if err != nil {
			return got, err
		}
		got = append(got, page.Rows...)
	}
	return got, nil
}

func TestEveryRowOnce(t *testing.T) {
	t.Parallel()
	for n := range 12 {
		for _, ahead := range []int{-1, 1, 4} {
			for name, total := range map[string]func() int{"right": nil, "missing": func() int { return -1 }, "too small": func() int { return n / 2 }} {
				s := &numbers{rows: upTo(n), total: total}
				got, err := read(t, s, Range{PageSize: 3, Ahead: ahead})
				require.NoError(t, err, name)
				require.Equal(t, upTo(n), got, name)
				require.Positive(t, s.recycled)
			}
			got, err := read(t, &numbers{rows: upTo(n)}, Range{Start: 2, End: 5, PageSize: 2, Ahead: ahead})
			require.NoError(t, err)
			require.Equal(t, upTo(n)[min(2, n):min(5, n)], got)
		}
	}
}

// Rows that move up because others have left are read all the same.
func TestRowsThatMove(t *testing.T) {
	t.Parallel()
	left := false
	s := &numbers{rows: upTo(9), lost: func(s *numbers) {
		if !left {
			left = true
			s.rows = s.rows[2:]
		}
	}}
	got, err := read(t, s, Range{PageSize: 3, Ahead: 4})
	require.NoError(t, err)
	require.Subset(t, got, upTo(9))
	require.Len(t, got, 9)
}

func TestServerThatIgnoresOffsets(t *testing.T) {
	t.Parallel()
	_, err := read(t, &numbers{rows: make([]int, 100)}, Range{PageSize: 3, Ahead: -1})
	require.ErrorIs(t, err, errBroken)
	require.ErrorContains(t, err, "the server ignores the offsets")
}

func TestHole(t *testing.T) {
	t.Parallel()
	s := &numbers{rows: upTo(9), hole: 3}
	got, err := read(t, s, Range{PageSize: 3, Ahead: -1})
	require.Equal(t, upTo(3), got)
	require.ErrorIs(t, err, errBroken)
	require.ErrorContains(t, err, "no rows at offset 3, but rows at 8")
}

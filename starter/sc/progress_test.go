package sc

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestProgressLine(t *testing.T) {
	t.Parallel()
	begun := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	p := &progress{begun: begun, now: func() time.Time { return begun.Add(10 * time.Second) }}
	require.Equal(t, "0 rows", p.line())
	p.rows.Store(12_345)
	require.Equal(t, "12,345 rows  1,234 rows/s", p.line())
	p.total.Store(1_000_000)
	require.Equal(t, strings.Repeat("░", 30)+" 1%  12,345 of 1,000,000 rows  1,234 rows/s", p.line())
	p.first = 987_655
	require.Equal(t, strings.Repeat("█", 30)+" 100%  12,345 of 12,345 rows  1,234 rows/s", p.line())
	p.first, p.end = 0, 10_000 // a total that is too small
	require.Equal(t, "12,345 rows  1,234 rows/s", p.line())
}

package analysis

// Filters by time, in the two forms that servers understand.

import (
	"regexp"
	"strconv"
	"time"

	"patchproof/sctest/internal/network"
)

var (
	daysAgo  = regexp.MustCompile(`^(\d+):(\d+)$`)
	absolute = regexp.MustCompile(`^(\d+)-(\d+)$`)
)

// timeFilter reads "a:b", days before now, counted in periods of 24 hours, and "from-to" in seconds. Seconds with a colon are
// taken for days and silently find nothing.
func timeFilter(of func(*Request, network.Row) time.Time) func(*Request, filterInput) (condition, error) {
	return func(a *Request, in filterInput) (condition, error) {
		s, err := in.text()
		if err != nil {
			return nil, err
		}
		if m := daysAgo.FindStringSubmatch(s); m != nil {
			from, to := wholeNumber(m[1]), wholeNumber(m[2])
			return func(r network.Row) bool {
				t := of(a, r)
				periods := int64(a.Now.Sub(t) / (24 * time.Hour))
				return !t.IsZero() && from <= periods && periods <= to
			}, nil
		}
		if m := absolute.FindStringSubmatch(s); m != nil {
			from, to := wholeNumber(m[1]), wholeNumber(m[2])
			return func(r network.Row) bool {
				t := of(a, r)
				return !t.IsZero() && from <= t.Unix() && t.Unix() <= to
			}, nil
		}
		return nil, in.wrong()
	}
}

// wholeNumber takes what is beyond any time for the end of time.
func wholeNumber(digits string) int64 {
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return int64(^uint64(0) >> 1)
	}
	return n
}

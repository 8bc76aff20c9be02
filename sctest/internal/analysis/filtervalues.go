package analysis

// How filters understand their values: texts, numbers, words, scores, times, and lists of IDs written as text.

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"time"

	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
)

var (
	scoreRange = regexp.MustCompile(`^\d+(\.\d+)?(-\d+(\.\d+)?)?$`)
	daysAgo    = regexp.MustCompile(`^(\d+):(\d+)$`)
	absolute   = regexp.MustCompile(`^(\d+)-(\d+)$`)
)

// textFilter compares without regard to case: whole, in part (~=), or by a pattern (pcre).
func textFilter(of func(*Request, network.Row) string) filterReader {
	return func(a *Request, in filterInput) (condition, error) {
		switch in.operator {
		case "~=":
			return func(r network.Row) bool { return containsFold(of(a, r), in.text) }, nil
		case "pcre":
			pattern, err := regexp.Compile("(?i)" + in.text)
			if err != nil {
				return nil, in.unreadable(err)
			}
			return func(r network.Row) bool { return pattern.MatchString(of(a, r)) }, nil
		}
		return func(r network.Row) bool { return strings.EqualFold(of(a, r), in.text) }, nil
	}
}

// unreadable tells patterns that only Perl's expressions know from those that nobody understands.
func (f filterInput) unreadable(err error) error {
	perls := []syntax.ErrorCode{syntax.ErrInvalidPerlOp, syntax.ErrInvalidEscape, syntax.ErrInvalidRepeatOp}
	if wrong, is := errors.AsType[*syntax.Error](err); is && slices.Contains(perls, wrong.Code) {
		return dialect.NotSimulated("the pattern %s", f.text)
	}
	return f.wrong()
}

func containsFold(text, part string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(part))
}

// numberFilter reads numbers, ranges and lists of both; words stand for numbers.
func numberFilter(of func(*Request, network.Row) int, words map[string]int) filterReader {
	return func(a *Request, in filterInput) (condition, error) {
		type span struct{ from, to int }
		var ranges []span
		for part := range strings.SplitSeq(in.text, ",") {
			part = strings.TrimSpace(part)
			if n, known := words[strings.ToLower(part)]; known {
				part = strconv.Itoa(n)
			}
			low, high, isRange := strings.Cut(part, "-")
			if !isRange {
				high = low
			}
			from, errFrom := strconv.Atoi(low)
			to, errTo := strconv.Atoi(high)
			if errFrom != nil || errTo != nil {
				return nil, in.wrong()
			}
			ranges = append(ranges, span{from, to})
		}
		return func(r network.Row) bool {
			n := of(a, r)
			return slices.ContainsFunc(ranges, func(x span) bool { return x.from <= n && n <= x.to })
		}, nil
	}
}

// flagFilter has one word for yes and one for no.
func flagFilter(yes, no string, of func(*Request, network.Row) bool) filterReader {
	return func(a *Request, in filterInput) (condition, error) {
		if in.text != yes && in.text != no {
			return nil, in.wrong()
		}
		return func(r network.Row) bool { return of(a, r) == (in.text == yes) }, nil
	}
}

// scoreFilter reads a score or a range of them; no plugin here has one.
func scoreFilter(_ *Request, in filterInput) (condition, error) {
	if !scoreRange.MatchString(in.text) {
		return nil, in.wrong()
	}
	return func(network.Row) bool { return false }, nil
}

// listed reads "1,2" for a filter that takes a list of objects.
func listed(read filterReader) filterReader {
	return func(a *Request, in filterInput) (condition, error) {
		var refs []any
		for _, id := range dialect.Split(in.text) {
			refs = append(refs, object{"id": id})
		}
		if refs == nil {
			return nil, in.wrong()
		}
		in.value = refs
		return read(a, in)
	}
}

// timeFilter reads "a:b", days before now, counted in periods of 24 hours, and "from-to" in seconds. Seconds with a colon are
// taken for days and silently find nothing.
func timeFilter(of func(*Request, network.Row) time.Time) filterReader {
	return func(a *Request, in filterInput) (condition, error) {
		if slices.Contains(realTimes, in.text) {
			return nil, dialect.NotSimulated("the time %s", in.text)
		}
		if m := daysAgo.FindStringSubmatch(in.text); m != nil {
			from, to := wholeNumber(m[1]), wholeNumber(m[2])
			return func(r network.Row) bool {
				t := a.Network.Wall(of(a, r))
				periods := int64(a.Network.Wall(a.Now).Sub(t) / (24 * time.Hour))
				return !t.IsZero() && from <= periods && periods <= to
			}, nil
		}
		if m := absolute.FindStringSubmatch(in.text); m != nil {
			from, to := wholeNumber(m[1]), wholeNumber(m[2])
			return func(r network.Row) bool {
				t := a.Network.Wall(of(a, r))
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

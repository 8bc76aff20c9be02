package sc

// Periods and moments as people write them.

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"patchproof/sclient"
)

var (
	dayRange = regexp.MustCompile(`^(\d+):(\d+)$`)
	epoch    = regexp.MustCompile(`^\d{9,12}$`) // from 1973 on: fewer digits are a slip
)

// maxDaysAgo is a century: larger numbers are epoch seconds, between which a colon finds nothing, without an error.
const maxDaysAgo = 36500

var errPeriod = errors.New("use A:B in days ago such as 0:30, or FROM-TO as RFC 3339 or epoch seconds, such as 1700000000-1700003600")

// parsePeriod reads a period: days ago (A:B), or two moments (FROM-TO).
func parsePeriod(s string) (sclient.Window, error) {
	s = strings.TrimSpace(s)
	if days := dayRange.FindStringSubmatch(s); days != nil {
		a, errA := strconv.Atoi(days[1])
		b, errB := strconv.Atoi(days[2])
		if errA != nil || errB != nil || a > maxDaysAgo || b > maxDaysAgo {
			return sclient.Window{}, errors.New("a colon is for days ago such as 0:30: put a dash between two moments")
		}
		return sclient.Days(a, b), nil
	}
	// RFC 3339 has dashes itself, so each is tried as the one between the moments. At most one of them can be.
	for i := range s {
		if s[i] != '-' {
			continue
		}
		from, okFrom := parseMoment(s[:i])
		to, okTo := parseMoment(s[i+1:])
		if !okFrom || !okTo {
			continue
		}
		if to.Before(from) {
			return sclient.Window{}, fmt.Errorf("the period ends (%s) before it begins (%s)", s[i+1:], s[:i])
		}
		return sclient.Between(from, to), nil
	}
	return sclient.Window{}, errPeriod
}

// parseMoment reads RFC 3339 or epoch seconds.
func parseMoment(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if epoch.MatchString(s) {
		return sclient.ReadTime([]byte(s))
	}
	t, err := time.Parse(time.RFC3339, s)
	return t, err == nil && t.Unix() > 0
}

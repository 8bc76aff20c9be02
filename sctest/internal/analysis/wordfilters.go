package analysis

// Filters that know few values: words, scores, and lists of IDs written as text.

import (
	"regexp"
	"slices"

	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
)

// flagFilter has one word for yes and one for no.
func flagFilter(yes, no string, of func(*Request, network.Row) bool) func(*Request, filterInput) (condition, error) {
	return func(a *Request, in filterInput) (condition, error) {
		s, err := in.text()
		if err != nil || s != yes && s != no {
			return nil, in.wrong()
		}
		return func(r network.Row) bool { return of(a, r) == (s == yes) }, nil
	}
}

// filterWAS: there are no findings of web applications here.
func filterWAS(_ *Request, in filterInput) (condition, error) {
	s, err := in.text()
	if err != nil || !slices.Contains([]string{"excludeWas", "onlyWas", "includeWas"}, s) {
		return nil, in.wrong()
	}
	return func(network.Row) bool { return s != "onlyWas" }, nil
}

var scoreRange = regexp.MustCompile(`^\d+(\.\d+)?(-\d+(\.\d+)?)?$`)

// scoreFilter reads a score or a range of them; no plugin here has one.
func scoreFilter(_ *Request, in filterInput) (condition, error) {
	s, err := in.text()
	if err != nil || !scoreRange.MatchString(s) {
		return nil, in.wrong()
	}
	return func(network.Row) bool { return false }, nil
}

// listed reads "1,2" for a filter that takes a list of objects.
func listed(name string, read func(*Request, filterInput) (condition, error)) func(*Request, filterInput) (condition, error) {
	return func(a *Request, in filterInput) (condition, error) {
		s, err := in.text()
		if err != nil || s == "" {
			return nil, in.wrong()
		}
		var refs []any
		for _, id := range dialect.Split(s) {
			refs = append(refs, object{"id": id})
		}
		return read(a, filterInput{name: name, operator: in.operator, value: refs})
	}
}

// portOf is the port of a row of that protocol, and no port at all for others.
func portOf(r network.Row, protocol string) int {
	if r.Protocol != protocol {
		return -1
	}
	return r.Port
}

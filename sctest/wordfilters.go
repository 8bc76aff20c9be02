package sctest

// Filters that know few values: words, scores, and lists of IDs written as text.

import (
	"regexp"
	"slices"
)

// flagFilter has one word for yes and one for no.
func flagFilter(yes, no string, of func(*Analysis, record) bool) func(*Analysis, filterInput) (condition, error) {
	return func(a *Analysis, in filterInput) (condition, error) {
		s, err := in.text()
		if err != nil || s != yes && s != no {
			return nil, in.wrong()
		}
		return func(r record) bool { return of(a, r) == (s == yes) }, nil
	}
}

// filterWAS: there are no findings of web applications here.
func filterWAS(_ *Analysis, in filterInput) (condition, error) {
	s, err := in.text()
	if err != nil || !slices.Contains([]string{"excludeWas", "onlyWas", "includeWas"}, s) {
		return nil, in.wrong()
	}
	return func(record) bool { return s != "onlyWas" }, nil
}

var scoreRange = regexp.MustCompile(`^\d+(\.\d+)?(-\d+(\.\d+)?)?$`)

// scoreFilter reads a score or a range of them; no plugin here has one.
func scoreFilter(_ *Analysis, in filterInput) (condition, error) {
	s, err := in.text()
	if err != nil || !scoreRange.MatchString(s) {
		return nil, in.wrong()
	}
	return func(record) bool { return false }, nil
}

// listed reads "1,2" for a filter that takes a list of objects.
func listed(name string, read func(*Analysis, filterInput) (condition, error)) func(*Analysis, filterInput) (condition, error) {
	return func(a *Analysis, in filterInput) (condition, error) {
		s, err := in.text()
		if err != nil || s == "" {
			return nil, in.wrong()
		}
		var refs []any
		for _, id := range splitList(s) {
			refs = append(refs, object{"id": id})
		}
		return read(a, filterInput{name: name, operator: in.operator, value: refs})
	}
}

// portOf is the port of a row of that protocol, and no port at all for others.
func portOf(r record, protocol string) int {
	if r.protocol != protocol {
		return -1
	}
	return r.port
}

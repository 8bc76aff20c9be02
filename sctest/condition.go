package sctest

// Filters of an analysis: reading them.

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// condition is one filter, ready to be asked about rows.
type condition func(record) bool

// filterKind says which operators a filter has, and how its value is understood.
type filterKind struct {
	operators []string
	read      func(*Analysis, filterInput) (condition, error)
	// sources to which it applies; nil means all.
	sources []string
	// since is the first major version that knows it.
	since int
}

type filterInput struct {
	name, operator string
	value          any
}

func (f filterInput) text() (string, error) {
	s, ok := scalar(f.value)
	if !ok {
		return "", f.wrong()
	}
	return s, nil
}

func (f filterInput) wrong() error {
	return refuse(codeInvalid, "Invalid parameters specified for vuln query.  The filter '%s' contains the invalid value '%s'.\n",
		f.name, fmt.Sprint(f.value))
}

// negated turns a condition around for "!=".
func (f filterInput) negated(match condition) condition {
	if f.operator != "!=" {
		return match
	}
	return func(r record) bool { return !match(r) }
}

func (a *Analysis) readFilters(q *question, query object) error {
	list, err := listOf(query, "filters")
	if err != nil {
		return refuse(codeInvalid, "The attribute 'filters' must be a list.\n")
	}
	// Of two filters with one name only the last is honoured.
	byName := map[string]condition{}
	for _, item := range list {
		sent, ok := item.(object)
		if !ok {
			return refuse(codeInvalid, "The attribute 'filters' must be a list of filters.\n")
		}
		name, err := textOf(sent, "filterName")
		if err != nil {
			return err
		}
		operator, err := textOf(sent, "operator")
		if err != nil {
			return err
		}
		match, err := a.readFilter(q, filterInput{name, operator, sent["value"]})
		if err != nil {
			return err
		}
		byName[name] = match
	}
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		q.filters = append(q.filters, byName[name])
	}
	return nil
}

func (a *Analysis) readFilter(q *question, in filterInput) (condition, error) {
	kind, ok := filterKinds[in.name]
	if !ok || !a.dialect.atLeast(kind.since, 0) || kind.sources != nil && !slices.Contains(kind.sources, q.source) {
		return nil, refuse(codeInvalid, "Invalid parameters specified for vuln query.  The filter '%s' is invalid (valid filters: %s).\n",
			in.name, strings.Join(a.validFilters(q.source), ", "))
	}
	if !slices.Contains(kind.operators, in.operator) {
		return nil, refuse(codeInvalid, "Invalid parameters specified for vuln query.  The operator '%s' is invalid for the filter '%s'.\n",
			in.operator, in.name)
	}
	if in.value == nil {
		return nil, in.wrong()
	}
	return kind.read(a, in)
}

func (a *Analysis) validFilters(source string) []string {
	return filter(slices.Sorted(maps.Keys(filterKinds)), func(name string) bool {
		kind := filterKinds[name]
		return a.dialect.atLeast(kind.since, 0) && (kind.sources == nil || slices.Contains(kind.sources, source))
	})
}

func (a *Analysis) passes(row record, conditions []condition) bool {
	return !slices.ContainsFunc(conditions, func(match condition) bool { return !match(row) })
}

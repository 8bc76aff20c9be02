package analysis

// Filters of an analysis: reading them.

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
)

// condition is one filter, ready to be asked about rows.
type condition func(network.Row) bool

// filterKind says which operators a filter has, and how its value is understood.
type filterKind struct {
	operators []string
	read      func(*Request, filterInput) (condition, error)
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
	s, ok := dialect.Scalar(f.value)
	if !ok {
		return "", f.wrong()
	}
	return s, nil
}

func (f filterInput) wrong() error {
	return dialect.Refuse("Invalid parameters specified for vuln query.  The filter '%s' contains the invalid value '%s'.\n",
		f.name, fmt.Sprint(f.value))
}

// negated turns a condition around for "!=".
func (f filterInput) negated(match condition) condition {
	if f.operator != "!=" {
		return match
	}
	return func(r network.Row) bool { return !match(r) }
}

func (a *Request) readFilters(q *question, query object) error {
	list, err := dialect.List(query, "filters")
	if err != nil {
		return dialect.Refuse("The attribute 'filters' must be a list.\n")
	}
	// Of two filters with one name only the last is honoured.
	byName := map[string]condition{}
	for _, item := range list {
		sent, ok := item.(object)
		if !ok {
			return dialect.Refuse("The attribute 'filters' must be a list of filters.\n")
		}
		name, err := dialect.Text(sent, "filterName")
		if err != nil {
			return err
		}
		operator, err := dialect.Text(sent, "operator")
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

func (a *Request) readFilter(q *question, in filterInput) (condition, error) {
	kind, ok := filterKinds[in.name]
	if !ok || !a.knows(kind, q.source) {
		return nil, dialect.Refuse("Invalid parameters specified for vuln query.  The filter '%s' is invalid (valid filters: %s).\n",
			in.name, strings.Join(a.validFilters(q.source), ", "))
	}
	if !slices.Contains(kind.operators, in.operator) {
		return nil, dialect.Refuse("Invalid parameters specified for vuln query.  The operator '%s' is invalid for the filter '%s'.\n",
			in.operator, in.name)
	}
	if in.value == nil {
		return nil, in.wrong()
	}
	return kind.read(a, in)
}

// knows says whether this version has the filter, for this source.
func (a *Request) knows(kind filterKind, source string) bool {
	return a.Version.AtLeast(kind.since, 0) && (kind.sources == nil || slices.Contains(kind.sources, source))
}

func (a *Request) validFilters(source string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(filterKinds)), func(name string) bool {
		return !a.knows(filterKinds[name], source)
	})
}

func (a *Request) passes(row network.Row, conditions []condition) bool {
	return !slices.ContainsFunc(conditions, func(match condition) bool { return !match(row) })
}

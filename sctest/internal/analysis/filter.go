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

// filterReader understands the value of a filter; turning the condition around for "!=" is not its part.
type filterReader func(*Request, filterInput) (condition, error)

// filterKind says which operators a filter has, and how its value is understood.
type filterKind struct {
	operators []string
	read      filterReader
	// refs: the value is an object with an ID, or a list of such; other filters take text.
	refs bool
	// sources to which it applies; nil means all.
	sources []string
	// since is the first major version that knows it.
	since int
}

// filterInput is a filter as it was sent; text is its value where that is no object and no list.
type filterInput struct {
	name, operator string
	value          any
	text           string
}

func (f filterInput) wrong() error {
	return dialect.Refuse("Invalid parameters specified for vuln query.  The filter '%s' contains the invalid value '%s'.\n",
		f.name, fmt.Sprint(f.value))
}

// refs are the IDs of a list of objects.
func (f filterInput) refs() ([]int, error) {
	in := &dialect.Input{Object: object{f.name: f.value}}
	ids := in.Refs(f.name)
	if in.Err() != nil || len(ids) == 0 {
		return nil, f.wrong()
	}
	return ids, nil
}

func (a *Request) readFilters(q *question, query *dialect.Input) {
	list := query.List("filters")
	query.RequireAll(true, "The attribute 'filters' must be a list.\n")
	// Of two filters with one name only the last is honoured.
	q.filters = map[string]condition{}
	for _, item := range list {
		sent, ok := item.(object)
		query.Require(ok, "The attribute 'filters' must be a list of filters.\n")
		in := &dialect.Input{Object: sent}
		f := filterInput{name: in.Text("filterName"), operator: in.Text("operator"), value: sent["value"]}
		if query.Refuse(in.Err()); query.Err() != nil {
			return
		}
		match, err := a.readFilter(q, f)
		query.Refuse(err)
		q.filters[f.name] = match
	}
}

func (a *Request) readFilter(q *question, in filterInput) (condition, error) {
	if slices.Contains(realFilters, in.name) {
		return nil, dialect.NotSimulated("the filter %s", in.name)
	}
	kind, ok := filterKinds[in.name]
	if !ok || !a.knows(kind, q.source) {
		return nil, dialect.Refuse("Invalid parameters specified for vuln query.  The filter '%s' is invalid (valid filters: %s).\n",
			in.name, strings.Join(a.validFilters(q.source), ", "))
	}
	if !slices.Contains(kind.operators, in.operator) {
		return nil, dialect.Refuse("Invalid parameters specified for vuln query.  The operator '%s' is invalid for the filter '%s'.\n",
			in.operator, in.name)
	}
	var isText bool
	if in.text, isText = dialect.Scalar(in.value); isText == kind.refs {
		return nil, in.wrong()
	}
	match, err := kind.read(a, in)
	if err != nil || in.operator != "!=" {
		return match, err
	}
	return func(r network.Row) bool { return !match(r) }, nil
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

// passes says whether a row meets all conditions.
func (q *question) passes(row network.Row) bool {
	for _, match := range q.filters {
		if !match(row) {
			return false
		}
	}
	return true
}

package sctest

// The analysis endpoint: which rows, through which filters, by which tool, which page of them.

import (
	"slices"
	"strings"
	"time"
)

const (
	sourceCumulative = "cumulative"
	sourcePatched    = "patched"
	sourceIndividual = "individual"

	viewAll     = "all"
	viewNew     = "new"
	viewPatched = "patched"

	// defaultPage is how many rows are answered when no offsets are sent.
	defaultPage = 50
)

// question is an analysis as it was understood.
type question struct {
	source   string
	tool     tool
	filters  []condition
	from, to int
	sortBy   string
	down     bool
	rows     []record
}

// Analysis is one request for an analysis, and what is needed to answer it.
type Analysis struct {
	net     *network
	dialect dialect
	now     time.Time
	input   object
	// sees tells which repositories the user may see.
	sees func(repository int) bool
	// fault spends an ordered fault of this kind, if there is one.
	fault func(kind string) bool
}

// answer is the whole response.
func (a *Analysis) answer() (any, error) {
	q, err := a.readQuestion()
	if err != nil {
		return nil, err
	}
	var rows []record
	for _, row := range q.rows {
		if a.sees(row.repository) && a.passes(row, q.filters) {
			rows = append(rows, row)
		}
	}
	results := q.tool.make(a, rows)
	if q.tool.bare != nil {
		return q.tool.bare(results), nil
	}
	sortResults(results, q.sortBy, q.down)
	page := results[min(q.from, len(results)):min(q.to, len(results))]
	if page == nil {
		page = []object{}
	}
	total := len(results)
	if a.fault(FaultWrongTotals) {
		total /= 2
	}
	return object{
		"totalRecords": text(total), "returnedRecords": len(page), "startOffset": text(q.from), "endOffset": text(q.to),
		"matchingDataElementCount": q.tool.elements(rows, len(results)), "results": page,
	}, nil
}

func (a *Analysis) readQuestion() (question, error) {
	var q question
	query, ok := a.input["query"].(object)
	if !ok {
		return q, refuse(codeInvalid, "Please specify a query.\n")
	}
	for _, in := range []object{a.input, query} {
		if kind, err := textOf(in, "type"); err != nil || kind != "vuln" {
			return q, refuse(codeInvalid, "Please specify a valid query type. The simulator only knows 'vuln'.\n")
		}
	}
	for _, read := range []func(*question, object) error{a.readSource, a.readTool, a.readFilters, a.readPage, a.readOrder} {
		if err := read(&q, query); err != nil {
			return q, err
		}
	}
	return q, nil
}

func (a *Analysis) readSource(q *question, query object) (err error) {
	if q.source, err = textOf(a.input, "sourceType"); err != nil {
		return err
	}
	if inner, err := textOf(query, "sourceType"); err != nil || inner != "" && inner != q.source {
		return refuse(codeInvalid, "The sourceType of the query differs from the sourceType of the request.\n")
	}
	switch q.source {
	case sourceCumulative:
		q.rows = a.net.cumulative()
	case sourcePatched:
		q.rows = a.net.patched()
	case sourceIndividual:
		q.rows, err = a.individual(q, query)
	default:
		return refuse(codeInvalid, "Please specify a valid sourceType.\n")
	}
	return err
}

// individual reads the rows of one result. From 6.0 on the ID has to be in the query as well; otherwise everything that is
// open is answered, without a word.
func (a *Analysis) individual(q *question, query object) ([]record, error) {
	view, err := viewOf(a.input, query)
	if err != nil {
		return nil, err
	}
	if view == "" {
		return nil, refuse(codeView, "Please specify a view for the individual data source.\n")
	}
	if !slices.Contains([]string{viewAll, viewNew, viewPatched}, view) {
		return nil, refuse(codeInvalid, "The view '%s' is invalid.\n", view)
	}
	id, found, err := numberOf(a.input, "scanID")
	if err != nil || !found {
		return nil, refuse(codeInvalid, "Please specify a scanID for the individual data source.\n")
	}
	if a.fault(FaultIndividualDenied) {
		return nil, deniedResult()
	}
	if a.dialect.atLeast(6, 0) && !names(query, id, view) {
		q.source = sourceCumulative
		return a.net.cumulative(), nil
	}
	return a.resultRows(id, view)
}

// viewOf is the view of the request, or of the query where only that has one.
func viewOf(in, query object) (string, error) {
	view, err := textOf(in, "view")
	if view != "" || err != nil {
		return view, err
	}
	return textOf(query, "view")
}

// names says whether the query has the same result and view as the request.
func names(query object, id int, view string) bool {
	inner, _, err := numberOf(query, "scanID")
	innerView, errView := textOf(query, "view")
	return err == nil && errView == nil && inner == id && innerView == view
}

func deniedResult() error {
	return refuse(codeInvalid, "Group #0 does not have access to the Repository that contains the scan result.\n")
}

func (a *Analysis) resultRows(id int, view string) ([]record, error) {
	r, ok := a.net.runs[id]
	if !ok || !a.sees(r.scan.repository) {
		return nil, deniedResult()
	}
	if r.importAt(a.now) != importFinished {
		day := r.created.UTC().Format("2006-01-02")
		return nil, refuse(codeNotWritten, "Unable to process Vuln Query.\nTenable.sc could not process the vulnerability filter string "+
			"(showvulns-individual +scanid '%d').\nError opening file for buffer data /opt/sc/orgs/1/VDB/%s/%d.namedb.db "+
			"(msg: No such file or directory).\n", id, day, id)
	}
	switch view {
	case viewNew:
		return r.outcome.fresh, nil
	case viewPatched:
		return r.outcome.mitigated, nil
	}
	return r.outcome.rows, nil
}

func (a *Analysis) readTool(q *question, query object) error {
	name, err := textOf(query, "tool")
	if err != nil {
		return err
	}
	t, ok := tools[name]
	if !ok {
		return refuse(codeInvalid, "The tool '%s' is invalid.\n", name)
	}
	q.tool = t
	return nil
}

// readPage prefers the offsets of the query; either place needs both.
func (a *Analysis) readPage(q *question, query object) error {
	q.to = defaultPage
	for _, in := range []object{query, a.input} {
		from, hasFrom, errFrom := numberOf(in, "startOffset")
		to, hasTo, errTo := numberOf(in, "endOffset")
		if !hasFrom && !hasTo && errFrom == nil && errTo == nil {
			continue
		}
		if !hasFrom || !hasTo || from < 0 || to < from {
			return refuse(codeInvalid, "Please specify a valid startOffset and a valid endOffset.\n")
		}
		q.from, q.to = from, to
		return nil
	}
	return nil
}

func (a *Analysis) readOrder(q *question, _ object) (err error) {
	if q.sortBy, err = textOf(a.input, "sortField"); err != nil {
		return err
	}
	direction, err := textOf(a.input, "sortDir")
	if err != nil {
		return err
	}
	if (q.sortBy == "") != (direction == "") {
		return refuse(codeInvalid, "sortField and sortDir need each other.\n")
	}
	if q.sortBy != "" && !slices.Contains(q.tool.columns, q.sortBy) {
		return refuse(codeInvalid, "The sortField '%s' is invalid.\n", q.sortBy)
	}
	switch strings.ToLower(direction) {
	case "", "asc":
	case "desc":
		q.down = true
	default:
		return refuse(codeInvalid, "The sortDir '%s' is invalid.\n", direction)
	}
	return nil
}

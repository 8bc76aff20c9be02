package analysis

// The analysis endpoint: which rows, through which filters, by which tool, which page of them.

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
	"patchproof/sctest/internal/scenario"
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
	rows     []network.Row
}

// Request is one request for an analysis, and what is needed to answer it.
type Request struct {
	Network *network.Network
	Version dialect.Version
	Now     time.Time
	Input   object
	// Sees tells which repositories the user may see.
	Sees func(repository int) bool
	// Fault spends an ordered fault of this kind, if there is one.
	Fault func(kind string) bool
}

// Answer is the whole response.
func (a *Request) Answer() (any, error) {
	q, err := a.readQuestion()
	if err != nil {
		return nil, err
	}
	var rows []network.Row
	for _, row := range q.rows {
		if a.Sees(row.Repository) && a.passes(row, q.filters) {
			rows = append(rows, row)
		}
	}
	results := q.tool.make(a, rows)
	if q.tool.bare != nil {
		return q.tool.bare(results), nil
	}
	dialect.Sort(results, q.sortBy, q.down)
	page := results[min(q.from, len(results)):min(q.to, len(results))]
	if page == nil {
		page = []object{}
	}
	total := len(results)
	if a.Fault(scenario.FaultWrongTotals) {
		total /= 2
	}
	return object{
		"totalRecords": strconv.Itoa(total), "returnedRecords": len(page), "startOffset": strconv.Itoa(q.from), "endOffset": strconv.Itoa(q.to),
		"matchingDataElementCount": q.tool.elements(rows, len(results)), "results": page,
	}, nil
}

func (a *Request) readQuestion() (question, error) {
	var q question
	query, ok := a.Input["query"].(object)
	if !ok {
		return q, dialect.Refuse("Please specify a query.\n")
	}
	for _, in := range []object{a.Input, query} {
		if kind, err := dialect.Text(in, "type"); err != nil || kind != "vuln" {
			return q, dialect.Refuse("Please specify a valid query type. The simulator only knows 'vuln'.\n")
		}
	}
	for _, read := range []func(*question, object) error{a.readSource, a.readTool, a.readFilters, a.readPage, a.readOrder} {
		if err := read(&q, query); err != nil {
			return q, err
		}
	}
	return q, nil
}

func (a *Request) readSource(q *question, query object) (err error) {
	if q.source, err = dialect.Text(a.Input, "sourceType"); err != nil {
		return err
	}
	if inner, err := dialect.Text(query, "sourceType"); err != nil || inner != "" && inner != q.source {
		return dialect.Refuse("The sourceType of the query differs from the sourceType of the request.\n")
	}
	switch q.source {
	case sourceCumulative:
		q.rows = a.Network.Cumulative()
	case sourcePatched:
		q.rows = a.Network.Patched()
	case sourceIndividual:
		q.rows, err = a.individual(q, query)
	default:
		return dialect.Refuse("Please specify a valid sourceType.\n")
	}
	return err
}

// individual reads the rows of one result. From 6.0 on the ID has to be in the query as well; otherwise everything that is
// open is answered, without a word.
func (a *Request) individual(q *question, query object) ([]network.Row, error) {
	view, err := viewOf(a.Input, query)
	if err != nil {
		return nil, err
	}
	if view == "" {
		return nil, dialect.RefuseWith(dialect.CodeView, "Please specify a view for the individual data source.\n")
	}
	if !slices.Contains([]string{viewAll, viewNew, viewPatched}, view) {
		return nil, dialect.Refuse("The view '%s' is invalid.\n", view)
	}
	id, found, err := dialect.Number(a.Input, "scanID")
	if err != nil || !found {
		return nil, dialect.Refuse("Please specify a scanID for the individual data source.\n")
	}
	if a.Fault(scenario.FaultIndividualDenied) {
		return nil, deniedResult()
	}
	if a.Version.AtLeast(6, 0) && !names(query, id, view) {
		q.source = sourceCumulative
		return a.Network.Cumulative(), nil
	}
	return a.resultRows(id, view)
}

// viewOf is the view of the request, or of the query where only that has one.
func viewOf(in, query object) (string, error) {
	view, err := dialect.Text(in, "view")
	if view != "" || err != nil {
		return view, err
	}
	return dialect.Text(query, "view")
}

// names says whether the query has the same result and view as the request.
func names(query object, id int, view string) bool {
	inner, _, err := dialect.Number(query, "scanID")
	innerView, errView := dialect.Text(query, "view")
	return err == nil && errView == nil && inner == id && innerView == view
}

func deniedResult() error {
	return dialect.Refuse("Group #0 does not have access to the Repository that contains the scan result.\n")
}

func (a *Request) resultRows(id int, view string) ([]network.Row, error) {
	r, ok := a.Network.Runs[id]
	if !ok || !a.Sees(r.Scan.Repository) {
		return nil, deniedResult()
	}
	if r.ImportAt(a.Now) != network.ImportFinished {
		day := r.Created.UTC().Format("2006-01-02")
		return nil, dialect.RefuseWith(dialect.CodeNotWritten, "Unable to process Vuln Query.\nTenable.sc could not process the vulnerability filter string "+
			"(showvulns-individual +scanid '%d').\nError opening file for buffer data /opt/sc/orgs/1/VDB/%s/%d.namedb.db "+
			"(msg: No such file or directory).\n", id, day, id)
	}
	switch view {
	case viewNew:
		return r.Outcome.Fresh, nil
	case viewPatched:
		return r.Outcome.Mitigated, nil
	}
	return r.Outcome.Rows, nil
}

func (a *Request) readTool(q *question, query object) error {
	name, err := dialect.Text(query, "tool")
	if err != nil {
		return err
	}
	t, ok := tools[name]
	if !ok {
		return dialect.Refuse("The tool '%s' is invalid.\n", name)
	}
	q.tool = t
	return nil
}

// readPage prefers the offsets of the query; either place needs both.
func (a *Request) readPage(q *question, query object) error {
	q.to = defaultPage
	for _, in := range []object{query, a.Input} {
		from, hasFrom, errFrom := dialect.Number(in, "startOffset")
		to, hasTo, errTo := dialect.Number(in, "endOffset")
		if !hasFrom && !hasTo && errFrom == nil && errTo == nil {
			continue
		}
		if !hasFrom || !hasTo || from < 0 || to < from {
			return dialect.Refuse("Please specify a valid startOffset and a valid endOffset.\n")
		}
		q.from, q.to = from, to
		return nil
	}
	return nil
}

func (a *Request) readOrder(q *question, _ object) (err error) {
	if q.sortBy, err = dialect.Text(a.Input, "sortField"); err != nil {
		return err
	}
	direction, err := dialect.Text(a.Input, "sortDir")
	if err != nil {
		return err
	}
	if (q.sortBy == "") != (direction == "") {
		return dialect.Refuse("sortField and sortDir need each other.\n")
	}
	if q.sortBy != "" && !slices.Contains(q.tool.columns, q.sortBy) {
		return dialect.Refuse("The sortField '%s' is invalid.\n", q.sortBy)
	}
	switch strings.ToLower(direction) {
	case "", "asc":
	case "desc":
		q.down = true
	default:
		return dialect.Refuse("The sortDir '%s' is invalid.\n", direction)
	}
	return nil
}

type object = dialect.Object

// Package analysis answers analyses: which rows, through which filters, by which tool, which page of them.
package analysis

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
	filters  map[string]condition
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
	Input   *dialect.Input
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
		if a.Sees(row.Repository) && q.passes(row) {
			rows = append(rows, row)
		}
	}
	results := q.tool.make(a, rows)
	if q.tool.bare != nil {
		return q.tool.bare(results), nil
	}
	// Rows that are equal in the order that was asked for come in any order, and in another one on the next page.
	if a.Fault(scenario.FaultSwapTies) {
		slices.Reverse(results)
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
		"matchingDataElementCount": q.tool.elements(a, rows), "results": page,
	}, nil
}

func (a *Request) readQuestion() (question, error) {
	var q question
	in := a.Input
	sent, ok := in.Object["query"].(object)
	in.Require(ok, "Please specify a query.\n")
	query := &dialect.Input{Object: sent}
	if id, stored := query.Number("id"); stored && id > 0 && sent["tool"] == nil {
		in.Refuse(dialect.NotSimulated("stored queries such as #%d", id))
	}
	for _, part := range []*dialect.Input{in, query} {
		kind, _ := dialect.Scalar(part.Object["type"])
		if slices.Contains(realQueryTypes, kind) {
			in.Refuse(dialect.NotSimulated("queries of type %s", kind))
		}
		in.Require(kind == "vuln", "Please specify a valid query type.\n")
	}
	for _, read := range []func(*question, *dialect.Input){a.readSource, a.readTool, a.readFilters, a.readPage, a.readOrder, a.readRows} {
		if in.Err() != nil {
			break
		}
		read(&q, query)
		in.Refuse(query.Err())
	}
	return q, in.Err()
}

func (a *Request) readSource(q *question, query *dialect.Input) {
	q.source = a.Input.Text("sourceType")
	inner := query.Text("sourceType")
	query.RequireAll(inner == "" || inner == q.source, "The sourceType of the query differs from the sourceType of the request.\n")
	if slices.Contains(realSources, q.source) {
		query.Refuse(dialect.NotSimulated("the sourceType %s", q.source))
	}
	query.Require(slices.Contains([]string{sourceCumulative, sourcePatched, sourceIndividual}, q.source), "Please specify a valid sourceType.\n")
}

// readRows comes last, so that nothing that is not simulated spends a fault.
func (a *Request) readRows(q *question, query *dialect.Input) {
	switch q.source {
	case sourceCumulative:
		q.rows = a.Network.Cumulative()
	case sourcePatched:
		q.rows = a.Network.Patched()
	default:
		a.readIndividual(q, query)
	}
}

// readIndividual reads the rows of one result. From 6.0 on the ID has to be in the query as well; otherwise everything that is
// open is answered, without a word.
func (a *Request) readIndividual(q *question, query *dialect.Input) {
	in := a.Input
	view := in.Text("view")
	if view == "" {
		view = query.Text("view")
	}
	if view == "" {
		in.Refuse(dialect.RefuseWith(dialect.CodeView, "Please specify a view for the individual data source.\n"))
	}
	in.Require(slices.Contains([]string{viewAll, viewNew, viewPatched}, view), "The view '%s' is invalid.\n", view)
	if in.Err() != nil {
		return
	}
	id, found := in.Number("scanID")
	in.RequireAll(found, "Please specify a scanID for the individual data source.\n")
	if in.Err() == nil && a.Fault(scenario.FaultIndividualDenied) {
		in.Refuse(deniedResult())
	}
	if in.Err() != nil {
		return
	}
	if inner, _ := query.Number("scanID"); a.Version.AtLeast(6, 0) && (inner != id || query.Text("view") != view) {
		q.source, q.rows = sourceCumulative, a.Network.Cumulative()
		return
	}
	rows, err := a.resultRows(id, view)
	in.Refuse(err)
	if err == nil && a.Fault(scenario.FaultForeignRows) {
		rows = slices.Concat(rows, a.Network.Cumulative())
	}
	q.rows = rows
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
		day := a.Network.Wall(r.Created).UTC().Format("2006-01-02")
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

func (a *Request) readTool(q *question, query *dialect.Input) {
	name := query.Text("tool")
	t, ok := tools[name]
	if slices.Contains(realTools, name) {
		query.Refuse(dialect.NotSimulated("the tool %s", name))
	}
	query.Require(ok, "The tool '%s' is invalid.\n", name)
	q.tool = t
}

// readPage prefers the offsets of the query; either place needs both.
func (a *Request) readPage(q *question, query *dialect.Input) {
	q.to = defaultPage
	for _, in := range []*dialect.Input{query, a.Input} {
		from, hasFrom := in.Number("startOffset")
		to, hasTo := in.Number("endOffset")
		if !hasFrom && !hasTo && in.Err() == nil {
			continue
		}
		in.RequireAll(hasFrom && hasTo && from >= 0 && to >= from, "Please specify a valid startOffset and a valid endOffset.\n")
		q.from, q.to = from, to
		return
	}
}

func (a *Request) readOrder(q *question, _ *dialect.Input) {
	in := a.Input
	direction := strings.ToLower(in.Text("sortDir"))
	q.sortBy, q.down = in.Text("sortField"), direction == "desc"
	in.Require((q.sortBy == "") == (direction == ""), "sortField and sortDir need each other.\n")
	in.Require(q.sortBy == "" || slices.Contains(q.tool.columns, q.sortBy), "The sortField '%s' is invalid.\n", q.sortBy)
	in.Require(slices.Contains([]string{"", "asc", "desc"}, direction), "The sortDir '%s' is invalid.\n", direction)
}

type object = dialect.Object

// epoch writes a time as the server's clock showed it.
func (a *Request) epoch(t time.Time) string { return dialect.Epoch(a.Network.Wall(t)) }

func (a *Request) plugin(r network.Row) scenario.Plugin { return a.Network.Catalog.Plugins[r.Plugin] }

package sclient

// Queries for findings, and the methods that ask them.

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"
)

// Source is the database that an analysis reads.
type Source string

// The databases of findings: open ones, mitigated ones, and those of a single scan result.
const (
	Cumulative Source = "cumulative"
	Patched    Source = "patched"
	Individual Source = "individual"
)

// Tool is the form of an analysis' rows.
type Tool string

// The tools with rows of their own type in this package, all of which count their rows. See Vulns, HostSummaries, PluginSummaries and PluginHosts.
const (
	ListVuln     Tool = "listvuln"
	VulnDetails  Tool = "vulndetails"
	SumIP        Tool = "sumip"
	SumID        Tool = "sumid"
	VulnIPDetail Tool = "vulnipdetail"
)

// VulnIPSummary is VulnIPDetail with the addresses of the hosts as one text; see [Client.RawRows].
const VulnIPSummary Tool = "vulnipsummary"

// ordering is a column by which few rows of a tool tie: rows that do may change places between two pages, and one that does is lost
// unseen. Severity, the order of SC's own pages, is the same for all findings of a plugin. SC sorts by columns of the tool only; those that are
// not here get no order, and mostly answer with one page.
var ordering = map[Tool]string{
	ListVuln: "ip", VulnDetails: "ip", SumIP: "ip",
	SumID: "pluginID", VulnIPDetail: "pluginID", VulnIPSummary: "pluginID",
}

// The views of an individual scan result: everything, what was new, and what that scan mitigated.
const (
	ViewAll     = "all"
	ViewNew     = "new"
	ViewPatched = "patched"
)

const (
	// What other clients use; a page of rows with full details is then 2 to 3 MB.
	defaultPageSize = 1000
	// Other clients went up to 5000. More only costs memory, here and on the server.
	maxPageSize = 10000
	// Heavy analyses keep a processor of the server busy each; four at a time hide the latency of a remote server and leave
	// its other users alone.
	defaultPagesAhead = 4
	// More would only be a load on the server.
	maxPagesAhead = 16
	// The result of a scan of 5000 hosts has as many rows of the plugins that a verification reads. Who collects them needs 300 MB. Exports, which
	// do not, set their own bound.
	defaultMaxRows = 100_000
)

// VulnQuery selects rows. The zero value is every open finding, with details.
type VulnQuery struct {
	Source  Source // empty means Cumulative
	Tool    Tool   // empty means VulnDetails for Vulns; the other methods set their own
	Filters []Filter

	// ScanResultID and View (empty means ViewAll) are for the source Individual.
	ScanResultID ID
	View         string
	// Targets, if not empty, are the addresses that the scan was given. A row of another host is an error then: servers that
	// miss the scan's id answer with all repositories. Names in it switch the check off.
	Targets Addresses

	// SortField and SortDir ("asc" or "desc") belong together. Empty means the address or, where rows have none, the plugin, upwards, which keeps rows
	// in their places from page to page; tools with neither are not told an order. Columns in which rows tie may lose rows of long results.
	SortField, SortDir string
	// Start and End are the offsets of the first row and of the one after the last; an End of 0 means to the end.
	Start, End int
	PageSize   int // rows per request; 0 means 1000
	// MaxRows bounds the rows that are handed out; 0 means 100,000. A result with more ends in an error behind them.
	MaxRows int
	// PagesAhead is how many pages are fetched before their rows are asked for; 0 means 4, -1 none. Pages of more than 16 MB together
	// are not kept waiting.
	PagesAhead int
}

// Validate names the field that SC would refuse, or silently misunderstand.
func (q VulnQuery) Validate() error {
	q = q.withDefaults()
	switch {
	case !slices.Contains([]Source{Cumulative, Patched, Individual}, q.Source):
		return invalid("sourceType", fmt.Sprintf("%.40q is not cumulative, patched or individual", q.Source))
	case q.Source == Individual && !q.ScanResultID.Valid():
		return invalid("scanID", "source individual needs the id of a scan result")
	case q.Source != Individual && (q.ScanResultID != 0 || q.View != ""):
		return invalid("scanID", "scan result and view go with source individual only")
	case q.Source == Individual && !slices.Contains([]string{ViewAll, ViewNew, ViewPatched}, q.View):
		return invalid("view", fmt.Sprintf("%.40q is not all, new or patched", q.View))
	case (q.SortField == "") != (q.SortDir == ""):
		return invalid("sortField", "sortField and sortDir belong together")
	case q.SortDir != "" && !strings.EqualFold(q.SortDir, "asc") && !strings.EqualFold(q.SortDir, "desc"):
		return invalid("sortDir", fmt.Sprintf("%.40q is not asc or desc", q.SortDir))
	case q.Start < 0 || q.End < 0 || (q.End > 0 && q.End <= q.Start):
		return invalid("endOffset", fmt.Sprintf("rows %d to %d are no range", q.Start, q.End))
	case q.PageSize < 0 || q.PageSize > maxPageSize:
		return invalid("pageSize", fmt.Sprintf("%d is not between 1 and %d", q.PageSize, maxPageSize))
	case q.MaxRows < 0:
		return invalid("maxRows", fmt.Sprintf("%d is negative", q.MaxRows))
	case q.PagesAhead < -1 || q.PagesAhead > maxPagesAhead:
		return invalid("pagesAhead", fmt.Sprintf("%d is not between -1 and %d", q.PagesAhead, maxPagesAhead))
	}
	return validateFilters(q.Filters, q.Source)
}

func (q VulnQuery) withDefaults() VulnQuery {
	q.Source, q.Tool = cmp.Or(q.Source, Cumulative), cmp.Or(q.Tool, VulnDetails)
	q.PageSize, q.PagesAhead = cmp.Or(q.PageSize, defaultPageSize), cmp.Or(q.PagesAhead, defaultPagesAhead)
	q.MaxRows = cmp.Or(q.MaxRows, defaultMaxRows)
	if q.Source == Individual {
		q.View = cmp.Or(q.View, ViewAll)
	}
	if column := ordering[q.Tool]; column != "" && q.SortField == "" && q.SortDir == "" {
		q.SortField, q.SortDir = column, "asc"
	}
	return q
}

// Vulns returns the findings, one by one (POST /rest/analysis, tools listvuln and vulndetails); memory holds a few pages at a time (see PagesAhead). The rows of a page are handed out
// only when the whole page has arrived without an error. After an error the sequence ends. Rows that move from one page to
// the next while SC imports are returned once. When the loop ends, nothing of what was fetched ahead runs any more.
// The error may be [IsInvalidRequest] for a result of more rows than MaxRows, [IsNotReady] for a scan result that is not written yet, and [IsInvalidRequest] for a query or filter that SC does not take.
func (c *Client) Vulns(ctx context.Context, q VulnQuery) iter.Seq2[Vuln, error] {
	return rows[Vuln](ctx, c, q, VulnDetails, ListVuln)
}

// HostSummaries returns one row per host (POST /rest/analysis, tool sumip), in the way of Vulns.
func (c *Client) HostSummaries(ctx context.Context, q VulnQuery) iter.Seq2[HostSummary, error] {
	return rows[HostSummary](ctx, c, q, SumIP)
}

// PluginSummaries returns one row per plugin (POST /rest/analysis, tool sumid), in the way of Vulns.
func (c *Client) PluginSummaries(ctx context.Context, q VulnQuery) iter.Seq2[PluginSummary, error] {
	return rows[PluginSummary](ctx, c, q, SumID)
}

// PluginHosts returns one row per plugin with its hosts (POST /rest/analysis, tool vulnipdetail), in the way of Vulns.
func (c *Client) PluginHosts(ctx context.Context, q VulnQuery) iter.Seq2[PluginHosts, error] {
	return rows[PluginHosts](ctx, c, q, VulnIPDetail)
}

// RawRow is a row as SC sent it.
type RawRow struct{ json.RawMessage }

// RawRows returns the rows of any tool as they came (POST /rest/analysis), in the way of Vulns, for evidence and for columns this package does not know.
func (c *Client) RawRows(ctx context.Context, q VulnQuery) iter.Seq2[RawRow, error] {
	return rows[RawRow](ctx, c, q)
}

// RawPage is a page of rows as SC sent them.
type RawPage struct {
	// Rows are those that no page before it had: none of some pages. The slice is valid until the next page is asked for, the texts of the rows
	// for ever.
	Rows []RawRow
	// Total is how many rows the result has by SC's own account, which may be wrong and change from page to page; -1 if it does not tell.
	Total int
}

// RawPages returns the rows of RawRows page by page (POST /rest/analysis).
func (c *Client) RawPages(ctx context.Context, q VulnQuery) iter.Seq2[RawPage, error] {
	return func(yield func(RawPage, error) bool) {
		for page, err := range pages[RawRow](ctx, c, q) {
			if !yield(RawPage{page.Rows, page.Total}, err) {
				return
			}
		}
	}
}

type analysisBody struct {
	Query       queryBody `json:"query"`
	SourceType  Source    `json:"sourceType"`
	SortField   string    `json:"sortField,omitempty"`
	SortDir     string    `json:"sortDir,omitempty"`
	StartOffset int       `json:"startOffset"`
	EndOffset   int       `json:"endOffset"`
	Columns     []string  `json:"columns"`
	Type        string    `json:"type"`
	ScanID      string    `json:"scanID,omitempty"`
	View        string    `json:"view,omitempty"`
}

type queryBody struct {
	newObject
	Type        string       `json:"type"`
	Tool        Tool         `json:"tool"`
	SourceType  Source       `json:"sourceType"`
	StartOffset int          `json:"startOffset"`
	EndOffset   int          `json:"endOffset"`
	Filters     []filterBody `json:"filters"`
	ScanID      string       `json:"scanID,omitempty"`
	View        string       `json:"view,omitempty"`
}

// body repeats offsets, scan and view: some versions read them in the query only, others beside it only.
func (q VulnQuery) body(start, end int) analysisBody {
	body := analysisBody{
		Query: queryBody{
			newObject: newObject{Groups: []int{}}, Type: "vuln", Tool: q.Tool, SourceType: q.Source,
			StartOffset: start, EndOffset: end, Filters: []filterBody{},
		},
		SourceType: q.Source, SortField: q.SortField, SortDir: strings.ToLower(q.SortDir),
		StartOffset: start, EndOffset: end, Columns: []string{}, Type: "vuln",
	}
	for _, f := range q.Filters {
		body.Query.Filters = append(body.Query.Filters, filterBody{f.name, f.operator, f.value})
	}
	if q.Source == Individual {
		body.ScanID, body.View = q.ScanResultID.String(), q.View
		body.Query.ScanID, body.Query.View = body.ScanID, body.View
	}
	return body
}

package namespace

// Asking Temporal's index.

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"go.temporal.io/api/workflowservice/v1"

	"patchproof/workflows"
)

// Filter says which verifications are wanted of Temporal's index; what is empty does not matter.
type Filter struct {
	Subject
	Phase, Outcome string
	Open           bool // only those that run
	closed         bool // only those that do not
}

// query writes the filter in the index's language.
func (f Filter) query() string {
	terms := []string{"WorkflowType = " + quote(workflows.RemediationWorkflowType)}
	text := func(attribute, value string) {
		// Servers spoil some values with quotes or backslashes, in ways that no escaping prevents. Then the index is asked
		// for what comes before, and takes does the rest.
		beginning := value
		if i := strings.IndexAny(value, `'"\`); i >= 0 {
			beginning = value[:i]
		}
		switch {
		case beginning == "":
		case beginning == value:
			terms = append(terms, attribute+" = "+quote(value))
		default:
			terms = append(terms, attribute+" STARTS_WITH "+quote(beginning))
		}
	}
	text(workflows.TicketAttribute.GetName(), f.Ticket)
	if f.Plugin != 0 {
		terms = append(terms, workflows.PluginAttribute.GetName()+" = "+strconv.Itoa(f.Plugin))
	}
	if f.Repository != 0 {
		text(workflows.RepositoryAttribute.GetName(), strconv.Itoa(f.Repository)) // a keyword, as every ID of the index
	}
	text(workflows.SCAttribute.GetName(), f.SC)
	text(workflows.PhaseAttribute.GetName(), f.Phase)
	text(workflows.OutcomeAttribute.GetName(), f.Outcome)
	if f.Open {
		terms = append(terms, "ExecutionStatus = 'Running'")
	}
	if f.closed {
		terms = append(terms, "ExecutionStatus != 'Running'")
	}
	return strings.Join(terms, " AND ")
}

// takes checks what the query could not say exactly.
func (f Filter) takes(r Record) bool {
	return (f.Ticket == "" || r.Ticket == f.Ticket) && (f.SC == "" || r.SC == f.SC)
}

// quote writes a string literal of the index's language, for text without quotes.
func quote(s string) string { return "'" + s + "'" }

// List gives what the index has, at most so many, the newest first.
func (n *Namespace) List(ctx context.Context, f Filter, most int) ([]Record, error) {
	// The index gives what runs first and then what closed last, and cannot be told otherwise on every database. The
	// newest are therefore among the first of either kind.
	open, closed := f, f
	open.Open, closed.closed = true, true
	out, err := n.pages(ctx, open, most)
	if err != nil {
		return nil, err
	}
	if !f.Open {
		more, err := n.pages(ctx, closed, most)
		if err != nil {
			return nil, err
		}
		// One that closed between the two questions is in both answers: the later is right.
		out = slices.DeleteFunc(out, func(r Record) bool {
			return slices.ContainsFunc(more, func(m Record) bool { return m.RunID == r.RunID })
		})
		out = append(out, more...)
	}
	slices.SortStableFunc(out, func(a, b Record) int { return b.StartedAt.Compare(a.StartedAt) })
	return out[:min(len(out), most)], nil
}

func (n *Namespace) pages(ctx context.Context, f Filter, most int) ([]Record, error) {
	var out []Record
	var token []byte
	for len(out) < most {
		page, err := n.page(ctx, f.query(), min(most-len(out), 1000), token) // the server's largest page
		if err != nil {
			return nil, err
		}
		for _, info := range page.GetExecutions() {
			if r := Recorded(info); f.takes(r) {
				out = append(out, r)
			}
		}
		if token = page.GetNextPageToken(); len(token) == 0 {
			break
		}
	}
	return out, nil
}

func (n *Namespace) page(ctx context.Context, query string, size int, token []byte) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, CallTimeout)
	defer cancel()
	return n.ListWorkflow(ctx, &workflowservice.ListWorkflowExecutionsRequest{
		Namespace: n.Name, Query: query, PageSize: int32(size), NextPageToken: token,
	})
}

// Query asks the index whether it takes a query; "" is the shortest way to see that the namespace is there.
func (n *Namespace) Query(ctx context.Context, query string) error {
	_, err := n.page(ctx, query, 1, nil)
	return err
}

package main

import (
	"strconv"
	"strings"

	"patchproof/workflows"
)

// filter says which verifications are wanted of Temporal's index; what is empty does not matter.
type filter struct {
	subject
	phase, outcome string
	open, closed   bool // only those that run, or only those that do not
}

// query writes the filter in the index's language.
func (f filter) query() string {
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
	text(workflows.TicketAttribute.GetName(), f.ticket)
	if f.plugin != 0 {
		terms = append(terms, workflows.PluginAttribute.GetName()+" = "+strconv.Itoa(f.plugin))
	}
	if f.repository != 0 {
		text(workflows.RepositoryAttribute.GetName(), strconv.Itoa(f.repository)) // a keyword, as every ID of the index
	}
	text(workflows.SCAttribute.GetName(), f.sc)
	text(workflows.PhaseAttribute.GetName(), f.phase)
	text(workflows.OutcomeAttribute.GetName(), f.outcome)
	if f.open {
		terms = append(terms, "ExecutionStatus = 'Running'")
	}
	if f.closed {
		terms = append(terms, "ExecutionStatus != 'Running'")
	}
	return strings.Join(terms, " AND ")
}

// takes checks what the query could not say exactly.
func (f filter) takes(l listed) bool {
	return (f.ticket == "" || l.Ticket == f.ticket) && (f.sc == "" || l.SC == f.sc)
}

// quote writes a string literal of the index's language, for text without quotes.
func quote(s string) string { return "'" + s + "'" }

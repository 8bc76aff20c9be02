package workflows

// How a verification is started, by whatever program.

import (
	"fmt"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"patchproof/remediation"
)

// StartOptions are how the verification of a complete request is started, by whatever program; now is when.
func StartOptions(r remediation.Request, taskQueue string, now time.Time) client.StartWorkflowOptions {
	return client.StartWorkflowOptions{
		ID:        ID(r),
		TaskQueue: taskQueue,
		// One ticket, plugin and repository is one verification at a time; what to do about a running one depends on its
		// targets, which only we can compare.
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		// Asking again after a verdict means that something has changed since: a new run makes a scan of its own.
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		// Without it the client would hand out the running verification as if it were the new one.
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		TypedSearchAttributes: temporal.NewSearchAttributes(
			startAttributes(r, now.Add(time.Duration(r.Timeout)).UTC())...),
		StaticSummary: summary(r),
		StaticDetails: startDetails(r),
	}
}

// startAttributes are the search attributes that a verification begins with. They hold for a request that is refused as
// well, so that it can be found.
func startAttributes(r remediation.Request, deadline time.Time) []temporal.SearchAttributeUpdate {
	return []temporal.SearchAttributeUpdate{
		TicketAttribute.ValueSet(keyword(r.Ticket)), SCAttribute.ValueSet(keyword(r.SC)),
		RepositoryAttribute.ValueSet(fmt.Sprint(r.Repository)), PluginAttribute.ValueSet(int64(r.Plugin)),
		PhaseAttribute.ValueSet(string(PhaseWaiting)), DeadlineAttribute.ValueSet(deadline),
	}
}

// carried reports whether a run has the search attributes by which its request is found. The command sets them; somebody who
// starts one by hand may have set some, or others.
func carried(have temporal.SearchAttributes, r remediation.Request) bool {
	ticket, _ := have.GetKeyword(TicketAttribute)
	sc, _ := have.GetKeyword(SCAttribute)
	repository, _ := have.GetKeyword(RepositoryAttribute)
	plugin, _ := have.GetInt64(PluginAttribute)
	return ticket == keyword(r.Ticket) && sc == keyword(r.SC) && repository == fmt.Sprint(r.Repository) && plugin == int64(r.Plugin)
}

// keyword cuts a text to what a search attribute takes.
func keyword(s string) string {
	runes := []rune(s)
	return string(runes[:min(len(runes), remediation.MaxKeyword)])
}

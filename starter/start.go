package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	enumspb "go.temporal.io/api/enums/v1"

	"patchproof/remediation"
	"patchproof/workflows"
)

// starts bounds how often a start is tried: a start that ran out of time, and one that met a run which then closed.
// Either is rare; three in a row mean that something else is wrong.
const starts = 3

// started is the run that a request led to.
type started struct {
	execution
	attached bool // it ran already
}

// start begins the verification, or attaches to the one that runs for the same targets.
func (c *connection) start(ctx context.Context, request remediation.Request, now time.Time) (started, error) {
	id := workflows.ID(request)
	repeated := false
	var last error
	for range starts {
		run, err := c.execute(ctx, id, request, now)
		var running *serviceerror.WorkflowExecutionAlreadyStarted
		switch {
		case err == nil:
			return started{execution: execution{id, run.GetRunID()}}, nil
		case errors.As(err, &running):
			attached, err := c.attach(ctx, execution{id, running.RunId}, request)
			if err != nil {
				return started{}, err
			}
			if attached {
				// A start that ran out of time may well have had its effect: then the run is ours.
				return started{execution: execution{id, running.RunId}, attached: !repeated}, nil
			}
			last = fmt.Errorf("verifications of ticket %s close as fast as they are found: try again", request.Ticket)
		case outOfTime(err) && ctx.Err() == nil:
			// The ID makes it safe to ask again: there is never a second run.
			repeated, last = true, err
		case ctx.Err() != nil:
			return started{}, fmt.Errorf("interrupted while starting: `patchproof status %s` tells whether the verification began", shellWord(request.Ticket))
		default:
			return started{}, err
		}
	}
	return started{}, last
}

func (c *connection) execute(ctx context.Context, id string, request remediation.Request, now time.Time) (client.WorkflowRun, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return c.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID:        id,
		TaskQueue: c.taskQueue,
		// One ticket, plugin and repository is one verification at a time; what to do about a running one depends on its
		// targets, which only we can compare.
		WorkflowIDConflictPolicy: enumspb.WORKFLOW_ID_CONFLICT_POLICY_FAIL,
		// Asking again after a verdict means that something has changed since: a new run makes a scan of its own.
		WorkflowIDReusePolicy: enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
		// Without it the client would hand out the running verification as if it were the new one.
		WorkflowExecutionErrorWhenAlreadyStarted: true,
		TypedSearchAttributes: temporal.NewSearchAttributes(
			workflows.StartAttributes(request, now.Add(time.Duration(request.Timeout)).UTC())...),
		StaticSummary: summary(request),
		StaticDetails: details(request),
	}, workflows.RemediationWorkflowType, request)
}

// attach reports whether the running verification is the one that is asked for; false means that it has closed.
func (c *connection) attach(ctx context.Context, running execution, request remediation.Request) (bool, error) {
	description, err := c.describe(ctx, running)
	if err != nil {
		return false, err
	}
	if description.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return false, nil
	}
	other, err := c.requestOf(ctx, running)
	if err != nil {
		return false, err
	}
	if !request.SameTargets(other) {
		return false, fmt.Errorf("ticket %s: a verification of plugin %d in repository %d runs already, for other targets (%s): "+
			"wait for its end or cancel it with `patchproof cancel`", request.Ticket, request.Plugin, request.Repository, targets(other, 5))
	}
	return true, nil
}

// requestOf reads what a run was started with: its history begins with it.
func (c *connection) requestOf(ctx context.Context, e execution) (remediation.Request, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	history := c.GetWorkflowHistory(ctx, e.workflowID, e.runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	if !history.HasNext() {
		return remediation.Request{}, fmt.Errorf("verification %s: its history is empty", e.workflowID)
	}
	first, err := history.Next()
	if err != nil {
		return remediation.Request{}, err
	}
	var request remediation.Request
	input := first.GetWorkflowExecutionStartedEventAttributes().GetInput()
	if err := c.data.FromPayloads(input, &request); err != nil {
		return remediation.Request{}, fmt.Errorf("verification %s: what it was asked cannot be read: %w", e.workflowID, err)
	}
	return request, nil
}

// maxSummary is what every version of Temporal takes as a summary, in bytes.
const maxSummary = 200

// summary is the verification in a line of Temporal's lists. It names no host: lists are read by more people than
// verifications are.
func summary(r remediation.Request) string {
	hosts := count(len(r.Targets), "target")
	if len(r.Assets) > 0 {
		hosts = count(len(r.Assets), "asset")
	}
	rest := fmt.Sprintf(": plugin %d in repository %d on %s", r.Plugin, r.Repository, hosts)
	return cut(clean(r.Ticket), maxSummary-len(rest)) + rest
}

// cut shortens text to so many bytes, between two characters.
func cut(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most]
}

// maxListed keeps the details below Temporal's 20 000 bytes, however long the names are.
const maxListed = 50

// details is the request as Markdown, for the verification's page in the Temporal UI.
func details(r remediation.Request) string {
	var b strings.Builder
	fmt.Fprintf(&b, "**Ticket %s**: is plugin %d gone from repository %d?\n\n", markdown(r.Ticket), r.Plugin, r.Repository)
	fmt.Fprintf(&b, "- Security Center: %s\n", markdown(r.SC))
	if r.RequestedBy != "" {
		fmt.Fprintf(&b, "- Requested by: %s\n", markdown(r.RequestedBy))
	}
	fmt.Fprintf(&b, "- Decided within: %s\n", r.Timeout)
	fmt.Fprintf(&b, "- Ports: %s\n", markdown(r.Scan.PortRange))
	fmt.Fprintf(&b, "- Targets: %s\n", markdown(targets(r, maxListed)))
	return b.String()
}

// targets lists the first targets of a request.
func targets(r remediation.Request, most int) string {
	names := r.Targets
	if len(r.Assets) > 0 {
		names = nil
		for _, id := range r.Assets {
			names = append(names, "asset "+strconv.Itoa(id))
		}
	}
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// markdown escapes what a person typed, so that a ticket key cannot become a link or a heading.
func markdown(s string) string {
	return strings.NewReplacer("\\", "\\\\", "`", "\\`", "*", "\\*", "_", "\\_", "[", "\\[", "]", "\\]", "<", "&lt;", "#", "\\#",
		"|", "\\|").Replace(clean(s))
}

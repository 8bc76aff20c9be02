package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"go.temporal.io/api/workflowservice/v1"

	workflowpb "go.temporal.io/api/workflow/v1"

	"patchproof/remediation"
	"patchproof/workflows"
)

// subject says which verification a command is about. The ticket alone is enough while it has only one.
type subject struct {
	ticket             string
	plugin, repository int
	sc                 string
}

func (s *subject) define(fs *pflag.FlagSet) {
	numberFlag(fs, &s.plugin, "plugin", 1, "the plugin, if the ticket has several verifications")
	numberFlag(fs, &s.repository, "repository", 1, "the repository, if the ticket has several verifications")
	textFlag(fs, &s.sc, "sc", "NAME", "", "the Security Center, if there are several")
}

func (s subject) String() string {
	text := "ticket " + s.ticket
	if s.plugin > 0 {
		text += fmt.Sprintf(", plugin %d", s.plugin)
	}
	if s.repository > 0 {
		text += fmt.Sprintf(", repository %d", s.repository)
	}
	if s.sc != "" {
		text += ", Security Center " + s.sc
	}
	return text
}

// find gives the current run of the verification.
func (c *connection) find(ctx context.Context, s subject, patience time.Duration) (execution, error) {
	id, err := c.identify(ctx, s, patience)
	if err != nil {
		return execution{}, err
	}
	// The index may be behind; the ID itself always leads to the current run.
	description, err := c.describe(ctx, execution{workflowID: id})
	if notFound(err) {
		return execution{}, fmt.Errorf("there is no verification of %s: start one with `patchproof verify`", s)
	}
	if err != nil {
		return execution{}, err
	}
	return execution{id, description.GetWorkflowExecutionInfo().GetExecution().GetRunId()}, nil
}

func (s subject) filter() filter { return filter{subject: s} }

// identify gives the workflow's ID: computed where everything in it is known, else looked up.
func (c *connection) identify(ctx context.Context, s subject, patience time.Duration) (string, error) {
	if s.plugin == 0 || s.repository == 0 {
		return c.search(ctx, s, patience)
	}
	sc := s.sc
	if sc == "" {
		sc = remediation.DefaultSC
	}
	return workflows.ID(remediation.Request{Ticket: s.ticket, Plugin: s.plugin, Repository: s.repository, SC: sc}), nil
}

// search looks the ticket up in Temporal's index, for a while: a verification is listed only some time after its start.
func (c *connection) search(ctx context.Context, s subject, patience time.Duration) (string, error) {
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// Two looks a second: the index is a database query, of which a server allows few.
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for {
		found, err := c.list(ctx, s.filter(), maxCandidates)
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			return theOnly(s, found)
		}
		select {
		case <-patient.Done():
			if ctx.Err() != nil {
				return "", ctx.Err()
			}
			return "", fmt.Errorf("there is no verification of %s: start one with `patchproof verify`", s)
		case <-ticker.C:
		}
	}
}

// maxCandidates is how many runs of one ticket are looked at; the index gives the newest first.
const maxCandidates = 200

// theOnly gives the workflow that all runs belong to, or says how to tell several apart.
func theOnly(s subject, found []listed) (string, error) {
	byID := map[string]listed{}
	for _, l := range found {
		byID[l.WorkflowID] = l
	}
	if len(byID) == 1 {
		return found[0].WorkflowID, nil
	}
	var choices []string
	for _, l := range byID {
		choices = append(choices, fmt.Sprintf("--plugin %d --repository %d --sc %s", l.Plugin, l.Repository, l.SC))
	}
	slices.Sort(choices)
	return "", fmt.Errorf("%s has %d verifications: say which one with %s", s, len(choices), strings.Join(choices, ", or "))
}

// list gives what the index has, at most so many, the newest first.
func (c *connection) list(ctx context.Context, f filter, most int) ([]listed, error) {
	// The index gives what runs first and then what closed last, and cannot be told otherwise on every database. The
	// newest are therefore among the first of either kind.
	open, closed := f, f
	open.open, closed.closed = true, true
	out, err := c.pages(ctx, open, most)
	if err != nil {
		return nil, err
	}
	if !f.open {
		more, err := c.pages(ctx, closed, most)
		if err != nil {
			return nil, err
		}
		// One that closed between the two questions is in both answers: the later is right.
		out = slices.DeleteFunc(out, func(l listed) bool {
			return slices.ContainsFunc(more, func(m listed) bool { return m.RunID == l.RunID })
		})
		out = append(out, more...)
	}
	slices.SortStableFunc(out, func(a, b listed) int { return b.StartedAt.Compare(a.StartedAt) })
	return out[:min(len(out), most)], nil
}

func (c *connection) pages(ctx context.Context, f filter, most int) ([]listed, error) {
	var out []listed
	request := &workflowservice.ListWorkflowExecutionsRequest{Namespace: c.namespace, Query: f.query()}
	for len(out) < most {
		request.PageSize = int32(min(most-len(out), 1000)) // the server's largest page
		page, err := c.page(ctx, request)
		if err != nil {
			return nil, err
		}
		for _, info := range page.GetExecutions() {
			if l := listing(info); f.takes(l) {
				out = append(out, l)
			}
		}
		request.NextPageToken = page.GetNextPageToken()
		if len(request.NextPageToken) == 0 {
			break
		}
	}
	return out, nil
}

func (c *connection) page(ctx context.Context, request *workflowservice.ListWorkflowExecutionsRequest) (*workflowservice.ListWorkflowExecutionsResponse, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return c.ListWorkflow(ctx, request)
}

// listing reads a run of the index.
func listing(info *workflowpb.WorkflowExecutionInfo) listed {
	a := attributes(info.GetSearchAttributes().GetIndexedFields())
	l := listed{
		Ticket: a.text(workflows.TicketAttribute.GetName()), Plugin: int(a.number(workflows.PluginAttribute.GetName())),
		SC:         a.text(workflows.SCAttribute.GetName()),
		WorkflowID: info.GetExecution().GetWorkflowId(), RunID: info.GetExecution().GetRunId(),
		State: state(info.GetStatus()), Phase: a.text(workflows.PhaseAttribute.GetName()),
		Outcome:   remediation.Outcome(a.text(workflows.OutcomeAttribute.GetName())),
		StartedAt: info.GetStartTime().AsTime(), Deadline: a.time(workflows.DeadlineAttribute.GetName()),
	}
	// An attribute that is no number was not written by us; 0 shows that nothing is known.
	l.Repository, _ = strconv.Atoi(a.text(workflows.RepositoryAttribute.GetName()))
	if closed := info.GetCloseTime(); closed != nil {
		at := closed.AsTime()
		l.FinishedAt = &at
	}
	return l
}

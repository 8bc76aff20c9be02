package namespace

// Which verification a command is about.

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"patchproof/remediation"
	"patchproof/workflows"
)

// Subject says which verification a command is about. The ticket alone is enough while it has only one.
type Subject struct {
	Ticket             string
	Plugin, Repository int
	SC                 string
	// WorkflowID names it where nothing else tells two apart: one of them was started by hand.
	WorkflowID string
}

func (s Subject) String() string {
	text := "ticket " + s.Ticket
	if s.Plugin > 0 {
		text += fmt.Sprintf(", plugin %d", s.Plugin)
	}
	if s.Repository > 0 {
		text += fmt.Sprintf(", repository %d", s.Repository)
	}
	if s.SC != "" {
		text += ", Security Center " + s.SC
	}
	if s.WorkflowID != "" {
		text += ", workflow " + s.WorkflowID
	}
	return text
}

// Find gives the current run of the verification. One that the index does not list yet is waited for, so long.
func (n *Namespace) Find(ctx context.Context, s Subject, patience time.Duration) (Run, error) {
	found, err := n.candidates(ctx, s, patience)
	if err != nil {
		return Run{}, err
	}
	found = current(found)
	if len(found) > 1 {
		if err := severalSubjects(s, found); err != nil {
			return Run{}, err
		}
	}
	// The index may be behind; the ID itself always leads to the current run.
	var known []Record
	for _, listed := range found {
		switch r, err := n.recordOf(ctx, listed.WorkflowID); {
		case err == nil:
			known = append(known, r)
		case !NotFound(err): // else its time in the namespace is over
			return Run{}, err
		}
	}
	if len(known) == 0 {
		return Run{}, unknown(s)
	}
	return choose(s, known)
}

// candidates are the runs that may be meant. A verification that we started is found by its ID, at once; one that somebody
// started by hand only in the index.
func (n *Namespace) candidates(ctx context.Context, s Subject, patience time.Duration) ([]Record, error) {
	if s.WorkflowID != "" {
		return n.named(ctx, s)
	}
	if s.Plugin == 0 || s.Repository == 0 {
		return n.search(ctx, s, patience)
	}
	ours, err := n.recordOf(ctx, workflows.ID(remediation.Request{
		Ticket: s.Ticket, Plugin: s.Plugin, Repository: s.Repository, SC: cmp.Or(s.SC, remediation.DefaultSC),
	}))
	switch {
	case NotFound(err):
		return n.search(ctx, s, 0) // whoever knows all of it did not start it this very second
	case err != nil:
		return nil, err
	}
	s.SC = cmp.Or(s.SC, remediation.DefaultSC)
	others, err := n.List(ctx, Filter{Subject: s}, maxCandidates)
	if err != nil && ours.State == stateRunning && ctx.Err() == nil {
		return []Record{ours}, nil // an index that is down keeps nobody from stopping what runs
	}
	return append([]Record{ours}, others...), err
}

// named gives the workflow of an ID, if it is about the ticket.
func (n *Namespace) named(ctx context.Context, s Subject) ([]Record, error) {
	r, err := n.recordOf(ctx, s.WorkflowID)
	switch {
	case NotFound(err):
		return nil, unknown(s)
	case err != nil:
		return nil, err
	case r.Ticket != s.Ticket:
		return nil, fmt.Errorf("the workflow %s is about ticket %s, not %s", s.WorkflowID, cmp.Or(r.Ticket, "(none)"), s.Ticket)
	}
	return []Record{r}, nil
}

func (n *Namespace) recordOf(ctx context.Context, workflowID string) (Record, error) {
	description, err := n.Describe(ctx, Run{WorkflowID: workflowID})
	if err != nil {
		return Record{}, err
	}
	return Recorded(description.GetWorkflowExecutionInfo()), nil
}

// current keeps the first run of each workflow: the index gives the newest first.
func current(found []Record) []Record {
	var out []Record
	for _, r := range found {
		if !slices.ContainsFunc(out, func(o Record) bool { return o.WorkflowID == r.WorkflowID }) {
			out = append(out, r)
		}
	}
	return out
}

func unknown(s Subject) error {
	return fmt.Errorf("there is no verification of %s: start one with `patchproof verify`", s)
}

// search looks the ticket up in Temporal's index, for a while: a verification is listed only some time after its start.
func (n *Namespace) search(ctx context.Context, s Subject, patience time.Duration) ([]Record, error) {
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// Two looks a second: the index is a database query, of which a server allows few.
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for {
		found, err := n.List(ctx, Filter{Subject: s}, maxCandidates)
		if err != nil || len(found) > 0 {
			return found, err
		}
		select {
		case <-patient.Done():
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return nil, unknown(s)
		case <-ticker.C:
		}
	}
}

// maxCandidates is how many runs of one ticket are looked at; the index gives the newest first.
const maxCandidates = 200

// severalSubjects says how to tell verifications of different findings apart.
func severalSubjects(s Subject, found []Record) error {
	var choices []string
	for _, r := range found {
		choice := fmt.Sprintf("--plugin %d --repository %d --sc %s", r.Plugin, r.Repository, r.SC)
		if r.Plugin < 1 || r.Repository < 1 { // started by hand, and refused
			choice = "--workflow-id " + r.WorkflowID
		}
		choices = append(choices, choice)
	}
	slices.Sort(choices)
	if choices = slices.Compact(choices); len(choices) == 1 {
		return nil
	}
	return fmt.Errorf("%s has %d verifications: say which one with %s", s, len(choices), strings.Join(choices, ", or "))
}

// choose takes, of several workflows about the same finding, the one that runs, or else the newest.
func choose(s Subject, found []Record) (Run, error) {
	slices.SortStableFunc(found, func(a, b Record) int { return b.StartedAt.Compare(a.StartedAt) })
	var choices []string
	meant := found[0]
	for _, r := range found {
		if r.State == stateRunning {
			meant, choices = r, append(choices, "--workflow-id "+r.WorkflowID)
		}
	}
	if slices.Sort(choices); len(choices) > 1 {
		return Run{}, fmt.Errorf("%s has %d verifications that run: say which one with %s", s, len(choices), strings.Join(choices, ", or "))
	}
	return Run{meant.WorkflowID, meant.RunID}, nil
}

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
	return text
}

// Find gives the current run of the verification. One that the index does not list yet is waited for, so long.
func (n *Namespace) Find(ctx context.Context, s Subject, patience time.Duration) (Run, error) {
	id, err := n.workflowID(ctx, s, patience)
	if err != nil {
		return Run{}, err
	}
	// The index may be behind; the ID itself always leads to the current run.
	description, err := n.Describe(ctx, Run{WorkflowID: id})
	if NotFound(err) {
		return Run{}, unknown(s)
	}
	if err != nil {
		return Run{}, err
	}
	return Run{id, description.GetWorkflowExecutionInfo().GetExecution().GetRunId()}, nil
}

func unknown(s Subject) error {
	return fmt.Errorf("there is no verification of %s: start one with `patchproof verify`", s)
}

// workflowID is computed where everything in it is known, else looked up.
func (n *Namespace) workflowID(ctx context.Context, s Subject, patience time.Duration) (string, error) {
	if s.Plugin == 0 || s.Repository == 0 {
		return n.search(ctx, s, patience)
	}
	return workflows.ID(remediation.Request{
		Ticket: s.Ticket, Plugin: s.Plugin, Repository: s.Repository, SC: cmp.Or(s.SC, remediation.DefaultSC),
	}), nil
}

// search looks the ticket up in Temporal's index, for a while: a verification is listed only some time after its start.
func (n *Namespace) search(ctx context.Context, s Subject, patience time.Duration) (string, error) {
	patient, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// Two looks a second: the index is a database query, of which a server allows few.
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for {
		found, err := n.List(ctx, Filter{Subject: s}, maxCandidates)
		if err != nil {
			return "", err
		}
		if len(found) > 0 {
			return sharedWorkflow(s, found)
		}
		select {
		case <-patient.Done():
			if ctx.Err() != nil {
				return "", ctx.Err()
			}
			return "", unknown(s)
		case <-ticker.C:
		}
	}
}

// maxCandidates is how many runs of one ticket are looked at; the index gives the newest first.
const maxCandidates = 200

// sharedWorkflow gives the ID of the workflow that all runs belong to, or says how to tell several apart.
func sharedWorkflow(s Subject, found []Record) (string, error) {
	byID := map[string]Record{}
	for _, r := range found {
		byID[r.WorkflowID] = r
	}
	if len(byID) == 1 {
		return found[0].WorkflowID, nil
	}
	var choices []string
	for _, r := range byID {
		choices = append(choices, fmt.Sprintf("--plugin %d --repository %d --sc %s", r.Plugin, r.Repository, r.SC))
	}
	slices.Sort(choices)
	return "", fmt.Errorf("%s has %d verifications: say which one with %s", s, len(choices), strings.Join(choices, ", or "))
}

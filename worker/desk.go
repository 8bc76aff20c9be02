package main

// Asking Temporal who holds launches back.

import (
	"context"
	"errors"
	"sync"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/converter"

	"patchproof/activities"
	"patchproof/workflows"
)

const (
	// deskMemory is how long an answer is good for: a thousand verifications that wait ask Temporal once, and a hold is noticed soon.
	deskMemory = 5 * time.Second
	// deskTimeout is less than an activity may be silent. A server that is up answers at once.
	deskTimeout = 5 * time.Second
)

// describer is the part of Temporal's client that the desk uses.
type describer interface {
	DescribeWorkflowExecution(ctx context.Context, workflowID, runID string) (*workflowservice.DescribeWorkflowExecutionResponse, error)
}

// desk is [activities.Desk] by Temporal's own records, which no worker has to be awake for.
type desk struct {
	temporal describer
	now      func() time.Time

	mu    sync.Mutex // held while Temporal is asked, so that whoever else wants to know gets the same answer
	known map[string]deskAnswer
}

type deskAnswer struct {
	hold *activities.Hold
	err  error
	at   time.Time
}

func newDesk(temporal describer) *desk {
	return &desk{temporal: temporal, now: time.Now, known: map[string]deskAnswer{}}
}

// Held says who holds. That nobody answers is remembered as well: who waits must not wait for each other's time-outs.
func (d *desk) Held(ctx context.Context, sc string) (*activities.Hold, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	known, ok := d.known[sc]
	if !ok || d.now().Sub(known.at) >= deskMemory {
		known.hold, known.err = d.ask(context.WithoutCancel(ctx), sc) // the answer is for others too
		known.at = d.now()
		d.known[sc] = known
	}
	return known.hold, known.err
}

func (d *desk) ask(ctx context.Context, sc string) (*activities.Hold, error) {
	ctx, cancel := context.WithTimeout(ctx, deskTimeout)
	defer cancel()
	description, err := d.temporal.DescribeWorkflowExecution(ctx, workflows.SecurityCenterID(sc), "")
	if _, none := errors.AsType[*serviceerror.NotFound](err); none {
		return nil, nil //nolint:nilnil // nobody holds
	}
	if err != nil {
		return nil, err
	}
	return workflows.HeldBy(description.GetWorkflowExecutionInfo(), converter.GetDefaultDataConverter()), nil
}

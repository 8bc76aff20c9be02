package main

// Reading a history from the server and writing it to a file.

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"patchproof/workflows"
)

// history waits for the end of the verification and gives its events, in the form in which the temporal command shows
// them. It must have ended as the story says, and the workflow as it is now must be able to replay it.
func (t *teller) history(ctx context.Context) ([]byte, error) {
	c, err := t.Temporal.Dial(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var result workflows.Status
	err = c.GetWorkflow(ctx, t.workflowID, t.runID).Get(ctx, &result)
	var failed *temporal.WorkflowExecutionError
	switch {
	case t.outcome == "" && errors.As(err, &failed):
	case err != nil:
		return nil, err
	case string(result.Outcome) != t.outcome:
		return nil, fmt.Errorf("it came out %q, expected %q", result.Outcome, t.outcome)
	}

	history := &historypb.History{}
	events := c.GetWorkflowHistory(ctx, t.workflowID, t.runID, false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		event, err := events.Next()
		if err != nil {
			return nil, err
		}
		history.Events = append(history.Events, event)
	}
	// Payloads stay encoded: the replayer does not read the temporal command's shorthand.
	text, err := (&temporalproto.CustomJSONMarshalOptions{Indent: "  "}).Marshal(history)
	if err != nil {
		return nil, err
	}
	text = append(anonymous(text), '\n')
	return text, replay(text)
}

// anonymous takes out the name of the machine, by which workers and clients call themselves.
func anonymous(text []byte) []byte {
	name, err := os.Hostname()
	if err != nil || name == "" {
		return text
	}
	text = bytes.ReplaceAll(text, []byte("@"+name+"@"), []byte("@recorder@")) // process@machine@
	return bytes.ReplaceAll(text, []byte(`"`+name+":"), []byte(`"recorder:`)) // the worker's own task queue
}

func replay(text []byte) error {
	history, err := client.HistoryFromJSON(bytes.NewReader(text), client.HistoryJSONOptions{})
	if err != nil {
		return fmt.Errorf("the history cannot be read again: %w", err)
	}
	replayer := worker.NewWorkflowReplayer()
	replayer.RegisterWorkflowWithOptions(workflows.RemediationWorkflow, workflow.RegisterOptions{Name: workflows.RemediationWorkflowType})
	if err := replayer.ReplayWorkflowHistory(log.NewStructuredLogger(slog.New(slog.DiscardHandler)), history); err != nil {
		return fmt.Errorf("the history cannot be replayed: %w", err)
	}
	return nil
}

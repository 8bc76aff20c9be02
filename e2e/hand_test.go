package e2e_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"

	"patchproof/workflows"
)

// Whoever starts the workflow by hand is refused by name, and finds it by the ticket.
func TestStartedByHand(t *testing.T) {
	t.Parallel()
	r := start(t, world{})
	temporal := dial(t.Context(), t)
	for name, c := range map[string]struct {
		input string
		about string
	}{
		"type":     {`{"ticket":"%s","plugin":"97833","repository":1,"targets":["10.0.0.5"]}`, "plugin: must be a whole number, not a text"},
		"unknown":  {`{"ticket":"%s","plugin":97833,"repository":1,"target":["10.0.0.5"]}`, `there is no field "target"`},
		"poll":     {`{"poll":60,"ticket":"%s","plugin":97833,"repository":1,"targets":["10.0.0.5"]}`, "poll: must be a duration"},
		"negative": {`{"ticket":"%s","plugin":97833,"repository":1,"targets":["10.0.0.5"],"timeout":"-1h"}`, "timeout: -1h0m0s is not allowed"},
		"metadata": {`{"ticket":"%s","plugin":97833,"repository":1,"targets":["169.254.169.254"]}`, "cloud metadata"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			mine := &rig{Stack: r.Stack, t: t, ticket: r.ticket + name}
			_, err := temporal.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "hand-" + mine.ticket, TaskQueue: r.ticket},
				workflows.RemediationWorkflowType, json.RawMessage(fmt.Sprintf(c.input, mine.ticket)))
			require.NoError(t, err)
			result := mine.run("status", mine.ticket, "--wait", "-o", "json")
			require.Equal(t, 1, result.Code, result.Stdout)
			requireError(t, result.Stdout, c.about)
			require.Contains(t, result.Stdout, `"workflowId": "hand-`+mine.ticket+`"`)
			require.Empty(t, mine.state().Scans)
		})
	}
}

package workflows_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	commonpb "go.temporal.io/api/common/v1"

	"patchproof/activities"
	"patchproof/workflows"
)

// startRaw starts the workflow as somebody by hand does; it gives the search attributes that the run set.
func (s *stage) startRaw(id string, inputs ...any) map[string]any {
	s.t.Helper()
	attributes := map[string]any{}
	s.env.OnUpsertTypedSearchAttributes(mock.MatchedBy(func(list temporal.SearchAttributes) bool {
		for key, value := range list.GetUntypedValues() {
			if _, set := attributes[key.GetName()]; !set {
				attributes[key.GetName()] = value
			}
		}
		return true
	})).Return(nil)
	s.env.SetStartWorkflowOptions(client.StartWorkflowOptions{ID: id, TaskQueue: workflows.DefaultTaskQueue})
	s.env.ExecuteWorkflow(workflows.RemediationWorkflowType, inputs...)
	require.True(s.t, s.env.IsWorkflowCompleted())
	return attributes
}

// What a person starts by hand is refused by name, in a run that its ticket finds.
func TestIntakeRefuses(t *testing.T) {
	t.Parallel()
	raw := func(text string) any { return json.RawMessage(text) }
	binary := converter.NewRawValue(&commonpb.Payload{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte("binary/plain")}, Data: []byte(`{"ticket":"VULN-1"}`),
	})
	broken := converter.NewRawValue(&commonpb.Payload{
		Metadata: map[string][]byte{converter.MetadataEncoding: []byte("json/plain")}, Data: []byte(`{"ticket":"VULN-1","plu`),
	})
	good := `{"ticket":"VULN-1","plugin":97833,"repository":1,"targets":["10.0.0.5"]`
	for name, test := range map[string]struct {
		id     string
		inputs []any
		want   string
		ticket string
	}{
		"plugin as a text":   {"by-hand", []any{raw(`{"plugin":"97833","ticket":"VULN-1","repository":1,"targets":["10.0.0.5"]}`)}, "plugin: must be a whole number, not a text", "VULN-1"},
		"poll as a number":   {"by-hand", []any{raw(good + `,"poll":60}`)}, "poll: must be a duration", "VULN-1"},
		"unknown field":      {"by-hand", []any{raw(good + `,"pol":"60s"}`)}, `there is no field "pol"`, "VULN-1"},
		"negative timeout":   {"by-hand", []any{raw(good + `,"timeout":"-1h"}`)}, "timeout: -1h0m0s is not allowed", "VULN-1"},
		"poll over timeout":  {"by-hand", []any{raw(good + `,"timeout":"1h","poll":"2h"}`)}, "poll: 2h0m0s is longer", "VULN-1"},
		"no input":           {"patchproof/default/1/97833/VULN-7%2F8", nil, "the workflow was started without a request", "VULN-7/8"},
		"null":               {"patchproof/default/1/97833/VULN-7", []any{raw(`null`)}, "the request is null", "VULN-7"},
		"nil":                {"by-hand-9", []any{nil}, "the request is null", "by-hand-9"},
		"array":              {"by-hand-9", []any{raw(`[{"ticket":"VULN-1"}]`)}, "the request is a list", "by-hand-9"},
		"two inputs":         {"by-hand", []any{raw(good + `}`), raw(good + `}`)}, "the workflow was started with more than one input", "VULN-1"},
		"bytes":              {"by-hand", []any{binary}, "the request is not JSON: its encoding is \"binary/plain\"", "by-hand"},
		"broken JSON":        {"by-hand", []any{broken}, "the request is not JSON", "VULN-1"},
		"ticket of a number": {"by-hand", []any{raw(`{"ticket":7}`)}, "ticket: must be a text", "by-hand"},
		"ticket of controls": {"by-hand", []any{raw(`{"ticket":"A\u001b[2J"}`)}, "ticket: has the character U+001B", "A [2J"},
		"endless ticket":     {"by-hand", []any{raw(`{"ticket":"` + strings.Repeat("x", 200_000) + `"}`)}, "ticket: is longer", strings.Repeat("x", 255)},
		"endless names":      {"by-hand", []any{raw(`{"ticket":"A","sc":"` + strings.Repeat("é", 100_000) + `"}`)}, "sc: is longer", "A"},
		"metadata":           {"by-hand", []any{raw(`{"ticket":"A","plugin":1,"repository":1,"targets":["169.254.169.254"]}`)}, "ip: 169.254.169.254 has addresses of the cloud metadata network", "A"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, scenario)
			attributes := s.startRaw(test.id, test.inputs...)
			app, ok := errors.AsType[*temporal.ApplicationError](s.env.GetWorkflowError())
			require.True(t, ok, "%v", s.env.GetWorkflowError())
			require.Contains(t, app.Message(), test.want)
			require.Less(t, len(app.Message()), 1000)
			require.Equal(t, activities.ErrorInvalid, app.Type())
			require.True(t, app.NonRetryable())
			require.Empty(t, s.sim.Calls(), "nothing was done")
			require.Equal(t, test.ticket, attributes["PpTicket"])
			var status workflows.Status
			require.NoError(t, app.Details(&status))
			written, err := json.Marshal(status)
			require.NoError(t, err)
			require.Less(t, len(written), 4<<10)
		})
	}
}

func TestIntakeTakesWhatAPersonWrites(t *testing.T) {
	t.Parallel()
	s := newStage(t, scenario)
	attributes := s.startRaw("by-hand", json.RawMessage(` {"ticket":"VULN-1","plugin":97833,"repository":1,"targets":["::ffff:10.0.0.5"],"timeout":"2h"}`))
	require.NoError(t, s.env.GetWorkflowError())
	var status workflows.Status
	require.NoError(t, s.env.GetWorkflowResult(&status))
	require.Equal(t, "fixed", string(status.Outcome))
	require.Equal(t, 2*time.Hour, status.Deadline.Sub(status.StartedAt))
	require.Equal(t, "VULN-1", attributes["PpTicket"])
}

// Who starts one by hand may set some search attributes, and others than the request says: the request is right, as far as it
// can be read.
func TestIntakeCompletesTheSearchAttributes(t *testing.T) {
	t.Parallel()
	const good = `{"ticket":"VULN-1","plugin":97833,"repository":1,"targets":["10.0.0.5"]}`
	for name, test := range map[string]struct {
		set    []temporal.SearchAttributeUpdate
		input  string
		ticket any // nil: left as it was set
		plugin any
	}{
		"only the ticket":      {[]temporal.SearchAttributeUpdate{workflows.TicketAttribute.ValueSet("VULN-1")}, good, "VULN-1", int64(97833)},
		"another ticket":       {[]temporal.SearchAttributeUpdate{workflows.TicketAttribute.ValueSet("VULN-2")}, good, "VULN-1", int64(97833)},
		"an unreadable ticket": {[]temporal.SearchAttributeUpdate{workflows.TicketAttribute.ValueSet("VULN-2")}, `{"ticket":7}`, "VULN-2", int64(0)},
		"all of ours": {[]temporal.SearchAttributeUpdate{
			workflows.TicketAttribute.ValueSet("VULN-1"), workflows.SCAttribute.ValueSet("default"),
			workflows.RepositoryAttribute.ValueSet("1"), workflows.PluginAttribute.ValueSet(97833),
		}, good, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStage(t, scenario)
			require.NoError(t, s.env.SetTypedSearchAttributesOnStart(temporal.NewSearchAttributes(test.set...)))
			attributes := s.startRaw("by-hand", json.RawMessage(test.input))
			require.Equal(t, test.ticket, attributes["PpTicket"])
			require.Equal(t, test.plugin, attributes["PpPlugin"])
		})
	}
}

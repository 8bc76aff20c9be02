package workflows

// The input of the workflow, as whoever starts it sends it.

import (
	"fmt"
	"net/url"
	"strings"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"patchproof/remediation"
)

// intake is what runs under the name of [RemediationWorkflow]. It takes the payload as it is, after the worker's data converter
// has decrypted it: the converter itself would pass over what it does not know, and would end a run that it cannot read
// before the run carries its ticket. extra is there to see that nothing follows.
func intake(ctx workflow.Context, input, extra converter.RawValue) (*Status, error) {
	request, err := readInput(input)
	if extra.Payload() != nil {
		err = fmt.Errorf("the workflow was started with more than one input: give one JSON object")
	}
	return carryOut(ctx, request, err)
}

// readInput reads a complete request, or as much of it as can be read.
func readInput(input converter.RawValue) (remediation.Request, error) {
	payload := input.Payload()
	switch encoding := string(payload.GetMetadata()[converter.MetadataEncoding]); {
	case payload == nil:
		return remediation.Request{}, fmt.Errorf("the workflow was started without a request: give one JSON object with ticket, plugin, repository and targets or assets")
	case encoding == converter.MetadataEncodingNil:
		return remediation.DecodeRequest([]byte("null"))
	case encoding != converter.MetadataEncodingJSON:
		return remediation.Request{}, fmt.Errorf("the request is not JSON: its encoding is %.40q and must be %s", encoding, converter.MetadataEncodingJSON)
	}
	return remediation.DecodeRequest(payload.GetData())
}

// identity is what of a refused request is shown: whose it is. Everything else in it may be of any size and kind.
func identity(ctx workflow.Context, r remediation.Request) remediation.Request {
	ticket := r.Ticket
	if ticket == "" {
		ticket, _ = workflow.GetTypedSearchAttributes(ctx).GetKeyword(TicketAttribute)
	}
	if ticket == "" {
		ticket = ticketOf(workflow.GetInfo(ctx).WorkflowExecution.ID)
	}
	return remediation.Request{
		Ticket: identityText(ticket), SC: identityText(r.SC), Repository: r.Repository, Plugin: r.Plugin,
	}.WithDefaults()
}

// identityText makes a text of a request that was refused fit for a search attribute and a line.
func identityText(s string) string { return keyword(remediation.OneLine(strings.ToValidUTF8(s, "?"))) }

// ticketOf gives the ticket in a workflow ID of ours, and all of an ID of another form: by something a run must be found.
func ticketOf(workflowID string) string {
	parts := strings.Split(workflowID, "/")
	if len(parts) == 5 && parts[0] == idPrefix {
		if ticket, err := url.PathUnescape(parts[4]); err == nil {
			return ticket
		}
	}
	return workflowID
}

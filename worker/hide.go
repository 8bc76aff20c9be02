package main

// Keeping the keys of Security Center out of what Temporal stores.

import (
	commonpb "go.temporal.io/api/common/v1"
	failurepb "go.temporal.io/api/failure/v1"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/temporal"

	"patchproof/sclient"
)

// hiding hides the secrets of all clients in everything that this process tells Temporal. Errors hide them already; but a server, or a
// proxy that shows what it was asked, may repeat them in the place of any data, and a history is read by many and kept for long.
type hiding struct {
	converter.FailureConverter
	secrets []*sclient.Redaction
}

// hide gives the converters of a process that knows the secrets.
func hide(secrets ...*sclient.Redaction) (converter.DataConverter, converter.FailureConverter) {
	h := hiding{secrets: secrets}
	data := converter.NewCodecDataConverter(converter.GetDefaultDataConverter(), h)
	h.FailureConverter = temporal.NewDefaultFailureConverter(temporal.DefaultFailureConverterOptions{DataConverter: data})
	return data, h
}

// Encode is for what goes to Temporal.
func (h hiding) Encode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	out := make([]*commonpb.Payload, len(payloads))
	for i, p := range payloads {
		out[i] = p
		for _, secrets := range h.secrets {
			if data := out[i].GetData(); secrets.Suspects(data) {
				out[i] = &commonpb.Payload{Metadata: p.GetMetadata(), Data: []byte(secrets.Hide(string(data)))}
			}
		}
	}
	return out, nil
}

// Decode is for what comes from Temporal; what is hidden stays so.
func (h hiding) Decode(payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
	return payloads, nil
}

// ErrorToFailure writes an error and its causes.
func (h hiding) ErrorToFailure(err error) *failurepb.Failure {
	failure := h.FailureConverter.ErrorToFailure(err)
	for f := failure; f != nil; f = f.GetCause() {
		for _, secrets := range h.secrets {
			f.Message = secrets.Hide(f.GetMessage())
		}
	}
	return failure
}

package main

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/stretchr/testify/require"

	"patchproof/remediation"
)

func TestSchemaIsUpToDate(t *testing.T) {
	t.Parallel()
	want, err := generate()
	require.NoError(t, err)
	have, err := os.ReadFile("../../docs/request.schema.json")
	require.NoError(t, err)
	require.Equal(t, string(want), string(have), "run go generate ./remediation")
}

// What the schema says is what the intake does, as far as a schema can say it.
func TestSchemaAgreesWithTheIntake(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/request.schema.json")
	require.NoError(t, err)
	var schema jsonschema.Schema
	require.NoError(t, json.Unmarshal(text, &schema))
	resolved, err := schema.Resolve(nil)
	require.NoError(t, err)
	validate := func(input string) error {
		var value any
		require.NoError(t, json.Unmarshal([]byte(input), &value))
		return resolved.Validate(value)
	}

	const start = `{"ticket":"VULN-1","plugin":97833,"repository":1,`
	for _, good := range []string{
		`"targets":["10.0.0.5","10.1.0.0/24","web1.example.com"]}`,
		`"assets":[24],"timeout":"2h","poll":"1m30s","scan":{"scanAssets":true}}`,
		`"targets":["fd00::1"],"sc":"berlin","family":20,"stall":"90s","confirmFor":"1h","mitigatedWithin":"48h","requestedBy":"Ève"}`,
		`"targets":["10.0.0.5"],"trustPatched":true,"requestedBy":"eve","reason":"a rule set aside"}`,
		`"targets":["10.0.0.5"],"trustPatched":false}`,
		`"targets":["10.0.0.5"],"scan":{"portRange":"80,8000-8100","preferences":{"a":""},"credentials":[4],"zone":3,"classifyMitigatedAge":0,"dhcpTracking":true,
		  "emailOnLaunch":true,"emailOnFinish":true,"scanningVirtualHosts":true,"maxScanTime":"3h","rolloverType":"nextday","timeoutAction":"rollover",
		  "scheduleTimeZone":"Europe/Berlin","name":"mine"}}`,
	} {
		require.NoError(t, validate(start+good), good)
		r, err := remediation.DecodeRequest([]byte(start + good))
		require.NoError(t, err, good)
		complete, err := json.Marshal(r)
		require.NoError(t, err)
		require.NoError(t, validate(string(complete)), "what our command sends")
	}
	for _, bad := range []string{
		`{}`, `null`, `[]`, `{"plugin":1,"repository":1,"targets":["10.0.0.5"]}`,
		start + `"targets":["10.0.0.5"],"bogus":1}`,
		start + `"targets":["10.0.0.5"],"scan":{"bogus":1}}`,
		start + `"targets":["10.0.0.5"],"assets":[1]}`,
		start + `"family":3}`,
		start + `"assets":[0]}`,
		start + `"targets":"10.0.0.5"}`,
		start + `"targets":null}`,
		start + `"targets":["10.0.0.5"],"poll":60}`,
		start + `"targets":["10.0.0.5"],"timeout":"-1h"}`,
		start + `"targets":["10.0.0.5"],"timeout":"soon"}`,
		start + `"targets":["10.0.0.5"],"maxScans":2}`,
		start + `"targets":["10.0.0.5"],"rescanDelay":"1h"}`,
		start + `"targets":["10.0.0.5"],"trustAddress":true}`,
		start + `"targets":["10.0.0.5"],"reason":"a\u202eb"}`,
		start + `"targets":["10.0.0.5"],"reason":"` + strings.Repeat("x", 1001) + `"}`,
		start + `"targets":["10.0.0.5"],"scan":{"classifyMitigatedAge":7}}`,
		start + `"targets":["10.0.0.5"],"scan":{"timeoutAction":"stop"}}`,
		start + `"targets":["10.0.0.5"],"scan":{"credentials":[0]}}`,
		start + `"targets":["10.0.0.5"],"scan":{"preferences":{"a":1}}}`,
		`{"ticket":"VULN-1","plugin":"97833","repository":1,"targets":["10.0.0.5"]}`,
		`{"ticket":"VULN-1","plugin":4294967296,"repository":1,"targets":["10.0.0.5"]}`,
		`{"ticket":"","plugin":1,"repository":1,"targets":["10.0.0.5"]}`,
	} {
		require.Error(t, validate(bad), bad)
		_, err := remediation.DecodeRequest([]byte(bad))
		require.Error(t, err, bad)
	}
}

package remediation_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
)

// What a client sends is taken literally or refused with the field's name; nothing is guessed and nothing is passed over.
func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for input, want := range map[string]string{
		``:                                      "the request is not JSON",
		`null`:                                  "the request is null: give one JSON object with ticket, plugin, repository and targets",
		`[]`:                                    "the request is a list: give one JSON object",
		`"VULN-1"`:                              "the request is a text",
		`7`:                                     "the request is a number",
		`{"ticket":"A"`:                         "the request is not JSON",
		`{"ticket":"A"}{}`:                      "the request is not JSON: something follows it",
		`{"ticket":"A","plugin":"97833"}`:       "plugin: must be a whole number, not a text",
		`{"ticket":"A","plugin":1.5}`:           "plugin: must be a whole number",
		`{"ticket":"A","plugin":1e30}`:          "plugin: must be a whole number",
		`{"ticket":"A","plugin":null}`:          "plugin: must be a whole number, not null",
		`{"ticket":"A","poll":60}`:              `poll: must be a duration such as "90s", "15m" or "24h", not a number`,
		`{"ticket":"A","poll":"60"}`:            `poll: "60" is not a duration`,
		`{"ticket":"A","timeout":"999999999h"}`: `timeout: "999999999h" is not a duration`,
		`{"ticket":7}`:                          "ticket: must be a text, not a number",
		`{"ticket":"A","targets":"10.0.0.5"}`:   "targets: must be a list, not a text",
		`{"ticket":"A","targets":null}`:         "targets: must be a list, not null",
		`{"ticket":"A","targets":["10.0.0.5",6]}`:                                                      "targets[1]: must be a text, not a number",
		`{"ticket":"A","assets":[1,null]}`:                                                             "assets[1]: must be a whole number, not null",
		`{"ticket":"A","trustPatched":"true"}`:                                                         "trustPatched: must be true or false, not a text",
		`{"ticket":"A","scan":[]}`:                                                                     "scan: must be an object, not a list",
		`{"ticket":"A","scan":{"portRange":80}}`:                                                       "scan.portRange: must be a text, not a number",
		`{"ticket":"A","scan":{"ports":"80"}}`:                                                         `scan: there is no field "ports"`,
		`{"ticket":"A","scan":{"classifyMitigatedAge":"30"}}`:                                          "scan.classifyMitigatedAge: must be a whole number, not a text",
		`{"ticket":"A","scan":{"preferences":{"a":1}}}`:                                                `scan.preferences["a"]: must be a text, not a number`,
		`{"ticket":"A","scan":{"preferences":{"a":"1","a":"2"}}}`:                                      `scan.preferences["a"]: is given twice`,
		`{"ticket":"A","plugn":97833}`:                                                                 `there is no field "plugn"`,
		`{"ticket":"A","Plugin":97833}`:                                                                `there is no field "Plugin": "plugin" is meant`,
		`{"ticket":"A","ticket":"B"}`:                                                                  "ticket: is given twice",
		"{\"ticket\":\"A\xff\"}":                                                                       "ticket: has bytes that are no text",
		`{"ticket":"A\ud800"}`:                                                                         "ticket: has bytes that are no text",
		`{"ticket":"A","` + strings.Repeat("x", 5000) + `":1}`:                                         "there is no field",
		`{"ticket":"A","reason":"` + strings.Repeat("x", 300_000) + `"}`:                               "the request is larger than",
		`{"ticket":"A","timeout":"-1h"}`:                                                               "plugin: 0 is not a plugin ID",
		`{"ticket":"A","plugin":1,"repository":1,"targets":["10.0.0.5"],"timeout":"-1h"}`:              "timeout: -1h0m0s is not allowed",
		`{"ticket":"A","plugin":1,"repository":1,"targets":["10.0.0.5"],"scan":{"maxScanTime":"-1h"}}`: "max-scan-time: -1h0m0s",
	} {
		_, err := remediation.DecodeRequest([]byte(input))
		require.ErrorContains(t, err, want, "%.200s", input)
		require.Less(t, len(err.Error()), 500)
	}
}

// A limit is named as the command line does, and as the JSON that was sent.
func TestDecodeNamesTheFieldOfALimit(t *testing.T) {
	t.Parallel()
	for change, want := range map[string]string{
		`"maxScans":2`:       "max-scans: 2 cannot be asked for: this version makes one scan per verification; leave it out (field maxScans)",
		`"scan":{"zone":-1}`: "zone: -1 is not an ID (field scan.zone)",
		`"scan":{"preferences":{"password":"x"}}`: "(field scan.preferences)",
		`"assets":[1]`: "(field targets)",
		`"trustPatched":true,"requestedBy":"eve"`: "set aside with trust-patched",
		`"poll":"48h"`: "poll: 48h0m0s is not allowed: use 1s to 24h0m0s",
	} {
		_, err := remediation.DecodeRequest([]byte(`{"ticket":"A","plugin":1,"repository":1,"targets":["10.0.0.5"],` + change + `}`))
		require.ErrorContains(t, err, want)
	}
	_, err := remediation.DecodeRequest([]byte(`{"ticket":"A","plugin":1,"repository":1,"targets":["10.0.0.5"],"poll":"48h"}`))
	require.NotContains(t, err.Error(), "(field", "it is the same name")
}

// A refused request is shown, and found, by what could be read of it.
func TestDecodeKeepsWhatItCouldRead(t *testing.T) {
	t.Parallel()
	r, err := remediation.DecodeRequest([]byte(`{"poll":60,"plugin":"x","repository":3,"bogus":{},"ticket":" VULN-1 ","sc":"east"}`))
	require.ErrorContains(t, err, "poll: must be", "the first is named")
	require.Equal(t, "VULN-1", r.Ticket)
	require.Equal(t, 3, r.Repository)
	require.Equal(t, "east", r.SC)
}

func TestDecodeTakesWhatGoWrites(t *testing.T) {
	t.Parallel()
	r := valid()
	r.Scan.Preferences, r.Scan.Credentials = map[string]string{"silent_dependencies": "yes"}, []int{4}
	r.TrustPatched, r.Reason, r.RequestedBy = true, "why", "eve"
	want, err := r.Complete()
	require.NoError(t, err)
	for _, written := range []remediation.Request{r, want} {
		data, err := json.Marshal(written)
		require.NoError(t, err)
		got, err := remediation.DecodeRequest(data)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

func FuzzDecodeRequest(f *testing.F) {
	for _, seed := range []string{
		`{"ticket":"A","plugin":1,"repository":1,"targets":["10.0.0.5"],"scan":{"preferences":{"a":"b"}}}`,
		`{"ticket":"0","plugin":1,"repository":1,"targets":["1.0.0A0"],"scan":{"preferences":{}}}`, `null`, `{"poll":60}`, `[[[`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := remediation.DecodeRequest(data)
		if err != nil {
			return
		}
		written, err := json.Marshal(r)
		require.NoError(t, err)
		again, err := remediation.DecodeRequest(written)
		require.NoError(t, err)
		require.Equal(t, r, again)
	})
}

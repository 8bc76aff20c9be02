package sclient

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/sclient/internal/spelling"
)

// decodes checks that each spelling becomes the value, and that the value's own spelling does too.
func decodes[T any](t *testing.T, want T, spellings ...string) {
	t.Helper()
	own, err := json.Marshal(want)
	require.NoError(t, err)
	for _, text := range append(spellings, string(own)) {
		var got T
		require.NoError(t, json.Unmarshal([]byte(text), &got), text)
		require.Equal(t, want, got, text)
	}
}

func fails[T any](t *testing.T, spellings ...string) {
	t.Helper()
	for _, text := range spellings {
		require.Error(t, json.Unmarshal([]byte(text), new(T)), text)
	}
}

func TestTolerantTypes(t *testing.T) {
	t.Parallel()
	decodes(t, ID(34), `"34"`, `34`, `" 34 "`, `34.0`)
	decodes(t, ID(-1), `-1`, `"-1"`)
	decodes(t, ID(0), `""`, `null`, `"0"`, `[]`)
	fails[ID](t, `"x"`, `1.5`, `{"id":1}`, `[1]`, `true`, `1e30`)

	decodes(t, Int(1629), `"1629"`, `1629`, `"1629 "`)
	decodes(t, Int(0), `null`, `""`)

	decodes(t, Bool(true), `true`, `"true"`, `"1"`, `1`, `"Yes"`, `"yes"`, `"TRUE"`)
	decodes(t, Bool(false), `false`, `"false"`, `"0"`, `0`, `"No"`, `"no"`, `""`, `null`)
	fails[Bool](t, `"perhaps"`, `2`, `{"a":1}`)

	decodes(t, Time{time.Unix(1545074182, 0).UTC()}, `"1545074182"`, `1545074182`, `"2018-12-17T19:16:22Z"`)
	decodes(t, Time{}, `"-1"`, `-1`, `"0"`, `0`, `""`, `null`)
	fails[Time](t, `"yesterday"`, `999999999999999`, `true`)

	decodes(t, Float{9.8, true}, `"9.8"`, `9.8`)
	decodes(t, Float{0, true}, `"0.0"`, `0`)
	decodes(t, Float{}, `""`, `null`)
	fails[Float](t, `"high"`, `"NaN"`, `"Infinity"`)

	decodes(t, Text("a"), `"a"`)
	decodes(t, Text("1.91"), `1.91`)
	decodes(t, Text(`[{"a":1}]`), `[ {"a": 1} ]`)
	decodes(t, Text(""), `null`)
}

func TestTolerantObjects(t *testing.T) {
	t.Parallel()
	decodes(t, Ref{ID: 3, Name: "n"}, `{"id":"3","name":"n"}`, `[{"id":3,"name":"n"}]`)
	decodes(t, Ref{ID: 3}, `"3"`, `3`)
	decodes(t, Ref{ID: -1}, `-1`, `{"id":-1,"name":"","description":""}`)
	decodes(t, Ref{}, `null`, `[]`, `""`, `{}`)
	fails[Ref](t, `[{},{}]`, `"x"`)
	decodes(t, Severity{ID: 3, Name: "High"}, `{"id":"3","name":"High"}`)
	decodes(t, Severity{ID: 3}, `"3"`, `3`)
	decodes(t, RepositoryRef{ID: 1, Name: "Default"}, `{"id":1,"name":"Default"}`)
	decodes(t, FamilyRef{0, "N/A", "compliance"}, `{"id":"0","name":"N/A","type":"compliance"}`)
	decodes(t, Person{ID: 1, Username: "a"}, `{"id":"1","username":"a"}`)
	decodes(t, Preferences{"a": "b"}, `{"a":"b"}`)
	decodes(t, Preferences(nil), `[]`, `null`, `""`, `{}`)
	decodes(t, List[ID]{1, 2}, `["1",2]`, `{"1":"2","0":1}`, `{"0":1,"1":2,"results":null}`, `[1,null,2]`)
	decodes(t, List[ID]{}, `[]`, `""`, `{}`, `false`)
	fails[List[ID]](t, `{"a":1}`, `7`, `["x"]`)
}

// Decoders must not panic, and must read again what they have written.
func roundTrip[T any](t *testing.T, data []byte) {
	t.Helper()
	var value T
	if json.Unmarshal(data, &value) != nil {
		return
	}
	// An empty list may become an absent one the first time; then nothing may change any more.
	var texts []string
	for range 3 {
		own, err := json.Marshal(value)
		require.NoError(t, err)
		texts = append(texts, string(own))
		value = *new(T)
		require.NoError(t, json.Unmarshal(own, &value), "%s", own)
	}
	require.JSONEq(t, texts[1], texts[2])
}

func FuzzDecoders(f *testing.F) {
	for _, seed := range []string{
		`"34"`, `-1`, `""`, `null`, `[]`, `{}`, `"Yes"`, `1700000000`, `"-1"`, `"2018-12-17T19:16:22Z"`, `"0.0"`, `1e3`, `[[]]`,
		`{"id":"1","name":"a"}`, `[{"id":1}]`, `{"0":"10.0.0.1","results":null}`, `{"usable":[{"id":1}],"manageable":[]}`, `"\ud800"`,
		`"10.0.0.1-10.0.0.9,web"`, `{"preferences":[],"families":{"0":{"id":"1"}}}`, `{"pluginID":"1","port":"443","severity":{"id":"3"}}`,
		`{"progress":{"scannedIPs":"10.0.0.1-3","scanners":[]},"scan":-1}`, `{"typeFields":{"definedIPs":"10.0.0.0/24"},"ipCount":-1}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		roundTrip[ID](t, data)
		roundTrip[Int](t, data)
		roundTrip[Bool](t, data)
		roundTrip[Float](t, data)
		roundTrip[Time](t, data)
		roundTrip[Text](t, data)
		roundTrip[Addresses](t, data)
		roundTrip[Vuln](t, data)
		roundTrip[ScanResult](t, data)
		roundTrip[Scan](t, data)
		roundTrip[Asset](t, data)
		roundTrip[Policy](t, data)
		roundTrip[HostSummary](t, data)
		roundTrip[PluginHosts](t, data)
		roundTrip[Status](t, data)
		_, _ = spelling.Union(data)
		_, _ = decodePage[Vuln](data)
		parseEnvelope(data)
	})
}

func FuzzAddresses(f *testing.F) {
	for _, seed := range []string{"10.0.0.1-10.0.0.9,web", "10.0.0.0/8", "::1|a\n[::2]", "1.2.3.4-5-6", "/,-,\"", "10.0.0.1 - 10.0.0.2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		parsed := ParseAddresses(text)
		require.True(t, parsed.Equal(ParseAddresses(parsed.String())), parsed.String())
	})
}

func FuzzTitle(f *testing.F) {
	f.Add("<title>x</title>")
	f.Add("<TITLE lang=en>İ</title")
	f.Add("<title")
	f.Fuzz(func(t *testing.T, page string) {
		require.Contains(t, title(page), "HTML page")
	})
}

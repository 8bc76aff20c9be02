package rows

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchproof/sclient"
)

func rewritten(t *testing.T, sample any, raw string, secrets ...string) string {
	t.Helper()
	rows := converter{schema: SchemaOf(sample), secrets: sclient.NewRedaction(secrets...)}
	first := string(rows.one([]byte(raw)))
	require.Equal(t, first, string(rows.one([]byte(raw))), "the second row is like the first")
	return first
}

// exactly compares texts byte by byte: an output is more than its meaning.
func exactly(t *testing.T, want, got string) {
	t.Helper()
	require.Equal(t, want, got)
}

func TestRealTypes(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		// Every spelling of numbers, booleans, times and nothing.
		`{"pluginID":"34","port":445}`:                                       `{"pluginID":34,"port":445}`,
		`{"port":"","baseScore":"","vprScore":null}`:                         `{"port":null,"baseScore":null,"vprScore":null}`,
		`{"baseScore":"5.0","vprScore":"6.1","temporalScore":7.5}`:           `{"baseScore":5.0,"vprScore":6.1,"temporalScore":7.5}`,
		`{"port":"007","baseScore":"n/a","pluginID":"-1"}`:                   `{"port":"007","baseScore":"n/a","pluginID":-1}`,
		`{"port":" 80 ","acceptRisk":" 1"}`:                                  `{"port":80,"acceptRisk":true}`,
		`{"acceptRisk":"0","recastRisk":"1","exploitAvailable":"Yes"}`:       `{"acceptRisk":false,"recastRisk":true,"exploitAvailable":true}`,
		`{"acceptRisk":true,"recastRisk":0,"exploitAvailable":"No"}`:         `{"acceptRisk":true,"recastRisk":false,"exploitAvailable":false}`,
		`{"acceptRisk":"TRUE","recastRisk":"no","exploitAvailable":" YES "}`: `{"acceptRisk":true,"recastRisk":false,"exploitAvailable":true}`,
		`{"acceptRisk":"","hasBeenMitigated":"maybe"}`:                       `{"acceptRisk":null,"hasBeenMitigated":"maybe"}`,
		`{"firstSeen":"1545074182","lastSeen":1545074182}`:                   `{"firstSeen":"2018-12-17T19:16:22Z","lastSeen":"2018-12-17T19:16:22Z"}`,
		`{"vulnPubDate":"-1","patchPubDate":"0","seolDate":""}`:              `{"vulnPubDate":null,"patchPubDate":null,"seolDate":null}`,
		`{"vulnPubDate":-1,"patchPubDate":null,"firstSeen":[]}`:              `{"vulnPubDate":null,"patchPubDate":null,"firstSeen":null}`,
		`{"firstSeen":"soon","lastSeen":"99999999999999999999"}`:             `{"firstSeen":"soon","lastSeen":"99999999999999999999"}`,
		// Texts stay what they are.
		`{"pluginText":"1","version":1.5,"cve":"","name":null}`:           `{"pluginText":"1","version":"1.5","cve":"","name":null}`,
		`{"vprContext":"[{\"id\":\"x\"}]","xref":["a", "b"]}`:             `{"vprContext":"[{\"id\":\"x\"}]","xref":["a","b"]}`,
		`{"pluginText":"<plugin_output>a\/b\n\"c\" \\<\/plugin_output>"}`: `{"pluginText":"<plugin_output>a\/b\n\"c\" \\<\/plugin_output>"}`,
		// Objects in every shape.
		`{"severity":{"id":"3","name":"High"}}`:           `{"severity":{"id":3,"name":"High"}}`,
		`{"severity":"3","family":11}`:                    `{"severity":{"id":3},"family":{"id":11}}`,
		`{"family":[{"id":"11","name":"x"}]}`:             `{"family":{"id":11,"name":"x"}}`,
		`{"family":[],"repository":"","severity":null}`:   `{"family":null,"repository":null,"severity":null}`,
		`{"hosts":{"0":{"iplist":[]},"2":{"iplist":""}}}`: `{"hosts":[{"iplist":[]},{"iplist":[]}]}`,
		`{"hosts":[{"iplist":"10.0.0.1,10.0.0.2"}]}`:      `{"hosts":[{"iplist":"10.0.0.1,10.0.0.2"}]}`,
		// What the client does not know is passed on; names that it knows elsewhere keep their meaning.
		`{"pluginID":"1","newColumn":"7","newObject":{"a":["1",{"b":null}]},"newSwitch":"true"}`: `{"pluginID":1,"newColumn":"7","newObject":{"a":["1",{"b":null}]},"newSwitch":true}`,
		`{"newObject":{"createdTime":"1545074182","id":"5","scannedIPs":"1","status":"0"}}`:      `{"newObject":{"createdTime":"2018-12-17T19:16:22Z","id":5,"scannedIPs":"1","status":"0"}}`,
		// White space.
		" { \"pluginID\" : \"34\" ,\n\t\"severity\" : { \"id\" : \"3\" } , \"x\" : [ 1 , { } ] } ": `{"pluginID":34,"severity":{"id":3},"x":[1,{}]}`,
		`{}`: `{}`, `"10.0.0.1-10.0.0.5"`: `"10.0.0.1-10.0.0.5"`, `null`: `null`, `[]`: `[]`, `5`: `5`,
	} {
		sample := any(sclient.Vuln{})
		if strings.Contains(raw, "hosts") {
			sample = sclient.PluginHosts{}
		}
		if strings.HasPrefix(raw, "{") || strings.HasPrefix(raw, " ") {
			require.Equal(t, want, rewritten(t, sample, raw))
			continue
		}
		rows := converter{schema: anything, secrets: sclient.NewRedaction()}
		require.Equal(t, want, string(rows.one([]byte(raw))))
	}
}

func TestTheSameNameInAnotherPlace(t *testing.T) {
	t.Parallel()
	exactly(t, `{"status":"Completed","scannedIPs":2048,"progress":{"scannedIPs":"","scannedSize":0,"totalIPs":2048}}`,
		rewritten(t, sclient.ScanResult{}, `{"status":"Completed","scannedIPs":"2048","progress":{"scannedIPs":"","scannedSize":0,"totalIPs":"2048"}}`))
	exactly(t, `{"status":0,"preferences":{"tcp_scanner":"no","x":"true","id":"5"},"maxScanTime":"3600"}`,
		rewritten(t, struct {
			sclient.Policy `json:"-"`
			Status         sclient.Int         `json:"status"`
			Preferences    sclient.Preferences `json:"preferences"`
			MaxScanTime    sclient.Text        `json:"maxScanTime"`
		}{}, `{"status":"0","preferences":{"tcp_scanner":"no","x":"true","id":"5"},"maxScanTime":"3600"}`))
	exactly(t, `{"policy":{"preferences":{}}}`, rewritten(t, sclient.Scan{}, `{"policy":{"preferences":[]}}`))
	exactly(t, `{"id":9,"policyPrefs":"[hidden]","name":"x"}`,
		rewritten(t, sclient.Scan{}, `{"id":"9","policyPrefs":[{"name":"[authPref]ftp","value":"bD4kSG"}],"name":"x"}`))
}

func TestColumnsInAnotherOrder(t *testing.T) {
	t.Parallel()
	rows := converter{schema: AnalysisSchema(), secrets: sclient.NewRedaction()}
	for raw, want := range map[string]string{
		`{"port":"1","name":"2","severity":{"id":"3"}}`: `{"port":1,"name":"2","severity":{"id":3}}`,
		`{"name":"2","port":"1"}`:                       `{"name":"2","port":1}`,
		`{"severity":{"name":"3"},"name":"2"}`:          `{"severity":{"name":"3"},"name":"2"}`,
		`{"portable":"1","po":"1"}`:                     `{"portable":"1","po":"1"}`,
	} {
		for range 3 {
			require.Equal(t, want, string(rows.one([]byte(raw))))
		}
	}
}

func TestSecretsInRows(t *testing.T) {
	t.Parallel()
	const key, password = "0123456789abcdef0123456789abcdef", `p@ss/"w&rd`
	for raw, want := range map[string]string{
		`{"name":"x 0123456789abcdef0123456789abcdef y"}`:     `{"name":"x [hidden] y"}`,
		`{"name":"0123456789ABCDEF0123456789ABCDEF"}`:         `{"name":"[hidden]"}`,
		`{"0123456789abcdef0123456789abcdef":"x"}`:            `{"[hidden]":"x"}`,
		`{"name":"\u0030123456789abcdef0123456789abcdef"}`:    `{"name":"[hidden]"}`,
		`{"a":{"b":["0123456789abcdef0123456789abcdef"]}}`:    `{"a":{"b":["[hidden]"]}}`,
		`{"name":"p@ss\/\"w&rd"}`:                             `{"name":"[hidden]"}`,
		`{"name":"p@ss/\"w\u0026rd"}`:                         `{"name":"[hidden]"}`,
		`{"name":"p%40ss%2F%22w%26rd p@ss/&#34;w&amp;rd"}`:    `{"name":"[hidden] [hidden]"}`,
		`{"port":"99887766554433","pluginID":99887766554433}`: `{"port":"[hidden]","pluginID":"[hidden]"}`,
		`{"name":"\u00e4 \u0041 nothing"}`:                    `{"name":"\u00e4 \u0041 nothing"}`,
	} {
		require.True(t, json.Valid([]byte(want)))
		require.Equal(t, want, rewritten(t, sclient.Vuln{}, raw, key, password, "99887766554433", "short"), raw)
	}
	// Wherever it stands.
	for i := range 100 {
		raw := `{"name":"` + strings.Repeat("x", i) + key + `"}`
		require.NotContains(t, rewritten(t, sclient.Vuln{}, raw, key, password), key)
	}
}

// FuzzConverter holds the converter to what it promises: valid JSON with the same keys, without white space.
func FuzzConverter(f *testing.F) {
	for _, seed := range []string{
		`{"pluginID":"34","severity":{"id":"3"},"hosts":[{"iplist":[{"ip":"10.0.0.1"}]}]}`, ` { "a" : [ ] , "b" : "\u0041\"" } `,
		`{"family":[{"id":1}],"firstSeen":"-1","hosts":{"0":{},"1":null}}`, `"x"`, `[1,2]`, `{"severity":"3","port":-0.5e7}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if !json.Valid(raw) {
			t.Skip()
		}
		rows := converter{schema: AnalysisSchema(), secrets: sclient.NewRedaction("0123456789abcdef")}
		out := rows.one(raw)
		require.True(t, json.Valid(out), "%q became %q", raw, out)
		var compact bytes.Buffer
		require.NoError(t, json.Compact(&compact, out))
		require.Equal(t, compact.String(), string(out))
		leaves(out, func(string, []byte) {})
	})
}

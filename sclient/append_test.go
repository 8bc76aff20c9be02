package sclient

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// encoded is what AppendJSON is to append.
func encoded(t *testing.T, value any) string {
	t.Helper()
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	require.NoError(t, encoder.Encode(value))
	return string(bytes.TrimSuffix(text.Bytes(), []byte("\n")))
}

func requireAppended(t *testing.T, value any) {
	t.Helper()
	got, err := AppendJSON([]byte("before"), value)
	require.NoError(t, err)
	require.Equal(t, "before"+encoded(t, value), string(got))
}

func TestAppendJSON(t *testing.T) {
	t.Parallel()
	_, page, ok := scanned[Vuln]([]byte(pageText(fullRow)))
	require.True(t, ok)
	requireAppended(t, &page.Results[0])
	requireAppended(t, &Vuln{})
	requireAppended(t, &HostSummary{IP: "10.0.0.1", LastAuthRun: Time{time.Unix(1700000000, 0).UTC()}, OSCPE: "\u2028\u2029\x00\x1f\x7f\"\\/<&>\b\f\n\r\t – 😀"})
	requireAppended(t, &PluginSummary{PluginID: -1, Total: math.MinInt})
	requireAppended(t, &PluginHosts{PluginID: 1, Hosts: List[HostsInRep]{{IPList: List[HostInfo]{{IP: "10.0.0.1", DNSName: "<web>"}}}}})
	requireAppended(t, &RawRow{json.RawMessage(`{"b":"<1>"}`)})
	requireAppended(t, Vuln{IP: "10.0.0.1"})
	requireAppended(t, (*Vuln)(nil))
	requireAppended(t, map[string]int{"a": 1})
	requireAppended(t, &Asset{Name: "<x>"})
	for _, value := range []float64{0, math.Copysign(0, -1), 10, 9.8, 0.1, 1e-6, 1e-7, 1e20, 1e21, -2.5, math.MaxFloat64, 5e-324, 1.0 / 3} {
		requireAppended(t, &Float{value, true})
	}
	for _, stamp := range []time.Time{time.Unix(maxEpoch, 0).UTC(), time.Unix(0, 1e6).UTC(), time.Unix(1700000000, 0).In(time.FixedZone("", 3600))} {
		requireAppended(t, &Time{stamp})
	}
}

func TestAppendJSONOfBrokenText(t *testing.T) {
	t.Parallel()
	row := Vuln{IP: "a\xffb\xc3", DNSName: "\xed\xa0\x80"}
	got, err := AppendJSON(nil, &row)
	require.NoError(t, err)
	var want, read Vuln
	require.NoError(t, json.Unmarshal([]byte(encoded(t, row)), &want))
	require.NoError(t, json.Unmarshal(got, &read))
	require.Equal(t, want, read)
}

func TestAppendJSONFailures(t *testing.T) {
	t.Parallel()
	for _, value := range []any{&Time{time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, &Float{math.NaN(), true}, &Float{math.Inf(1), true}, make(chan int), &HostSummary{LastAuthRun: Time{time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)}}} {
		_, err := AppendJSON(nil, value)
		require.Error(t, err)
	}
}

func FuzzAppendJSON(f *testing.F) {
	f.Add([]byte(fullRow))
	for _, value := range values {
		f.Add([]byte(`{"pluginText":` + value + `,"baseScore":` + value + `}`))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var row Vuln
		if json.Unmarshal(data, &row) == nil {
			requireAppended(t, &row)
		}
		if text := string(data); json.Valid([]byte(encoded(t, text))) {
			got, err := AppendJSON(nil, &HostInfo{IP: text})
			require.NoError(t, err)
			var want, read HostInfo
			require.NoError(t, json.Unmarshal([]byte(encoded(t, HostInfo{IP: text})), &want))
			require.NoError(t, json.Unmarshal(got, &read))
			require.Equal(t, want, read)
		}
	})
}

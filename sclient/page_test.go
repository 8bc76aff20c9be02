package sclient

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchproof/sclient/internal/fastjson"
)

// fullRow has every column of newer servers, with the values that most rows have.
const fullRow = `{"pluginID":"97833","severity":{"id":"4","name":"Critical","description":"Critical Severity"},"hasBeenMitigated":"0","acceptRisk":"0",
"recastRisk":"0","ip":"10.0.0.5","uuid":"","port":"445","protocol":"TCP","pluginName":"MS17-010","firstSeen":"1545074182","lastSeen":"1700000000",
"exploitAvailable":"Yes","exploitEase":"Exploits are available","exploitFrameworks":"","synopsis":"The host is \"affected\".",
"description":"Several\n\nflaws \u2013 na\u00efve \ud83d\ude00 – naïve 😀","solution":"C:\\Windows","seeAlso":"https:\/\/example.com\/1","riskFactor":"Critical",
"stigSeverity":"","vprScore":"9.6","vprContext":"[{\"id\":\"age\"}]","baseScore":"10.0","temporalScore":"8.7","cvssVector":"AV:N\/AC:L",
"cvssV3BaseScore":"","cvssV3TemporalScore":"","cvssV3Vector":"","cpe":"","vulnPubDate":"1489500000","patchPubDate":"-1","pluginPubDate":"1489600000",
"pluginModDate":"1689600000","seolDate":"-1","checkType":"local","version":"1.34","cve":"CVE-2017-0144","bid":"96703","xref":"EDB-ID:41891",
"pluginText":"<plugin_output>\n open\n<\/plugin_output>","dnsName":"web1.example.com","macAddress":"00:50:56:b3:72:2d","netbiosName":"LAN\\WEB1",
"uniqueness":"repositoryID,ip,dnsName","family":{"id":"20","name":"Windows","type":"active"},"repository":{"id":1,"name":"Default","description":"",
"dataFormat":"universal","type":"Local","uuid":"x"},"pluginInfo":"97833 (445\/6) MS17-010","ips":"10.0.0.5","acceptRiskRuleComment":"",
"recastRiskRuleComment":"","hostUniqueness":"repositoryID,ip","hostUUID":"","assetExposureScore":"512","vulnUniqueness":"repositoryID,ip,port",
"vulnUUID":"","cvssV4BaseScore":null,"cvssV4ThreatScore":"","cvssV4Vector":"","operatingSystem":"","lastMitigated":"","aNewOne":{"a":[1,-2.5e3,true]}}`

func pageText(rows string) string {
	return `{"type":"regular","response":{"totalRecords":"1","returnedRecords":1,"startOffset":"0","endOffset":"1000","matchingDataElementCount":"-1",` +
		`"results":[` + rows + `]},"error_code":0,"error_msg":"","warnings":[],"timestamp":1700000000}` + "\n"
}

// fastRead reads a page by fastjson; ok is false where that leaves it to encoding/json.
func fastRead[T any, P row[T]](data []byte) (env *envelope, read *page[T], ok bool) {
	source := newPageSource[T, P](nil, VulnQuery{})
	r := &pageReading[T, P]{source: source, reader: <-source.readers, size: 1000}
	env = r.parse(data)
	return env, r.page, env != nil
}

// compareReads requires that fastjson reads what encoding/json reads, or nothing.
func compareReads[T any, P row[T]](t *testing.T, data []byte) bool {
	t.Helper()
	env, got, ok := fastRead[T, P](data)
	if !ok {
		return false
	}
	want := parseEnvelope(data)
	require.NotNil(t, want)
	page, err := decodePage[T](want.Response)
	require.NoError(t, err)
	require.Equal(t, page, got)
	want.Response = nil
	require.Equal(t, want, env)
	return true
}

func compareAllReads(t *testing.T, data []byte) {
	t.Helper()
	compareReads[Vuln](t, data)
	compareReads[HostSummary](t, data)
	compareReads[PluginSummary](t, data)
	compareReads[PluginHosts](t, data)
	compareReads[RawRow](t, data)
}

// values are what servers send, what they might send, and what is wrong, for any column.
var values = []string{
	`"34"`, `34`, `-1`, `"-1"`, `0`, `"0"`, `""`, `null`, `" 34 "`, `34.0`, `"34.0"`, `1e3`, `"1e3"`, `"+5"`, `-0`, `"-"`, `01`, `"007"`, `1234567890123456789`, `99999999999999999999`,
	`true`, `false`, `"true"`, `"false"`, `"TRUE"`, `"Yes"`, `"No"`, `"yes"`, `"1"`, `1`, `2`, `"perhaps"`, `"null"`, `nul`, `nulll`, `truefalse`,
	`"1545074182"`, `1545074182`, `"2018-12-17T19:16:22Z"`, `253402300800`, `"-5"`, `"9.8"`, `9.8`, `"high"`, `"NaN"`, `"0x10"`, `"1_0"`, `"Infinity"`, `1.`, `.5`, `-`, `1e`, `1e+`, `--1`,
	`[]`, `{}`, `[[]]`, `[1]`, `[{}]`, `[{"id":"3","name":"n"}]`, `{"id":"3","name":"n"}`, `{"id":3}`, `{"id":"3","name":"a","name":"b"}`, `{"ID":"3"}`, `{"id":"x"}`,
	`{"Name":"a"}`, `{"id":"1","extra":{"deep":[1,{"x":null}]}}`, `{"id":"1",}`, `{"id" : "1" , "name" : "n" }`, `{"0":"a","1":"b"}`, `{"0":{"id":"1"},"results":null}`, `{"\u0069d":"3"}`,
	`"a\n\t\"\\\/\b\f\r\u00e9\u2028"`, `"\ud83d\ude00"`, `"\ud83d"`, `"\ude00"`, `"\ud83dx"`, `"\ud83d\u0041"`, `"\u12"`, `"\x"`, `"\`, `"open`, "\"tab\t\"", "\"\x00\"", "\"\xff\"", "\"\xc3\xa9 \xe2\x80\x93\"",
	"\"12345678\xed\xa0\x80\"", `"12345678"`, `"1234567\"`, "\"1234567\x1f\"", `"` + strings.Repeat("long ", 100) + `\n"`, strings.Repeat("[", 200) + strings.Repeat("]", 200), strings.Repeat("[", 50),
	"\"\x7f\"", "\"\xf0\x9f\x98\x80\"", "\"\xf0\x9f\x98\"", `"<&>"`, ` "a" `, "\n1\t", `"a" "b"`, `a`, ``, `,`, `1 2`,
}

func TestPagesAreReadAsEncodingJSONReadsThem(t *testing.T) {
	t.Parallel()
	require.True(t, compareReads[Vuln](t, []byte(pageText(fullRow))))
	compareColumns[Vuln](t)
	compareColumns[HostSummary](t)
	compareColumns[PluginSummary](t)
	compareColumns[PluginHosts](t)
}

func compareColumns[T any, P row[T]](t *testing.T) {
	t.Helper()
	kind := reflect.TypeFor[T]()
	for field := range kind.Fields() {
		key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		for _, value := range values {
			for _, format := range []string{`{"pluginID":"7","%s":%s,"ip":"10.0.0.1"}`, `{"%s":%s}`, `{"pluginText":"a\nb","%[1]s":%[2]s,"%[1]s":"x"}`} {
				compareReads[T, P](t, []byte(pageText(fmt.Sprintf(format, key, value))))
			}
		}
	}
}

func TestPagesOfEveryShape(t *testing.T) {
	t.Parallel()
	for _, data := range []string{
		pageText(""), pageText("{}"), pageText("{},{}"), pageText("{},null"), pageText("null"), pageText("{},"), pageText(",{}"), pageText("{}{}"), pageText("[]"),
		pageText("\"a\",1,null,{\"x\" : [ ] }"), pageText(fullRow) + "x", pageText(fullRow) + "\x00", pageText(fullRow) + " \r\n\t", "\ufeff" + pageText("{}"),
		`{"response":{"results":[]},"error_code":0}`, `{"response":{"results":[]},"error_code":"0"}`, `{"response":{"results":[]},"error_code":null}`, `{"response":{"results":[]}}`,
		`{"response":{"results":[{"ip":"a"}]},"error_code":143,"error_msg":"Unable to process\n"}`, `{"error_code":0,"error_msg":"","response":{"results":[{}]}}`,
		`{"response":{"totalRecords":null,"startOffset":5,"results":[{}]},"error_code":0,"timestamp":"x"}`, `{"response":{"results":[{}]},"error_code":0,"ERROR_CODE":7}`,
		`{"response":{"results":[{}]},"response":{"totalRecords":"1"},"error_code":0}`, `{"response":{"results":[{}],"results":[]},"error_code":0}`,
		`{"response":{"results":null},"error_code":0}`, `{"response":{"results":""},"error_code":0}`, `{"response":{"results":{"0":{"ip":"a"},"1":{"ip":"b"}}},"error_code":0}`,
		`{"response":{"0":"a","1":"b","results":null},"error_code":0}`, `{"response":[{"results":[{}]}],"error_code":0}`, `{"response":"","error_code":0}`, `[]`, ``, `null`, `{`, `{}`, `{"response"`,
		`{"response":{"Results":[{"ip":"a"}]},"error_code":0}`, `{"response":{"results":[{"Ip":"a"}]},"error_code":0}`, "{\"response\":{\"results\":[{\"\u017fynopsis\":\"a\"}]},\"error_code\":0}",
		`{"response":{"results":[{"hosts":[{"iplist":[{"ip":"a","dnsName":"b"},{"ip":"c"}],"repository":{"id":"1"}},{"iplist":[]}]},{"hosts":{"1":{},"0":{}}}]},"error_code":0}`,
	} {
		compareAllReads(t, []byte(data))
		for i := range min(len(data), 200) {
			compareAllReads(t, []byte(data[:i])) // a cut page is no page
		}
	}
}

func TestCutPages(t *testing.T) {
	t.Parallel()
	whole := pageText(fullRow)
	for i := range len(whole) - 2 { // the line break at the end may be missing
		_, _, ok := fastRead[Vuln]([]byte(whole[:i]))
		require.False(t, ok, i)
	}
}

// A column of a type that fastjson is not told about would be decoded rightly, but slowly.
//
//nolint:paralleltest // allocations are counted for the whole process
func TestEveryColumnIsReadFast(t *testing.T) {
	page := []byte(pageText(strings.Repeat(fullRow+",", 99) + fullRow))
	r := fastjson.NewReader(append(rowTypes(), fastjson.List[List[Vuln]]())...)
	spare := any(make(List[Vuln], 0, 100))
	perPage := testing.AllocsPerRun(20, func() {
		var answer pageAnswer[Vuln]
		require.True(t, r.Document(page, &answer, spare))
		require.Len(t, answer.Response.Results, 100)
	})
	require.Less(t, perPage, 150.0, "about one for each row: its text")
	var row map[string]json.RawMessage
	require.NoError(t, json.Unmarshal([]byte(fullRow), &row))
	var missing []string
	for field := range reflect.TypeFor[Vuln]().Fields() {
		if key, _, _ := strings.Cut(field.Tag.Get("json"), ","); row[key] == nil {
			missing = append(missing, key)
		}
	}
	require.Equal(t, []string{"name"}, missing, "fullRow should have a value for all columns but listvuln's own")
}

func TestRowsKeepNothingOfOtherRows(t *testing.T) {
	t.Parallel()
	r := fastjson.NewReader(append(rowTypes(), fastjson.List[List[Vuln]]())...)
	data := []byte(pageText(`{"ip":"10.0.0.1","dnsName":"web1"},{"ip":"10.0.0.2"}`))
	var first, second pageAnswer[Vuln]
	list := make(List[Vuln], 0, 2)
	require.True(t, r.Document(data, &first, list))
	kept := first.Response.Results[0]
	require.True(t, r.Document([]byte(pageText(`{"pluginID":"1"},{"pluginID":"2"}`)), &second, list))
	clear(data)
	require.Equal(t, Vuln{IP: "10.0.0.1", DNSName: "web1"}, kept)
	require.Equal(t, List[Vuln]{{PluginID: 1}, {PluginID: 2}}, second.Response.Results)
}

func FuzzPages(f *testing.F) {
	f.Add([]byte(pageText(fullRow)))
	for i, value := range values {
		column := []string{"pluginID", "ip", "version", "severity", "family", "repository", "firstSeen", "baseScore", "acceptRisk", "hosts", "other"}[i%11]
		f.Add([]byte(pageText(fmt.Sprintf(`{"%s":%s},{"pluginName":"a\nb"}`, column, value))))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		compareAllReads(t, data)
		compareAllReads(t, []byte(pageText(string(data))))
	})
}

func BenchmarkPage(b *testing.B) {
	source := newPageSource[Vuln](nil, VulnQuery{})
	page := []byte(pageText(strings.Repeat(fullRow+",", 999) + fullRow))
	r := &pageReading[Vuln, *Vuln]{source: source, reader: <-source.readers, size: 1000}
	b.SetBytes(int64(len(page)))
	b.ReportAllocs()
	for b.Loop() {
		require.NotNil(b, r.parse(page))
		source.Recycle(r.page.Results)
	}
}

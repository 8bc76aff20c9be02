package bounds

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	l := Limits{Bytes: 1000, Values: 100, Width: 20, Items: 5}
	list := func(n int) string { return "[" + strings.Repeat("1,", n-1) + "1]" }
	for text, want := range map[string]string{
		``:                                   "",
		`{"a":1,"b":[1,2]}`:                  "",
		`"` + strings.Repeat(",", 500) + `"`: "",
		`{"a":"\\\"` + strings.Repeat("[", 500) + `"}`:             "",
		`{"a":"\\","b":"` + strings.Repeat("[", 500) + `"}`:        "",
		`{"response":` + list(5) + `}`:                             "",
		`{"response":` + list(6) + `}`:                             "a list or object of more than 5 elements",
		`{"response":{"results":` + list(6) + `}}`:                 "a list or object of more than 5 elements",
		`{"response":{"results":[{"hosts":` + list(20) + `}]}}`:    "",
		`{"response":{"results":[{"hosts":` + list(21) + `}]}}`:    "a list or object of more than 20 elements",
		`{"response":{` + strings.Repeat(`"a":1,`, 25) + `"b":1}}`: "a list or object of more than 20 elements",
		`{"response":{"a":{"b":[` + strings.Repeat("[1,1,1],", 19) + `[1,1,1]],"c":[[1,1,1],[1,1,1],[1,1,1],[1,1,1,1,1],[1,1,1,1]]}}}`: "more than 100 values",
		strings.Repeat("[", 64):   "",
		strings.Repeat("[", 65):   "deeper than 64 levels",
		strings.Repeat(" ", 1001): "longer than 1000 bytes",
		`]]]]`:                    "",
		`"\`:                      "",
		`"`:                       "",
	} {
		err := l.Check([]byte(text))
		if want == "" {
			require.NoError(t, err, text)
			continue
		}
		require.EqualError(t, err, want, text)
	}
}

func BenchmarkCheck(b *testing.B) {
	row := `{"pluginID":"97833","lastSeen":"1700000000","port":"445","uuid":"","synopsis":"The host is affected by a flaw of some importance.","severity":{"id":"4"}},`
	text := []byte(`{"response":{"results":[` + strings.Repeat(row, 1000) + `{}]}}`)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if err := (Limits{Bytes: 1 << 30, Values: 1 << 30, Width: 1 << 30, Items: 1 << 30}).Check(text); err != nil {
			b.Fatal(err)
		}
	}
}

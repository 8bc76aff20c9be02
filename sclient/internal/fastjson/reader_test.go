package fastjson

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// number is tolerant, as the types of a client are: it reads 34 and "34".
type number int64

func (n *number) UnmarshalJSON(data []byte) error {
	text := strings.Trim(string(data), `"`)
	if text == "null" || text == "" {
		*n = 0
		return nil
	}
	value, err := strconv.ParseInt(text, 10, 64)
	*n = number(value)
	return err
}

// label is an object, or a bare number that stands for it.
type label struct {
	ID   number `json:"id"`
	Name string `json:"name"`
}

func (l *label) UnmarshalJSON(data []byte) error {
	*l = label{}
	if len(data) > 0 && data[0] == '{' {
		type plain label
		return json.Unmarshal(data, (*plain)(l))
	}
	return json.Unmarshal(data, &l.ID)
}

// labels is a list that is an object in some places.
type labels []label

func (l *labels) UnmarshalJSON(data []byte) error {
	*l = nil
	if len(data) > 0 && data[0] == '{' {
		return nil
	}
	return json.Unmarshal(data, (*[]label)(l))
}

type row struct {
	Number number  `json:"number"`
	Text   string  `json:"text"`
	Plain  int     `json:"plain"`
	Label  label   `json:"label"`
	Labels labels  `json:"labels"`
	Any    any     `json:"any"`
	Maybe  *number `json:"maybe"`
	Inner  struct {
		Deep string `json:"deep"`
	} `json:"inner"`
}

type document struct {
	Rows []row `json:"rows"`
}

func newReader() *Reader {
	return NewReader(
		Value(func(r *Reader, into *number) bool {
			text, ok := r.Scalar()
			if !ok || !IsNumber(text) {
				return false
			}
			value, err := strconv.ParseInt(string(text), 10, 64)
			*into = number(value)
			return err == nil
		}),
		Object[label](), List[labels](), List[[]row](),
	)
}

// compare requires that the reader reads what encoding/json reads, or nothing.
func compare(t *testing.T, r *Reader, text string) bool {
	t.Helper()
	var got, want document
	if !r.Document([]byte(text), &got, nil) {
		return false
	}
	require.NoError(t, json.Unmarshal([]byte(text), &want), text)
	require.Equal(t, want, got, text)
	return true
}

const wholeRow = `{"number":"34","text":"a\n\u00e9\ud83d\ude00 – 😀","plain":5,"label":{"id":"1","name":"n"},"labels":[{"id":2,"name":"m"}],` +
	`"any":{"a":[1,-2.5e3,true,null]},"maybe":7,"inner":{"deep":"x"},"unknown":[{"y":"z"}]}`

func TestReader(t *testing.T) {
	t.Parallel()
	r := newReader()
	for range 3 { // the second row of a kind is found by the order of the first
		require.True(t, compare(t, r, `{"rows":[`+wholeRow+","+wholeRow+`,{"inner":{"deep":"y"},"text":null,"number":""}]}`))
		require.True(t, compare(t, r, ` { "rows" : [ { } , { "label" : 5 , "labels" : { } } ] } `))
	}
	for i := range len(wholeRow) + len(`{"rows":[`) {
		var got document
		require.False(t, r.Document([]byte((`{"rows":[` + wholeRow)[:i]), &got, nil), "a cut text is none")
	}
}

// What encoding/json merges, repairs or finds in other letters is left to it.
func TestReaderKnowsItsLimits(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{"rows":[{"text":"a","text":"b"}],"rows":[]}`, `{"rows":[]}x`, `{"ROWS":[]}`, `{"rows":[],}`, `{rows:[]}`, "{\"rows\":[{\"text\":\"\x01\"}]}",
		`{"rows":{"0":{}}}`, `[]`, ``, `null`,
	} {
		require.False(t, newReader().Document([]byte(text), &document{}, nil), text)
	}
	require.False(t, newReader().Document([]byte(`{}`), new(map[string]int), nil), "no struct")
	// A single value is decoded the long way instead, and the rest goes on.
	for _, value := range []string{`{"text":"a","text":"b"}`, `{"TEXT":"a"}`, `{"text":"\ud83d"}`, "{\"text\":\"\xff\"}", `{"labels":[null]}`, `{"number":"+5"}`} {
		require.True(t, compare(t, newReader(), `{"rows":[{"text":"before"},`+value+`,{"text":"after"}]}`), value)
	}
}

func TestSpareList(t *testing.T) {
	t.Parallel()
	r := newReader()
	spare := make([]row, 0, 8)
	var got document
	require.True(t, r.Document([]byte(`{"rows":[{"text":"a"},{"text":"b"}]}`), &got, spare))
	require.Same(t, &spare[:1][0], &got.Rows[0])
	var next document
	require.True(t, r.Document([]byte(`{"rows":[{"text":"c"}]}`), &next, nil))
	require.Equal(t, "a", got.Rows[0].Text)
	require.Equal(t, "c", next.Rows[0].Text)
}

func FuzzReader(f *testing.F) {
	f.Add(`{"rows":[` + wholeRow + `]}`)
	for i, value := range []string{
		`"34"`, `null`, `01`, `-0`, `1e3`, `""`, `"\u12"`, `"\`, "\"\xff\"", `[[]]`, `{"id":"3","name":"n"}`, `{"ID":"3"}`, `[null]`, `{"\u0069d":1}`, `nul`,
		strings.Repeat("[", 200) + strings.Repeat("]", 200), "\"1234567\x1f\"", `"` + strings.Repeat("long ", 20) + `\n"`,
	} {
		f.Add(fmt.Sprintf(`{"rows":[{"%s":%s},{"text":"after"}]}`, []string{"number", "text", "label", "labels", "any", "inner", "other"}[i%7], value))
	}
	f.Fuzz(func(t *testing.T, text string) {
		r := newReader()
		compare(t, r, text)
		compare(t, r, `{"rows":[{"text":"before"},`+text+`,{"text":"after"}]}`)
		compare(t, r, `{"rows":[{"any":`+text+`,"label":`+text+`,"text":`+text+`}]}`)
	})
}

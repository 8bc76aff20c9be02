package rows

// Rows with real types.

import (
	"bytes"
	"encoding/json"
	"strconv"
	"time"

	"patchproof/sclient"
)

// converter turns rows as Security Center writes them into rows with real types: the same fields in the same order, but
// numbers, booleans and times instead of texts. It walks through a row once and copies what lies between two changes in one
// piece: decoding a row and encoding it again would take longer than fetching it. The rows must be valid JSON, which the
// client has checked.
type converter struct {
	schema  *Schema
	secrets *sclient.Redaction
	out     []byte
	data    []byte
	from    int  // what lies before is in out
	careful bool // every text is decoded and looked at
}

// append appends one row to out.
func (w *converter) append(row []byte) {
	w.careful = w.secrets.Suspects(row)
	w.whole(row, w.schema)
}

// one gives a single row, which is valid until the next one.
func (w *converter) one(row []byte) []byte {
	w.out = w.out[:0]
	w.append(row)
	return w.out
}

// whole appends a value that stands by itself.
func (w *converter) whole(data []byte, s *Schema) {
	outer, from := w.data, w.from
	w.data, w.from = data, skipSpace(data, 0)
	w.replace(w.value(w.from, s), len(data), "")
	w.data, w.from = outer, from
}

// replace copies what lies before i, and puts the text in the place of what lies between i and j.
func (w *converter) replace(i, j int, text string) {
	w.out = append(w.out, w.data[w.from:i]...)
	w.out = append(w.out, text...)
	w.from = j
}

// space leaves out white space.
func (w *converter) space(i int) int {
	if w.data[i] > ' ' {
		return i
	}
	return w.skip(i)
}

func (w *converter) skip(i int) int {
	end := skipSpace(w.data, i)
	w.replace(i, end, "")
	return end
}

// value rewrites the value at i and returns where it ends.
func (w *converter) value(i int, s *Schema) int {
	switch w.data[i] {
	case '"':
		end := stringEnd(w.data, i)
		w.text(i, end, s)
		return end
	case '{':
		return w.braces(i, s)
	case '[':
		return w.brackets(i, s)
	}
	end := wordEnd(w.data, i)
	w.word(i, end, s)
	return end
}

// braces rewrites an object. PHP writes a list that way too, when its indexes have a hole.
func (w *converter) braces(i int, s *Schema) int {
	if s.kind == kindList {
		end := valueEnd(w.data, i)
		if items, ok := phpList(w.data[i:end]); ok {
			w.list(i, end, items, s.item)
			return end
		}
	}
	i = w.space(i + 1)
	for n := 0; w.data[i] != '}'; n++ {
		if w.data[i] == ',' {
			i = w.space(i + 1)
		}
		end, field := s.next(n, w.data[i:])
		w.hide(i, i+end)
		colon := w.space(i + end)
		i = w.space(colon + 1)
		if field == encrypted {
			end = valueEnd(w.data, i)
			w.replace(i, end, `"`+sclient.Hidden+`"`)
			i = w.space(end)
			continue
		}
		i = w.space(w.value(i, field))
	}
	return i + 1
}

// brackets rewrites an array, which also stands for nothing, and in some versions is wrapped around an object.
func (w *converter) brackets(i int, s *Schema) int {
	var items []json.RawMessage
	begin := i
	for i = skipSpace(w.data, i+1); w.data[i] != ']'; {
		if w.data[i] == ',' {
			i = skipSpace(w.data, i+1)
		}
		end := valueEnd(w.data, i)
		items = append(items, w.data[i:end])
		i = skipSpace(w.data, end)
	}
	end := i + 1
	item := s.item
	if item == nil {
		item = anything
	}
	switch {
	case s.kind == kindObject && len(items) == 1:
		w.replace(begin, end, "")
		w.whole(items[0], s)
	case len(items) > 0 || s.kind == kindList || s.kind == kindAny || s.kind == kindText:
		w.list(begin, end, items, item)
	case s.rest != nil:
		w.replace(begin, end, "{}") // PHP's empty map
	default:
		w.replace(begin, end, "null")
	}
	return end
}

// list puts an array in the place of what lies between i and j.
func (w *converter) list(i, j int, items []json.RawMessage, item *Schema) {
	w.replace(i, j, "[")
	for n, part := range items {
		if n > 0 {
			w.out = append(w.out, ',')
		}
		w.whole(part, item)
	}
	w.out = append(w.out, ']')
}

// text rewrites a value in quotes.
func (w *converter) text(i, end int, s *Schema) {
	content := bytes.Trim(w.data[i+1:end-1], " ")
	switch s.kind {
	case kindNumber, kindTime, kindBool, kindObject:
		if len(content) == 0 {
			w.replace(i, end, "null")
			return
		}
		if !w.leaks(content) && w.scalar(i, end, content, s.kind) {
			return
		}
	case kindList:
		if len(content) == 0 {
			w.replace(i, end, "[]")
			return
		}
	case kindAny:
		if text := string(content); text == "true" || text == "false" {
			w.replace(i, end, text)
			return
		}
	case kindText:
	}
	w.hide(i, end)
}

// word rewrites a number, a boolean or null.
func (w *converter) word(i, end int, s *Schema) {
	switch {
	case w.leaks(w.data[i:end]):
		w.replace(i, end, `"`+sclient.Hidden+`"`)
	case w.data[i] == 'n':
	case s.kind == kindText:
		w.replace(i, i, `"`)
		w.replace(end, end, `"`)
	case s.kind == kindObject, s.kind == kindTime, s.kind == kindBool:
		w.scalar(i, end, w.data[i:end], s.kind)
	}
}

// scalar writes a value as what it really is; false if it is something else.
func (w *converter) scalar(i, end int, content []byte, k kind) bool {
	switch k {
	case kindNumber:
		if isNumber(content) {
			w.replace(i, end, string(content))
			return true
		}
	case kindObject: // a bare ID stands for it
		if isNumber(content) {
			w.replace(i, end, `{"id":`+string(content)+`}`)
			return true
		}
	case kindBool:
		if value, ok := sclient.ReadBool(content); ok {
			w.replace(i, end, strconv.FormatBool(value))
			return true
		}
	case kindTime:
		return w.time(i, end, content)
	case kindAny, kindText, kindList:
	}
	return false
}

func (w *converter) time(i, end int, content []byte) bool {
	moment, ok := sclient.ReadTime(content)
	switch {
	case !ok:
		return false
	case moment.IsZero():
		w.replace(i, end, "null")
	default:
		w.replace(i, end, `"`)
		w.out = moment.AppendFormat(w.out, time.RFC3339Nano)
		w.out = append(w.out, '"')
	}
	return true
}

// leaks reports whether a value has one of our secrets in it.
func (w *converter) leaks(value []byte) bool {
	return w.careful && w.secrets.Hide(string(value)) != string(value)
}

// hide takes our secrets out of a text.
func (w *converter) hide(i, end int) {
	if !w.careful {
		return
	}
	text := unquote(w.data[i:end])
	if safe := w.secrets.Hide(text); safe != text {
		quoted, _ := json.Marshal(safe) // a string can always be written
		w.replace(i, end, string(quoted))
	}
}

package rest

// Answers that faults have spoiled: with a warning, with a refusal, or beyond all measure.

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/scenario"
)

// Refusal refuses in the words of the fault, without any effect.
func Refusal(f scenario.Fault, now time.Time) Answer {
	refusal := dialect.Refuse("%s", f.Text)
	if f.Code != nil {
		refusal.Code = *f.Code
	}
	return refused(now, refusal)
}

// parts is an answer, taken apart.
func (a Answer) parts() (object, bool) {
	var envelope object
	decoder := json.NewDecoder(bytes.NewReader(a.Body))
	decoder.UseNumber()
	return envelope, decoder.Decode(&envelope) == nil
}

func (a Answer) with(envelope object) Answer {
	body, err := json.Marshal(envelope)
	if err != nil {
		// It was decoded from JSON before.
		return a
	}
	a.Header, a.Body = maps.Clone(a.Header), append(body, '\n')
	return a
}

// Warned is a success with a sentence, with the object that was made or without it. Refusals stay what they are.
func (a Answer) Warned(f scenario.Fault) Answer {
	envelope, ok := a.parts()
	if !ok || a.Status != http.StatusOK {
		return a
	}
	envelope["error_msg"] = f.Text
	if f.Bare {
		envelope["response"] = ""
	}
	return a.with(envelope)
}

// hugeMark is where the repeated part of a huge answer belongs.
const hugeMark = "@huge@"

// WriteHuge writes the answer with one part repeated. It is never held in memory as a whole, and ends when the client has had enough.
func (a Answer) WriteHuge(w http.ResponseWriter, f scenario.Fault, request []byte) {
	envelope, ok := a.parts()
	if !ok {
		a.Write(w)
		return
	}
	var part func(i int) []byte
	times := f.Size
	switch f.What {
	case scenario.HugeText:
		unit, err := json.Marshal(f.Text)
		if err != nil || len(f.Text) == 0 {
			a.Write(w)
			return
		}
		unit = unit[1 : len(unit)-1]
		part = func(int) []byte { return unit }
		times = f.Size/len(f.Text) + 1
		if f.Where == scenario.InMessage {
			a.Status, envelope["error_code"], envelope["error_msg"], envelope["response"] = http.StatusForbidden, dialect.CodeInvalid, hugeMark, ""
		} else {
			replaceField(envelope["response"], f.Where)
		}
	default:
		part, times = hugeList(envelope, f, request)
	}
	before, after, found := bytes.Cut(a.with(envelope).Body, []byte(hugeMark))
	if f.What != scenario.HugeText {
		before, after = bytes.TrimSuffix(before, []byte(`"`)), bytes.TrimPrefix(after, []byte(`"`))
	}
	maps.Copy(w.Header(), a.Header)
	var out io.Writer = w
	if f.What == scenario.HugeGzip {
		w.Header().Set("Content-Encoding", "gzip")
		packer, _ := gzip.NewWriterLevel(w, gzip.BestCompression)
		defer packer.Close() //nolint:errcheck // the client may be gone
		out = packer
	}
	w.WriteHeader(a.Status)
	for {
		if _, err := out.Write(before); err != nil || !found {
			return
		}
		if !repeat(out, part, times) {
			return
		}
		// A field of that name may be there more than once.
		before, after, found = bytes.Cut(after, []byte(hugeMark))
	}
}

// repeat gathers parts into larger writes, because a write each would take minutes.
func repeat(out io.Writer, part func(int) []byte, times int) bool {
	var gathered bytes.Buffer
	for i := range times {
		gathered.Write(part(i))
		if gathered.Len() < 1<<16 && i < times-1 {
			continue
		}
		if _, err := out.Write(gathered.Bytes()); err != nil {
			return false
		}
		gathered.Reset()
	}
	return true
}

// replaceField puts the mark into every text field of that name.
func replaceField(value any, name string) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			replaceField(item, name)
		}
	case object:
		for key, inner := range value {
			if _, isText := inner.(string); isText && key == name {
				value[key] = hugeMark
				continue
			}
			replaceField(inner, name)
		}
	}
}

// hugeList puts the mark into the list of the response, and says what is to be repeated there.
func hugeList(envelope object, f scenario.Fault, request []byte) (func(i int) []byte, int) {
	element := any(object{})
	list, put := listOf(envelope)
	if len(list) > 0 {
		element = list[0]
	}
	put([]any{hugeMark})
	times := f.Size
	if f.What == scenario.HugeEndless {
		return endless(envelope, element, f.Size, request)
	}
	one, err := json.Marshal(element)
	if err != nil {
		one = []byte("{}")
	}
	if f.What == scenario.HugeGzip {
		times = f.Size/(len(one)+1) + 1
	}
	return func(i int) []byte {
		if i == 0 {
			return one
		}
		return slices.Concat([]byte(","), one)
	}, times
}

// listOf finds the list that a response is or has, and how to put another one into its place.
func listOf(envelope object) ([]any, func([]any)) {
	if response, ok := envelope["response"].(object); ok {
		for _, name := range []string{"results", "usable", "manageable"} {
			if list, isList := response[name].([]any); isList {
				return list, func(other []any) { response[name] = other }
			}
		}
		first := []any{response}
		return first, func(other []any) { envelope["response"] = other }
	}
	list, _ := envelope["response"].([]any)
	return list, func(other []any) { envelope["response"] = other }
}

// endless fills the page that was asked for with rows that nobody has seen before, as long as there are any left.
func endless(envelope object, element any, size int, request []byte) (func(i int) []byte, int) {
	var asked struct {
		Query struct{ StartOffset, EndOffset json.Number }
	}
	// Without offsets there is a page of a usual size.
	_ = json.Unmarshal(request, &asked)
	from, _ := asked.Query.StartOffset.Int64()
	to, err := asked.Query.EndOffset.Int64()
	if err != nil {
		to = from + 50
	}
	from, to = min(from, int64(size)), min(to, int64(size))
	if response, ok := envelope["response"].(object); ok {
		response["returnedRecords"], response["totalRecords"] = to-from, fmt.Sprint(size)
	}
	row, _ := element.(object)
	row = maps.Clone(row)
	if row == nil {
		row = object{}
	}
	return func(i int) []byte {
		n := from + int64(i)
		row["ip"] = fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255)
		row["port"], row["dnsName"] = fmt.Sprint(n>>24+1), fmt.Sprintf("h%d.example.com", n)
		one, err := json.Marshal(row)
		if err != nil {
			one = []byte("{}")
		}
		return append([]byte(strings.Repeat(",", min(i, 1))), one...)
	}, int(to - from)
}

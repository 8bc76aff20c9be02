package wire

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
	return Refused(now, refusal)
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
	a.Header = maps.Clone(a.Header)
	a.Body = slices.Concat(body, []byte("\n"))
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

// Without lacks fields, or says something else there.
func (a Answer) Without(f scenario.Fault) Answer {
	envelope, ok := a.parts()
	if !ok || a.Status != http.StatusOK {
		return a
	}
	for _, name := range f.Fields {
		eachField(envelope["response"], name, func(holder object) {
			if f.Text == "" {
				delete(holder, name)
				return
			}
			holder[name] = f.Text
		})
	}
	return a.with(envelope)
}

// eachField finds the objects that have a field of that name.
func eachField(value any, name string, found func(object)) {
	switch value := value.(type) {
	case []any:
		for _, item := range value {
			eachField(item, name, found)
		}
	case object:
		for _, inner := range value {
			eachField(inner, name, found)
		}
		if _, has := value[name]; has {
			found(value)
		}
	}
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
	var (
		part  func(i int) []byte
		times int
	)
	if f.What == scenario.HugeText {
		part, times = hugeText(f)
		if f.Where == scenario.InMessage {
			a.Status, envelope["error_code"], envelope["error_msg"], envelope["response"] = http.StatusForbidden, dialect.CodeInvalid, hugeMark, ""
		} else {
			replaceField(envelope["response"], f.Where)
		}
	} else {
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
		defer packer.Close()
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

// hugeText is the fault's text, as often as it takes.
func hugeText(f scenario.Fault) (func(i int) []byte, int) {
	unit, err := json.Marshal(f.Text)
	if err != nil || len(f.Text) == 0 {
		return nil, 0
	}
	unit = unit[1 : len(unit)-1]
	return func(int) []byte { return unit }, f.Size/len(f.Text) + 1
}

// replaceField puts the mark into every text field of that name.
func replaceField(value any, name string) {
	eachField(value, name, func(holder object) {
		if _, isText := holder[name].(string); isText {
			holder[name] = hugeMark
		}
	})
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
		// Where there is no list, one of nothing takes the place of the object.
		return nil, func(other []any) { envelope["response"] = other }
	}
	list, _ := envelope["response"].([]any)
	return list, func(other []any) { envelope["response"] = other }
}

// endless fills the page that was asked for with rows that nobody has seen before, as long as there are any left.
func endless(envelope object, element any, size int, request []byte) (func(i int) []byte, int) {
	var asked struct {
		Query struct {
			StartOffset json.Number `json:"startOffset"`
			EndOffset   json.Number `json:"endOffset"`
		} `json:"query"`
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

type object = dialect.Object

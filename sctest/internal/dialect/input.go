package dialect

// Reading what clients send: IDs as numbers or text, booleans as text or booleans, objects that hold nothing but an ID.

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Input is an object that a client sent. What is missing or wrong reads as empty; the first thing that is wrong is kept, because
// servers refuse a request for one reason only.
type Input struct {
	Object Object
	err    error
}

// Err is the first refusal, nil if nothing was wrong so far.
func (in *Input) Err() error { return in.err }

// Require refuses in these words, unless something was wrong before.
func (in *Input) Require(ok bool, format string, args ...any) {
	if !ok {
		in.Refuse(Refuse(format, args...))
	}
}

// RequireAll also says in these words what was wrong before, unless the simulator itself is at its end.
func (in *Input) RequireAll(ok bool, format string, args ...any) {
	if refusal, is := errors.AsType[*RefusalError](in.err); is && refusal.Status == http.StatusNotImplemented {
		return
	}
	if !ok || in.err != nil {
		in.err = Refuse(format, args...)
	}
}

// Refuse keeps a refusal, if it is one and the first.
func (in *Input) Refuse(err error) {
	if in.err == nil {
		in.err = err
	}
}

// Invalid refuses the value of a field.
func (in *Input) Invalid(key string, value any) {
	in.Require(false, "The attribute '%s' contains the invalid value '%s'.\n", key, fmt.Sprint(value))
}

// Scalar is the text of a string, number or boolean; anything else is not one.
func Scalar(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case json.Number:
		return value.String(), true
	case bool:
		return strconv.FormatBool(value), true
	}
	return "", false
}

// Text reads a text.
func (in *Input) Text(key string) string {
	s, ok := Scalar(in.Object[key])
	if !ok && in.Object[key] != nil {
		in.Invalid(key, in.Object[key])
	}
	return s
}

// Flag reads "true", "false" or a boolean.
func (in *Input) Flag(key string) bool {
	s := in.Text(key)
	b, err := strconv.ParseBool(s)
	if s != "" && err != nil {
		in.Invalid(key, s)
	}
	return b
}

// Number reads a number, written as one or as text, and says whether it is there.
func (in *Input) Number(key string) (int, bool) {
	s := in.Text(key)
	n, err := strconv.Atoi(s)
	if s != "" && err != nil {
		in.Invalid(key, s)
	}
	return n, err == nil
}

// Ref reads the ID of an object such as {"id": 4}, and says whether it is there.
func (in *Input) Ref(key string) (int, bool) {
	value := in.Object[key]
	if value == nil {
		return 0, false
	}
	// A value that is no object has no fields.
	object, _ := value.(Object)
	id, ok := (&Input{Object: object}).Number("id")
	if !ok {
		in.Invalid(key, value)
	}
	return id, ok
}

// Refs reads the IDs of a list of such objects.
func (in *Input) Refs(key string) []int {
	var ids []int
	for _, item := range in.List(key) {
		one := &Input{Object: Object{key: item}, err: in.err}
		if id, ok := one.Ref(key); ok {
			ids = append(ids, id)
		}
		in.err = one.err
	}
	return ids
}

// Inside is an object within this one.
func (in *Input) Inside(key string) *Input {
	object, ok := in.Object[key].(Object)
	if !ok && in.Object[key] != nil {
		in.Invalid(key, in.Object[key])
	}
	return &Input{Object: object, err: in.err}
}

// List reads a list.
func (in *Input) List(key string) []any {
	list, ok := in.Object[key].([]any)
	if !ok && in.Object[key] != nil {
		in.Invalid(key, in.Object[key])
	}
	return list
}

// Choice reads a text that must be one of a few; missing means the first.
func (in *Input) Choice(key string, allowed ...string) string {
	s := in.Text(key)
	if s == "" {
		return allowed[0]
	}
	in.Require(slices.Contains(allowed, s), "The attribute '%s' contains the value '%s'. It should be one of %v.\n", key, s, allowed)
	return s
}

// Split reads a list of names in one text.
func Split(list string) []string {
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

package remediation

// Reading a request that a client sends as JSON.

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
)

// maxRequest is what a payload may have at all; the limits of the fields are far narrower.
const maxRequest = 256 << 10

// DecodeRequest reads a request that a client sends as JSON, and completes it. It is strict where encoding/json is not: a
// field that nobody knows, a value of another type, null, and a field that is given twice are refused with their name. The
// request that comes with an error holds what could be read, so that it can be shown and found; it is good for nothing else.
func DecodeRequest(data []byte) (Request, error) {
	var d strict
	var r Request
	if len(data) > maxRequest {
		d.refuse("the request is larger than %d bytes: give fewer targets", maxRequest)
	}
	if data = bytes.TrimSpace(data); !strings.HasPrefix(string(data[:min(len(data), 1)]), "{") && json.Valid(data) {
		d.refuse("the request is %s: give one JSON object with ticket, plugin, repository and targets or assets", kindOf(data))
	} else {
		d.object("", data, reflect.ValueOf(&r).Elem())
	}
	complete, err := r.Complete()
	if err != nil && d.first == nil {
		d.first = withField(err)
	}
	return complete, d.first
}

// strict reads values as they come and keeps the first thing that is wrong with them.
type strict struct{ first error }

func (d *strict) refuse(format string, args ...any) {
	if d.first == nil {
		d.first = fmt.Errorf(format, args...)
	}
}

// value reads a value into a field. path names it, as in scan.preferences["a"].
func (d *strict) value(path string, raw json.RawMessage, into reflect.Value) {
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		into = into.Elem()
	}
	_, text := reflect.TypeAssert[encoding.TextUnmarshaler](into.Addr())
	want, kinds := "a text", `"`
	switch kind := into.Kind(); {
	case text:
		want = `a duration such as "90s", "15m" or "24h"`
	case kind == reflect.Struct || kind == reflect.Map:
		want, kinds = "an object", "{"
	case kind == reflect.Slice:
		want, kinds = "a list", "["
	case kind == reflect.Int:
		want, kinds = "a whole number", "-0123456789"
	case kind == reflect.Bool:
		want, kinds = "true or false", "tf"
	}
	if !strings.ContainsRune(kinds, rune(raw[0])) {
		d.refuse("%s: must be %s, not %s", path, want, kindOf(raw))
		return
	}
	switch {
	case kinds == "{":
		d.object(path, raw, into)
	case kinds == "[":
		d.list(path, raw, into)
	default:
		if err := json.Unmarshal(raw, into.Addr().Interface()); err != nil && text {
			d.refuse("%s: %w", path, err)
		} else if err != nil {
			d.refuse("%s: must be %s", path, want)
		}
	}
}

func (d *strict) list(path string, raw json.RawMessage, into reflect.Value) {
	var entries []json.RawMessage
	if err := json.Unmarshal(raw, &entries); err != nil {
		d.refuse("the request is not JSON: %w", err)
		return
	}
	into.Set(reflect.MakeSlice(into.Type(), len(entries), len(entries)))
	for i, entry := range entries {
		d.value(fmt.Sprintf("%s[%d]", path, i), entry, into.Index(i))
	}
}

// object reads a struct or a map of texts. Its members are read one by one, because encoding/json passes over all but the
// last of a name.
func (d *strict) object(path string, raw json.RawMessage, into reflect.Value) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	if _, err := decoder.Token(); err != nil {
		d.refuse("the request is not JSON: it is empty or broken")
		return
	}
	if into.Kind() == reflect.Map {
		into.Set(reflect.MakeMap(into.Type()))
	}
	seen := map[string]bool{}
	for decoder.More() {
		name, err := decoder.Token()
		var member json.RawMessage
		if err == nil {
			err = decoder.Decode(&member)
		}
		if err != nil {
			d.refuse("the request is not JSON: %w", err)
			return
		}
		d.member(path, fmt.Sprint(name), member, into, seen)
	}
	if _, err := decoder.Token(); err != nil {
		d.refuse("the request is not JSON: it breaks off")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		d.refuse("the request is not JSON: something follows it")
	}
}

func (d *strict) member(path, name string, raw json.RawMessage, into reflect.Value, seen map[string]bool) {
	var field reflect.Value
	full := strings.TrimPrefix(path+"."+name, ".")
	if into.Kind() == reflect.Map {
		field, full = reflect.New(into.Type().Elem()).Elem(), path+"["+quote(name)+"]"
	} else if field = fieldOf(into, name); !field.IsValid() {
		in, meant := "", ""
		if path != "" {
			in = path + ": "
		}
		if alike := likeName(into.Type(), name); alike != "" {
			meant = fmt.Sprintf(": %q is meant", alike)
		}
		d.refuse("%sthere is no field %s%s", in, quote(name), meant)
		return
	}
	if seen[name] {
		d.refuse("%s: is given twice", full)
		return
	}
	seen[name] = true
	d.value(full, raw, field)
	if into.Kind() == reflect.Map {
		into.SetMapIndex(reflect.ValueOf(name), field)
	}
}

// fieldOf gives the field that JSON knows by a name; one that is not valid if there is none.
func fieldOf(object reflect.Value, name string) reflect.Value {
	for i := range object.NumField() {
		if jsonName(object.Type().Field(i)) == name {
			return object.Field(i)
		}
	}
	return reflect.Value{}
}

func likeName(object reflect.Type, name string) string {
	for field := range object.Fields() {
		if alike := jsonName(field); strings.EqualFold(alike, name) {
			return alike
		}
	}
	return ""
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

// kindOf is a JSON value's kind in a sentence.
func kindOf(raw []byte) string {
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a text"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	default:
		return "a number"
	}
}

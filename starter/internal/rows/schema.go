package rows

// What the values of a row really are.

import (
	"maps"
	"reflect"
	"strings"
	"sync"

	"patchproof/sclient"
)

// kind is what a value really is, whatever the server writes it as.
type kind int

const (
	kindAny    kind = iota // unknown: passed on as it came
	kindText               // text, also where a server sends a number
	kindNumber             // "34", 34; "" for none
	kindBool               // "true", "Yes", "1", …
	kindTime               // epoch seconds; -1, 0 and "" for never
	kindObject
	kindList
)

// Schema tells the kinds of an object's fields. It is read off the client's own types, so that there is one truth about
// what a column is. A schema also remembers in which order the fields came the last time: all rows are alike.
type Schema struct {
	kind   kind
	fields map[string]*Schema // of an object, by name
	rest   *Schema            // of the fields without a name of their own; nil to guess
	item   *Schema            // of a list
	order  []expected
}

type expected struct {
	key    string // in quotes
	schema *Schema
}

var anything = &Schema{kind: kindAny}

// SchemaOf reads the schema off one type, or off several for rows that may be of either.
func SchemaOf(samples ...any) *Schema {
	s := &Schema{kind: kindObject, fields: map[string]*Schema{}}
	for _, sample := range samples {
		maps.Copy(s.fields, typeSchema(reflect.TypeOf(sample)).fields)
	}
	return s
}

// AnalysisSchema is that of a row of any analysis: the tools use the same names for the same things.
func AnalysisSchema() *Schema {
	return SchemaOf(sclient.PluginHosts{}, sclient.PluginSummary{}, sclient.HostSummary{}, sclient.Vuln{})
}

func typeSchema(t reflect.Type) *Schema {
	switch t {
	case reflect.TypeFor[sclient.ID](), reflect.TypeFor[sclient.Int](), reflect.TypeFor[sclient.Port](), reflect.TypeFor[sclient.Float]():
		return &Schema{kind: kindNumber}
	case reflect.TypeFor[sclient.Bool]():
		return &Schema{kind: kindBool}
	case reflect.TypeFor[sclient.Time]():
		return &Schema{kind: kindTime}
	case reflect.TypeFor[sclient.Text](), reflect.TypeFor[sclient.Addresses]():
		return &Schema{kind: kindText}
	}
	switch t.Kind() { //nolint:exhaustive // the others do not occur, and would be passed on
	case reflect.Pointer:
		return typeSchema(t.Elem())
	case reflect.String:
		return &Schema{kind: kindText}
	case reflect.Map:
		return &Schema{kind: kindObject, rest: typeSchema(t.Elem())}
	case reflect.Slice:
		return &Schema{kind: kindList, item: typeSchema(t.Elem())}
	case reflect.Struct:
		s := &Schema{kind: kindObject, fields: map[string]*Schema{}}
		for field := range t.Fields() {
			if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
				s.fields[name] = typeSchema(field.Type)
			}
		}
		return s
	}
	return &Schema{kind: kindAny}
}

// guess gives the schema of a field that our client does not have here: servers use most names for one thing only. The
// objects and lists among them are walked through in the same way.
func guess(key []byte) *Schema {
	if s, known := byName()[string(key[1:len(key)-1])]; known {
		return s
	}
	return anything
}

// byName has the scalars that are of the same kind wherever our client knows them.
var byName = sync.OnceValue(func() map[string]*Schema {
	known := map[string]*Schema{}
	// Moments that no type of ours has.
	for _, name := range []string{"lastSyncTime", "ioFirstSyncTime", "ioLastSyncSuccess", "ioLastSyncFailure", "lastFailedLogin"} {
		known[name] = &Schema{kind: kindTime}
	}
	var learn func(*Schema)
	learn = func(s *Schema) {
		for name, field := range s.fields {
			if field.kind == kindObject || field.kind == kindList {
				learn(field)
				if field.item != nil {
					learn(field.item)
				}
				continue
			}
			if other, ok := known[name]; ok && other.kind != field.kind {
				field = anything
			}
			known[name] = &Schema{kind: field.kind}
		}
	}
	for _, sample := range []any{
		sclient.User{},
		sclient.Status{},
		sclient.System{},
		sclient.Plugin{},
		sclient.PluginFamily{},
		sclient.Repository{},
		sclient.Zone{},
		sclient.Policy{},
		sclient.Scan{},
		sclient.ScanResult{},
		sclient.Asset{},
		sclient.Vuln{},
		sclient.HostSummary{},
		sclient.PluginHosts{},
	} {
		learn(SchemaOf(sample))
	}
	return known
})

// encrypted marks what nobody asked for and nobody can read: the logins in a scan's preferences.
var encrypted = &Schema{kind: kindAny}

// next finds the n-th field of an object, whose key is at the beginning of the text. It returns where the key ends. The key
// that stood there in the previous row needs no search.
func (s *Schema) next(n int, text []byte) (end int, field *Schema) {
	if n < len(s.order) {
		known := s.order[n]
		if len(text) > len(known.key) && string(text[:len(known.key)]) == known.key {
			return len(known.key), known.schema
		}
	}
	end = stringEnd(text, 0)
	field = s.field(text[:end])
	if s.kind != kindObject {
		return end, field // shared by all unknown objects
	}
	// An object with more fields than any row has is not worth remembering.
	if n < len(s.order) {
		s.order[n] = expected{string(text[:end]), field}
	} else if n == len(s.order) && n < 256 {
		s.order = append(s.order, expected{string(text[:end]), field})
	}
	return end, field
}

func (s *Schema) field(key []byte) *Schema {
	if string(key) == `"policyPrefs"` {
		return encrypted
	}
	if field, known := s.fields[string(key[1:len(key)-1])]; known {
		return field
	}
	if s.rest != nil {
		return s.rest
	}
	return guess(key)
}

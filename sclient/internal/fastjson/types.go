package fastjson

// The table of types that a reader may fill.

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
)

// Type tells how values of a Go type are read.
type Type struct {
	of   reflect.Type
	read readFunc // nil for an object
}

// readFunc takes a value into the pointer, or returns false: then encoding/json takes it, which means the type's own UnmarshalJSON.
type readFunc func(r *Reader, into any) bool

// Value is a type whose values the function reads. It may leave any of them to encoding/json by returning false.
func Value[T any](read func(*Reader, *T) bool) Type {
	return Type{reflect.TypeFor[T](), func(r *Reader, into any) bool { return read(r, into.(*T)) }} //nolint:errcheck,forcetypeassert // found by this type
}

// Object is a struct that is read field by field, although it has an UnmarshalJSON, which is for what is no object.
func Object[T any]() Type { return Type{reflect.TypeFor[T](), nil} }

// List is a slice type. Arrays are read here; other shapes of a list, and arrays with holes (null), are left to encoding/json.
func List[S ~[]E, E any]() Type {
	return Value(func(r *Reader, into *S) bool {
		if !r.take('[') {
			return false
		}
		list, ok := r.spare.(S)
		if !ok {
			list = S{}
		}
		r.spare = nil
		read := r.reader(reflect.TypeFor[E]())
		for !r.take(']') {
			if len(list) > 0 && !r.take(',') {
				return false
			}
			if r.peek() == 'n' {
				return false
			}
			var none E
			list = append(list, none)
			if !r.value(read, &list[len(list)-1]) {
				return false
			}
			r.strings.flush() // before the list moves
		}
		*into = list
		return true
	})
}

// reader returns how to read the type; nil leaves it to encoding/json.
func (r *Reader) reader(t reflect.Type) readFunc {
	if read, known := r.types[t]; known {
		return read
	}
	var read readFunc
	p := newPlan(t)
	if p != nil && (r.objects[t] || !reflect.PointerTo(t).Implements(reflect.TypeFor[json.Unmarshaler]())) {
		read = func(r *Reader, into any) bool { return r.object(p, reflect.ValueOf(into).Elem()) }
	}
	r.types[t] = read // before the fields are looked at, which may be of the same type
	for i := 0; read != nil && i < t.NumField(); i++ {
		p.reads = append(p.reads, r.reader(t.Field(i).Type))
	}
	return read
}

// plan is what the reader needs to know of a struct. It also remembers in which order the keys came the last time: a server
// writes all rows alike, so that the next key is nearly always the expected one.
type plan struct {
	columns []string       // the keys in quotes, by field
	reads   []readFunc     // by field
	byName  map[string]int // the field of a key
	folded  map[string]bool
	after   []int // the field that followed each one, the first field before all others
}

// A row has 66 columns at present, and a key that comes twice is found with a bit for each.
const maxColumns = 128

// newPlan returns nil for a type that only encoding/json can decode.
func newPlan(t reflect.Type) *plan {
	if t.Kind() != reflect.Struct || t.NumField() > maxColumns {
		return nil
	}
	p := &plan{byName: map[string]int{}, folded: map[string]bool{}, after: make([]int, t.NumField()+1)}
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" || name == "-" || field.Anonymous || strings.Contains(options, "string") {
			return nil
		}
		p.columns = append(p.columns, strconv.Quote(name))
		p.byName[name] = i
		p.folded[strings.ToLower(name)] = true
	}
	return p
}

// noColumn is the field of a key that has none.
const noColumn = -1

// column takes a key and returns its field. The field that is expected need not be looked up.
func (p *plan) column(r *Reader, previous int) (int, bool) {
	r.peek()
	rest := r.data[r.pos:]
	if i := p.after[previous+1]; i < len(p.columns) {
		if name := p.columns[i]; len(rest) >= len(name) && string(rest[:len(name)]) == name {
			r.pos += len(name)
			return i, true
		}
	}
	key, odd, ok := r.quoted()
	if !ok || odd {
		return 0, false
	}
	if i, known := p.byName[string(key)]; known {
		if i != noColumn {
			p.after[previous+1] = i
		}
		return i, true
	}
	// encoding/json also takes a key in other letters, where it does not find the exact one.
	name := string(key)
	if p.folded[strings.ToLower(name)] {
		return 0, false
	}
	if len(p.byName) < maxColumns {
		p.byName[name] = noColumn // it will come again with the next row
	}
	return noColumn, true
}

// object takes an object into the struct.
func (r *Reader) object(p *plan, into reflect.Value) bool {
	if !r.take('{') {
		return false
	}
	if r.take('}') {
		return true
	}
	var seen [maxColumns / 64]uint64
	for previous := -1; ; {
		i, ok := p.column(r, previous)
		if !ok || !r.take(':') {
			return false
		}
		if i == noColumn {
			if !r.skip(1) {
				return false
			}
		} else {
			bit := uint64(1) << (i % 64)
			if seen[i/64]&bit != 0 {
				return false // encoding/json merges some and replaces others
			}
			seen[i/64] |= bit
			if !r.value(p.reads[i], into.Field(i).Addr().Interface()) {
				return false
			}
			previous = i
		}
		if !r.take(',') {
			return r.take('}')
		}
	}
}

// value takes a value into the pointer. The spellings that make up nearly all of a page are read here, the others by encoding/json.
func (r *Reader) value(read readFunc, into any) bool {
	r.peek()
	start, mark := r.pos, r.strings.mark()
	if read != nil && read(r, into) {
		return true
	}
	r.pos = start
	r.strings.forget(mark)
	value, ok := r.Span()
	return ok && json.Unmarshal(value, into) == nil
}

// Text takes a string; null leaves it as it is.
func (r *Reader) Text(into *string) bool {
	if r.peek() == 'n' {
		_, ok := r.word()
		return ok
	}
	return r.text(into)
}

// AnyText takes a string, and a number or a word as text; null is "".
func (r *Reader) AnyText(into *string) bool {
	if r.peek() == '"' {
		return r.text(into)
	}
	text, ok := r.Scalar()
	r.strings.add(into, append(r.strings.text, text...))
	return ok
}

// Scalar takes a string without escapes, a number or a word and returns its text, valid until that of the document is; null is "".
func (r *Reader) Scalar() ([]byte, bool) {
	if r.peek() == '"' {
		text := r.data[r.pos+1:]
		end := skipPlain(text, 0)
		if end == len(text) || text[end] != '"' {
			return nil, false
		}
		r.pos += end + 2
		return text[:end], true
	}
	word, ok := r.word()
	if string(word) == "null" {
		return nil, true
	}
	return word, ok
}

// IsNumber reports whether the text is a number as JSON writes it.
func IsNumber(text []byte) bool { return len(text) > 0 && numberLength(text) == len(text) }

package sclient

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"

	"patchproof/sclient/internal/spelling"
)

// plan is what the scanner needs to know of a struct. It also remembers in which order the keys came the last time: a server
// writes all rows alike, so that the next key is nearly always the expected one.
type plan struct {
	columns []string       // the keys in quotes, by field
	byName  map[string]int // the field of a key
	folded  map[string]bool
	after   []int // the field that followed each one, the first field before all others
}

type planSet map[reflect.Type]*plan

// A row has 66 columns at present, and a key that comes twice is found with a bit for each.
const maxColumns = 128

// of returns nil for a type that only encoding/json can decode.
func (s *planSet) of(t reflect.Type) *plan {
	if p, known := (*s)[t]; known {
		return p
	}
	if *s == nil {
		*s = planSet{}
	}
	p := newPlan(t)
	(*s)[t] = p
	return p
}

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
func (p *plan) column(s *scanner, previous int) (int, bool) {
	s.peek()
	rest := s.data[s.pos:]
	if i := p.after[previous+1]; i < len(p.columns) {
		if name := p.columns[i]; len(rest) >= len(name) && string(rest[:len(name)]) == name {
			s.pos += len(name)
			return i, true
		}
	}
	key, ok := s.quoted()
	if !ok || key.odd {
		return 0, false
	}
	if i, known := p.byName[string(key.text)]; known {
		if i != noColumn {
			p.after[previous+1] = i
		}
		return i, true
	}
	// encoding/json also takes a key in other letters, where it does not find the exact one.
	name := string(key.text)
	if p.folded[strings.ToLower(name)] {
		return 0, false
	}
	if len(p.byName) < maxColumns {
		p.byName[name] = noColumn // it will come again with the next row
	}
	return noColumn, true
}

// document reads a whole text into the pointer. When it returns false, the value is not to be used.
func (s *scanner) document(data []byte, into any) bool {
	s.data, s.pos = data, 0
	ok := s.structure(into) && s.peek() == 0 && s.pos == len(data)
	s.strings.flush()
	s.data, s.spare = nil, nil
	return ok
}

// object takes an object into the struct.
func (s *scanner) object(p *plan, into reflect.Value) bool {
	if !s.take('{') {
		return false
	}
	if s.take('}') {
		return true
	}
	var seen [maxColumns / 64]uint64
	for previous := -1; ; {
		i, ok := p.column(s, previous)
		if !ok || !s.take(':') {
			return false
		}
		if i == noColumn {
			if !s.skip(1) {
				return false
			}
		} else {
			bit := uint64(1) << (i % 64)
			if seen[i/64]&bit != 0 {
				return false // encoding/json merges some and replaces others
			}
			seen[i/64] |= bit
			if !s.value(into.Field(i).Addr().Interface()) {
				return false
			}
			previous = i
		}
		if !s.take(',') {
			return s.take('}')
		}
	}
}

// value takes a value into the pointer. The spellings that make up nearly all of a page are read here; encoding/json, which means
// the types' own methods, reads the others.
func (s *scanner) value(into any) bool {
	s.peek()
	start, mark := s.pos, s.strings.mark()
	if s.common(into) {
		return true
	}
	s.pos = start
	s.strings.forget(mark)
	value, ok := s.span()
	return ok && json.Unmarshal(value, into) == nil
}

// byScanner is a type that the scanner knows without its being listed.
type byScanner interface{ scan(*scanner) bool }

func (s *scanner) common(into any) bool {
	switch into := into.(type) {
	case *string:
		if s.peek() == 'n' {
			_, ok := s.word() // null leaves a string as it is
			return ok
		}
		return s.text(into)
	case *Text:
		return s.anyText((*string)(into))
	case *ID:
		return s.integer((*int64)(into))
	case *Int:
		var n int64
		ok := s.integer(&n)
		*into = Int(n)
		return ok
	case *Time:
		return s.time(into)
	case *Bool:
		return s.bool(into)
	case *Float:
		return s.float(into)
	case *Severity:
		*into = Severity{}
		return s.structure(into)
	case *FamilyRef:
		*into = FamilyRef{}
		return s.structure(into)
	case *RepositoryRef:
		*into = RepositoryRef{}
		return s.structure(into)
	case byScanner:
		return into.scan(s)
	case json.Unmarshaler:
		return false
	}
	return s.structure(into)
}

// structure is for structs that are decoded field by field, by encoding/json too.
func (s *scanner) structure(into any) bool {
	v := reflect.ValueOf(into).Elem()
	p := s.plans.of(v.Type())
	return p != nil && s.object(p, v)
}

// scalar takes a string without escapes, a number or a word; null is "", as everywhere in this package.
func (s *scanner) scalar() ([]byte, bool) {
	if s.peek() == '"' {
		q, ok := s.quoted()
		return q.text, ok && !q.odd
	}
	word, ok := s.word()
	if string(word) == "null" {
		return nil, true
	}
	return word, ok
}

func (s *scanner) anyText(into *string) bool {
	if s.peek() == '"' {
		return s.text(into)
	}
	text, ok := s.scalar()
	s.strings.add(into, append(s.strings.text, text...))
	return ok
}

func (s *scanner) integer(into *int64) bool {
	text, ok := s.scalar()
	if !ok {
		return false
	}
	n, ok := spelling.Digits(text)
	if ok { // longer numbers, fractions and exponents are rare
		*into = n
	}
	return ok
}

func (s *scanner) time(into *Time) bool {
	text, ok := s.scalar()
	if !ok {
		return false
	}
	moment, ok := spelling.Time(text)
	*into = Time{moment}
	return ok
}

func (s *scanner) bool(into *Bool) bool {
	text, ok := s.scalar()
	if !ok {
		return false
	}
	value, ok := spelling.Bool(text)
	*into = Bool(value)
	return ok
}

func (s *scanner) float(into *Float) bool {
	text, ok := s.scalar()
	if !ok {
		return false
	}
	if len(text) == 0 {
		*into = Float{}
		return true
	}
	// ParseFloat knows more spellings than JSON; a plain number means the same to both.
	if numberLength(text) != len(text) {
		return false
	}
	value, err := strconv.ParseFloat(string(text), 64)
	*into = Float{value, err == nil}
	return err == nil
}

// scan takes an array. The other shapes of a list, and one with holes, are left to UnmarshalJSON.
func (l *List[T]) scan(s *scanner) bool {
	if !s.take('[') {
		return false
	}
	list, ok := s.spare.(List[T])
	if !ok {
		list = List[T]{}
	}
	s.spare = nil
	for !s.take(']') {
		if len(list) > 0 && !s.take(',') {
			return false
		}
		if s.peek() == 'n' {
			return false
		}
		var none T
		list = append(list, none)
		if !s.value(&list[len(list)-1]) {
			return false
		}
		s.strings.flush() // before the list moves
	}
	*l = list
	return true
}

// scan takes any value and keeps it as it stands.
func (r *RawRow) scan(s *scanner) bool {
	value, ok := s.span()
	if ok {
		r.RawMessage = append(json.RawMessage(nil), value...)
	}
	return ok
}

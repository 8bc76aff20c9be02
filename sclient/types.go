package sclient

// Values in every spelling, and references to other objects.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"

	"patchproof/sclient/internal/spelling"
)

// The types that most objects consist of. They read a value in every spelling that SC versions use for it, and write the plain JSON one.

// ID is the number of an object. SC sends "34", 34, -1 for none, "" or null; the last two become 0. Written as a number.
type ID int64

// String returns the decimal number, the form of paths and filters.
func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// Valid reports whether the ID names a stored object. 0 is also a pseudo object of some lists (asset "All Defined Ranges").
func (id ID) Valid() bool { return id > 0 }

// UnmarshalJSON reads all spellings.
func (id *ID) UnmarshalJSON(data []byte) error {
	return whole(data, id)
}

// Int is a number that SC may send as text. "" and null become 0, and -1 often means "not known yet".
type Int int

// String returns the decimal number.
func (i Int) String() string { return strconv.Itoa(int(i)) }

// UnmarshalJSON reads all spellings.
func (i *Int) UnmarshalJSON(data []byte) error {
	return whole(data, i)
}

// Port is a port's number, 0 for the host as a whole. Known is false where SC does not say: that is not the host as a whole.
// Written as a number or null.
type Port struct {
	Number int
	Known  bool
}

// String returns the decimal number, "" if it is not known.
func (p Port) String() string {
	if !p.Known {
		return ""
	}
	return strconv.Itoa(p.Number)
}

// UnmarshalJSON reads all spellings.
func (p *Port) UnmarshalJSON(data []byte) error {
	text, err := spelling.Scalar(data)
	if err != nil {
		return err
	}
	n, err := spelling.Int(text)
	*p = portOf(n, text != "")
	return err
}

// portOf takes what is no port for unknown: -1 stands for nothing everywhere in SC.
func portOf(n int64, known bool) Port {
	if !known || n < 0 || n > 65535 {
		return Port{}
	}
	return Port{int(n), true}
}

// MarshalJSON writes a number or null.
func (p Port) MarshalJSON() ([]byte, error) {
	if !p.Known {
		return []byte("null"), nil
	}
	return strconv.AppendInt(nil, int64(p.Number), 10), nil
}

// Float is a score; Valid is false where SC has none ("" or null). Written as a number or null.
type Float struct {
	Value float64
	Valid bool
}

// UnmarshalJSON reads all spellings.
func (f *Float) UnmarshalJSON(data []byte) error {
	text, err := spelling.Scalar(data)
	if err != nil {
		return err
	}
	*f = Float{}
	if text == "" {
		return nil
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(value, 0) || math.IsNaN(value) {
		return fmt.Errorf("%s is not a number", spelling.Quote(text))
	}
	*f = Float{value, true}
	return nil
}

// MarshalJSON writes null for a missing score.
func (f Float) MarshalJSON() ([]byte, error) {
	if !f.Valid {
		return []byte("null"), nil
	}
	return json.Marshal(f.Value)
}

// Bool is true, "true", "yes", "Yes", "1" or 1; false in the same spellings, -1, "" or null.
type Bool bool

// UnmarshalJSON reads all spellings.
func (b *Bool) UnmarshalJSON(data []byte) error {
	text, err := spelling.Scalar(data)
	if err != nil {
		return err
	}
	value, ok := spelling.Bool([]byte(text))
	if !ok {
		return fmt.Errorf("%s is neither true nor false", spelling.Quote(text))
	}
	*b = Bool(value)
	return nil
}

// ReadBool reads a boolean of a raw row, without quotes, as [Bool] does; ok is false where the text is none.
func ReadBool(text []byte) (value, ok bool) { return spelling.Bool(text) }

// Time is a moment, by SC's clock. SC sends epoch seconds as text or number; -1, 0, "" and null mean never and become the
// zero time. Written as RFC 3339 or null, and read from that as well.
type Time struct{ time.Time }

// UnmarshalJSON reads all spellings.
func (t *Time) UnmarshalJSON(data []byte) error {
	text, err := spelling.Scalar(data)
	if err != nil {
		return err
	}
	moment, ok := spelling.Time([]byte(text))
	if !ok {
		return fmt.Errorf("%s is not a time", spelling.Quote(text))
	}
	*t = Time{moment}
	return nil
}

// ReadTime reads a moment of a raw row, without quotes, as [Time] does: the zero time means never; ok is false where the text is none.
func ReadTime(text []byte) (moment time.Time, ok bool) { return spelling.Time(text) }

// MarshalJSON writes RFC 3339, or null for never.
func (t Time) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return t.Time.MarshalJSON()
}

// Text is a string that some servers send as a number, as null or as nested JSON, which it then holds in compact form.
type Text string

// UnmarshalJSON reads all spellings.
func (t *Text) UnmarshalJSON(data []byte) error {
	data = bytes.TrimSpace(data)
	if len(data) > 0 && (data[0] == '{' || data[0] == '[') {
		var compact bytes.Buffer
		if err := json.Compact(&compact, data); err != nil {
			return err
		}
		*t = Text(compact.String())
		return nil
	}
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, (*string)(t))
	}
	text, err := spelling.Scalar(data)
	*t = Text(text)
	return err
}

// whole reads a whole number.
func whole[T ~int | ~int64](data []byte, into *T) error {
	text, err := spelling.Scalar(data)
	if err != nil {
		return err
	}
	n, err := spelling.Int(text)
	if err == nil {
		*into = T(n)
	}
	return err
}

// List is an array that PHP may send as an object with the indexes as keys, or as "" or null when it is empty.
type List[T any] []T

// UnmarshalJSON reads all shapes.
func (l *List[T]) UnmarshalJSON(data []byte) error {
	elements, err := spelling.Elements(data)
	if err != nil {
		return err
	}
	if string(bytes.TrimSpace(data)) == "null" {
		*l = nil // elsewhere an empty list stays one
		return nil
	}
	*l = make(List[T], len(elements))
	for i, element := range elements {
		if err := json.Unmarshal(element, &(*l)[i]); err != nil {
			return err
		}
	}
	return nil
}

// Ref is another object, by id and name. An absent one has the ID -1 or 0.
type Ref struct {
	ID          ID     `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	UUID        string `json:"uuid,omitempty"`
	Type        string `json:"type,omitempty"`
	Status      Int    `json:"status,omitempty"`
}

// UnmarshalJSON reads an object, an array of one, a bare id, or nothing.
func (r *Ref) UnmarshalJSON(data []byte) error {
	type plain Ref
	return nested(data, (*plain)(r), &r.ID)
}

// Person is the owner, creator or initiator of something.
type Person struct {
	ID        ID     `json:"id"`
	Username  string `json:"username"`
	Firstname string `json:"firstname"`
	Lastname  string `json:"lastname"`
	UUID      string `json:"uuid,omitempty"`
}

// UnmarshalJSON reads an object, an array of one, a bare id, or nothing.
func (p *Person) UnmarshalJSON(data []byte) error {
	type plain Person
	return nested(data, (*plain)(p), &p.ID)
}

// FamilyRef is the family of a plugin. Names repeat between active and passive families; compliance rows have ID 0.
type FamilyRef struct {
	ID   ID     `json:"id"`
	Name string `json:"name"`
	Type string `json:"type"` // active, passive, compliance, lce
}

// UnmarshalJSON reads an object, an array of one, a bare id, or nothing.
func (f *FamilyRef) UnmarshalJSON(data []byte) error {
	type plain FamilyRef
	return nested(data, (*plain)(f), &f.ID)
}

// RepositoryRef is the repository of a row or scan.
type RepositoryRef struct {
	ID          ID     `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	DataFormat  string `json:"dataFormat,omitempty"` // IPv4, IPv6, agent, mobile, universal
	Type        string `json:"type,omitempty"`
	UUID        string `json:"uuid,omitempty"`
}

// UnmarshalJSON reads an object, an array of one, a bare id, or nothing.
func (r *RepositoryRef) UnmarshalJSON(data []byte) error {
	type plain RepositoryRef
	return nested(data, (*plain)(r), &r.ID)
}

// Severity is 0 (info) to 4 (critical).
type Severity struct {
	ID          Int    `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

// UnmarshalJSON reads an object, an array of one, a bare number, or nothing.
func (s *Severity) UnmarshalJSON(data []byte) error {
	type plain Severity
	return nested(data, (*plain)(s), &s.ID)
}

// nested decodes an object inside another one, where "nothing" is allowed, an array of one is too, and a bare id stands for the object.
func nested[T any](data []byte, into *T, id any) error {
	var none T
	*into = none
	data = bytes.TrimSpace(data)
	if spelling.IsNothing(data) {
		return nil
	}
	if data[0] != '{' && data[0] != '[' {
		if id == nil {
			return fmt.Errorf("%s where an object belongs", spelling.Quote(data))
		}
		return json.Unmarshal(data, id)
	}
	object, err := spelling.Object(data)
	if err != nil {
		return err
	}
	return json.Unmarshal(object, into)
}

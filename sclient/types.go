package sclient

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// The types of this file read a value in every spelling that SC versions use for it, and write the plain JSON one.

// ID is the number of an object. SC sends "34", 34, -1 for none, "" or null; the last two become 0. Written as a number.
type ID int64

// String returns the decimal number, the form of paths and filters.
func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }

// Valid reports whether the ID names a stored object. 0 is also a pseudo object of some lists (asset "All Defined Ranges").
func (id ID) Valid() bool { return id > 0 }

// UnmarshalJSON reads all spellings.
func (id *ID) UnmarshalJSON(data []byte) error {
	n, err := parseInt(data)
	if err == nil {
		*id = ID(n)
	}
	return err
}

// Int is a number that SC may send as text. "" and null become 0, and -1 often means "not known yet".
type Int int

// String returns the decimal number.
func (i Int) String() string { return strconv.Itoa(int(i)) }

// UnmarshalJSON reads all spellings.
func (i *Int) UnmarshalJSON(data []byte) error {
	n, err := parseInt(data)
	if err == nil {
		*i = Int(n)
	}
	return err
}

// Float is a score; Valid is false where SC has none ("" or null). Written as a number or null.
type Float struct {
	Value float64
	Valid bool
}

// UnmarshalJSON reads all spellings.
func (f *Float) UnmarshalJSON(data []byte) error {
	text, err := scalar(data)
	if err != nil {
		return err
	}
	*f = Float{}
	if text == "" {
		return nil
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(value, 0) || math.IsNaN(value) {
		return fmt.Errorf("%s is not a number", quote(text))
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

// Bool is true, "true", "yes", "Yes", "1" or 1; false in the same spellings, and "" or null.
type Bool bool

// UnmarshalJSON reads all spellings.
func (b *Bool) UnmarshalJSON(data []byte) error {
	text, err := scalar(data)
	if err != nil {
		return err
	}
	switch strings.ToLower(text) {
	case "true", "yes", "1":
		*b = true
	case "false", "no", "0", "", "-1":
		*b = false
	default:
		return fmt.Errorf("%s is neither true nor false", quote(text))
	}
	return nil
}

// Time is a moment, by SC's clock. SC sends epoch seconds as text or number; -1, 0, "" and null mean never and become the
// zero time. Written as RFC 3339 or null, and read from that as well.
type Time struct{ time.Time }

// UnmarshalJSON reads all spellings.
func (t *Time) UnmarshalJSON(data []byte) error {
	text, err := scalar(data)
	if err != nil {
		return err
	}
	if stamp, err := time.Parse(time.RFC3339, text); err == nil {
		*t = Time{stamp}
		return nil
	}
	seconds, err := parseIntText(text)
	if err != nil {
		return fmt.Errorf("%s is not a time", quote(text))
	}
	*t = Time{}
	if seconds > maxEpoch {
		return fmt.Errorf("%d seconds are not a time", seconds)
	}
	if seconds > 0 {
		*t = Time{time.Unix(seconds, 0).UTC()}
	}
	return nil
}

// The last second of the year 9999, the last that RFC 3339 can express.
const maxEpoch = 253402300799

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
	text, err := scalar(data)
	*t = Text(text)
	return err
}

// scalar returns a string, number or boolean as trimmed text, and "" for null.
func scalar(data []byte) (string, error) {
	data = bytes.TrimSpace(data)
	if len(data) == 0 || bytes.Equal(data, []byte("null")) {
		return "", nil
	}
	switch data[0] {
	case '"':
		var text string
		err := json.Unmarshal(data, &text)
		return strings.TrimSpace(text), err
	case '{', '[':
		// PHP's empty array stands for "nothing" in any place.
		if text := string(data); text == "[]" || text == "{}" {
			return "", nil
		}
		return "", fmt.Errorf("%s where a single value belongs", quote(data))
	}
	return string(data), nil
}

func parseInt(data []byte) (int64, error) {
	text, err := scalar(data)
	if err != nil {
		return 0, err
	}
	return parseIntText(text)
}

func parseIntText(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	// 34.0 and 1e3 are whole numbers too; beyond 2^53 a float is no longer exact.
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, fmt.Errorf("%s is not a whole number", quote(text))
	}
	return int64(f), nil
}

// quote shows a value in an error. Long ones are not shown at all: a cut secret would no longer be recognised as one.
func quote[T string | []byte](value T) string {
	if len(value) > 24 {
		return fmt.Sprintf("a value of %d characters", len(value))
	}
	return strconv.Quote(string(value))
}

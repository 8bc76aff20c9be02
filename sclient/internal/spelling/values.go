// Package spelling reads the ways in which versions of Security Center write one and the same thing: values in this file, objects and
// lists in shapes.go. All readers of the client go by it, so that a spelling means the same to each.
package spelling

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Scalar returns a string, number or boolean of JSON as trimmed text, and "" for null.
func Scalar(data []byte) (string, error) {
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
		return "", fmt.Errorf("%s where a single value belongs", Quote(data))
	}
	return string(data), nil
}

// Bool reads a boolean: true, yes and 1; false, no, 0, -1 and nothing; in any case of letters.
func Bool(text []byte) (value, ok bool) {
	switch string(text) {
	case "1", "true", "yes", "Yes":
		return true, true
	case "0", "false", "no", "No", "", "-1":
		return false, true
	}
	if lower := bytes.ToLower(bytes.TrimSpace(text)); !bytes.Equal(lower, text) {
		return Bool(lower)
	}
	return false, false
}

// maxEpoch is the last second of the year 9999, the last that RFC 3339 can express.
const maxEpoch = 253402300799

// Time reads a moment, in UTC: epoch seconds, or RFC 3339 as this project writes it. -1, 0 and nothing mean never, the zero time.
func Time(text []byte) (moment time.Time, ok bool) {
	seconds, ok := Digits(text)
	if !ok {
		trimmed := strings.TrimSpace(string(text))
		if stamp, err := time.Parse(time.RFC3339, trimmed); err == nil {
			return stamp.UTC(), true
		}
		var err error
		if seconds, err = Int(trimmed); err != nil {
			return time.Time{}, false
		}
	}
	switch {
	case seconds > maxEpoch:
		return time.Time{}, false
	case seconds > 0:
		return time.Unix(seconds, 0).UTC(), true
	}
	return time.Time{}, true
}

// Digits reads a whole number of plain digits, as nearly all are, and nothing as 0. What it does not read may be a number all the same.
func Digits(text []byte) (int64, bool) {
	first := 0
	if len(text) > 1 && text[0] == '-' {
		first = 1
	}
	// Eighteen digits always fit.
	if len(text)-first > 18 {
		return 0, false
	}
	var n int64
	for _, c := range text[first:] {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	if first > 0 {
		n = -n
	}
	return n, true
}

// Int reads a whole number, and nothing as 0.
func Int(text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, nil
	}
	// 34.0 and 1e3 are whole numbers too; beyond 2^53 a float is no longer exact.
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || f != math.Trunc(f) || math.Abs(f) > 1<<53 {
		return 0, fmt.Errorf("%s is not a whole number", Quote(text))
	}
	return int64(f), nil
}

// Quote shows a value in an error. Long ones are not shown at all: a cut secret would no longer be recognised as one.
func Quote[T string | []byte](value T) string {
	if len(value) > 24 {
		return fmt.Sprintf("a value of %d characters", len(value))
	}
	return strconv.Quote(string(value))
}

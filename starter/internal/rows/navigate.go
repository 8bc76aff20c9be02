package rows

// The functions of this file find their way in JSON that is known to be valid.

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
)

func skipSpace(data []byte, i int) int {
	for i < len(data) && (data[i] == ' ' || data[i] == '\n' || data[i] == '\t' || data[i] == '\r') {
		i++
	}
	return i
}

// stringEnd returns where the string at i ends, behind its quote.
func stringEnd(data []byte, i int) int {
	for j := i + 1; ; j++ {
		j += bytes.IndexByte(data[j:], '"')
		escapes := 0
		for data[j-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return j + 1
		}
	}
}

func wordEnd(data []byte, i int) int {
	for i < len(data) {
		switch data[i] {
		case ',', '}', ']', ' ', '\n', '\t', '\r':
			return i
		}
		i++
	}
	return i
}

// valueEnd returns where the value at i ends.
func valueEnd(data []byte, i int) int {
	switch data[i] {
	case '"':
		return stringEnd(data, i)
	case '{', '[':
	default:
		return wordEnd(data, i)
	}
	for depth := 0; ; i++ {
		switch data[i] {
		case '"':
			i = stringEnd(data, i) - 1
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				return i + 1
			}
		}
	}
}

// isNumber reports whether the text is a number as JSON writes it.
func isNumber(text []byte) bool {
	if len(text) > 0 && text[0] == '-' {
		text = text[1:]
	}
	digits, points := 0, 0
	for i, c := range text {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '.' && i > 0 && i < len(text)-1:
			points++
		default:
			return false
		}
	}
	leading := digits > 1 && text[0] == '0' && text[1] != '.'
	return digits > 0 && points <= 1 && !leading
}

// unquote decodes a string.
func unquote(quoted []byte) string {
	if bytes.IndexByte(quoted, '\\') < 0 {
		return string(quoted[1 : len(quoted)-1])
	}
	var text string
	_ = json.Unmarshal(quoted, &text) // it is valid
	return text
}

// phpList splits an object whose keys are the indexes of a list, and which has nothing else in it.
func phpList(object []byte) ([]json.RawMessage, bool) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(object, &fields) != nil {
		return nil, false
	}
	var indexes []int
	for key, value := range fields {
		index, err := strconv.Atoi(key)
		if err != nil && string(value) != "null" {
			return nil, false
		}
		if err == nil {
			indexes = append(indexes, index)
		}
	}
	slices.Sort(indexes)
	var items []json.RawMessage
	for _, index := range indexes {
		items = append(items, fields[strconv.Itoa(index)])
	}
	return items, true
}

package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
)

// The functions of this file find their way in JSON that is known to be valid.

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

// parseSeconds reads a whole number.
func parseSeconds(text []byte) (int64, bool) {
	digits, sign := text, int64(1)
	if len(text) > 1 && text[0] == '-' {
		digits, sign = text[1:], -1
	}
	if len(digits) == 0 || len(digits) > 15 {
		return 0, false
	}
	var n int64
	for _, c := range digits {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int64(c-'0')
	}
	return sign * n, true
}

// trimSpace leaves out the blanks at both ends.
func trimSpace(data []byte, i, j int) (begin, end int) {
	for i < j && data[i] == ' ' {
		i++
	}
	for i < j && data[j-1] == ' ' {
		j--
	}
	return i, j
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

// leaves visits every value of a row that is no object, by its path: severity.name. Arrays count as values.
func leaves(row []byte, visit func(path string, value []byte)) {
	if len(row) == 0 || row[0] != '{' {
		visit("value", row) // the rows of some tools are bare texts
		return
	}
	objectLeaves(row, "", visit)
}

// objectLeaves relies on the rewriter, which leaves no white space.
func objectLeaves(object []byte, prefix string, visit func(path string, value []byte)) {
	for i := 1; object[i] != '}'; {
		if object[i] == ',' {
			i++
		}
		end := stringEnd(object, i)
		path := unquote(object[i:end])
		if prefix != "" {
			path = prefix + path
		}
		i = end + 1
		end = valueEnd(object, i)
		if object[i] == '{' {
			objectLeaves(object[i:end], path+".", visit)
		} else {
			visit(path, object[i:end])
		}
		i = end
	}
}

// cellText is a value for people and spreadsheets: no quotes, and nothing for null.
func cellText(value []byte) string {
	switch {
	case len(value) == 0 || string(value) == "null":
		return ""
	case value[0] == '"':
		return unquote(value)
	}
	return string(value)
}

// rowsOf unpacks the shapes of a list: an array, a PHP list, or the lists that depend on the user's role. An object in
// several of them counts once, where the client finds it.
func rowsOf(response []byte) []json.RawMessage {
	var parts []json.RawMessage
	var object map[string]json.RawMessage
	if json.Unmarshal(response, &object) != nil {
		parts = []json.RawMessage{response}
	} else if items, ok := phpList(response); ok {
		return items
	}
	if object["usable"] != nil || object["manageable"] != nil {
		parts = []json.RawMessage{object["usable"], object["manageable"]}
	} else {
		for _, value := range object {
			parts = append(parts, value)
		}
	}
	var rows []json.RawMessage
	seen := map[string]bool{}
	for _, part := range parts {
		var items []json.RawMessage
		if json.Unmarshal(part, &items) != nil {
			items, _ = phpList(part)
		}
		for _, item := range items {
			var named struct {
				ID json.RawMessage `json:"id"`
			}
			_ = json.Unmarshal(item, &named) // the client has read it
			id := string(bytes.Trim(named.ID, `"`))
			if string(item) != "null" && (id == "" || !seen[id]) {
				seen[id] = true
				rows = append(rows, item)
			}
		}
	}
	return rows
}

package sclient

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// List is an array that PHP may send as an object with the indexes as keys, or as "" or null when it is empty.
type List[T any] []T

// UnmarshalJSON reads all shapes.
func (l *List[T]) UnmarshalJSON(data []byte) error {
	elements, err := elements(data)
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

// elements splits an array or a PHP list; holes (null) are dropped.
func elements(data []byte) ([]json.RawMessage, error) {
	data = bytes.TrimSpace(data)
	if isNothing(data) {
		return nil, nil
	}
	var list []json.RawMessage
	switch data[0] {
	case '[':
		if err := json.Unmarshal(data, &list); err != nil {
			return nil, err
		}
	case '{':
		var object map[string]json.RawMessage
		if err := json.Unmarshal(data, &object); err != nil {
			return nil, err
		}
		indexes, ok := phpIndexes(object)
		if !ok {
			return nil, errors.New("an object where a list belongs")
		}
		for _, index := range indexes {
			list = append(list, object[strconv.Itoa(index)])
		}
	default:
		return nil, fmt.Errorf("%s where a list belongs", quote(data))
	}
	return slices.DeleteFunc(list, func(e json.RawMessage) bool { return string(e) == "null" }), nil
}

// phpIndexes returns the numeric keys in order; any other key must be empty, as the "results" of the iplist tool is.
func phpIndexes(object map[string]json.RawMessage) ([]int, bool) {
	var indexes []int
	for key, value := range object {
		index, err := strconv.Atoi(key)
		if err == nil && strconv.Itoa(index) == key {
			indexes = append(indexes, index)
		} else if !isNothing(value) {
			return nil, false
		}
	}
	slices.Sort(indexes)
	return indexes, true
}

// isNothing recognises the ways in which PHP says that there is no object or list.
func isNothing(data []byte) bool {
	switch string(bytes.TrimSpace(data)) {
	case "", "null", `""`, "[]", "{}", "false":
		return true
	}
	return false
}

// firstObject accepts an object, or an array of exactly one.
func firstObject(data []byte) (json.RawMessage, error) {
	data = bytes.TrimSpace(data)
	if len(data) > 0 && data[0] == '{' {
		return data, nil
	}
	if len(data) > 0 && data[0] == '[' {
		var list []json.RawMessage
		if err := json.Unmarshal(data, &list); err != nil {
			return nil, err
		}
		if len(list) == 1 && len(list[0]) > 0 && list[0][0] == '{' {
			return list[0], nil
		}
		return nil, fmt.Errorf("%d elements instead of one object", len(list))
	}
	return nil, errors.New("no object in it")
}

// nested decodes an object inside another one, where "nothing" is allowed and a bare id stands for the object.
func nested(data []byte, into any, id *ID) error {
	data = bytes.TrimSpace(data)
	if isNothing(data) {
		return nil
	}
	if data[0] != '{' && data[0] != '[' {
		if id == nil {
			return fmt.Errorf("%s where an object belongs", quote(data))
		}
		return json.Unmarshal(data, id)
	}
	object, err := firstObject(data)
	if err != nil {
		return err
	}
	return json.Unmarshal(object, into)
}

// unionByID reads a list as organisation users ({usable, manageable}) and administrators (bare, or under its own name)
// get it. An object in both lists is returned once; usable ones come first.
func unionByID[T any](data []byte, id func(T) ID) ([]T, error) {
	parts, err := listParts(data)
	if err != nil {
		return nil, err
	}
	union := []T{}
	seen := map[ID]bool{}
	for _, part := range parts {
		var list List[T]
		if err := json.Unmarshal(part, &list); err != nil {
			return nil, err
		}
		for _, item := range list {
			if key := id(item); !seen[key] {
				seen[key] = true
				union = append(union, item)
			}
		}
	}
	return union, nil
}

func listParts(data []byte) ([]json.RawMessage, error) {
	data = bytes.TrimSpace(data)
	if string(data) == `""` || len(data) == 0 || string(data) == "null" {
		// SC answers "" to what has failed; an empty list is [].
		return nil, errors.New("no list in it")
	}
	if data[0] != '{' {
		return []json.RawMessage{data}, nil
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return nil, err
	}
	usable, hasUsable := object["usable"]
	manageable, hasManageable := object["manageable"]
	if hasUsable || hasManageable {
		isMissing := func(part json.RawMessage) bool { return part == nil }
		return slices.DeleteFunc([]json.RawMessage{usable, manageable}, isMissing), nil
	}
	if _, ok := phpIndexes(object); ok {
		return []json.RawMessage{data}, nil
	}
	var parts []json.RawMessage
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if value := bytes.TrimSpace(object[key]); len(value) > 0 && value[0] == '[' {
			parts = append(parts, value)
		}
	}
	if parts == nil {
		return nil, errors.New("an object without a list in it")
	}
	return parts, nil
}

// withID adds the field by which lists are united.
func withID(fields []string) []string {
	if slices.Contains(fields, "id") {
		return fields
	}
	return append([]string{"id"}, fields...)
}

package spelling

// The shapes of lists and objects.

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

// Elements splits an array, or the object with the indexes as keys that PHP may make of one; holes (null) are dropped.
func Elements(data []byte) ([]json.RawMessage, error) {
	data = bytes.TrimSpace(data)
	if IsNothing(data) {
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
		return nil, fmt.Errorf("%s where a list belongs", Quote(data))
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
		} else if !IsNothing(value) {
			return nil, false
		}
	}
	slices.Sort(indexes)
	return indexes, true
}

// IsNothing recognises the ways in which PHP says that there is no object or list.
func IsNothing(data []byte) bool {
	switch string(bytes.TrimSpace(data)) {
	case "", "null", `""`, "[]", "{}", "false":
		return true
	}
	return false
}

// Object accepts an object, or an array of exactly one.
func Object(data []byte) (json.RawMessage, error) {
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

// Union reads a list as organisation users ({usable, manageable}) and administrators (bare, or under its own name) get it. An object
// in several of the lists is returned once; usable ones come first. Without an id nobody can tell objects apart: all are returned.
func Union(data []byte) ([]json.RawMessage, error) {
	lists, err := unionParts(data)
	if err != nil {
		return nil, err
	}
	union := []json.RawMessage{}
	seen := map[string]bool{}
	for _, list := range lists {
		items, err := Elements(list)
		if err != nil {
			return nil, err
		}
		for _, item := range items {
			var named struct {
				ID json.RawMessage `json:"id"`
			}
			_ = json.Unmarshal(item, &named) // what is no object is the next reader's matter
			id, err := Scalar(named.ID)
			if err == nil && id != "" && seen[id] {
				continue
			}
			seen[id] = true
			union = append(union, item)
		}
	}
	return union, nil
}

func unionParts(data []byte) ([]json.RawMessage, error) {
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

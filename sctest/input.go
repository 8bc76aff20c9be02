package sctest

// Reading what clients send: IDs as numbers or text, booleans as text or booleans, objects that hold nothing but an ID.

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
)

// scalar is the text of a string, number or boolean; anything else is not one.
func scalar(value any) (string, bool) {
	switch value := value.(type) {
	case string:
		return value, true
	case json.Number:
		return value.String(), true
	case bool:
		return strconv.FormatBool(value), true
	}
	return "", false
}

// textOf reads a field that is a text or missing.
func textOf(in object, key string) (string, error) {
	value, found := in[key]
	if !found || value == nil {
		return "", nil
	}
	s, ok := scalar(value)
	if !ok {
		return "", invalid(key, value)
	}
	return s, nil
}

// flagOf reads "true", "false" or a boolean.
func flagOf(in object, key string) (bool, error) {
	s, err := textOf(in, key)
	if err != nil || s == "" {
		return false, err
	}
	b, err := strconv.ParseBool(s)
	if err != nil {
		return false, invalid(key, s)
	}
	return b, nil
}

// numberOf reads a number, written as one or as text.
func numberOf(in object, key string) (n int, found bool, err error) {
	s, err := textOf(in, key)
	if err != nil || s == "" {
		return 0, false, err
	}
	n, err = strconv.Atoi(s)
	if err != nil {
		return 0, false, invalid(key, s)
	}
	return n, true, nil
}

// refOf reads the ID of an object such as {"id": 4}.
func refOf(in object, key string) (id int, found bool, err error) {
	value, found := in[key]
	if !found || value == nil {
		return 0, false, nil
	}
	inner, ok := value.(object)
	if !ok {
		return 0, false, invalid(key, value)
	}
	id, found, err = numberOf(inner, "id")
	if err != nil || !found {
		return 0, false, invalid(key, value)
	}
	return id, true, nil
}

// refsOf reads the IDs of a list of such objects.
func refsOf(in object, key string) ([]int, error) {
	list, err := listOf(in, key)
	if err != nil {
		return nil, err
	}
	var ids []int
	for _, item := range list {
		id, found, err := refOf(object{key: item}, key)
		if err != nil {
			return nil, err
		}
		if found {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func listOf(in object, key string) ([]any, error) {
	value, found := in[key]
	if !found || value == nil {
		return nil, nil
	}
	list, ok := value.([]any)
	if !ok {
		return nil, invalid(key, value)
	}
	return list, nil
}

// choiceOf reads a text that must be one of a few; missing means the first.
func choiceOf(in object, key string, allowed ...string) (string, error) {
	s, err := textOf(in, key)
	if err != nil {
		return "", err
	}
	if s == "" {
		return allowed[0], nil
	}
	if slices.Contains(allowed, s) {
		return s, nil
	}
	return "", refuse(codeInvalid, "The attribute '%s' contains the value '%s'. It should be one of %v.\n", key, s, allowed)
}

func invalid(key string, value any) error {
	return refuse(codeInvalid, "The attribute '%s' contains the invalid value '%s'.\n", key, fmt.Sprint(value))
}

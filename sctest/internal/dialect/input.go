package dialect

// Reading what clients send: IDs as numbers or text, booleans as text or booleans, objects that hold nothing but an ID.

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Scalar is the text of a string, number or boolean; anything else is not one.
func Scalar(value any) (string, bool) {
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

// Text reads a field that is a text or missing.
func Text(in Object, key string) (string, error) {
	value, found := in[key]
	if !found || value == nil {
		return "", nil
	}
	s, ok := Scalar(value)
	if !ok {
		return "", Invalid(key, value)
	}
	return s, nil
}

// Flag reads "true", "false" or a boolean.
func Flag(in Object, key string) (bool, error) {
	s, err := Text(in, key)
	if err != nil || s == "" {
		return false, err
	}
	b, err := strconv.ParseBool(s)
	if err != nil {
		return false, Invalid(key, s)
	}
	return b, nil
}

// Number reads a number, written as one or as text.
func Number(in Object, key string) (n int, found bool, err error) {
	s, err := Text(in, key)
	if err != nil || s == "" {
		return 0, false, err
	}
	n, err = strconv.Atoi(s)
	if err != nil {
		return 0, false, Invalid(key, s)
	}
	return n, true, nil
}

// Ref reads the ID of an object such as {"id": 4}.
func Ref(in Object, key string) (id int, found bool, err error) {
	value, found := in[key]
	if !found || value == nil {
		return 0, false, nil
	}
	inner, ok := value.(Object)
	if !ok {
		return 0, false, Invalid(key, value)
	}
	id, found, err = Number(inner, "id")
	if err != nil || !found {
		return 0, false, Invalid(key, value)
	}
	return id, true, nil
}

// Refs reads the IDs of a list of such objects.
func Refs(in Object, key string) ([]int, error) {
	list, err := List(in, key)
	if err != nil {
		return nil, err
	}
	var ids []int
	for _, item := range list {
		id, found, err := Ref(Object{key: item}, key)
		if err != nil {
			return nil, err
		}
		if found {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func List(in Object, key string) ([]any, error) {
	value, found := in[key]
	if !found || value == nil {
		return nil, nil
	}
	list, ok := value.([]any)
	if !ok {
		return nil, Invalid(key, value)
	}
	return list, nil
}

// Choice reads a text that must be one of a few; missing means the first.
func Choice(in Object, key string, allowed ...string) (string, error) {
	s, err := Text(in, key)
	if err != nil {
		return "", err
	}
	if s == "" {
		return allowed[0], nil
	}
	if slices.Contains(allowed, s) {
		return s, nil
	}
	return "", Refuse("The attribute '%s' contains the value '%s'. It should be one of %v.\n", key, s, allowed)
}

func Invalid(key string, value any) error {
	return Refuse("The attribute '%s' contains the invalid value '%s'.\n", key, fmt.Sprint(value))
}

func Split(list string) []string {
	var names []string
	for name := range strings.SplitSeq(list, ",") {
		if name = strings.TrimSpace(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

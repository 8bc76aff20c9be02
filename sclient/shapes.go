package sclient

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"patchproof/sclient/internal/spelling"
)

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

// nested decodes an object inside another one, where "nothing" is allowed and a bare id stands for the object.
func nested(data []byte, into any, id *ID) error {
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

// withID adds the field by which lists are united.
func withID(fields []string) []string {
	if slices.Contains(fields, "id") {
		return fields
	}
	return append([]string{"id"}, fields...)
}

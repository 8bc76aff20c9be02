package rows

// Values as people and spreadsheets read them.

import (
	"encoding/json"
	"strings"
	"time"

	"patchproof/starter/internal/term"
)

// Moment shows a time in the reader's own zone.
func Moment(value []byte, zone *time.Location) string {
	t, err := time.Parse(time.RFC3339, cellText(value))
	if err != nil {
		return cellText(value)
	}
	return term.Stamp(t, zone)
}

// Addresses shows the hosts inside of a value, which lists them by repository.
func Addresses(value []byte, _ *time.Location) string {
	var repositories []struct {
		IPList json.RawMessage `json:"iplist"`
	}
	if json.Unmarshal(value, &repositories) != nil {
		return cellText(value)
	}
	var all []string
	for _, r := range repositories {
		var hosts []struct {
			IP string `json:"ip"`
		}
		if json.Unmarshal(r.IPList, &hosts) != nil {
			all = append(all, cellText(r.IPList)) // some tools have a text there
		}
		for _, h := range hosts {
			all = append(all, h.IP)
		}
	}
	return strings.Join(all, " ")
}

// leaves visits every value of a row that is no object, by its path: severity.name. Arrays count as values.
func leaves(row []byte, visit func(path string, value []byte)) {
	if len(row) == 0 || row[0] != '{' {
		visit("value", row) // the rows of some tools are bare texts
		return
	}
	objectLeaves(row, "", visit)
}

// objectLeaves relies on the converter, which leaves no white space.
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

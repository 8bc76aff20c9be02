package sclient

// How answers are compared with what the client makes of them.

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// dropped are keys that the client leaves out on purpose: never asked for, because large, secret or without a use.
var dropped = []string{
	"policyPrefs", "source", "editor", "reportTypes", "logo", "loginNotifications", "PasswordComplexity", "telemetryEnabled", "token",
	"auditFiles", "assetDataFields", "ioSyncStatus", "dependent", "remoteID", "correlation", "templateModTime", "templatePubTime", "templateDefModTime",
}

// containsPart demands the given keys and elements; an object may have further keys, a list no further elements.
func containsPart(t *testing.T, path string, want, got any) {
	t.Helper()
	switch want := want.(type) {
	case map[string]any:
		got, ok := got.(map[string]any)
		require.True(t, ok, path)
		for key, value := range want {
			require.Contains(t, got, key, path)
			containsPart(t, path+"."+key, value, got[key])
		}
	case []any:
		got, ok := got.([]any)
		require.True(t, ok, path)
		require.Len(t, got, len(want), path)
		for i := range want {
			containsPart(t, fmt.Sprintf("%s[%d]", path, i), want[i], got[i])
		}
	default:
		require.Equal(t, want, got, path)
	}
}

// listIn unpacks the shapes in which servers send a list: by rights, under its own name, or as PHP's object of indexes.
func listIn(object map[string]any) []any {
	if list, ok := object["results"].([]any); ok {
		return list
	}
	if results, ok := object["results"].(map[string]any); ok {
		return listIn(results)
	}
	usable, isOrdinary := object["usable"]
	if isOrdinary {
		return unionOf(usable, object["manageable"])
	}
	if list, ok := object["assets"].([]any); ok {
		return list
	}
	var list []any
	for i := range 10 {
		if item := object[strconv.Itoa(i)]; item != nil {
			list = append(list, item)
		}
	}
	return list
}

func unionOf(parts ...any) []any {
	union := []any{}
	seen := map[string]bool{}
	for _, part := range parts {
		list, ok := part.([]any)
		if object, isObject := part.(map[string]any); isObject {
			list, ok = listIn(object), true
		}
		for _, item := range list {
			id := fmt.Sprint(field(item.(map[string]any), "id"))
			if ok && !seen[id] {
				union = append(union, item)
			}
			seen[id] = true
		}
	}
	return union
}

// losses compares a recorded value with what the client makes of it, leaf by leaf.
func losses(path string, recorded, decoded any) []string {
	var found []string
	switch r := recorded.(type) {
	case map[string]any:
		if d, ok := decoded.([]any); ok {
			return losses(path, listIn(r), d)
		}
		d, ok := decoded.(map[string]any)
		if !ok {
			return []string{path + ": not an object"}
		}
		for key, value := range r {
			if !slices.Contains(dropped, key) {
				found = append(found, losses(path+"."+key, value, field(d, key))...)
			}
		}
	case []any:
		if d, ok := decoded.(map[string]any); ok && len(r) == 1 {
			return losses(path, r[0], d)
		}
		if text, ok := decoded.(string); ok && len(r) > 0 {
			var inner any
			_ = json.Unmarshal([]byte(text), &inner) // what is no JSON has no elements
			decoded = inner
		}
		d, _ := decoded.([]any)
		r = slices.DeleteFunc(slices.Clone(r), func(item any) bool { return item == nil })
		if len(r) != len(d) {
			return []string{fmt.Sprintf("%s: %d elements became %d", path, len(r), len(d))}
		}
		for i := range r {
			found = append(found, losses(fmt.Sprintf("%s[%d]", path, i), r[i], d[i])...)
		}
	default:
		if !sameValue(recorded, decoded) {
			return []string{fmt.Sprintf("%s: %v became %v", path, recorded, decoded)}
		}
	}
	return found
}

func field(object map[string]any, key string) any {
	for name, value := range object {
		if strings.EqualFold(name, key) {
			return value
		}
	}
	return nil
}

func sameValue(recorded, decoded any) bool {
	text := ""
	if recorded != nil {
		text = fmt.Sprint(recorded)
	}
	if number, ok := recorded.(float64); ok {
		text = strconv.FormatFloat(number, 'f', -1, 64)
	}
	switch d := decoded.(type) {
	case map[string]any:
		return sameValue(recorded, d["id"]) // a bare id for an object
	case nil:
		return text == "" || text == "-1" || text == "0"
	case bool:
		return slices.Contains([]string{"true", "yes", "1"}, strings.ToLower(text)) == d
	case float64:
		number, err := strconv.ParseFloat(text, 64)
		return text == "" && d == 0 || err == nil && number == d
	case string:
		if stamp, err := time.Parse(time.RFC3339, d); err == nil {
			return text == strconv.FormatInt(stamp.Unix(), 10)
		}
		return text == d || ParseAddresses(text).Equal(ParseAddresses(d))
	}
	return false
}

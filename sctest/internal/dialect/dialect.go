// Package dialect is how a Security Center reads and writes: objects, refusals, and what differs between versions.
package dialect

import (
	"strconv"
	"strings"
	"time"

	"patchproof/sctest/internal/scenario"
)

// Version is the server's, and with it the dialect that is spoken.
type Version struct {
	text         string
	major, minor int
}

// ParseVersion expects a version of a scenario, which knows no patch level.
func ParseVersion(text string) Version {
	major, minor, _ := strings.Cut(text, ".")
	v := Version{text: text + ".1"}
	v.major, _ = strconv.Atoi(major)
	v.minor, _ = strconv.Atoi(minor)
	if text == "5.8" {
		v.text = "5.8.0"
	}
	return v
}

// String is the version as servers write it.
func (v Version) String() string { return v.text }

// AtLeast compares versions by their first two numbers.
func (v Version) AtLeast(major, minor int) bool {
	return v.major > major || v.major == major && v.minor >= minor
}

// Object is a JSON object.
type Object = map[string]any

// Epoch writes a time as servers do; the zero time is "-1".
func Epoch(t time.Time) string {
	if t.IsZero() {
		return "-1"
	}
	return strconv.FormatInt(t.Unix(), 10)
}

// Nothing stands for an object that is not there: its ID is a number, unlike all others.
func Nothing() Object { return Object{"id": -1, "name": "", "description": ""} }

// Reference is an object as others name it.
func Reference(id int, name string) Object {
	return Object{"id": strconv.Itoa(id), "name": name, "description": ""}
}

// Family is a family of plugins as all but its own page show it.
func Family(f scenario.Family) Object {
	return Object{"id": strconv.Itoa(f.ID), "name": f.Name, "type": f.Type}
}

// FullGroup is the group that everybody is in.
func FullGroup() Object {
	return Object{"id": "0", "name": "Full Access", "description": "Full Access group"}
}

// RiskFactors by severity.
var RiskFactors = []string{"None", "Low", "Medium", "High", "Critical"}

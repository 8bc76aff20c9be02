package remediation

// When scans may begin.

import (
	"fmt"
	"strings"
	"time"
)

// Window is a time of day in which scans may begin, in a place's own time: "22:00-05:00 Europe/Berlin".
type Window struct {
	// From and To are times since midnight on the clocks of the zone; a window whose To is not after its From ends on the next day.
	From, To time.Duration
	Zone     *time.Location
}

// ParseWindow reads "22:00-05:00 Europe/Berlin".
func ParseWindow(text string) (Window, error) {
	hours, zone, _ := strings.Cut(strings.TrimSpace(text), " ")
	from, to, ok := strings.Cut(hours, "-")
	if !ok {
		return Window{}, fmt.Errorf("%s is no window: write it as 22:00-05:00 Europe/Berlin", quote(text))
	}
	var w Window
	for _, side := range []struct {
		text string
		into *time.Duration
	}{{from, &w.From}, {to, &w.To}} {
		at, err := time.Parse("15:04", side.text)
		if err != nil {
			return Window{}, fmt.Errorf("%s is no time of day: write it as 22:00", quote(side.text))
		}
		*side.into = time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
	}
	location, err := time.LoadLocation(strings.TrimSpace(zone))
	if err != nil || zone == "" || location == time.Local {
		return Window{}, fmt.Errorf("%s is not a time zone such as Europe/Berlin", quote(zone))
	}
	w.Zone = location
	return w, nil
}

// Windows must all be open for a scan to begin; without any it always may.
type Windows []Window

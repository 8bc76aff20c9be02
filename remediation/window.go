package remediation

// When scans may begin.

import (
	"fmt"
	"slices"
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
	if w.From == w.To {
		return Window{}, fmt.Errorf("%s opens and closes at the same time", quote(text))
	}
	w.Zone = location
	return w, nil
}

func (w Window) String() string {
	midnight := time.Time{}
	return midnight.Add(w.From).Format("15:04") + "-" + midnight.Add(w.To).Format("15:04") + " " + w.Zone.String()
}

// length is how long it is open on a day without a change of the clocks.
func (w Window) length() time.Duration {
	const day = 24 * time.Hour
	return (w.To - w.From + day) % day
}

// open goes by the clocks of the place: an hour that comes twice is open twice, and one that is left out is not there.
func (w Window) open(t time.Time) bool {
	t = t.In(w.Zone)
	at := time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute
	if w.From < w.To {
		return w.From <= at && at < w.To
	}
	return w.From <= at || at < w.To
}

// Windows must all be open for a scan to begin; without any it always may.
type Windows []Window

// maxSearch is how far ahead an opening is looked for: what does not open within a week, with a change of the clocks in it, never does.
const maxSearch = 8 * 24 * time.Hour

// Next is the first moment, not before t, from which all windows stay open for the margin. ok is false if there is none.
func (ws Windows) Next(t time.Time, margin time.Duration) (next time.Time, ok bool) {
	// Windows open and close on the minute, whatever the zone does: looking at each minute is simple and certain.
	begin, minute := t, t.Truncate(time.Minute)
	for end := t.Add(maxSearch); minute.Before(end); minute = minute.Add(time.Minute) {
		if !ws.open(minute) {
			begin = minute.Add(time.Minute)
		} else if minute.Add(time.Minute).Sub(begin) >= margin {
			return begin, true
		}
	}
	return time.Time{}, false
}

func (ws Windows) open(t time.Time) bool {
	for _, w := range ws {
		if !w.open(t) {
			return false
		}
	}
	return true
}

// With are the windows and that of a request, where "" is none.
func (ws Windows) With(window string) (Windows, error) {
	if window == "" {
		return ws, nil
	}
	own, err := ParseWindow(window)
	if err != nil {
		return nil, fmt.Errorf("window: %w", err)
	}
	return append(slices.Clone(ws), own), nil
}

// Opens is Next, with a sentence for who asked where there is none.
func (ws Windows) Opens(t time.Time, margin Duration) (time.Time, error) {
	next, ok := ws.Next(t, time.Duration(margin))
	if !ok {
		return t, fmt.Errorf("window: %s never leaves %s for a scan: use a longer one, or a shorter window-margin", ws, margin)
	}
	return next, nil
}

func (ws Windows) String() string {
	texts := make([]string, 0, len(ws))
	for _, w := range ws {
		texts = append(texts, w.String())
	}
	return strings.Join(texts, " and ")
}

// Opens is the first moment, not before t, at which a scan of a complete request may begin by its own window.
func (r Request) Opens(t time.Time) (time.Time, error) {
	windows, err := Windows{}.With(r.Window)
	if err != nil {
		return t, err
	}
	return windows.Opens(t, r.WindowMargin)
}

// validateStart checks when the scan may begin.
func (r Request) validateStart() error {
	if r.NotBefore != "" {
		if _, err := time.Parse(time.RFC3339, r.NotBefore); err != nil {
			return fmt.Errorf("not-before: %s is no time: write it as 2026-11-25T22:00:00+01:00", quote(r.NotBefore))
		}
	}
	if r.Settle < 0 || r.Settle >= r.Timeout {
		return fmt.Errorf("settle: %s is not allowed: use less than the timeout of %s, or nothing would be scanned in time", r.Settle, r.Timeout)
	}
	if r.Window == "" {
		if r.WindowMargin != 0 {
			return fmt.Errorf("window-margin: only goes with window")
		}
		return nil
	}
	w, err := ParseWindow(r.Window)
	if err != nil {
		return fmt.Errorf("window: %w", err)
	}
	if r.WindowMargin < MinTime || time.Duration(r.WindowMargin) >= w.length() {
		return fmt.Errorf("window-margin: %s is not allowed: use %s to less than the %s that the window is open", r.WindowMargin, MinTime, w.length())
	}
	return nil
}

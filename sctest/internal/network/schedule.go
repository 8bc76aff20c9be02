package network

// Scans that the server launches by itself: by calendar, on the day after a roll-over, and after another scan.

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Schedules of their own kinds.
const (
	ScheduleICal      = "ical"
	ScheduleDependent = "dependent"
)

// Plan works out when a new or changed definition runs first; without a calendar it does not run by itself.
func (n *Network) Plan(s *Scan, now time.Time) {
	s.next = time.Time{}
	if s.Schedule.Kind != ScheduleICal {
		return
	}
	zone, clock, _ := strings.Cut(strings.TrimPrefix(s.Schedule.Start, "TZID="), ":")
	// Zones are checked where scans are read.
	place, err := time.LoadLocation(zone)
	if err != nil {
		place = time.UTC
	}
	start, err := time.ParseInLocation("20060102T150405", strings.TrimSuffix(clock, "Z"), place)
	if err != nil {
		return
	}
	// The calendar is that of the shown clock.
	s.next = start.Add(now.Sub(n.Wall(now)))
	if days := s.rule().days; len(days) > 0 && !slices.Contains(days, s.next.Weekday()) {
		s.next = s.after(s.next)
	}
	for !s.next.IsZero() && s.next.Before(now) {
		s.next = s.after(s.next)
	}
}

// Next is when the server will launch the definition, zero if it will not.
func (s *Scan) Next() time.Time { return s.next }

// rule is what a repeatRule says.
type rule struct {
	frequency string
	every     int
	// days of the week, of weekly rules.
	days []time.Weekday
}

var weekdays = []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

func (s *Scan) rule() rule {
	r := rule{every: 1}
	for part := range strings.SplitSeq(strings.ToUpper(s.Schedule.RepeatRule), ";") {
		switch name, value, _ := strings.Cut(part, "="); name {
		case "FREQ":
			r.frequency = value
		case "INTERVAL":
			if every, err := strconv.Atoi(value); err == nil && every > 0 {
				r.every = every
			}
		case "BYDAY":
			for day := range strings.SplitSeq(value, ",") {
				if i := slices.Index(weekdays, strings.TrimSpace(day)); i >= 0 {
					r.days = append(r.days, time.Weekday(i))
				}
			}
		}
	}
	if r.frequency != "WEEKLY" {
		r.days = nil
	}
	return r
}

// after is the run after another one, by the rule of the calendar: every so many days, weeks (or days of weeks) or months; zero for rules that
// do not repeat.
func (s *Scan) after(t time.Time) time.Time {
	r := s.rule()
	switch r.frequency {
	case "DAILY":
		return t.AddDate(0, 0, r.every)
	case "WEEKLY":
		for range min(len(r.days), 1) * 7 {
			// Weeks begin on Monday.
			if t = t.AddDate(0, 0, 1); t.Weekday() == time.Monday {
				t = t.AddDate(0, 0, 7*(r.every-1))
			}
			if slices.Contains(r.days, t.Weekday()) {
				return t
			}
		}
		return t.AddDate(0, 0, 7*r.every)
	case "MONTHLY":
		return t.AddDate(0, r.every, 0)
	case "YEARLY":
		return t.AddDate(r.every, 0, 0)
	}
	return time.Time{}
}

// dueSchedule is the launch of the definition whose time has come first.
func (n *Network) dueSchedule(now time.Time) *event {
	var first *Scan
	for _, id := range slices.Sorted(maps.Keys(n.Scans)) {
		s := n.Scans[id]
		if s.next.IsZero() || s.next.After(now) || first != nil && !s.next.Before(first.next) {
			continue
		}
		first = s
	}
	if first == nil {
		return nil
	}
	at := first.next
	return &event{at, func() {
		first.next = time.Time{}
		if first.Schedule.Kind == ScheduleICal {
			first.next = first.after(at)
		}
		n.Launch(first, first.Owner, "", at)
	}}
}

// launchDependents starts what waits for a scan's end.
func (n *Network) launchDependents(r *Run) {
	for _, id := range slices.Sorted(maps.Keys(n.Scans)) {
		if s := n.Scans[id]; s.Schedule.Kind == ScheduleDependent && s.Schedule.DependsOn == r.Scan.ID {
			n.Launch(s, s.Owner, "", r.EndsAt())
		}
	}
}

// WaitsFor says whether a scan is another one, or runs after it by whatever way: the two would launch each other for ever.
func (n *Network) WaitsFor(scan, other int) bool {
	for s := n.Scans[scan]; s != nil; s = n.Scans[s.Schedule.DependsOn] {
		if s.ID == other {
			return true
		}
	}
	return false
}

// Dependents counts the definitions that wait for another one.
func (n *Network) Dependents(scan int) int {
	count := 0
	for _, s := range n.Scans {
		if s.Schedule.Kind == ScheduleDependent && s.Schedule.DependsOn == scan {
			count++
		}
	}
	return count
}

// ScanName is empty for a definition that does not exist.
func (n *Network) ScanName(id int) string {
	if s := n.Scans[id]; s != nil {
		return s.Name
	}
	return ""
}

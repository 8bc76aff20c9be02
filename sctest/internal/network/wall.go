package network

// The clock that the server shows, which somebody may set while the time of the network goes on evenly.

import "time"

// step is a setting of the clock: from then on it is ahead of the network's time by so much.
type step struct {
	from  time.Time
	ahead time.Duration
}

// SetClock sets the shown clock forward or back.
func (n *Network) SetClock(now time.Time, by time.Duration) {
	if len(n.steps) > 0 {
		by += n.steps[len(n.steps)-1].ahead
	}
	n.steps = append(n.steps, step{from: now, ahead: by})
}

// Wall is what the clock showed at a time. Everything is remembered in the network's time and shown in the clock's of that moment, so
// that a scan takes as long as it takes, whatever the clock does.
func (n *Network) Wall(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	var ahead time.Duration
	for _, s := range n.steps {
		if !t.Before(s.from) {
			ahead = s.ahead
		}
	}
	return t.Add(ahead)
}

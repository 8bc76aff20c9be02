package sctest

// The server: one mutex around one world, a clock that the caller owns, and the faults at its door.

import (
	"bytes"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxBody bounds requests; the largest real ones are policies of a few kilobytes.
const maxBody = 8 << 20

// Server is a simulated Security Center. Its zero value is ready for use. Set the fields before the first request.
type Server struct {
	// Now is the clock. Default: [time.Now].
	Now func() time.Time
	// Scenario is what exists at the start. A scenario that makes no sense is answered with 500 and the reason.
	Scenario Scenario
	// Fault, if set, sees every request to /rest first; it returns true when it has answered.
	Fault func(http.ResponseWriter, *http.Request) bool

	mu     sync.Mutex
	ahead  time.Duration
	world  *world
	broken error
}

// State is what the server holds now.
func (s *Server) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, now := s.worldLocked()
	if w == nil {
		return State{Now: now}
	}
	return w.state(now)
}

// Calls counts the requests so far, faulty ones too, by method and path; IDs in paths are written {id}.
func (s *Server) Calls() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, _ := s.worldLocked()
	if w == nil {
		return map[string]int{}
	}
	return maps.Clone(w.calls)
}

// Unknown lists the requests that were answered 501 because the simulator does not know the route.
func (s *Server) Unknown() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, _ := s.worldLocked()
	if w == nil {
		return nil
	}
	return slices.Clone(w.unknown)
}

// AddFaults orders faults after those that are already there. Impossible ones never match.
func (s *Server) AddFaults(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if w, _ := s.worldLocked(); w != nil {
		w.faults = append(w.faults, each(faults, Fault.withDefaults)...)
	}
}

// Advance puts the server's clock ahead of Now.
func (s *Server) Advance(by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// The world must exist before, or it would start at the later time and not age.
	s.worldLocked()
	s.ahead += by
}

// Reset starts the scenario anew, at the present time of the clock.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world, s.broken = nil, nil
	s.worldLocked()
}

// ServeHTTP answers /rest as a Security Center, and /_sim to whoever runs the simulation.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	// Read before anything else: a client that goes away during a delay has sent its request nevertheless.
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, "the request's body could not be read", http.StatusBadRequest)
		return
	}
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		s.serveControl(w, r, body)
		return
	}
	fault, err := s.arrive(r)
	if err != nil {
		http.Error(w, "the simulator's scenario is impossible: "+err.Error(), http.StatusInternalServerError)
		return
	}
	if s.Fault != nil {
		r.Body = io.NopCloser(bytes.NewReader(body))
		if s.Fault(w, r) {
			return
		}
	}
	s.serveFaulty(w, fault, func() answer { return s.answer(r, body) })
}

// arrive counts a request and picks the fault that it meets.
func (s *Server) arrive(r *http.Request) (Fault, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, now := s.worldLocked()
	if w == nil {
		return Fault{}, s.broken
	}
	w.settle(now)
	w.calls[routeKey(r.Method, r.URL.Path)]++
	fault, found := w.faults.take(r.Method, r.URL.Path, requestFaults...)
	if found && fault.Do == FaultExpireSession {
		clear(w.sessions)
	}
	return fault, nil
}

func (s *Server) answer(r *http.Request, body []byte) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, now := s.worldLocked()
	if w == nil {
		return answer{status: http.StatusInternalServerError, header: http.Header{}, body: []byte(s.broken.Error())}
	}
	w.settle(now)
	return w.answer(now, r, body)
}

func (s *Server) clockLocked() time.Time {
	if s.Now == nil {
		return time.Now().Add(s.ahead)
	}
	return s.Now().Add(s.ahead)
}

// worldLocked returns nil for an impossible scenario.
func (s *Server) worldLocked() (*world, time.Time) {
	now := s.clockLocked()
	if s.world == nil && s.broken == nil {
		scenario := s.Scenario.withDefaults()
		if s.broken = scenario.check(); s.broken == nil {
			s.world = newWorld(scenario, now)
		}
	}
	return s.world, now
}

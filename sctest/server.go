package sctest

// The server: one mutex around one service, a clock that the caller owns, and the faults at its door.

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

	mu      sync.Mutex
	ahead   time.Duration
	service *service
	broken  error
}

// State is what the server holds now.
func (s *Server) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	service, now := s.serviceLocked()
	if service == nil {
		return State{Now: now}
	}
	return stateOf(service.net, now)
}

// Calls counts the requests so far, faulty ones too, by method and path; IDs in paths are written {id}.
func (s *Server) Calls() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	service, _ := s.serviceLocked()
	if service == nil {
		return map[string]int{}
	}
	return maps.Clone(service.calls)
}

// Unknown lists the requests that were answered 501 because the simulator does not know the route.
func (s *Server) Unknown() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	service, _ := s.serviceLocked()
	if service == nil {
		return nil
	}
	return slices.Clone(service.unknown)
}

// AddFaults orders faults after those that are already there. Impossible ones never match.
func (s *Server) AddFaults(faults ...Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if service, _ := s.serviceLocked(); service != nil {
		service.faults.add(faults)
	}
}

// Advance puts the server's clock ahead of Now.
func (s *Server) Advance(by time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	// The service must exist before, or it would start at the later time and not age.
	s.serviceLocked()
	s.ahead += by
}

// Reset starts the scenario anew, at the present time of the clock.
func (s *Server) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.service, s.broken = nil, nil
	s.serviceLocked()
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
	service, now := s.serviceLocked()
	if service == nil {
		return Fault{}, s.broken
	}
	return service.arrive(now, r.Method, r.URL.Path), nil
}

func (s *Server) answer(r *http.Request, body []byte) answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	service, now := s.serviceLocked()
	if service == nil {
		return answer{status: http.StatusInternalServerError, header: http.Header{}, body: []byte(s.broken.Error())}
	}
	return service.answer(now, r, body)
}

func (s *Server) clockLocked() time.Time {
	if s.Now == nil {
		return time.Now().Add(s.ahead)
	}
	return s.Now().Add(s.ahead)
}

// serviceLocked returns nil for an impossible scenario.
func (s *Server) serviceLocked() (*service, time.Time) {
	now := s.clockLocked()
	if s.service == nil && s.broken == nil {
		var complete Scenario
		if complete, s.broken = s.Scenario.complete(); s.broken == nil {
			s.service = newService(complete, now)
		}
	}
	return s.service, now
}

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

	"patchproof/sctest/internal/rest"
	"patchproof/sctest/internal/scenario"
)

// maxBody bounds requests; the largest real ones are policies of a few kilobytes.
const maxBody = 8 << 20

// Server is a simulated Security Center. Its zero value is ready for use. Set the fields before the first request.
type Server struct {
	// Now is the clock. Default: [time.Now].
	Now func() time.Time
	// Scenario is what exists at the start. A scenario that makes no sense is answered with 500 and the reason.
	Scenario scenario.Scenario
	// Fault, if set, sees every request to /rest first; it returns true when it has answered.
	Fault func(http.ResponseWriter, *http.Request) bool

	mu      sync.Mutex
	ahead   time.Duration
	service *rest.Service
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
	return stateOf(service.Network, now)
}

// Calls counts the requests so far, faulty ones too, by method and path; IDs in paths are written {id}.
func (s *Server) Calls() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	service, _ := s.serviceLocked()
	if service == nil {
		return map[string]int{}
	}
	return maps.Clone(service.Calls)
}

// Unknown lists the requests that were answered 501 because the simulator does not know the route.
func (s *Server) Unknown() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	service, _ := s.serviceLocked()
	if service == nil {
		return nil
	}
	return slices.Clone(service.Unknown)
}

// AddFaults orders faults after those that are already there. Impossible ones never match.
func (s *Server) AddFaults(faults ...scenario.Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if service, _ := s.serviceLocked(); service != nil {
		service.Faults.Add(faults)
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
	s.serveFaulty(w, fault, func() rest.Answer { return s.answer(r, body) })
}

// arrive counts a request and picks the fault that it meets.
func (s *Server) arrive(r *http.Request) (scenario.Fault, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	service, now := s.serviceLocked()
	if service == nil {
		return scenario.Fault{}, s.broken
	}
	return service.Arrive(now, r.Method, r.URL.Path), nil
}

func (s *Server) answer(r *http.Request, body []byte) rest.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	service, now := s.serviceLocked()
	if service == nil {
		return rest.Answer{Status: http.StatusInternalServerError, Header: http.Header{}, Body: []byte(s.broken.Error())}
	}
	return service.Answer(now, r, body)
}

func (s *Server) clockLocked() time.Time {
	if s.Now == nil {
		return time.Now().Add(s.ahead)
	}
	return s.Now().Add(s.ahead)
}

// serviceLocked returns nil for an impossible scenario.
func (s *Server) serviceLocked() (*rest.Service, time.Time) {
	now := s.clockLocked()
	if s.service == nil && s.broken == nil {
		var complete scenario.Scenario
		if complete, s.broken = s.Scenario.Complete(); s.broken == nil {
			s.service = rest.New(complete, now)
		}
	}
	return s.service, now
}

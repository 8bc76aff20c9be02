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
	"patchproof/sctest/internal/wire"
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

	mu         sync.Mutex
	ahead      time.Duration
	service    *rest.Service
	impossible error
}

// State is what the server holds now.
func (s *Server) State() State {
	service, now, unlock := s.open()
	defer unlock()
	return stateOf(service.Network, now)
}

// Calls counts the requests so far, faulty ones too, by method and path; IDs in paths are written {id}.
func (s *Server) Calls() map[string]int {
	service, _, unlock := s.open()
	defer unlock()
	return maps.Clone(service.Calls)
}

// Unknown lists the requests that were answered 501 because the simulator does not know the route.
func (s *Server) Unknown() []string {
	service, _, unlock := s.open()
	defer unlock()
	return slices.Clone(service.Unknown)
}

// AddFaults orders faults after those that are already there. Impossible ones never match.
func (s *Server) AddFaults(faults ...Fault) {
	service, _, unlock := s.open()
	defer unlock()
	service.Faults.Add(faults)
}

// Time is what the server's clock shows now.
func (s *Server) Time() time.Time {
	service, now, unlock := s.open()
	defer unlock()
	return service.Network.Wall(now)
}

// Advance puts the server's clock ahead of Now.
func (s *Server) Advance(by time.Duration) {
	_, _, unlock := s.open()
	defer unlock()
	s.ahead += by
}

// Reset starts the scenario anew, at the present time of the clock.
func (s *Server) Reset() {
	s.mu.Lock()
	s.service = nil
	s.mu.Unlock()
	s.Time()
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
	s.serveFaulty(w, fault, body, func() wire.Answer {
		service, now, unlock := s.open()
		defer unlock()
		return service.Answer(now, r, body)
	})
}

// arrive counts a request and picks the fault that it meets.
func (s *Server) arrive(r *http.Request) (Fault, error) {
	service, now, unlock := s.open()
	defer unlock()
	if s.impossible != nil {
		return Fault{}, s.impossible
	}
	return service.Arrive(now, r.Method, r.URL.Path), nil
}

// open locks the server and begins its scenario if it has not begun, because time counts from there. Instead of an impossible
// scenario there is an empty one, of which nobody hears but the reason.
func (s *Server) open() (service *rest.Service, now time.Time, unlock func()) {
	s.mu.Lock()
	if s.Now != nil {
		now = s.Now()
	} else {
		now = time.Now()
	}
	now = now.Add(s.ahead)
	if s.service == nil {
		var complete Scenario
		if complete, s.impossible = s.Scenario.Complete(); s.impossible != nil {
			complete, _ = Scenario{}.Complete()
		}
		s.service = rest.New(complete, now)
	}
	return s.service, now, s.mu.Unlock
}

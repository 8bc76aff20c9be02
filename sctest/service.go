package sctest

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"time"
)

// The service: what a server holds besides its network, and how one request passes through it.

// service is not safe for concurrent use: whoever owns it has the mutex.
type service struct {
	net      *network
	scenario Scenario
	dialect  dialect
	accounts []*account
	sessions map[string]*session
	faults   faultList
	calls    map[string]int
	unknown  []string
	// serial numbers whatever has no number of its own kind.
	serial int
}

// newService expects a scenario that is complete.
func newService(s Scenario, now time.Time) *service {
	v := &service{
		net: newNetwork(s, now), scenario: s, dialect: parseDialect(s.Version), sessions: map[string]*session{},
		faults: append(faultList{}, s.Faults...), calls: map[string]int{},
	}
	for i, u := range s.Users {
		v.accounts = append(v.accounts, &account{User: u, owner: owner{i + 1, u.Username}})
	}
	return v
}

func (s *service) nextSerial() int {
	s.serial++
	return s.serial
}

// arrive counts a request and picks the fault that it meets.
func (s *service) arrive(now time.Time, method, path string) Fault {
	s.net.settle(now)
	s.calls[routeKey(method, path)]++
	fault, found := s.faults.take(method, path, requestFaults...)
	if found && fault.Do == FaultExpireSession {
		clear(s.sessions)
	}
	return fault
}

// call is one request on its way through the service.
type call struct {
	*service
	now     time.Time
	r       *http.Request
	id      int
	input   object
	user    *account
	session *session
}

// answer has the effect of a request that has arrived.
func (s *service) answer(now time.Time, r *http.Request, body []byte) answer {
	s.net.settle(now)
	c := &call{service: s, now: now, r: r, id: pathID(r.URL.Path)}
	a := c.serve(body)
	a.header.Set("Server", "Apache")
	a.header.Set("Date", now.UTC().Format(http.TimeFormat))
	if !s.dialect.atLeast(5, 20) {
		a.header.Set("Securitycenter", s.dialect.version)
	} else {
		a.header.Set("Vary", "x-apikey")
	}
	if c.user == nil && a.header.Get("Set-Cookie") == "" {
		a.header.Set("Set-Cookie", c.cookie(fingerprint(now.UnixNano(), s.nextSerial())))
	}
	return a
}

func (c *call) serve(body []byte) answer {
	key := routeKey(c.r.Method, c.r.URL.Path)
	found, ok := routes[key]
	if !ok {
		c.unknown = append(c.unknown, c.r.Method+" "+c.r.URL.Path)
		return c.failed(&refusal{status: http.StatusNotImplemented, text: "the simulator does not know " + key})
	}
	if err := c.authenticate(found.public); err != nil {
		return c.failed(err)
	}
	if err := c.read(body); err != nil {
		return c.failed(err)
	}
	response, err := found.handle(c)
	if err != nil {
		return c.failed(err)
	}
	if ready, ok := response.(answer); ok {
		return ready
	}
	return regular(c.now, response)
}

func (c *call) failed(err error) answer {
	if known, ok := errors.AsType[*refusal](err); ok {
		return known.answer(c.now)
	}
	return refuse(codeInvalid, "%s\n", err).answer(c.now)
}

// read keeps numbers as they were written, because servers echo what they are sent.
func (c *call) read(body []byte) error {
	c.input = object{}
	if c.r.Method == http.MethodGet || len(bytes.TrimSpace(body)) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&c.input); err != nil || c.input == nil {
		return refuse(codeInvalid, "The request's body is not a JSON object.\n")
	}
	if decoder.More() {
		return refuse(codeInvalid, "The request's body is more than one JSON value.\n")
	}
	return nil
}

func (c *call) analyse() (any, error) {
	if !c.user.may(mayAnalyse) {
		return nil, refuse(codeInvalid, "You do not have permission to analyze vulnerability data.\n")
	}
	a := &Analysis{
		net: c.net, dialect: c.dialect, now: c.now, input: c.input, sees: c.user.sees,
		fault: func(kind string) bool {
			_, found := c.faults.take(c.r.Method, c.r.URL.Path, kind)
			return found
		},
	}
	return a.answer()
}

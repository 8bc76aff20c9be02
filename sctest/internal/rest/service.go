// Package rest is the REST interface of the simulated Security Center, on top of its network.
package rest

// The service: what a server holds besides its network, and how one request passes through it.

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"patchproof/sctest/internal/analysis"
	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
	"patchproof/sctest/internal/scenario"
	"patchproof/sctest/internal/wire"
)

// Service is not safe for concurrent use: whoever owns it has the mutex.
type Service struct {
	Network  *network.Network
	scenario scenario.Scenario
	version  dialect.Version
	accounts []*account
	sessions map[string]*session
	Faults   scenario.FaultList
	Calls    map[string]int
	Unknown  []string
	// serial numbers whatever has no number of its own kind.
	serial int
}

// New expects a scenario that is complete.
func New(s scenario.Scenario, now time.Time) *Service {
	v := &Service{
		Network: network.New(s, now), scenario: s, version: dialect.ParseVersion(s.Version), sessions: map[string]*session{},
		Faults: append(scenario.FaultList{}, s.Faults...), Calls: map[string]int{},
	}
	for i, u := range s.Users {
		v.accounts = append(v.accounts, &account{User: u, owner: network.Owner{ID: i + 1, Username: u.Username}})
	}
	return v
}

func (s *Service) nextSerial() int {
	s.serial++
	return s.serial
}

// Arrive counts a request and picks the fault that it meets.
func (s *Service) Arrive(now time.Time, method, path string) scenario.Fault {
	s.Network.Settle(now)
	s.Calls[routeKey(method, path)]++
	fault, found := s.Faults.Take(method, path, scenario.RequestFaults...)
	if found && fault.Do == scenario.FaultExpireSession {
		clear(s.sessions)
	}
	if found && fault.Do == scenario.FaultClock {
		s.Network.SetClock(now, fault.By)
	}
	return fault
}

// call is one request on its way through the service.
type call struct {
	*Service
	now     time.Time
	r       *http.Request
	id      int
	input   *dialect.Input
	user    *account
	session *session
	// usedBefore is when the session was last used before this request.
	usedBefore time.Time
	// query are the parameters of the address, and for GET also those of the body.
	query url.Values
}

// Answer has the effect of a request that has arrived.
func (s *Service) Answer(now time.Time, r *http.Request, body []byte) wire.Answer {
	s.Network.Settle(now)
	c := &call{Service: s, now: now, r: r, id: pathID(r.URL.Path), query: r.URL.Query()}
	a := c.serve(body)
	a.Header.Set("Server", "Apache")
	a.Header.Set("Date", s.Network.Wall(now).UTC().Format(http.TimeFormat))
	if !s.version.AtLeast(5, 20) {
		a.Header.Set("Securitycenter", s.version.String())
	} else {
		a.Header.Set("Vary", "x-apikey")
	}
	// What the simulator does not know leaves no trace, as if the request had never come.
	if a.Status == http.StatusNotImplemented {
		c.Unknown = append(c.Unknown, c.r.Method+" "+c.r.URL.Path)
		if c.session != nil {
			c.session.used = c.usedBefore
		}
		return a
	}
	if c.user == nil && a.Header.Get("Set-Cookie") == "" {
		a.Header.Set("Set-Cookie", c.cookie(network.Fingerprint(now.UnixNano(), s.nextSerial())))
	}
	return a
}

func (c *call) serve(body []byte) wire.Answer {
	key := routeKey(c.r.Method, c.r.URL.Path)
	handle, ok := routes[key]
	if !ok {
		return c.failed(dialect.NotSimulated("%s", key))
	}
	if err := c.authenticate(slices.Contains(publicRoutes, key)); err != nil {
		return c.failed(err)
	}
	if err := c.read(body); err != nil {
		return c.failed(err)
	}
	response, err := handle(c)
	if err != nil {
		return c.failed(err)
	}
	if ready, ok := response.(wire.Answer); ok {
		return ready
	}
	return wire.Regular(c.shown(), response)
}

func (c *call) failed(err error) wire.Answer {
	if known, ok := errors.AsType[*dialect.RefusalError](err); ok {
		return wire.Refused(c.shown(), known)
	}
	return wire.Refused(c.shown(), dialect.Refuse("%s\n", err))
}

// read keeps numbers as they were written, because servers echo what they are sent. The parameters of a GET may come in its body too.
func (c *call) read(body []byte) error {
	c.input = &dialect.Input{}
	// To servers null and the empty list are what the empty object is; there are clients that send them where they have nothing to say.
	if slices.Contains([]string{"", "null", "[]"}, string(bytes.TrimSpace(body))) {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&c.input.Object); err != nil || c.input.Object == nil {
		return dialect.Refuse("The request's body is not a JSON object.\n")
	}
	if decoder.More() {
		return dialect.Refuse("The request's body is more than one JSON value.\n")
	}
	if c.r.Method == http.MethodGet {
		c.readParameters()
	}
	return nil
}

// readParameters lets the address decide where both name a parameter. Lists are written with commas.
func (c *call) readParameters() {
	for name, value := range c.input.Object {
		list, many := value.([]any)
		if !many {
			list = []any{value}
		}
		var words []string
		for _, item := range list {
			if word, ok := dialect.Scalar(item); ok {
				words = append(words, word)
			}
		}
		if !c.query.Has(name) && len(words) == len(list) {
			c.query.Set(name, strings.Join(words, ","))
		}
	}
}

func (c *call) analyse() (any, error) {
	if !c.user.may(scenario.MayAnalyse) {
		return nil, dialect.Refuse("You do not have permission to analyze vulnerability data.\n")
	}
	a := &analysis.Request{
		Network: c.Network, Version: c.version, Now: c.now, Input: c.input, Sees: c.user.sees,
		Fault: func(kind string) bool {
			_, found := c.Faults.Take(c.r.Method, c.r.URL.Path, kind)
			return found
		},
	}
	return a.Answer()
}

type object = dialect.Object

// epoch writes a time as the server's clock showed it.
func (c *call) epoch(t time.Time) string { return dialect.Epoch(c.Network.Wall(t)) }

// epochOrZero is for logins: there 0 means never, not -1.
func (c *call) epochOrZero(t time.Time) string {
	if t.IsZero() {
		return "0"
	}
	return c.epoch(t)
}

// shown is the time on the server's clock now.
func (c *call) shown() time.Time { return c.Network.Wall(c.now) }

// shownAt is what the clock will show at a time to come, or showed at one that is past.
func (c *call) shownAt(t time.Time) time.Time { return c.Network.Wall(t) }

package sclient

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"
)

// sessionServer knows one token at a time; each login makes a new one.
type sessionServer struct {
	logins   atomic.Int64
	full     bool // the user's sessions are used up
	released atomic.Bool
	mu       sync.Mutex
	valid    string
}

func (s *sessionServer) routes() map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"POST /rest/token":      s.login,
		"DELETE /rest/token":    s.guard(func(w http.ResponseWriter, r *http.Request) { s.expire(); answers(`""`)(w, r) }),
		"GET /rest/currentUser": s.guard(answers(`{"id":"5"}`)),
		"POST /rest/scan":       s.guard(refuses(403, 146, "Please specify a valid Policy.\n")),
	}
}

func (s *sessionServer) login(w http.ResponseWriter, r *http.Request) {
	var body struct {
		Password       string `json:"password"`
		ReleaseSession bool   `json:"releaseSession"`
	}
	_ = json.NewDecoder(r.Body).Decode(&body)
	if body.Password != "p@ss/word" {
		refuses(403, 144, "Invalid login credentials")(w, r)
		return
	}
	if s.full && !body.ReleaseSession {
		http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: "early"})
		answers(`{"releaseSession":true}`)(w, r)
		return
	}
	s.released.Store(body.ReleaseSession)
	token := fmt.Sprint(1234567890 + s.logins.Add(1))
	s.mu.Lock()
	s.valid = token
	s.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: "stale"})
	http.SetCookie(w, &http.Cookie{Name: sessionCookie, Value: "c" + token})
	answers(`{"lastLogin":"1550188299","token":`+token+`,"unassociatedCert":"false"}`)(w, r)
}

func (s *sessionServer) guard(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		valid := s.valid
		s.mu.Unlock()
		cookie, err := r.Cookie(sessionCookie)
		if err != nil || valid == "" || r.Header.Get("X-SecurityCenter") != valid || cookie.Value != "c"+valid || r.Header.Get("x-apikey") != "" {
			refuses(403, 12, "This request contains an invalid token.")(w, r)
			return
		}
		next(w, r)
	}
}

func (s *sessionServer) expire() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.valid = ""
}

func sessionClient(t *testing.T, server *sessionServer) *Client {
	t.Helper()
	s := newStub(t, server.routes())
	return &Client{URL: s.URL, Username: "api", Password: NewSecret("p@ss/word")}
}

func TestSessionIsSharedAndRenewed(t *testing.T) {
	t.Parallel()
	server := &sessionServer{}
	c := sessionClient(t, server)
	ask := func() {
		var group sync.WaitGroup
		for range 20 {
			group.Go(func() {
				user, err := c.CurrentUser(t.Context())
				if err != nil || user.ID != 5 {
					t.Errorf("user %v, error %v", user, err)
				}
			})
		}
		group.Wait()
	}
	ask()
	require.EqualValues(t, 1, server.logins.Load())
	server.expire()
	ask()
	require.EqualValues(t, 2, server.logins.Load())

	require.NoError(t, c.Close(t.Context()))
	require.NoError(t, c.Close(t.Context()), "nothing is open")
	ask()
	require.EqualValues(t, 3, server.logins.Load())
}

func TestSessionIsRenewedForCode12Only(t *testing.T) {
	t.Parallel()
	server := &sessionServer{}
	c := sessionClient(t, server)
	_, err := c.CreateScan(t.Context(), validScan())
	require.True(t, IsInvalidRequest(err))
	require.EqualValues(t, 1, server.logins.Load())
}

func TestSessionLimit(t *testing.T) {
	t.Parallel()
	server := &sessionServer{full: true}
	c := sessionClient(t, server)
	_, err := c.CurrentUser(t.Context())
	require.NoError(t, err)
	require.True(t, server.released.Load())
}

// Each further attempt would bring the user closer to being locked.
func TestWrongPasswordIsTriedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var logins atomic.Int64
		gate := make(chan struct{})
		c := &Client{URL: "https://sc.example.com", Username: "api", Password: NewSecret("wrong"), HTTPClient: &http.Client{
			Transport: transport(func(*http.Request) *http.Response {
				logins.Add(1)
				<-gate
				w := httptest.NewRecorder()
				refuses(403, 144, "Invalid login credentials")(w, nil)
				return w.Result()
			}),
		}}
		var group sync.WaitGroup
		for range 5 {
			group.Go(func() {
				_, err := c.CreateScan(t.Context(), validScan())
				if !IsUnauthorized(err) || FateUnknown(err) || IsTransient(err) {
					t.Errorf("wrong kind of error: %v", err)
				}
			})
		}
		synctest.Wait() // until one logs in and four wait for it
		close(gate)
		group.Wait()
		require.EqualValues(t, 1, logins.Load())
	})
}

// transport answers without a network, on which synctest cannot wait.
type transport func(*http.Request) *http.Response

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

func TestSessionThatNeverWorks(t *testing.T) {
	t.Parallel()
	s := newStub(t, map[string]http.HandlerFunc{
		"POST /rest/token":      answers(`{"token":"77"}`),
		"GET /rest/currentUser": refuses(403, 12, "This request contains an invalid token."),
	})
	c := &Client{URL: s.URL, Username: "api", Password: NewSecret("x")}
	_, err := c.CurrentUser(t.Context())
	require.Equal(t, "unauthorized", predicates(err))
	require.Len(t, s.got(), 4, "two logins, two requests, and no more")
}

func TestStrangeLogins(t *testing.T) {
	t.Parallel()
	for name, handler := range map[string]http.HandlerFunc{
		"limit for ever": answers(`{"releaseSession":true}`),
		"no token":       answers(`{}`),
		"no object":      answers(`""`),
		"gateway":        raw(502, "text/html", "<p>"),
		"dropped":        drop,
	} {
		s := newStub(t, map[string]http.HandlerFunc{"POST /rest/token": handler})
		c := &Client{URL: s.URL, Username: "api", Password: NewSecret("x")}
		_, err := c.CreateScan(t.Context(), validScan())
		require.ErrorContains(t, err, "log in: ", name)
		require.False(t, FateUnknown(err), name)
		require.True(t, IsTransient(err), name)
		require.LessOrEqual(t, len(s.got()), 2, name)
	}
}

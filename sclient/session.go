package sclient

// Logging in with a user name and a password, once for all.

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// Sessions are for servers before 5.13, which know no API keys.

const sessionCookie = "TNS_SESSIONID"

// maxGrant bounds what a server may choose as a secret of ours, which is searched for in every error: tokens have ten digits, and cookies 32.
const maxGrant = 1 << 10

// grant is what SC hands out at a login: the token and the cookie that belong together.
type grant struct{ token, cookie string }

func (g *grant) sign(request *http.Request) {
	if g == nil {
		return
	}
	if g.token != "" {
		request.Header.Set("X-Securitycenter", g.token)
	}
	if g.cookie != "" {
		request.AddCookie(&http.Cookie{Name: sessionCookie, Value: g.cookie})
	}
}

// session is the login that all goroutines share.
type session struct {
	mu    sync.Mutex
	grant *grant
	login *login
}

// login is one under way. Those who wait take its result, also a refusal: each further attempt with a wrong password
// brings the user closer to being locked.
type login struct {
	done chan struct{}
	err  error
}

// logIn returns the shared session, and opens one if there is none or only the stale one.
func (c *Client) logIn(ctx context.Context, stale *grant) (*grant, error) {
	for {
		open, running := c.in().session.join(stale)
		if open != nil {
			return open, nil
		}
		if running == nil {
			return c.openSession(ctx)
		}
		select {
		case <-running.done:
		case <-ctx.Done():
			return nil, &Error{Op: "log in", Method: http.MethodPost, Path: "/rest/token", Err: context.Cause(ctx)}
		}
		// The one who logged in may have given up; that says nothing about the password.
		if running.err != nil && !errors.Is(running.err, context.Canceled) && !errors.Is(running.err, context.DeadlineExceeded) {
			return nil, running.err
		}
	}
}

// join returns the open session, or the login under way, or neither: then the caller is the one to log in.
func (s *session) join(stale *grant) (*grant, *login) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.grant != nil && s.grant != stale {
		return s.grant, nil
	}
	running := s.login
	if running == nil {
		s.login = &login{done: make(chan struct{})}
	}
	return nil, running
}

// openSession logs in for everybody who waits.
func (c *Client) openSession(ctx context.Context) (*grant, error) {
	grant, err := c.requestToken(ctx)
	s := &c.in().session
	s.mu.Lock()
	defer s.mu.Unlock()
	s.login.err = err
	close(s.login.done)
	s.login = nil
	s.grant = grant
	return grant, err
}

type tokenRequest struct {
	Username       string `json:"username"`
	Password       string `json:"password"`
	ReleaseSession bool   `json:"releaseSession"`
}

type tokenResponse struct {
	Token          Text `json:"token"`
	ReleaseSession Bool `json:"releaseSession"`
}

// requestToken asks a second time when the user's sessions are used up, and then closes the oldest of them.
func (c *Client) requestToken(ctx context.Context) (*grant, error) {
	body := tokenRequest{Username: c.Username, Password: c.Password.text()}
	var cookie string
	for {
		call := call{op: "log in", method: http.MethodPost, path: "/token", body: body, reads: true, limits: single}
		got, err := c.exchange(ctx, call, &grant{cookie: cookie})
		if err != nil {
			return nil, err
		}
		for _, set := range got.cookies {
			if set.Name == sessionCookie {
				cookie = set.Value // the last one counts
			}
		}
		if len(cookie) > maxGrant {
			return nil, call.garbled(&envelope{status: got.status}, fmt.Errorf("a cookie of %d characters", len(cookie)))
		}
		c.Redaction().Add(cookie)
		var answer tokenResponse
		env, err := c.judge(call, got)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(env.Response, &answer); err != nil {
			return nil, call.garbled(env, c.redactError(err))
		}
		if token := strings.TrimSpace(string(answer.Token)); len(token) > maxGrant {
			return nil, call.garbled(env, fmt.Errorf("a token of %d characters", len(token)))
		} else if token != "" {
			c.Redaction().Add(token)
			return &grant{token: token, cookie: cookie}, nil
		}
		if !bool(answer.ReleaseSession) || body.ReleaseSession {
			return nil, call.garbled(env, errors.New("neither a token nor a word about the session limit"))
		}
		body.ReleaseSession = true
	}
}

// Close ends the session, if one is open (DELETE /rest/token), and closes idle connections. A later call logs in again. A session that ended by
// itself is no error.
func (c *Client) Close(ctx context.Context) error {
	defer c.httpClient().CloseIdleConnections()
	s := &c.in().session
	s.mu.Lock()
	open := s.grant
	s.grant = nil
	s.mu.Unlock()
	if open == nil {
		return nil
	}
	_, err := c.send(ctx, remove("log out", "/token"), open)
	if sessionEnded(err) {
		return nil
	}
	return err
}

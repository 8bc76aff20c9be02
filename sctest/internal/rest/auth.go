package rest

// Who asks: keys and sessions.

import (
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/network"
	"patchproof/sctest/internal/scenario"
	"patchproof/sctest/internal/wire"
)

const cookieName = "TNS_SESSIONID"

// account is a user with the ID that the server gave it.
type account struct {
	scenario.User
	owner                 network.Owner
	lastLogin, lastFailed time.Time
	failedLogins          int
}

func (a *account) admin() bool { return a != nil && a.Role == scenario.RoleAdministrator }

func (a *account) may(permission string) bool {
	return !a.admin() && (len(a.Permissions) == 0 || slices.Contains(a.Permissions, permission))
}

func (a *account) sees(repository int) bool {
	return len(a.Repositories) == 0 || slices.Contains(a.Repositories, repository)
}

func ownerObject(o network.Owner) object {
	return object{"id": strconv.Itoa(o.ID), "username": o.Username, "firstname": o.Username, "lastname": "user"}
}

type session struct {
	user          *account
	token         int64
	created, used time.Time
}

// authenticate finds out who asks. Public routes tolerate nobody, but not a wrong somebody.
func (c *call) authenticate(public bool) error {
	keys, token := c.r.Header.Get("x-apikey"), c.r.Header.Get("X-SecurityCenter")
	// Keys are unknown to servers before 5.13, which then see a request without any identity.
	if !c.version.AtLeast(5, 13) {
		keys = ""
	}
	switch {
	case keys != "" && token != "":
		return &dialect.RefusalError{
			Status: http.StatusBadRequest, Code: dialect.CodeInvalid,
			Text: "Both an authentication token and API keys were specified. Use one of them.\n",
		}
	case keys != "":
		return c.byKeys(keys)
	}
	if c.bySession(token) || public {
		return nil
	}
	return &dialect.RefusalError{
		Status: http.StatusForbidden, Code: dialect.CodeToken, HTML: true, Text: "This request contains an invalid token.",
	}
}

// byKeys refuses without a code or a text, whatever is wrong with the keys.
func (c *call) byKeys(header string) error {
	access, secret := parseKeys(header)
	for _, a := range c.accounts {
		if len(access)+len(secret) == 2*scenario.KeyLength && a.AccessKey != "" && a.AccessKey == access && a.SecretKey == secret {
			c.user = a
			return nil
		}
	}
	return &dialect.RefusalError{Status: http.StatusForbidden, HTML: true}
}

// parseKeys reads "accesskey=…; secretkey=…;" in any case.
func parseKeys(header string) (access, secret string) {
	for part := range strings.SplitSeq(header, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch strings.ToLower(strings.TrimSpace(name)) {
		case "accesskey":
			access = strings.TrimSpace(value)
		case "secretkey":
			secret = strings.TrimSpace(value)
		}
	}
	return access, secret
}

func (c *call) bySession(token string) bool {
	cookie, err := c.r.Cookie(cookieName)
	if err != nil || token == "" {
		return false
	}
	s := c.sessions[cookie.Value]
	if s == nil || token != strconv.FormatInt(s.token, 10) || c.expired(s) {
		return false
	}
	c.usedBefore, s.used = s.used, c.now
	c.user, c.session = s.user, s
	return true
}

func (c *call) expired(s *session) bool { return c.now.Sub(s.used) >= c.scenario.SessionTimeout }

func (c *call) cookie(id string) string {
	cookie := cookieName + "=" + id + "; path=/; secure; HttpOnly"
	if c.version.AtLeast(5, 20) {
		cookie += "; SameSite=Strict"
	}
	// A jar would not send a secure cookie back over plain HTTP, which the simulator also speaks.
	if c.r.TLS == nil {
		cookie = strings.Replace(cookie, "; secure", "", 1)
	}
	return cookie
}

// logIn is POST /token.
func (c *call) logIn() (any, error) {
	username, password, release := c.input.Text("username"), c.input.Text("password"), c.input.Flag("releaseSession")
	if c.input.Err() != nil {
		return nil, c.input.Err()
	}
	user := c.account(username)
	if user == nil || user.Password == "" || user.Password != password {
		if user != nil {
			user.failedLogins++
			user.lastFailed = c.now
		}
		return nil, dialect.Refuse("Invalid login credentials")
	}
	if !c.makeRoom(user, release) {
		return object{"releaseSession": true}, nil
	}
	id := network.Fingerprint("session", c.now.UnixNano(), c.nextSerial())
	s := &session{user: user, token: tokenOf(id), created: c.now, used: c.now}
	c.sessions[id] = s
	// The number is a real number here, unlike nearly all others.
	response := object{
		"lastLogin": c.epochOrZero(user.lastLogin), "lastLoginIP": "192.0.2.10", "failedLogins": strconv.Itoa(user.failedLogins),
		"failedLoginIP": "192.0.2.10", "lastFailedLogin": c.epochOrZero(user.lastFailed), "token": s.token, "unassociatedCert": "false",
	}
	user.lastLogin, user.failedLogins = c.now, 0
	a := wire.Regular(c.shown(), response)
	a.Header.Set("Set-Cookie", c.cookie(id))
	return a, nil
}

// logOut is DELETE /token.
func (c *call) logOut() (any, error) {
	maps.DeleteFunc(c.sessions, func(_ string, s *session) bool { return s == c.session })
	return "", nil
}

func (c *call) account(username string) *account {
	for _, a := range c.accounts {
		if a.Username == username {
			return a
		}
	}
	return nil
}

// makeRoom says whether the user may have one more session; the oldest goes if asked for.
func (c *call) makeRoom(user *account, release bool) bool {
	maps.DeleteFunc(c.sessions, func(_ string, s *session) bool { return c.expired(s) })
	var own []string
	for id, s := range c.sessions {
		if s.user == user {
			own = append(own, id)
		}
	}
	if len(own) < c.scenario.SessionLimit {
		return true
	}
	if release {
		delete(c.sessions, slices.MinFunc(own, func(a, b string) int { return c.sessions[a].created.Compare(c.sessions[b].created) }))
	}
	return release
}

// tokenOf derives a positive number that fits into 31 bits, as real tokens do.
func tokenOf(id string) int64 {
	n, err := strconv.ParseInt(id[:7], 16, 64)
	if err != nil {
		return 1
	}
	return n + 1
}

package sctest

// The routes of the REST interface, and how one request passes through them.

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// call is one request in the world.
type call struct {
	*world
	now     time.Time
	r       *http.Request
	id      int
	input   object
	user    *account
	session *session
}

type route struct {
	handle func(*call) (any, error)
	// public routes answer without identity.
	public bool
}

var routes = map[string]route{
	"GET /rest/system":                    {handle: (*call).getSystem, public: true},
	"POST /rest/token":                    {handle: (*call).logIn, public: true},
	"DELETE /rest/token":                  {handle: (*call).logOut},
	"GET /rest/status":                    {handle: (*call).getStatus},
	"GET /rest/currentUser":               {handle: (*call).getCurrentUser},
	"GET /rest/currentOrganization":       {handle: (*call).getCurrentOrganization},
	"GET /rest/plugin":                    {handle: (*call).listPlugins},
	"GET /rest/plugin/{id}":               {handle: (*call).getPlugin},
	"GET /rest/pluginFamily":              {handle: (*call).listFamilies},
	"GET /rest/pluginFamily/{id}":         {handle: (*call).getFamily},
	"GET /rest/policyTemplate":            {handle: (*call).listTemplates},
	"GET /rest/policyTemplate/{id}":       {handle: (*call).getTemplate},
	"GET /rest/policy":                    {handle: (*call).listPolicies},
	"POST /rest/policy":                   {handle: (*call).createPolicy},
	"GET /rest/policy/{id}":               {handle: (*call).getPolicy},
	"DELETE /rest/policy/{id}":            {handle: (*call).deletePolicy},
	"GET /rest/scan":                      {handle: (*call).listScans},
	"POST /rest/scan":                     {handle: (*call).createScan},
	"GET /rest/scan/{id}":                 {handle: (*call).getScan},
	"DELETE /rest/scan/{id}":              {handle: (*call).deleteScan},
	"POST /rest/scan/{id}/launch":         {handle: (*call).launchScan},
	"GET /rest/scanResult":                {handle: (*call).listResults},
	"GET /rest/scanResult/{id}":           {handle: (*call).getResult},
	"DELETE /rest/scanResult/{id}":        {handle: (*call).deleteResult},
	"POST /rest/scanResult/{id}/stop":     {handle: (*call).stopResult},
	"POST /rest/scanResult/{id}/pause":    {handle: (*call).pauseResult},
	"POST /rest/scanResult/{id}/resume":   {handle: (*call).resumeResult},
	"POST /rest/analysis":                 {handle: (*call).analyse},
	"GET /rest/asset":                     {handle: (*call).listAssets},
	"POST /rest/asset":                    {handle: (*call).createAsset},
	"GET /rest/asset/{id}":                {handle: (*call).getAsset},
	"DELETE /rest/asset/{id}":             {handle: (*call).deleteAsset},
	"GET /rest/repository":                {handle: (*call).listRepositories},
	"GET /rest/repository/{id}":           {handle: (*call).getRepository},
	"GET /rest/credential":                {handle: (*call).listCredentials},
	"GET /rest/credential/{id}":           {handle: (*call).getCredential},
	"GET /rest/zone":                      {handle: (*call).listZones},
	"GET /rest/zone/{id}":                 {handle: (*call).getZone},
	"GET /rest/feed":                      {handle: (*call).listFeeds},
	"GET /rest/feed/active":               {handle: (*call).getFeed},
	"GET /rest/feed/passive":              {handle: (*call).getFeed},
	"GET /rest/feed/lce":                  {handle: (*call).getFeed},
	"GET /rest/feed/sc":                   {handle: (*call).getFeed},
	"GET /rest/feed/all":                  {handle: (*call).listFeeds},
	"GET /rest/pluginFamily/{id}/plugins": {handle: (*call).listPlugins},
}

var numbers = regexp.MustCompile(`/-?\d+(/|$)`)

// routeKey is a request without its ID: "GET /rest/scan/{id}".
func routeKey(method, path string) string {
	return method + " " + numbers.ReplaceAllString(path, "/{id}$1")
}

func pathID(path string) int {
	digits := strings.Trim(numbers.FindString(path), "/")
	// Beyond any number means an ID that does not exist.
	id, err := strconv.Atoi(digits)
	if err != nil {
		return -1
	}
	return id
}

func (w *world) answer(now time.Time, r *http.Request, body []byte) answer {
	c := &call{world: w, now: now, r: r, id: pathID(r.URL.Path)}
	a := c.serve(body)
	a.header.Set("Server", "Apache")
	a.header.Set("Date", now.UTC().Format(http.TimeFormat))
	if !w.dialect.atLeast(5, 20) {
		a.header.Set("Securitycenter", w.dialect.version)
	} else {
		a.header.Set("Vary", "x-apikey")
	}
	if c.user == nil && a.header.Get("Set-Cookie") == "" {
		a.header.Set("Set-Cookie", c.cookie(fingerprint(now.UnixNano(), w.next("visitor"))))
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

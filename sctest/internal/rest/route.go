package rest

// The routes of the REST interface.

import (
	"regexp"
	"strconv"
	"strings"
)

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

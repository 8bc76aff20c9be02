package rest

// The routes of the REST interface.

import (
	"regexp"
	"strconv"
	"strings"
)

// publicRoutes answer without identity.
var publicRoutes = []string{"GET /rest/system", "POST /rest/token"}

var routes = map[string]func(*call) (any, error){
	"GET /rest/system":                     (*call).getSystem,
	"POST /rest/token":                     (*call).logIn,
	"DELETE /rest/token":                   (*call).logOut,
	"GET /rest/status":                     (*call).getStatus,
	"GET /rest/currentUser":                (*call).getCurrentUser,
	"GET /rest/currentOrganization":        (*call).getCurrentOrganization,
	"GET /rest/plugin":                     (*call).listPlugins,
	"GET /rest/plugin/{id}":                (*call).getPlugin,
	"GET /rest/pluginFamily":               (*call).listFamilies,
	"GET /rest/pluginFamily/{id}":          (*call).getFamily,
	"GET /rest/policyTemplate":             (*call).listTemplates,
	"GET /rest/policyTemplate/{id}":        (*call).getTemplate,
	"GET /rest/policy":                     (*call).listPolicies,
	"POST /rest/policy":                    (*call).createPolicy,
	"GET /rest/policy/{id}":                (*call).getPolicy,
	"DELETE /rest/policy/{id}":             (*call).deletePolicy,
	"GET /rest/scan":                       (*call).listScans,
	"POST /rest/scan":                      (*call).createScan,
	"GET /rest/scan/{id}":                  (*call).getScan,
	"DELETE /rest/scan/{id}":               (*call).deleteScan,
	"POST /rest/scan/{id}/launch":          (*call).launchScan,
	"GET /rest/scanResult":                 (*call).listResults,
	"GET /rest/scanResult/{id}":            (*call).getResult,
	"DELETE /rest/scanResult/{id}":         (*call).deleteResult,
	"POST /rest/scanResult/{id}/stop":      (*call).stopResult,
	"POST /rest/scanResult/{id}/pause":     (*call).pauseResult,
	"POST /rest/scanResult/{id}/resume":    (*call).resumeResult,
	"POST /rest/analysis":                  (*call).analyse,
	"GET /rest/asset":                      (*call).listAssets,
	"POST /rest/asset":                     (*call).createAsset,
	"GET /rest/asset/{id}":                 (*call).getAsset,
	"DELETE /rest/asset/{id}":              (*call).deleteAsset,
	"GET /rest/repository":                 (*call).listRepositories,
	"GET /rest/repository/{id}":            (*call).getRepository,
	"GET /rest/credential":                 (*call).listCredentials,
	"GET /rest/credential/{id}":            (*call).getCredential,
	"GET /rest/zone":                       (*call).listZones,
	"GET /rest/zone/{id}":                  (*call).getZone,
	"PATCH /rest/policy/{id}":              (*call).changePolicy,
	"POST /rest/policy/{id}/copy":          (*call).copyPolicy,
	"PATCH /rest/scan/{id}":                (*call).changeScan,
	"POST /rest/scan/{id}/copy":            (*call).copyScan,
	"PATCH /rest/asset/{id}":               (*call).changeAsset,
	"POST /rest/scanResult/{id}/copy":      (*call).copyResult,
	"POST /rest/scanResult/{id}/download":  (*call).downloadResult,
	"POST /rest/scanResult/{id}/import":    (*call).importResult,
	"GET /rest/scanner":                    (*call).listScanners,
	"GET /rest/scanner/{id}":               (*call).getScanner,
	"GET /rest/role":                       (*call).listRoles,
	"GET /rest/role/{id}":                  (*call).getRole,
	"GET /rest/user":                       (*call).listUsers,
	"GET /rest/user/{id}":                  (*call).getUser,
	"GET /rest/deviceInfo":                 (*call).getDevice,
	"GET /rest/repository/{id}/deviceInfo": (*call).getDevice,
	"GET /rest/feed":                       (*call).listFeeds,
	"GET /rest/feed/active":                (*call).getFeed,
	"GET /rest/feed/passive":               (*call).getFeed,
	"GET /rest/feed/lce":                   (*call).getFeed,
	"GET /rest/feed/sc":                    (*call).getFeed,
	"GET /rest/feed/all":                   (*call).listFeeds,
	"GET /rest/pluginFamily/{id}/plugins":  (*call).listPlugins,
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

package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchproof/sclient"
	"patchproof/sctest"
	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/namespace"
)

// secretsOf are what may never be seen, whatever a server does.
const (
	canaryAccess   = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
	canarySecret   = "f9e8d7c6b5a4938271605f4e3d2c1b0a"
	canaryPassword = `p@ss/"w&rd canary`
	canaryToken    = "998877665544332"
	canaryCookie   = "cookie-canary-cookie"
)

// echo answers every request with the secrets that it carries, in the place of data or of an error.
func echo(how string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path == "/rest/token" && r.Method == http.MethodPost && how != "login" {
			http.SetCookie(w, &http.Cookie{Name: "TNS_SESSIONID", Value: canaryCookie})
			fmt.Fprintf(w, `{"response":{"token":%s},"error_code":0,"error_msg":""}`, canaryToken)
			return
		}
		seen := r.Header.Get("X-Apikey") + " " + r.Header.Get("X-Securitycenter") + " " + r.Header.Get("Cookie") + " " + canaryPassword + " " + string(body)
		quoted, _ := json.Marshal(seen)
		number := strings.TrimSpace(r.Header.Get("X-Securitycenter"))
		if number == "" {
			number = "1"
		}
		object := fmt.Sprintf(`{"id":"1","name":%[1]s,"username":%[1]s,"jobd":%[1]s,"pluginName":%[1]s,"ip":"10.0.0.1","unknown":{%[1]s:[%[1]s]},`+
			`"description":%[1]s,"version":%[2]s,"number":%[2]s,"typeFields":{"definedIPs":"10.0.0.1"},"disguised":"\u0030a1b2c3d4e5f60718293a4b5c6d7e8f9"}`, quoted, number)
		switch how {
		case "data":
			switch {
			case r.URL.Path == "/rest/analysis":
				fmt.Fprintf(w, `{"response":{"totalRecords":"1","results":[%s]},"error_code":0,"error_msg":""}`, object)
			case strings.Count(r.URL.Path, "/") == 2 && !strings.HasSuffix(r.URL.Path, "User") && !strings.HasSuffix(r.URL.Path, "status") && r.Method == http.MethodGet:
				fmt.Fprintf(w, `{"response":[%s],"error_code":0,"error_msg":""}`, object)
			default:
				fmt.Fprintf(w, `{"response":%s,"error_code":0,"error_msg":""}`, object)
			}
		case "message", "login":
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, `{"response":"","error_code":146,"error_msg":%s}`, quoted)
		case "html":
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(http.StatusBadGateway)
			fmt.Fprintf(w, "<title>%s</title>", seen)
		case "location":
			w.Header().Set("Location", "https://other.example.com/"+url.PathEscape(seen)+"?"+url.QueryEscape(seen))
			w.WriteHeader(http.StatusFound)
		}
	})
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	t.Parallel()
	commands := [][]string{
		{"whoami"},
		{"status"},
		{"plugin", "1"},
		{"families"},
		{"repositories"},
		{"credentials"},
		{"zones"},
		{"scans"},
		{"results"},
		{"results", "1"},
		{"vulns"},
		{"vulns", "--tool", "sumid"},
		{"vulns", "--tool", "other"},
		{"assets"},
		{"assets", "1"},
		{"assets", "--fields", "name"},
		{"asset-add", "--name", "x", "--ips", "10.0.0.1"},
		{"asset-delete", "1"},
	}
	for _, how := range []string{"data", "message", "html", "location", "login"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			address, _ := serve(t, echo(how))
			for _, environ := range [][]string{
				{"SC_URL=" + address, "SC_ACCESS_KEY=" + canaryAccess, "SC_SECRET_KEY=" + canarySecret},
				{"SC_URL=" + address, "SC_USERNAME=api", "SC_PASSWORD=" + canaryPassword},
			} {
				for _, args := range commands {
					for _, format := range []string{flags.OutputTable, flags.OutputJSON, flags.OutputLines, flags.OutputCSV} {
						_, stdout, stderr := ask(t, environ, append(args, "-o", format, "--verbose")...)
						checkSecrets(t, environ, stdout+stderr)
						if how == "data" && args[0] == "vulns" && format == flags.OutputLines {
							require.Contains(t, stdout, `"ip":"10.0.0.1"`) // the rest is shown
							require.Contains(t, stdout, sclient.Hidden)
						}
					}
				}
				i := newTrial(t, "doctor", "--verbose")
				i.Environ, i.Connect = append(i.Environ, environ...), namespace.Dial
				i.Environ = append(i.Environ, "TEMPORAL_ADDRESS=127.0.0.1:1")
				i.run(t)
				checkSecrets(t, environ, i.stdout.String()+i.stderr.String())
			}
		})
	}
}

// checkSecrets looks for what this environment makes secret; the others' secrets are just data to it.
func checkSecrets(t *testing.T, environ []string, printed string) {
	t.Helper()
	secrets := []string{canaryPassword, `w&rd canary`, url.QueryEscape(canaryPassword), canaryToken, canaryCookie}
	if strings.Contains(strings.Join(environ, " "), canaryAccess) {
		secrets = []string{canaryAccess, canarySecret, strings.ToUpper(canaryAccess), "a1b2c3d4e5f60718293a4b5c6d7e8f9"}
	}
	for _, secret := range secrets {
		require.NotContains(t, printed, secret)
	}
}

func TestBrokenAnswers(t *testing.T) {
	t.Parallel()
	const row = `{"pluginID":"1","ip":"10.0.0.1"}`
	answer := func(status int, contentType, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}
	}
	for name, test := range map[string]struct {
		handler http.HandlerFunc
		want    string
	}{
		"HTML of a proxy":      {answer(200, "text/html", "<html><title>Please log in</title></html>"), "Please log in"},
		"HTML of a gateway":    {answer(502, "text/html", "<html><title>Bad Gateway</title></html>"), "Bad Gateway"},
		"403 with code 0":      {answer(403, "text/html", `{"type":"regular","response":"","error_code":0,"error_msg":""}`), "SC refused the key (403)"},
		"200 with a text":      {answer(200, "application/json", `{"response":"","error_code":0,"error_msg":"It failed.\nReally.\n"}`), "It failed. Really."},
		"error after the rows": {answer(200, "application/json", `{"response":{"totalRecords":"1","results":[`+row+`]},"error_code":143,"error_msg":"not written"}`), "not written"},
		"truncated":            {answer(200, "application/json", `{"response":{"totalRecords":"2","results":[`+row+`,{"plug`), "(POST /rest/analysis, status 200)"},
		"empty":                {answer(200, "application/json", ""), "nothing came"},
		"redirect": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "https://other.example.com/login")
			w.WriteHeader(http.StatusTemporaryRedirect)
		}, "redirect refused"},
	} {
		_, environ := serve(t, test.handler)
		for _, format := range []string{flags.OutputTable, flags.OutputJSON, flags.OutputLines, flags.OutputCSV} {
			code, stdout, stderr := ask(t, environ, "vulns", "-o", format)
			require.Equal(t, exit.Failed, code, name)
			require.Empty(t, stdout, name)
			require.Contains(t, stderr, test.want, name)
			require.Equal(t, 1, strings.Count(stderr, "\n"), name)
		}
	}
}

// The rows of good pages are printed, none of the bad one, and the array stays open.
func TestTheSecondPageFails(t *testing.T) {
	t.Parallel()
	server := manyRows(3000)
	server.before = func(w http.ResponseWriter, start int) bool {
		if start < 1000 {
			return true
		}
		_, _ = io.WriteString(w, `{"response":{"totalRecords":"3000","results":[{"pluginID":"1000"},`)
		return false
	}
	_, environ := serve(t, server)
	for format, lines := range map[string]int{flags.OutputLines: 1000, flags.OutputJSON: 1000, flags.OutputCSV: 1001, flags.OutputTable: 1001} {
		code, stdout, stderr := ask(t, environ, "vulns", "-o", format)
		require.Equal(t, exit.Failed, code)
		require.Equal(t, lines, strings.Count(stdout, "\n"), format)
		require.NotContains(t, stdout, "plugin 1000")
		require.Equal(t, format == flags.OutputJSON, strings.HasPrefix(stdout, "[") && !strings.Contains(stdout, "]"))
		require.NotEmpty(t, stderr)
	}
}

func TestSessionThatEndsInTheMiddle(t *testing.T) {
	t.Parallel()
	server := lab(t, "5.8")
	server.Scenario.Faults = []sctest.Fault{{Path: "/rest/analysis", Do: sctest.FaultExpireSession}}
	code, stdout, stderr := ask(t, serveSession(t, server), "vulns", "--page-size", "1", "-o", "jsonl")
	require.Equal(t, exit.OK, code, stderr)
	require.Equal(t, 4, strings.Count(stdout, "\n"))
	require.Equal(t, 2, server.Calls()["POST /rest/token"])
}

func TestTimeRunsOut(t *testing.T) {
	t.Parallel()
	server := lab(t, "5.23")
	server.Scenario.Faults = []sctest.Fault{{Path: "/rest/asset", Do: sctest.FaultDropResponse}}
	_, environ := serve(t, server)
	code, stdout, stderr := ask(t, environ, "asset-add", "--name", "x", "--ips", "10.0.0.1")
	require.Equal(t, exit.Failed, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, "it may have been created nevertheless: look with `patchproof sc assets`")
}

// Texts of a server that redraw a terminal, turn a line around, or run in a spreadsheet.
func TestNothingPrintedForPeopleIsObeyed(t *testing.T) {
	t.Parallel()
	const evil = "=cmd\x1b[2J\u009b31m\u202egnp\u2066\u200b\U000e0041\x7f"
	quoted, _ := json.Marshal(evil)
	object := fmt.Sprintf(`{"id":"-1","name":%[1]s,"username":%[1]s,"firstname":%[1]s,"jobd":%[1]s,"pluginName":%[1]s,"ip":"10.0.0.1","description":%[1]s,`+
		`%[1]s:%[1]s,"status":%[1]s,"version":%[1]s,"typeFields":{"definedIPs":%[1]s},"ipCount":"-1"}`, quoted)
	_, environ := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/rest/analysis":
			fmt.Fprintf(w, `{"response":{"totalRecords":"1","results":[%s]},"error_code":0,"error_msg":""}`, object)
		case strings.HasPrefix(r.URL.Path, "/rest/plugin/"):
			w.WriteHeader(http.StatusForbidden)
			fmt.Fprintf(w, `{"response":"","error_code":146,"error_msg":%s}`, quoted)
		default:
			fmt.Fprintf(w, `{"response":[%s],"error_code":0,"error_msg":""}`, object)
		}
	}))
	for _, args := range [][]string{
		{"whoami"},
		{"status"},
		{"plugin", "1"},
		{"families"},
		{"repositories"},
		{"scans"},
		{"results"},
		{"results", "1"},
		{"vulns"},
		{"vulns", "--tool", "sumid"},
		{"vulns", "--tool", "other"},
		{"assets"},
		{"assets", "1"},
		{"asset-add", "--name", "x", "--ips", "10.0.0.1"},
	} {
		for _, format := range []string{flags.OutputTable, flags.OutputCSV} {
			_, stdout, stderr := ask(t, environ, append(args, "-o", format)...)
			for _, odd := range []string{"\x1b", "\u009b", "\u202e", "\u2066", "\u200b", "\U000e0041", "\x7f"} {
				require.NotContains(t, stdout+stderr, odd, "%v %s", args, format)
			}
			if format == flags.OutputCSV && args[0] == "vulns" {
				records, err := csv.NewReader(strings.NewReader(stdout)).ReadAll()
				require.NoError(t, err)
				for _, cell := range append(records[0], records[1]...) {
					require.NotRegexp(t, `^\s*[=+@]`, cell)
				}
				require.Contains(t, records[1], "-1", "numbers stay numbers")
			}
		}
	}
	_, stdout, _ := ask(t, environ, "vulns", "-o", flags.OutputJSON)
	var rows []map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &rows))
	require.Equal(t, evil, rows[0]["pluginName"], "programs get what the server sent")
}

package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchproof/starter/internal/exit"
)

func TestWrongUseAsksNothing(t *testing.T) {
	t.Parallel()
	_, environ := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { t.Error("asked: " + r.URL.Path) }))
	for name, test := range map[string]struct {
		args string // separated by blanks
		want string // named in the sentence
	}{
		"unknown command":          {"sc whoareyou", `"whoareyou"`},
		"unknown output":           {"sc whoami -o yaml", "--output"},
		"argument of whoami":       {"sc whoami me", `"me"`},
		"no plugin":                {"sc plugin", "ID"},
		"two plugins":              {"sc plugin 1 2", `"2"`},
		"plugin of words":          {"sc plugin MS17-010", `"MS17-010"`},
		"plugin 0":                 {"sc plugin 0", `"0"`},
		"argument of a list":       {"sc scans 3", `"3"`},
		"result of words":          {"sc results last", `"last"`},
		"result with window":       {"sc results 3 --since 1700000000", "--since"},
		"since of words":           {"sc results --since yesterday", "--since"},
		"window backwards":         {"sc results --since 1700000001 --until 1700000000", "--until"},
		"unknown source":           {"sc vulns --source all", "--source"},
		"individual alone":         {"sc vulns --source individual", "--scan-result"},
		"result without source":    {"sc vulns --scan-result 5", "--scan-result"},
		"view without source":      {"sc vulns --view all", "--view"},
		"unknown view":             {"sc vulns --source individual --scan-result 5 --view old", "--view"},
		"tool of words":            {"sc vulns --tool list,vuln", "--tool"},
		"last seen of mitigated":   {"sc vulns --source patched --last-seen 0:7", "--last-seen"},
		"last seen of a result":    {"sc vulns --source individual --scan-result 5 --last-seen 0:7", "--last-seen"},
		"last mitigated of open":   {"sc vulns --last-mitigated 0:7", "--last-mitigated"},
		"days of words":            {"sc vulns --last-seen week", "--last-seen"},
		"one day":                  {"sc vulns --last-seen 7", "--last-seen"},
		"epoch with a colon":       {"sc vulns --first-seen 1700000000:1700003600", "--first-seen"},
		"epoch backwards":          {"sc vulns --first-seen 1700003600-1700000000", "--first-seen"},
		"half a period":            {"sc vulns --first-seen 2026-11-01T00:00:00Z-", "--first-seen"},
		"plugin of the vulns":      {"sc vulns --plugin x", "--plugin"},
		"no address":               {"sc vulns --ip 10.0.0.256", "--ip"},
		"repository 0":             {"sc vulns --repository 0", "--repository"},
		"asset":                    {"sc vulns --asset -1", "--asset"},
		"port":                     {"sc vulns --port 70000", "--port"},
		"port name":                {"sc vulns --port https", "--port"},
		"protocol":                 {"sc vulns --protocol SCTPX", "--protocol"},
		"severity":                 {"sc vulns --severity worst", "--severity"},
		"severity number":          {"sc vulns --severity 5", "--severity"},
		"family 0":                 {"sc vulns --family 0", "--family"},
		"filter without value":     {"sc vulns --filter pluginName", "--filter"},
		"filter of broken JSON":    {"sc vulns --filter asset={1", "--filter"},
		"filter twice":             {"sc vulns --plugin 1 --filter pluginID=2", "--filter"},
		"flag twice":               {"sc vulns --plugin 1 --plugin 2", "--plugin"},
		"last seen by its name":    {"sc vulns --source patched --filter lastSeen=0:7", "--last-seen"},
		"direction alone":          {"sc vulns --desc", "--desc"},
		"end before start":         {"sc vulns --start 10 --end 10", "--end"},
		"part of what is whole":    {"sc vulns --tool iplist --start 1", "--start"},
		"end of what is whole":     {"sc vulns --tool trend --end 5", "--end"},
		"negative start":           {"sc vulns --start -1", "--start"},
		"page size":                {"sc vulns --page-size 100000", "--page-size"},
		"no page size":             {"sc vulns --page-size 0", "--page-size"},
		"asset of words":           {"sc assets web", `"web"`},
		"asset with filter":        {"sc assets 3 --filter usable", "--filter"},
		"field of two words":       {"sc assets --fields id,a&b", "--fields"},
		"asset without name":       {"sc asset-add --ips 10.0.0.1", "--name"},
		"asset without addresses":  {"sc asset-add --name x", "--ips"},
		"asset of wrong addresses": {"sc asset-add --name x --ips 10.0.0.1,web1", "--ips"},
		"asset of nothing":         {"sc asset-add --name x --ips ,", "--ips"},
		"delete nothing":           {"sc asset-delete", "ID"},
		"delete -1":                {"sc asset-delete -- -1", `"-1"`},
		"doctor argument":          {"doctor me", `"me"`},
		"doctor output":            {"doctor -o csv", "--output"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			i := newTrial(t, strings.Fields(test.args)...)
			i.Environ = append(i.Environ, environ...)
			require.Equal(t, exit.Usage, i.run(t), i.stderr.String())
			require.Contains(t, i.stderr.String(), test.want)
			require.Contains(t, i.stderr.String(), "--help)")
			require.Equal(t, 1, strings.Count(i.stderr.String(), "\n"), "one sentence: %s", i.stderr.String())
			require.Empty(t, i.stdout.String())
		})
	}
}

func TestMissingConfiguration(t *testing.T) {
	t.Parallel()
	for want, environ := range map[string][]string{
		"SC_URL: not set": nil,
		"SC_ACCESS_KEY: not set; set SC_ACCESS_KEY and SC_SECRET_KEY": {"SC_URL=https://sc.example.com"},
		"SC_SECRET_KEY: not set":  {"SC_URL=https://sc.example.com", "SC_ACCESS_KEY=x"},
		"SC_CA_FILE: cannot read": {"SC_URL=https://sc.example.com", "SC_ACCESS_KEY=x", "SC_SECRET_KEY=y", "SC_CA_FILE=/nosuch"},
	} {
		code, stdout, stderr := ask(t, environ, "vulns")
		require.Equal(t, exit.Failed, code)
		require.Empty(t, stdout)
		require.Contains(t, stderr, want)
		require.Equal(t, 1, strings.Count(stderr, "\n"))
	}
}

func TestHelpOfTheNewCommands(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"sc"}, {"doctor", "-h"}, {"help", "sc", "vulns"}, {"sc", "whoami", "-h"}, {"sc", "assets", "-h"}, {"sc", "results", "-h"}} {
		i := newTrial(t, args...)
		require.Equal(t, exit.OK, i.run(t), "%v", args)
		require.Contains(t, i.stdout.String(), "Examples:\n", "%v", args)
	}
}

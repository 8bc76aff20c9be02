package sctest_test

// The client of demisto/content, and what others share with it: a body with every request, null where there is nothing to say; objects that
// are sent back as they came; owners that are named.

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSoarBodies(t *testing.T) {
	t.Parallel()
	withKeys(t, func(t *testing.T, v *visitor, _ string) {
		t.Helper()
		_, scan, _ := v.run()
		for _, nothing := range []string{"null", "{}", "[]", " null\n"} {
			require.NotEmpty(t, v.object("GET", "scan", nothing)["usable"], nothing)
			require.Equal(t, scan, v.object("POST", "scan/"+scan+"/launch", nothing)["scanID"], nothing)
		}
		for _, half := range []string{`{"diagnosticTarget":"10.0.0.5"}`, `{"diagnosticPassword":"x"}`} {
			v.deny("POST", "scan/"+scan+"/launch", half, 146, "need each other")
		}
		v.object("POST", "scan/"+scan+"/launch", `{"diagnosticTarget":"10.0.0.5","diagnosticPassword":"x"}`)
		require.Len(t, v.sim.State().ScanResults, 6)
	})
}

func TestSoarPeople(t *testing.T) {
	t.Parallel()
	withKeys(t, func(t *testing.T, v *visitor, _ string) {
		t.Helper()
		user := v.list("user?fields=id,username,firstname,lastname,title,email,createdTime,modifiedTime,lastLogin,role")[0]
		for _, name := range []string{"id", "username", "firstname", "lastname", "title", "email", "createdTime", "modifiedTime", "lastLogin"} {
			require.IsType(t, "", user[name], name)
		}
		require.Equal(t, "0", user["lastLogin"], "never")
		require.Equal(t, "0", v.object("GET", "currentUser", "")["lastLogin"])
		require.Equal(t, "0", v.object("POST", "token", `{"username":"api","password":"secret"}`)["lastFailedLogin"])

		host := v.object("GET", "repository/1/deviceInfo?ip=10.0.0.5&dnsName=web1.example.com&fields=dnsName,total,repository", "")
		require.NotContains(t, host, "id")
		require.Equal(t, []any{"10.0.0.5", "", "1", "web1.example.com"}, []any{host["ip"], host["uuid"], host["repositoryID"], host["dnsName"]})
		require.Equal(t, "1", host["repository"].(m)["id"])
	})
}

func TestSoarOwners(t *testing.T) {
	t.Parallel()
	l := newLab(t, twoUsers+threeHosts)
	asset := l.ok("POST", "/rest/asset", m{"name": "theirs", "type": "static", "definedIPs": "10.0.0.5", "ownerID": "2"}).(m)
	require.Equal(t, []any{"stranger", "api"}, []any{asset["owner"].(m)["username"], asset["creator"].(m)["username"]})
	path := "/rest/asset/" + asset["id"].(string)
	require.Equal(t, "api", l.ok("PATCH", path, m{"ownerID": 1}).(m)["owner"].(m)["username"])
	require.Equal(t, "api", l.sim.State().Assets[0].Owner)
	l.refused("PATCH", path, m{"ownerID": 77}, 147, "User #77 does not exist")
	l.refused("POST", "/rest/asset", m{"name": "nobody's", "type": "static", "definedIPs": "10.0.0.5", "ownerID": 77}, 147, "User #77")
	require.Len(t, l.sim.State().Assets, 1)
}

// Clients of infrastructure as code send back all that they got, with the -1 of what is not there.
func TestSentBackAsItCame(t *testing.T) {
	t.Parallel()
	withKeys(t, func(t *testing.T, v *visitor, _ string) {
		t.Helper()
		policy, first, _ := v.run()
		for name, schedule := range map[string]m{
			"template": {"type": "template"}, "never": {"type": "never"}, "now": {"type": "now"}, "dependent": {"type": "dependent", "dependentID": first},
			"ical": {"type": "ical", "start": "TZID=UTC:20270101T000000", "repeatRule": "FREQ=DAILY;INTERVAL=1"},
		} {
			made := v.lab.ok("POST", "/rest/scan", scanBody(policy, "10.0.0.5", m{"schedule": schedule, "pluginID": nil})).(m)
			path := "/rest/scan/" + made["id"].(string)
			got := v.lab.ok("GET", path, nil).(m)
			got["pluginID"] = "-1"
			before := len(v.sim.State().ScanResults)
			changed := v.lab.ok("PATCH", path, got).(m)
			delete(got, "pluginID")
			require.Equal(t, got, changed, name)
			require.Len(t, v.sim.State().ScanResults, before, name)
		}
	})
}

// Who may not make something may not delete it either.
func TestDeletingNeedsPermission(t *testing.T) {
	t.Parallel()
	l := newLab(t, `
users:
  - {username: api, accessKey: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, secretKey: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb}
  - {username: reader, accessKey: cccccccccccccccccccccccccccccccc, secretKey: dddddddddddddddddddddddddddddddd, permissions: [analysis]}
`+threeHosts)
	policy := l.ok("POST", "/rest/policy", m{"name": "weekly", "policyTemplate": m{"id": 1}}).(m)["id"].(string)
	scan := l.define(m{"type": "template"}, m{"policy": m{"id": policy}})["id"].(string)
	result := l.ok("POST", "/rest/scan/"+scan+"/launch", nil).(m)["scanResult"].(m)["id"].(string)
	l.scanned("10.0.0.5", nil, nil)
	reader := []string{"x-apikey", "accesskey=cccccccccccccccccccccccccccccccc; secretkey=dddddddddddddddddddddddddddddddd;"}
	for _, path := range []string{"/rest/policy/" + policy, "/rest/scan/" + scan, "/rest/scanResult/" + result} {
		r := l.do("DELETE", path, nil, reader...)
		require.Equal(t, []any{403, 146}, []any{r.status, r.code}, path)
		require.Contains(t, r.message, "permission")
		l.ok("DELETE", path, nil)
	}
}

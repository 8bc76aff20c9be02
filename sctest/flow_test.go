package sctest_test

// The whole remediation flow, as the guide describes it.

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/sctest"
)

const threeHosts = base + `
hosts:
  - {ip: 10.0.0.5, dns: web1.example.com, repository: 1, findings: [{plugin: 97833, port: 445, fixed: true}]}
  - {ip: 10.0.0.8, repository: 1, findings: [{plugin: 97833, port: 445}]}
  - {ip: 10.0.0.9, repository: 1, up: false, findings: [{plugin: 97833, port: 445, fixed: true}]}
`

func TestRemediationFlow(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts)
	require.Equal(t, []string{"10.0.0.5:445", "10.0.0.8:445", "10.0.0.9:445"}, l.addresses("cumulative", 97833))

	policy := l.ok("POST", "/rest/policy", policyBody([]int{97833}, nil)).(m)
	require.Regexp(t, `^_1772452800_.*_scan_[0-9a-f]{32}$`, policy["name"])
	require.Empty(t, l.ok("GET", "/rest/policy", nil).(m)["usable"], "one-time policies are hidden")
	require.Equal(t, policy["name"], l.ok("GET", "/rest/policy/"+policy["id"].(string), nil).(m)["name"])

	scan := l.ok("POST", "/rest/scan", scanBody(policy["id"], "10.0.0.5,10.0.0.8-10.0.0.9", nil)).(m)
	id := scan["scanResultID"].(string)
	result := l.result(id)
	require.Equal(t, policy["name"], result["details"])
	require.Empty(t, result["description"])

	steps := []struct {
		forward                       time.Duration
		status, importStatus, running string
	}{
		{0, "Queued", "No Results", "true"},
		{20 * time.Second, "Preparing", "No Results", "true"},
		{10 * time.Second, "Initializing Scanners", "No Results", "true"},
		{10 * time.Second, "Running", "No Results", "true"},
		{59 * time.Second, "Running", "No Results", "true"},
		{time.Second, "Completed", "Import Pending", "false"},
		{10 * time.Second, "Completed", "Importing", "false"},
		{29 * time.Second, "Completed", "Importing", "false"},
		{time.Second, "Completed", "Finished", "false"},
	}
	for _, step := range steps {
		l.clock.forward(step.forward)
		result = l.result(id)
		require.Equal(t, step.status, result["status"])
		require.Equal(t, step.importStatus, result["importStatus"])
		require.Equal(t, step.running, result["running"])
		if step.importStatus != "Finished" {
			require.Len(t, l.addresses("cumulative", 97833), 3, "nothing changes before the import is finished")
		}
	}
	progress := result["progress"].(m)
	require.Equal(t, "10.0.0.5,10.0.0.8", progress["scannedIPs"])
	require.Equal(t, "10.0.0.9", progress["deadHostIPs"])
	require.Equal(t, "3", result["scannedIPs"], "dead hosts count as scanned")

	require.Equal(t, []string{"10.0.0.8:445", "10.0.0.9:445"}, l.addresses("cumulative", 97833))
	require.Equal(t, []string{"10.0.0.5:445"}, l.addresses("patched", 97833))
	require.Equal(t, []string{"10.0.0.8:445"}, l.seen(id, 97833))
	require.Equal(t, []string{"10.0.0.5:445", "10.0.0.8:445"}, l.seen(id, 11219), "the port is open after the patch, too")
	require.Len(t, l.individual(id, "patched", filter("pluginID", "97833")), 1)
	require.Empty(t, l.individual(id, "new", filter("pluginID", "97833")))
	require.Contains(t, l.scanInfo(id), "Credentialed checks : no\n")
	require.Contains(t, l.scanInfo(id), "Port range : 445\n")

	l.refused("GET", "/rest/policy/"+policy["id"].(string), nil, 147, "does not exist")
	require.Len(t, l.sim.State().Scans, 1)
	require.Empty(t, l.sim.State().Policies)
}

func TestProgressWhileRunning(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts)
	id := l.launch("10.0.0.0/24", nil, nil)
	l.clock.forward(65 * time.Second)
	progress := l.result(id)["progress"].(m)
	require.Equal(t, "10.0.0.5", progress["scannedIPs"])
	require.Equal(t, "10.0.0.8", progress["scanningIPs"])
	require.Empty(t, progress["deadHostIPs"])
	l.clock.forward(time.Minute)
	progress = l.result(id)["progress"].(m)
	require.Equal(t, "10.0.0.0-10.0.0.4,10.0.0.6-10.0.0.7,10.0.0.9-10.0.0.255", progress["deadHostIPs"])
}

func TestStopPauseResume(t *testing.T) {
	t.Parallel()
	const path = "/rest/scanResult/"
	t.Run("stop keeps nothing unless told", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, threeHosts)
		id := l.launch("10.0.0.5,10.0.0.8", nil, nil)
		l.clock.forward(65 * time.Second)
		before := l.ok("POST", path+id+"/stop", m{}).(m)
		require.Equal(t, "Running", before["status"], "the answer is the result before")
		require.Equal(t, "Stopping", l.result(id)["status"])
		l.refused("POST", path+id+"/stop", nil, 146, "Unable to stop")
		l.clock.forward(5 * time.Second)
		require.Equal(t, "Partial", l.result(id)["status"])
		l.clock.forward(time.Hour)
		require.Equal(t, "No Results", l.result(id)["importStatus"])
		require.Len(t, l.addresses("cumulative", 97833), 3)
		require.Empty(t, l.sim.State().Policies, "the policy goes with the scan")
	})
	t.Run("stop with import", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, threeHosts)
		id := l.launch("10.0.0.5,10.0.0.8", nil, nil)
		l.clock.forward(65 * time.Second)
		l.ok("POST", path+id+"/stop", m{"type": "import"})
		l.clock.forward(time.Hour)
		result := l.result(id)
		require.Equal(t, []any{"Partial", "Finished", "10.0.0.5"}, []any{result["status"], result["importStatus"], result["progress"].(m)["scannedIPs"]})
		require.Equal(t, []string{"10.0.0.5:445"}, l.addresses("patched", 97833))
	})
	t.Run("stop in the queue", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, threeHosts)
		id := l.launch("10.0.0.5", nil, nil)
		l.ok("POST", path+id+"/stop", nil)
		l.clock.forward(time.Hour)
		result := l.result(id)
		require.Equal(t, []any{"Completed", "No Results", "-1"}, []any{result["status"], result["importStatus"], result["startTime"]})
	})
	t.Run("pause and resume", func(t *testing.T) {
		t.Parallel()
		l := newLab(t, threeHosts)
		id := l.launch("10.0.0.5,10.0.0.8", nil, nil)
		l.refused("POST", path+id+"/pause", nil, 146, "Queued")
		l.clock.forward(50 * time.Second)
		require.Equal(t, "Running", l.ok("POST", path+id+"/pause", nil).(m)["status"])
		require.Equal(t, "Pausing", l.result(id)["status"])
		l.clock.forward(time.Hour)
		require.Equal(t, "Paused", l.result(id)["status"])
		require.Equal(t, "Paused", l.ok("POST", path+id+"/resume", nil).(m)["status"])
		require.Equal(t, "Resuming", l.result(id)["status"])
		l.clock.forward(34 * time.Second)
		require.Equal(t, "Running", l.result(id)["status"], "ten seconds of forty were done")
		l.clock.forward(time.Second)
		require.Equal(t, "Completed", l.result(id)["status"])
	})
}

func TestScanTimeLimit(t *testing.T) {
	t.Parallel()
	slow := strings.Replace(threeHosts, "perHost: 20s", "perHost: 50m", 1)
	for action, want := range map[string][]any{
		"import":   {"Partial", "Finished"},
		"discard":  {"Partial", "No Results"},
		"rollover": {"Partial", "Finished"},
	} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, slow)
			id := l.launch("10.0.0.5,10.0.0.8", nil, m{
				"maxScanTime": "3600", "inactivityTimeout": "3600", "timeoutAction": action, "rolloverType": "template",
			})
			l.clock.forward(3 * time.Hour)
			result := l.result(id)
			require.Equal(t, want, []any{result["status"], result["importStatus"]})
			require.Equal(t, "10.0.0.5", result["progress"].(m)["scannedIPs"])
			scans := l.sim.State().Scans
			if action != "rollover" {
				require.Len(t, scans, 1)
				return
			}
			require.Len(t, scans, 2)
			require.Equal(t, "10.0.0.8", scans[1].IPList)
		})
	}
}

func TestDescriptionReachesTheResultOnRequest(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts+"resultDescription: true\n")
	require.Equal(t, "run-1", l.result(l.launch("10.0.0.5", nil, nil))["description"])
}

func TestInstantScan(t *testing.T) {
	t.Parallel()
	l := newLab(t, strings.Replace(threeHosts, "timing: {queue: 40s, perHost: 20s, import: 40s}", "timing: {queue: 0s}", 1))
	result := l.result(l.launch("10.0.0.5,10.0.0.9", nil, nil))
	require.Equal(t, []any{"Completed", "Finished", "10.0.0.5"}, []any{result["status"], result["importStatus"], result["progress"].(m)["scannedIPs"]})
	require.Equal(t, []string{"10.0.0.5:445"}, l.addresses("patched", 97833))
}

func TestOneMachineInManyRepositories(t *testing.T) {
	t.Parallel()
	l := newLab(t, base+`
repositories: [{id: 1, name: A}, {id: 2, name: B}, {id: 3, name: C, dataFormat: universal}, {id: 4, name: D}]
hosts:
  - {ip: 10.0.0.5, repository: 1, findings: [{plugin: 97833, port: 445, fixed: true}]}
  - {ip: 10.0.0.5, repository: 2, findings: [{plugin: 97833, port: 445, fixed: true}]}
  - {ip: 10.0.0.6, repository: 3, findings: [{plugin: 97833, port: 445, fixed: true}]}
  - {ip: 10.0.0.6, repository: 3, agent: true, findings: [{plugin: 97833, port: 445, fixed: true}]}
  - {ip: 10.0.0.7, repository: 1, findings: [{plugin: 97833, port: 445}]}
`)
	l.scanned("10.0.0.5", nil, m{"repository": m{"id": 2}})
	require.Equal(t, []string{"97833@10.0.0.5"}, l.keysOf("patched", filter("repository", []m{{"id": 2}}), filter("pluginID", "97833")))
	require.Equal(t, []string{"97833@10.0.0.5"}, l.keysOf("cumulative", filter("repository", []m{{"id": 1}}), filter("ip", "10.0.0.5")))

	id := l.scanned("10.0.0.6", nil, m{"repository": m{"id": 3}})
	require.Len(t, l.seen(id, 19506), 1)
	rows := l.rows(analysis("cumulative", "vulndetails", filter("ip", "10.0.0.6"), filter("pluginID", "97833")))
	require.Len(t, rows, 1)
	require.NotEmpty(t, rows[0]["uuid"], "the agent's row stays")

	l.scanned("10.0.0.7", nil, m{"repository": m{"id": 4}})
	require.Len(t, l.keysOf("cumulative", filter("ip", "10.0.0.7"), filter("pluginID", "97833")), 2, "seen again, in the wrong repository")
}

func TestManyClientsAtOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts)
	var clients sync.WaitGroup
	for range 8 {
		clients.Go(func() {
			for _, path := range []string{"/rest/scanResult", "/_sim/state", "/rest/asset", "/rest/status"} {
				resp, err := l.send("GET", path, "")
				if err == nil {
					resp.Body.Close()
				}
				l.clock.forward(time.Second)
			}
			l.sim.AddFaults(sctest.Fault{Do: sctest.FaultLocked, Path: "/rest/zone"})
			l.sim.Advance(time.Second)
		})
	}
	clients.Wait()
	require.Equal(t, 8, l.sim.Calls()["GET /rest/asset"])
}

package e2e_test

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"
)

// The keys reach Security Center and nothing else, also when things go wrong.
func TestKeysAppearNowhere(t *testing.T) {
	t.Parallel()
	r := start(t, world{speed: 12, faults: `
  - {path: /rest/repository, do: status, status: 500, body: html}
  - {method: POST, path: /rest/policy, do: truncate}
  - {path: /rest/scanResult/1, do: refuse, times: 2}
  - {path: /rest/analysis, do: locked}
`})
	r.begin("10.0.0.5,10.0.0.8,10.0.0.9")
	r.reaches("scanning")
	// Only Linux shows them as files; all the rest is looked at everywhere.
	if runtime.GOOS == "linux" {
		for _, p := range []int{r.Worker().Pid(), r.Simulator.Pid(), shared.server.Pid(), os.Getpid()} {
			requireClean(t, filepath.Join("/proc", strconv.Itoa(p), "cmdline"))
		}
	}
	for _, args := range [][]string{r.about("status"), r.about("status", "-o", "json"), {"list", "-o", "json"}, {"--verbose", "list"}} {
		r.run(args...) // what they print is looked at in the end
	}
	require.Equal(t, "partly-fixed", r.wait().Outcome)

	for _, event := range histories(t, r.ticket) {
		// On the wire payloads stand as they are, not in base64.
		raw, err := proto.Marshal(event)
		require.NoError(t, err)
		require.False(t, bytes.Contains(raw, []byte(canary)), "a key is in the history: %s", event)
	}
	// The server's own files: state, its log ahead, output; and what the processes here wrote.
	server := filepath.Dir(shared.server.Log)
	for _, pattern := range []string{server + "/temporal.*", server + "/*.log", r.Dir() + "/*.log"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, files, pattern)
		for _, file := range files {
			requireClean(t, file)
		}
	}
}

func requireClean(t *testing.T, file string) {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	require.False(t, bytes.Contains(data, []byte(canary)), "a key is in %s", file)
}

package sctest_test

// Large networks: a scenario is read, scanned and imported in a time that grows with its hosts and not with their square.

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLargeNetwork(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(base + "hosts:\n")
	const hosts = 2600
	for i := range hosts {
		fmt.Fprintf(&b, "  - {ip: 10.1.%d.%d, dns: h%d.example.com, upAfter: 1s, findings: [{plugin: 97833, port: 445, firstSeen: 30d, lastSeen: 2d, fixed: true}]}\n",
			i/250, i%250+1, i)
	}
	begin := time.Now()
	l := newLab(t, b.String())
	// Before, reading took minutes. The bound is generous for the sake of slow and busy machines.
	require.Less(t, time.Since(begin), 10*time.Second)
	begin = time.Now()
	id := l.launch("10.1.0.0/16", nil, m{"dhcpTracking": "true"})
	l.clock.forward(24 * time.Hour)
	require.Equal(t, "Finished", l.result(id)["importStatus"])
	require.Len(t, l.sim.State().Patched, hosts)
	t.Log("scanned in", time.Since(begin))
	require.Less(t, time.Since(begin), 20*time.Second)
}

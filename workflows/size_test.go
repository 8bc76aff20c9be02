package workflows_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/converter"

	"patchproof/remediation"
)

// maxPayload is what a payload may have: half of where Temporal begins to warn.
const maxPayload = 256 << 10

// The largest ticket that is taken fits into payloads of 256 KiB, and one more finding is refused.
func TestLargestTicket(t *testing.T) {
	t.Parallel()
	hosts := func(n int) string {
		var b strings.Builder
		b.WriteString(scenario)
		for i := range n {
			fmt.Fprintf(&b, "  - {ip: 10.1.%d.%d, dns: a-rather-long-host-name-%d.department.example.com, repository: 1, findings: [{plugin: 97833, port: 445, fixed: true}]}\n", i/200, 1+i%200, i)
		}
		return b.String()
	}
	s := newStage(t, hosts(250))
	largest := 0
	measure := func(what string, v any) {
		text, err := json.Marshal(v)
		require.NoError(t, err, what)
		largest = max(largest, len(text))
	}
	s.env.SetOnActivityStartedListener(func(_ *activity.Info, _ context.Context, args converter.EncodedValues) {
		var in any
		require.NoError(t, args.Get(&in))
		measure("input", in)
	})
	s.env.SetOnActivityCompletedListener(func(_ *activity.Info, result converter.EncodedValue, err error) {
		var out any
		if err == nil && result.HasValue() {
			require.NoError(t, result.Get(&out))
		}
		measure("result", out)
	})
	status := s.run(request("10.1.0.0/16"))
	require.Equal(t, remediation.OutcomeFixed, status.Outcome)
	require.Len(t, status.Findings, 250)
	measure("status", status)
	t.Logf("largest payload: %d KiB", largest>>10)
	require.Less(t, largest, maxPayload)

	require.Contains(t, newStage(t, hosts(251)).refuse(request("10.1.0.0/16")), "251 findings are more than the 250")
}

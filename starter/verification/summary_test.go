package verification

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
)

func TestSummaryAndDetails(t *testing.T) {
	t.Parallel()
	request := someRequest("10.0.0.5")
	request.Ticket = strings.Repeat("ü", 100) // 200 bytes
	text := summary(request)
	require.LessOrEqual(t, len(text), maxSummary)
	require.NotContains(t, text, "\uFFFD", "cut between characters")
	require.NotContains(t, text, "10.0.0.5")
	require.True(t, strings.HasSuffix(text, ": plugin 97833 in repository 1 on 1 target"), text)
	require.Contains(t, summary(remediation.Request{Ticket: "A", Assets: []int{1, 2}}), "on 2 assets")

	var many []string
	for n := range 200 {
		many = append(many, fmt.Sprintf("host-%d.%s.example.com", n, strings.Repeat("x", 60)))
	}
	request = someRequest(many...)
	request.Ticket = "[click](https://example.com) <b>"
	text = details(request)
	require.Less(t, len(text), 20_000)
	require.Contains(t, text, "and 150 more")
	require.Contains(t, text, `\[click\]`)
	require.NotContains(t, text, "<b>")
}

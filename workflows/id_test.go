package workflows_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
	"patchproof/workflows"
)

func TestID(t *testing.T) {
	t.Parallel()
	id := func(ticket, sc string) string {
		return workflows.ID(remediation.Request{Ticket: ticket, SC: sc, Plugin: 97833, Repository: 1})
	}
	require.Equal(t, "patchproof/default/1/97833/VULN-3", id("VULN-3", "default"))
	require.Equal(t, "patchproof/default/1/97833/a%20b%2Fc%C3%A9", id("a b/cé", "default"))
	require.NotEqual(t, id("b", "a/1/97833"), id("1/97833/b", "a"), "a slash in a key separates nothing")

	allowed := regexp.MustCompile(`^[A-Za-z0-9._/%-]{1,200}$`)
	long := strings.Repeat("é ", 100)
	require.Regexp(t, allowed, id(long, "default"))
	require.NotEqual(t, id(long+"1", "default"), id(long+"2", "default"), "what is cut off still counts")
}

// The doctor reads what a scan writes.
func TestMark(t *testing.T) {
	t.Parallel()
	const run = "01a2137e-c5fd-7310-a976-bb848369acde"
	require.Equal(t, "pp-bb848369acde-12-", workflows.Mark(run, 12))
	digits, ok := workflows.RunOfMark("Remediation Scan of Plugin #97833 " + workflows.Mark(run, 12))
	require.True(t, ok)
	require.Equal(t, workflows.RunDigits(run), digits)
	_, ok = workflows.RunOfMark("a scan of pp-7-x-")
	require.False(t, ok)

	require.NotContains(t, workflows.Mark(run, 10), workflows.Mark(run, 1), "none is the beginning of another")
	require.NotEqual(t, workflows.Mark(run, 1), workflows.Mark("01a2137e-c5fd-7310-a976-bb848369acdf", 1), "started in the same millisecond")
	require.Regexp(t, `^pp-[0-9a-f]{12}-1-$`, workflows.Mark("a-test-run", 1))
}

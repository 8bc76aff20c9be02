package verification

import (
	"testing"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
)

func TestExitCodes(t *testing.T) {
	t.Parallel()
	for outcome, want := range map[remediation.Outcome]int{
		remediation.OutcomeFixed: 0, remediation.OutcomePartlyFixed: 3, remediation.OutcomeNotFixed: 3, remediation.OutcomeRiskAccepted: 3,
		remediation.OutcomeInconclusive: 4, remediation.OutcomeNothingFound: 4, remediation.OutcomeTimedOut: 4, remediation.OutcomeCancelled: 4, "": 1, "of a later version": 1,
	} {
		require.Equal(t, want, exitCode(outcome), outcome)
	}
	for _, test := range []struct {
		codes []int
		want  int
	}{{nil, 0}, {[]int{0, 0}, 0}, {[]int{0, 4}, 4}, {[]int{4, 3, 0}, 3}, {[]int{0, 3, 1, 4}, 1}} {
		require.Equal(t, test.want, worst(test.codes), "%v", test.codes)
	}
}

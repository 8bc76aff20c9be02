package verification

// What an outcome means for a script.

import (
	"slices"

	"patchproof/remediation"
	"patchproof/starter/internal/exit"
)

// exitCode tells an outcome. One that this version does not know is no success.
func exitCode(o remediation.Outcome) int {
	switch o {
	case remediation.OutcomeFixed:
		return exit.OK
	case remediation.OutcomePartlyFixed, remediation.OutcomeNotFixed, remediation.OutcomeRiskAccepted:
		return exit.NotFixed
	case remediation.OutcomeInconclusive, remediation.OutcomeNothingFound, remediation.OutcomeTimedOut, remediation.OutcomeCancelled:
		return exit.Undecided
	default:
		return exit.Failed
	}
}

// worst is the exit code of several verifications: what most needs a person.
func worst(codes []int) int {
	for _, code := range []int{exit.Failed, exit.NotFixed, exit.Undecided} {
		if slices.Contains(codes, code) {
			return code
		}
	}
	return exit.OK
}

package verification

import (
	"slices"

	"patchproof/remediation"
	"patchproof/starter/internal/exit"
)

// exitCode tells an outcome. One that this version does not know is no success.
func exitCode(o remediation.Outcome) int {
	switch o {
	case remediation.Fixed:
		return exit.OK
	case remediation.PartlyFixed, remediation.NotFixed, remediation.OutcomeRiskAccepted:
		return exit.NotFixed
	case remediation.Inconclusive, remediation.NothingFound, remediation.TimedOut, remediation.OutcomeCancelled:
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

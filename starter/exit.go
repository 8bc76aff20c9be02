package main

import (
	"slices"

	"patchproof/remediation"
)

// Exit codes of outcomes, for scripts that act on them.
const (
	exitNotFixed  = 3 // partly or not fixed, or the risk is accepted
	exitUndecided = 4 // inconclusive, nothing found, timed out or cancelled
)

// outcomeCode is the exit code that tells an outcome. One that this version does not know is no success.
func outcomeCode(o remediation.Outcome) int {
	switch o {
	case remediation.OutcomeFixed:
		return exitOK
	case remediation.OutcomePartlyFixed, remediation.OutcomeNotFixed, remediation.OutcomeRiskAccepted:
		return exitNotFixed
	case remediation.OutcomeInconclusive, remediation.OutcomeNothingFound, remediation.OutcomeTimedOut, remediation.OutcomeCancelled:
		return exitUndecided
	default:
		return exitFailed
	}
}

// severity orders exit codes from worst to best.
var severity = []int{exitFailed, exitNotFixed, exitUndecided, exitOK}

// worst is the exit code of several verifications: what most needs a person.
func worst(codes []int) int {
	for _, code := range severity {
		if slices.Contains(codes, code) {
			return code
		}
	}
	return exitOK
}

// finish turns a code into what a command returns.
func finish(code int) error {
	if code == exitOK {
		return nil
	}
	return exitError(code)
}

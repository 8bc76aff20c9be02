// Package remediation decides whether a vulnerability that a ticket calls fixed really is.
//
// It is the domain: what is asked ([Request]), what was there before ([Finding]), what a scan and the databases
// showed ([Facts]), and what follows from them ([Judge]). Everything here is pure: no network, no clock, no
// Temporal. The same facts give the same judgement tomorrow, so stored facts can be judged again.
//
// Absence is never proof: a finding is fixed only when the host answered, the check ran on it with
// what it needed, the port was observed, the scanner's own records say "mitigated" since the baseline was taken, and
// nothing lists it as open any more.
package remediation

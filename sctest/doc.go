// Package sctest simulates a Security Center in memory: an [http.Handler] that speaks the REST dialect of the real servers, runs
// scans on a clock of the caller's choice and applies the mitigation logic when their results are imported.
//
// The zero value of [Server] is ready for use. It knows one user ([DefaultUsername], [DefaultPassword], [DefaultAccessKey],
// [DefaultSecretKey]), one repository and no hosts; a [Scenario] gives it more. State is derived from the clock on every request:
// the package starts no goroutine and never sleeps, except for faults that ask for a delay.
//
// Where the behaviour of real servers is unknown, the simulator takes the reading that is harder on its clients.
//
// docs/simulator.md lists what a scenario can say.
//
// # Decisions
//
//   - The ports open on a host are those of its findings whose port is not said to be closed, patched ones too; no others.
//   - `insufficient` and `intermittent` credentials count as a login for the mitigation of local checks, although the check itself sees nothing.
//   - Everything but a remote check sees nothing without a login; without one servers refuse to mitigate local and combined checks only.
//   - `scannable: false` hosts are excluded from scans: neither scanned nor dead. Addresses without a host are dead.
//   - `movesTo` holds from the start: nobody answers at the old address, the host answers at the new one.
//   - After `becomes`, another machine answers: same open ports, none of the findings.
//   - A machine may be in several repositories; a scan sees it as its own repository knows it.
//   - Rows of a result carry of a host's identity what a plugin of the policy, a named target or a login could tell; what is recorded
//     keeps what was known before.
//   - A port that netstat lists counts as scanned. If a filter hides it from the network, what was found there is mitigated, wrongly.
//   - Without plugin 19506 in the policy nothing is mitigated, because the server has no scan information for the host.
//   - The scanner's feed is the server's; a plugin that is younger than it sees nothing, and is mitigated.
//   - Findings of dead hosts that are as old as classifyMitigatedAge are removed, and not mitigated.
//   - When the clock is set, what was dated stays dated; scans, sessions and imports go by the time that really passes.
//   - A second filter of the same name replaces the first one, silently.
//   - Names in the parameter fields that an object does not have are ignored: public clients send such names, and work. Only the
//     progress of scan results is refused in lists.
//   - Filters on what no plugin here has, such as scores and patch dates, are understood and find nothing.
//   - A scan that is stopped ends Partial, or Completed without results if no host was done; nothing is imported unless asked for.
package sctest

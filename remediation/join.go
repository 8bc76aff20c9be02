package remediation

// Joining: which of the rows that a scan and the databases gave speak about which finding of the baseline.

import "slices"

// rows are those of our scan, of what is open and of what is mitigated about one finding; nil where there is none.
type rows struct{ seen, open, mitigated *Finding }

// joinRows gives the rows per finding of the baseline, and those of our scan that belong to none of them.
func joinRows(f Facts) (perFinding []rows, extra []*Finding) {
	var seen []Finding
	if f.Scan != nil {
		seen = f.Scan.Seen
	}
	saw, extra := assign(f.Baseline, seen)
	open, _ := assign(f.Baseline, f.Open)
	perFinding = make([]rows, len(f.Baseline))
	for i, finding := range f.Baseline {
		perFinding[i] = rows{seen: saw[i], open: open[i], mitigated: mitigatedRow(finding, f.Mitigated)}
	}
	return perFinding, extra
}

// assign joins rows that say "open" to the findings they are about. A row at a finding's own address is that
// finding's, whatever its names; what is left belongs to a finding whose machine it is under another identity (a host
// that got a new address is still the vulnerable host). Two interfaces of one machine that both have a finding keep
// their rows apart that way.
func assign(findings, list []Finding) (found, rest []*Finding) {
	found = make([]*Finding, len(findings))
	for i := range list {
		rest = append(rest, &list[i])
	}
	for _, same := range []func(a, b Host) bool{Host.sameAddress, Host.sameMachine} {
		rest = slices.DeleteFunc(rest, func(row *Finding) bool { return attach(findings, found, row, same) })
	}
	return found, rest
}

func attach(findings []Finding, found []*Finding, row *Finding, same func(a, b Host) bool) bool {
	attached := false
	for i, f := range findings {
		if !same(f.Host, row.Host) || !f.samePort(*row) && f.State != StateAbsent {
			continue
		}
		attached = true
		// Of several rows the one seen last says most.
		if found[i] == nil || found[i].LastSeen.Before(row.LastSeen) {
			found[i] = row
		}
	}
	return attached
}

// mitigatedRow joins by address only: proof must be about the very host that was asked about. A row since the baseline is
// worth more than an old one.
func mitigatedRow(f Finding, list []Finding) *Finding {
	var found *Finding
	for i := range list {
		row := &list[i]
		same := row.Host.Address == f.Host.Address && row.samePort(f)
		if same && (found == nil || row.SinceBaseline && !found.SinceBaseline) {
			found = row
		}
	}
	return found
}

// used keeps the rows of a list on which findings rest. Their order stays, so that they are joined in the same way again.
func used(list []Finding, perFinding []rows, pick func(rows) *Finding) []Finding {
	picked := map[*Finding]bool{}
	for _, r := range perFinding {
		picked[pick(r)] = true
	}
	var out []Finding
	for i := range list {
		if picked[&list[i]] {
			out = append(out, list[i])
		}
	}
	return out
}

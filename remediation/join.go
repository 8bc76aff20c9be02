package remediation

// Joining: which of the rows that a scan and the databases gave speak about which finding of the baseline.

import "cmp"

// rows are those about one finding; nil where there is none. The first three speak against a fix and are joined loosely, the
// others are proof and joined strictly.
type rows struct {
	seen, open *Finding
	// ours is what our own scan mitigated, mitigated what the database of mitigated findings lists.
	ours, mitigated *Finding
}

// joinRows gives the rows per finding of the baseline, and those of our scan that belong to none of them.
func joinRows(f Facts) (perFinding []rows, extra []*Finding) {
	var scan Scan
	if f.Scan != nil {
		scan = *f.Scan
	}
	saw, extra := assign(f.Baseline, scan.Seen)
	open, _ := assign(f.Baseline, f.Open)
	perFinding = make([]rows, len(f.Baseline))
	for i, finding := range f.Baseline {
		perFinding[i] = rows{
			seen: saw[i], open: open[i],
			ours: mitigatedRow(finding, scan.Mitigated), mitigated: mitigatedRow(finding, f.Mitigated),
		}
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
		row := &list[i]
		fits, exactly := attach(findings, found, row, sameAddress)
		if !exactly {
			elsewhere, _ := attach(findings, found, row, Host.maybeSameMachine)
			fits = fits || elsewhere
		}
		if !fits {
			rest = append(rest, row)
		}
	}
	return found, rest
}

// maybeSameMachine is sameMachine, and true as well of a row that does not say at which address it is.
func (h Host) maybeSameMachine(row Host) bool {
	_, placed := row.Addr()
	return !placed || h.sameMachine(row)
}

// attach joins a row to the findings of the hosts that it is about: whether it fits one, and whether one's port is exactly its
// own, so that it need not be another's.
func attach(findings []Finding, found []*Finding, row *Finding, about func(finding, row Host) bool) (fits, exactly bool) {
	for i, f := range findings {
		if !about(f.Host, row.Host) || !f.maybeSamePort(*row) && f.State != StateAbsent {
			continue
		}
		fits, exactly = true, exactly || f.samePort(*row) || f.State == StateAbsent
		if found[i] == nil || currentThan(row, found[i]) {
			found[i] = row
		}
	}
	return fits, exactly
}

// currentThan orders rows about one finding: the one seen last is the current one. Of two that were seen together the one that
// nobody accepted counts, and then whatever makes the order of the list indifferent.
func currentThan(a, b *Finding) bool {
	accepted := func(f *Finding) int {
		if f.RiskAccepted {
			return 1
		}
		return 0
	}
	return cmp.Or(b.LastSeen.Compare(a.LastSeen), accepted(a)-accepted(b), compareFindings(*a, *b), cmp.Compare(a.Output, b.Output)) < 0
}

// mitigatedRow joins by address and port only, and never a row that is about another machine: proof must be about the very
// host that was asked about. A row since the baseline is worth more than an old one.
func mitigatedRow(f Finding, list []Finding) *Finding {
	var found *Finding
	for i := range list {
		row := &list[i]
		if !sameAddress(f.Host, row.Host) || !f.samePort(*row) {
			continue
		}
		if l, _ := f.Host.compare(row.Host); l == different {
			continue
		}
		if found == nil || row.SinceBaseline && !found.SinceBaseline {
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

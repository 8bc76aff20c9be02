package remediation

import "slices"

// evidence is the facts of one judgement, joined to the findings they speak about.
type evidence struct {
	facts Facts
	index int // of the finding under judgement
	// Per finding of the baseline, the first row about it; nil if there is none.
	seen, open, mitigated []*Finding
	// extra are the rows of our scan that belong to no finding of the baseline.
	extra []Finding
}

func newCase(f Facts) *evidence {
	c := &evidence{facts: f}
	var seen []Finding
	if f.Scan != nil {
		seen = f.Scan.Seen
	}
	c.seen, c.extra = assign(f.Baseline, seen)
	c.open, _ = assign(f.Baseline, f.Open)
	c.mitigated = mitigatedRows(f.Baseline, f.Mitigated)
	return c
}

func (c *evidence) seenRow() *Finding      { return c.seen[c.index] }
func (c *evidence) openRow() *Finding      { return c.open[c.index] }
func (c *evidence) mitigatedRow() *Finding { return c.mitigated[c.index] }

// scanRead reports whether a scan of ours has ended and its result was read: before that nothing follows from it.
func (c *evidence) scanRead() bool { return c.facts.Scan.done() && !c.facts.ReadAt.IsZero() }

// hostScan is what our result says about a host: by address, because that is what was scanned.
func (c *evidence) hostScan(h Host) *HostScan {
	i := slices.IndexFunc(c.facts.Scan.Hosts, func(s HostScan) bool { return s.Host.Address == h.Address })
	if i < 0 {
		return nil
	}
	return &c.facts.Scan.Hosts[i]
}

// assign joins rows that say "open" to the findings they are about. A row at a finding's own address is that
// finding's, whatever its names; what is left belongs to a finding whose machine it is under another identity (a host
// that got a new address is still the vulnerable host). Two interfaces of one machine that both have a finding keep
// their rows apart that way.
func assign(findings, rows []Finding) (found []*Finding, rest []Finding) {
	found = make([]*Finding, len(findings))
	var strangers []Finding
	for _, row := range rows {
		if !attach(findings, found, row, func(a, b Host) bool { return a.Address != "" && a.Address == b.Address }) {
			strangers = append(strangers, row)
		}
	}
	for _, row := range strangers {
		if !attach(findings, found, row, Host.sameMachine) {
			rest = append(rest, row)
		}
	}
	return found, rest
}

func attach(findings []Finding, found []*Finding, row Finding, same func(a, b Host) bool) bool {
	attached := false
	for i, f := range findings {
		if !same(f.Host, row.Host) || !f.samePort(row) && f.State != StateAbsent {
			continue
		}
		attached = true
		// Of several rows the one seen last says most.
		if found[i] == nil || found[i].LastSeen.Before(row.LastSeen) {
			found[i] = &row
		}
	}
	return attached
}

// mitigatedRows joins the mitigated rows, by address only: proof must be about the very host that was asked about. A
// row since the baseline is worth more than an old one.
func mitigatedRows(findings, rows []Finding) []*Finding {
	found := make([]*Finding, len(findings))
	for i, f := range findings {
		for _, row := range rows {
			same := row.Host.Address == f.Host.Address && row.samePort(f)
			if same && (found[i] == nil || row.SinceBaseline) {
				found[i] = &row
			}
		}
	}
	return found
}

package activities

// Keeping what is recorded within a payload.

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"patchproof/remediation"
)

const (
	// maxResult leaves a little of the 256 KiB of a payload for what an encryption adds.
	maxResult = 240 << 10
	// maxBaseline is less, because the baseline goes with other facts into the question for a judgement.
	maxBaseline = 210 << 10
	// maxExtraFindings is how many findings a scan may have that the baseline did not have: each says the same.
	maxExtraFindings = remediation.MaxFindings
	// minReason is what a reason needs to be of use.
	minReason = 120
)

// lengths are what texts are cut to until all of them fit. They are for people, all of them stay in Security Center, and no
// verdict rests on their length.
var lengths = []int{maxOutput, 300, 100, 30, len("…")}

// fitJudgement shortens the texts of a judgement and its facts until they fit.
func fitJudgement(out *AssessResult, baseline int) error {
	if n := len(out.Judgement.Findings); n > baseline+maxExtraFindings {
		return invalid("ip: our scan found the weakness in %d places, where the baseline had %d: split the ticket", n, baseline)
	}
	return fit(out, maxResult, len(out.Judgement.Findings), func(most int) {
		if most < maxOutput {
			dropTwice(&out.Facts)
		}
		for i := range out.Judgement.Findings {
			f := &out.Judgement.Findings[i]
			f.Reason = remediation.Clip(f.Reason, max(most, minReason))
		}
		shortenFindings(most, out.Facts.Open, out.Facts.Mitigated)
		if scan := out.Facts.Scan; scan != nil {
			shortenFindings(most, scan.Seen, scan.Mitigated)
			shortenReports(most, scan.Hosts)
		}
	})
}

// fitBaseline does the same to a baseline.
func fitBaseline(out *BaselineResult) error {
	return fit(out, maxBaseline, len(out.Findings), func(most int) {
		shortenFindings(most, out.Findings)
		shortenReports(most, out.Before)
	})
}

func fit(out any, limit, findings int, shorten func(most int)) error {
	for _, most := range lengths {
		shorten(most)
		text, err := json.Marshal(out)
		if err != nil {
			return fmt.Errorf("what Security Center says: %w", err)
		}
		if len(text) <= limit {
			return nil
		}
	}
	return invalid("ip: what Security Center says about %d findings is too long to be kept: split the ticket", findings)
}

func shortenFindings(most int, lists ...[]remediation.Finding) {
	for _, list := range lists {
		for i := range list {
			list[i].Output = remediation.Clip(list[i].Output, most)
		}
	}
}

func shortenReports(most int, hosts []remediation.HostScan) {
	for i := range hosts {
		hosts[i].Report = remediation.Clip(hosts[i].Report, most)
	}
}

// dropTwice leaves out the rows of the databases on which nothing rests beside a row of our own result: what is open and was
// seen by our scan (and is accepted or not in both), and what is mitigated and was seen or mitigated by our scan.
func dropTwice(f *remediation.Facts) {
	if f.Scan == nil {
		return
	}
	place := func(f remediation.Finding) string {
		return fmt.Sprintf("%s %d %s", f.Host.Address, f.Port, strings.ToUpper(f.Protocol))
	}
	seen, own := map[string]remediation.Finding{}, map[string]bool{}
	for _, row := range f.Scan.Seen {
		seen[place(row)], own[place(row)] = row, true
	}
	for _, row := range f.Scan.Mitigated {
		own[place(row)] = true
	}
	f.Open = slices.DeleteFunc(slices.Clone(f.Open), func(row remediation.Finding) bool {
		ours, ok := seen[place(row)]
		return ok && ours.Host == row.Host && ours.RiskAccepted == row.RiskAccepted
	})
	f.Mitigated = slices.DeleteFunc(slices.Clone(f.Mitigated), func(row remediation.Finding) bool { return own[place(row)] })
}

package activities

// Keeping a judgement and its facts within a payload.

import (
	"encoding/json"
	"fmt"

	"patchproof/remediation"
)

const (
	// maxResult leaves a little of the 256 KiB of a payload for what an encryption adds.
	maxResult = 240 << 10
	// maxExtraFindings is how many findings a scan may have that the baseline did not have: each says the same.
	maxExtraFindings = remediation.MaxFindings
)

// fit shortens the texts of a judgement until it fits, the longest first: they are for people, and all of them stay in
// Security Center. No verdict rests on their length.
func fit(out *AssessResult, baseline int) error {
	if scan := out.Facts.Scan; scan != nil {
		copied := *scan
		out.Facts.Scan = &copied
	}
	most := baseline + maxExtraFindings
	if n := len(out.Judgement.Findings); n > most {
		return invalid("ip: our scan found the weakness in %d places, where the baseline had %d: split the ticket", n, baseline)
	}
	for _, most := range []int{maxOutput, 300, 100, 30, 3} {
		shorten(out, most)
		text, err := json.Marshal(out)
		if err != nil {
			return fmt.Errorf("the facts of a judgement: %w", err)
		}
		if len(text) <= maxResult {
			return nil
		}
	}
	return invalid("ip: what Security Center says about %d findings is too long to be kept: split the ticket", len(out.Judgement.Findings))
}

func shorten(out *AssessResult, most int) {
	for i := range out.Judgement.Findings {
		f := &out.Judgement.Findings[i]
		f.Reason = remediation.Clip(f.Reason, max(most, minReason))
	}
	lists := [][]remediation.Finding{out.Facts.Open, out.Facts.Mitigated}
	if scan := out.Facts.Scan; scan != nil {
		lists = append(lists, scan.Seen, scan.Mitigated)
		for i := range scan.Hosts {
			h := &scan.Hosts[i]
			h.Report = remediation.Clip(h.Report, most)
		}
	}
	for _, list := range lists {
		for i := range list {
			list[i].Output = remediation.Clip(list[i].Output, most)
		}
	}
}

// minReason is what a reason needs to be of use.
const minReason = 120

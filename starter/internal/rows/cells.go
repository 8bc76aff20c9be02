package rows

import (
	"encoding/json"
	"strings"
	"time"

	"patchproof/starter/internal/term"
)

// Moment shows a time in the reader's own zone.
func Moment(value []byte, zone *time.Location) string {
	t, err := time.Parse(time.RFC3339, cellText(value))
	if err != nil {
		return cellText(value)
	}
	return term.Stamp(t, zone)
}

// Addresses shows the hosts inside of a value, which lists them by repository.
func Addresses(value []byte, _ *time.Location) string {
	var repositories []struct {
		IPList json.RawMessage `json:"iplist"`
	}
	if json.Unmarshal(value, &repositories) != nil {
		return cellText(value)
	}
	var all []string
	for _, r := range repositories {
		var hosts []struct {
			IP string `json:"ip"`
		}
		if json.Unmarshal(r.IPList, &hosts) != nil {
			all = append(all, cellText(r.IPList)) // some tools have a text there
		}
		for _, h := range hosts {
			all = append(all, h.IP)
		}
	}
	return strings.Join(all, " ")
}

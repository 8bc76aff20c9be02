package remediation

// Durations as people write them, and spreading them.

import (
	"fmt"
	"hash/fnv"
	"time"
)

// Duration is a [time.Duration] that JSON shows as people write it ("24h0m0s"), so that inputs can be read in the
// Temporal UI and typed by hand.
type Duration time.Duration

// MarshalText implements [encoding.TextMarshaler].
func (d Duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%s is not a duration such as 90s, 15m or 24h", quote(string(text)))
	}
	*d = Duration(v)
	return nil
}

func (d Duration) String() string { return time.Duration(d).String() }

// Jitter is a part of most, from none to nearly all of it, that the seed decides: what began together must not all come
// due in one second, and a replay must come to the same.
func Jitter(most time.Duration, seed string) time.Duration {
	h := fnv.New32a()
	_, _ = h.Write([]byte(seed)) // never fails
	return most / 1000 * time.Duration(h.Sum32()%1000)
}

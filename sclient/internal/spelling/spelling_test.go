package spelling

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The one table of spellings, which all readers go by.
func TestTable(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"1", "true", "TRUE", "True", "yes", "Yes", "YES", " yes ", "\ttrue\n"} {
		value, ok := Bool([]byte(text))
		require.True(t, ok, text)
		require.True(t, value, text)
	}
	for _, text := range []string{"0", "-1", "", " ", "false", "FALSE", "no", "No", "NO", " no "} {
		value, ok := Bool([]byte(text))
		require.True(t, ok, text)
		require.False(t, value, text)
	}
	for _, text := range []string{"2", "maybe", "null", "on", "off", "t", "y", "01", "1.0", "truefalse", "yes no"} {
		value, ok := Bool([]byte(text))
		require.False(t, ok, text)
		require.False(t, value, text)
	}
	never := time.Time{}
	for text, want := range map[string]time.Time{
		"1545074182": time.Unix(1545074182, 0).UTC(), " 1545074182 ": time.Unix(1545074182, 0).UTC(), "1545074182.0": time.Unix(1545074182, 0).UTC(),
		"1e3": time.Unix(1000, 0).UTC(), "2018-12-17T19:16:22Z": time.Unix(1545074182, 0).UTC(), "0001545074182": time.Unix(1545074182, 0).UTC(),
		"-1": never, "0": never, "": never, " ": never, "-5": never, "0.0": never, "253402300799": time.Unix(maxEpoch, 0).UTC(), "+5": time.Unix(5, 0).UTC(),
	} {
		got, ok := Time([]byte(text))
		require.True(t, ok, text)
		require.True(t, want.Equal(got), text)
	}
	for _, text := range []string{"soon", "253402300800", "99999999999999999999", "1.5", "-", "null", "2018-12-17", "NaN", "true"} {
		got, ok := Time([]byte(text))
		require.False(t, ok, text)
		require.True(t, got.IsZero(), text)
	}
}

func TestDigits(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{"": 0, "0": 0, "34": 34, "-1": -1, "007": 7, "999999999999999999": 999999999999999999, "-999999999999999999": -999999999999999999} {
		got, ok := Digits([]byte(text))
		require.True(t, ok, text)
		require.Equal(t, want, got)
	}
	for _, text := range []string{"-", "+5", "1.0", " 1", "1e3", "9999999999999999999", "--1", "x"} {
		_, ok := Digits([]byte(text))
		require.False(t, ok, text)
	}
}

// FuzzTable holds the short cuts to the long way.
func FuzzTable(f *testing.F) {
	for _, seed := range []string{"34", "-1", "1545074182", "2018-12-17T19:16:22Z", "YES", "1e3", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if n, ok := Digits([]byte(text)); ok {
			long, err := Int(text)
			require.NoError(t, err)
			require.Equal(t, long, n)
		}
		moment, ok := Time([]byte(text))
		require.True(t, ok || moment.IsZero())
		value, ok := Bool([]byte(text))
		require.True(t, ok || !value)
	})
}

func TestUnion(t *testing.T) {
	t.Parallel()
	for list, want := range map[string][]string{
		`[]`: {}, `{"usable":[],"manageable":[]}`: {}, `{"usable":""}`: {}, `{"usable":null,"manageable":[1]}`: {"1"},
		`{"manageable":[{"id":2},{"id":"1"}],"usable":[{"id":"1"}]}`: {`{"id":"1"}`, `{"id":2}`},
		`[{"id":" 1 "},{"id":1},{"name":"a"},{"name":"b"},null]`:     {`{"id":" 1 "}`, `{"name":"a"}`, `{"name":"b"}`},
		`{"1":{"id":1},"0":{"id":0},"results":null}`:                 {`{"id":0}`, `{"id":1}`},
		`{"b":[2],"a":[1],"total":"7"}`:                              {"1", "2"},
	} {
		got, err := Union([]byte(list))
		require.NoError(t, err, list)
		texts := []string{}
		for _, item := range got {
			texts = append(texts, string(item))
		}
		require.Equal(t, want, texts, list)
	}
	for _, list := range []string{``, `""`, `null`, `{"a":1}`, `5`, `{"usable":5}`, `[1`} {
		_, err := Union([]byte(list))
		require.Error(t, err, list)
	}
}

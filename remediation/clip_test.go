package remediation_test

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
)

func TestClip(t *testing.T) {
	t.Parallel()
	require.Equal(t, "short", remediation.Clip("short", 5))
	require.Equal(t, "lo…", remediation.Clip("longer", 5))
	require.Empty(t, remediation.Clip("", 5))
	require.Equal(t, "a\ufffdb", remediation.Clip("a\xffb", 100))
	for _, piece := range []string{"a", "ü", "<", "\x00", "\"", "\xff", "\u2028", "\U0001F600", "\n", "a\xf0\x9f"} {
		for _, most := range []int{3, 10, 1000} {
			text := remediation.Clip(strings.Repeat(piece, 1<<16), most)
			require.True(t, utf8.ValidString(text))
			require.True(t, strings.HasSuffix(text, "…"))
			size, err := json.Marshal(text)
			require.NoError(t, err)
			require.LessOrEqual(t, len(size)-2, most, "%q", piece)
		}
	}
}

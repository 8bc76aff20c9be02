package term

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestShellWord(t *testing.T) {
	t.Parallel()
	for word, want := range map[string]string{"VULN-3": "VULN-3", "a b": "'a b'", "o'b": `'o'\''b'`, "": "''", "$(x)": "'$(x)'"} {
		require.Equal(t, want, ShellWord(word))
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	require.Equal(t, "a\nb\tc", Lines("a\r\nb\tc\x00\x7f\u009b"))
	require.Equal(t, "gnp�.exe � �", Lines("gnp\u202e.exe \u200b \U000e0041"))
	require.Equal(t, "a b", Lines("a\u2028b"))
}

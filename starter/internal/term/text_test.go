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

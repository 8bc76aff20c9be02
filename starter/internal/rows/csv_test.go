package rows

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCellsOfSpreadsheets(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                     "",
		"plain":                "plain",
		"a=b":                  "a=b",
		"2026-11-25T12:00:00Z": "2026-11-25T12:00:00Z",
		"=1+1":                 "'=1+1",
		"+49 30 1234":          "'+49 30 1234",
		"-cmd":                 "'-cmd",
		"@SUM(A1)":             "'@SUM(A1)",
		"＝1+1":                 "'＝1+1",
		"＠SUM(A1)":             "'＠SUM(A1)",
		"  =1+1":               "'  =1+1",
		"\u00a0=1+1":           "'\u00a0=1+1",
		"\t=1+1":               "'\t=1+1",
		"\ttext":               "'\ttext",
		"\rtext":               "'text",
		"\n=1+1":               "'\n=1+1",
		"-1":                   "-1",
		"-12.5":                "-12.5",
		"-1+cmd|' /C calc'!A0": "'-1+cmd|' /C calc'!A0",
		"-":                    "'-",
		"\u202e=1":             "�=1",
	} {
		require.Equal(t, want, spreadsheetCell(text), "%q", text)
	}
}

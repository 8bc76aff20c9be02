package redact

import (
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const key, password = "0123456789abcdef0123456789abcdef", "p@ss/\"w&rd 😀\té\\"

// disguises are the ways in which servers, proxies and Go write a text.
func disguises(secret string) []string {
	quoted, _ := json.Marshal(secret)
	inJSON := string(quoted[1 : len(quoted)-1])
	twice, _ := json.Marshal(inJSON)
	ascii := strconv.QuoteToASCII(secret)
	var surrogates strings.Builder
	for _, r := range secret {
		one, _ := json.Marshal(string(r))
		if r > 0xFFFF {
			one = []byte(`"\ud83d\ude00"`)
		}
		surrogates.WriteString(string(one[1 : len(one)-1]))
	}
	return []string{
		secret, inJSON, strings.ReplaceAll(inJSON, "/", `\/`), string(twice), ascii[1 : len(ascii)-1], surrogates.String(), url.QueryEscape(secret),
		url.PathEscape(secret), html.EscapeString(secret), strings.ToUpper(secret), fmt.Sprintf("%q", secret), "before " + secret + " after",
	}
}

func TestNoDisguiseHelps(t *testing.T) {
	t.Parallel()
	s := New(key, password, "", key)
	for _, secret := range []string{key, password} {
		for _, text := range disguises(secret) {
			for _, hidden := range []string{s.HideAll(text), s.Hide(text)} {
				require.Contains(t, hidden, Hidden, text)
				require.NotContains(t, strings.ToLower(hidden), "23456", text)
				require.NotContains(t, hidden, "ss", text)
			}
		}
	}
	require.Equal(t, "x [hidden] y", s.HideAll(`x p@ss/\"w\u0026rd \ud83d\ude00\té\\ y`))
	require.Empty(t, s.HideAll(""))
}

func TestShortSecrets(t *testing.T) {
	t.Parallel()
	s := New("admin", "longer than admin")
	require.Equal(t, "admin [hidden]", s.Hide("admin longer than admin"))
	require.Equal(t, "[hidden] [hidden]", s.HideAll("admin longer than admin"))
	require.False(t, s.Suspects([]byte(`{"name":"admin"}`)))
	none := New("admin")
	require.Equal(t, "admin", none.Hide("admin"))
	require.False(t, none.Suspects([]byte(`{"name":"admin"}`)))
	require.Equal(t, "x", New().HideAll("x"))
}

func TestCutTexts(t *testing.T) {
	t.Parallel()
	s := New(key)
	require.Equal(t, "bad: [hidden]", s.HideAll("bad: "+key[:20]))
	require.Equal(t, "bad: 012", s.HideAll("bad: 012"), "so little betrays nothing")
	require.Equal(t, "bad: "+key[:20], s.Hide("bad: "+key[:20]), "data is whole")
}

func TestSecretsOfSessions(t *testing.T) {
	t.Parallel()
	r := New(key)
	r.Add("")
	require.Equal(t, "x", r.HideAll("x"))
	for i := range 20 {
		r.Add(fmt.Sprintf("token-of-login-%d", i))
		r.Add(fmt.Sprintf("token-of-login-%d", i))
	}
	require.Equal(t, "token-of-login-11; [hidden]; [hidden] [hidden]", r.Hide("token-of-login-11; token-of-login-12; token-of-login-19 "+key), "old sessions are over")
}

func TestSuspects(t *testing.T) {
	t.Parallel()
	s := New(key, password, "99887766554433")
	for _, row := range []string{
		`{"name":"\u0030123456789abcdef0123456789abcdef"}`, `{"port":99887766554433}`, `{"0123456789ABCDEF0123456789ABCDEF":1}`, `{"x":"\u0041"}`,
	} {
		require.True(t, s.Suspects([]byte(row)), row)
	}
	for _, secret := range []string{key, password} {
		for _, text := range disguises(secret) {
			require.True(t, s.Suspects([]byte(text)) || strings.Contains(text, `\ud83d`), text)
		}
	}
	for _, row := range []string{`{}`, ``, `\u00`, `{"name":"\u00e4 nothing"}`, `{"a":"` + key[:20] + `"}`, `{"pluginText":"` + strings.Repeat("0123", 7) + `"}`} {
		require.False(t, s.Suspects([]byte(row)), row)
	}
	// Wherever it stands.
	for i := range 100 {
		require.True(t, s.Suspects([]byte(`{"name":"`+strings.Repeat("x", i)+key+`"}`)))
	}
}

func FuzzSuspects(f *testing.F) {
	f.Add("x", "y", uint8(0))
	f.Add(`{"a":"\u00`, `"}`, uint8(3))
	f.Fuzz(func(t *testing.T, before, after string, which uint8) {
		s := New(key, password)
		text := disguises(key)[int(which)%len(disguises(key))]
		require.True(t, s.Suspects([]byte(before+text+after)))
		require.NotContains(t, s.Hide(before+text+after), key)
	})
}

func BenchmarkSuspects(b *testing.B) {
	s := New(key, strings.ReplaceAll(key, "0", "7"), "9988776655")
	row := []byte(strings.Repeat(`{"pluginID":"97833","lastSeen":"1700000000","uuid":"b3f1","synopsis":"The host is affected by a flaw."},`, 25))
	b.SetBytes(int64(len(row)))
	for b.Loop() {
		s.Suspects(row)
	}
}

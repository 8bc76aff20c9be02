package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchproof/remediation"
)

var key = strings.Repeat("0123456789abcdef", 2)

// write makes a configuration; KEY in it becomes a file with a key.
func write(t *testing.T, text string) (path string) {
	t.Helper()
	dir := t.TempDir()
	keyFile := filepath.Join(dir, "key")
	require.NoError(t, os.WriteFile(keyFile, []byte(key+"\n"), 0o600))
	path = filepath.Join(dir, "patchproof.yaml")
	require.NoError(t, os.WriteFile(path, []byte(strings.ReplaceAll(text, "KEY", keyFile)), 0o600))
	return path
}

func load(env map[string]string) ([]SC, error) {
	return Load(func(name string) string { return env[name] })
}

const head = "securityCenters:\n  main:\n    url: https://sc.example.com\n    accessKeyFile: KEY\n    secretKeyFile: KEY\n"

func TestLoad(t *testing.T) {
	t.Parallel()
	path := write(t, head+`    maxScans: 3
    priority: 2
    repositories:
      7:
        credentials: [3, 4]
        zone: 2
        windows: ["22:00-05:00 Europe/Berlin"]
        trustedAddresses: [10.0.0.1]
        allowedNetworks: [10.0.0.0/8]
        neverScan: [10.0.0.9-10.0.0.12]
  branch:
    url: https://branch.example.com
    usernameFile: KEY
    passwordFile: KEY
`)
	scs, err := load(map[string]string{Variable: path})
	require.NoError(t, err)
	require.Len(t, scs, 2)
	require.Equal(t, "branch", scs[0].Name)
	require.Equal(t, key, scs[0].Client.Username)
	require.Equal(t, DefaultMaxScans, scs[0].MaxScans)
	require.Equal(t, DefaultPriority, scs[0].Priority)
	require.Equal(t, 3, scs[1].MaxScans)
	require.Equal(t, 2, scs[1].Priority)
	rules := scs[1].Repositories[7]
	require.Equal(t, []int{3, 4}, rules.Credentials)
	require.Equal(t, 2, rules.Zone)
	require.Len(t, rules.Windows, 1)
	require.Equal(t, []string{"10.0.0.1"}, rules.Trusted.Strings())
	require.Equal(t, []string{"10.0.0.0/8"}, rules.Allowed.Strings())
	require.False(t, rules.Never.Empty())
}

// Every refusal has its line and its remedy, and never repeats a key.
func TestRefused(t *testing.T) {
	t.Parallel()
	repo := head + "    repositories:\n      7:\n"
	for name, test := range map[string]struct{ text, says string }{
		"empty":           {"", "line 1"},
		"no SC":           {"securityCenters: {}\n", "line 1"},
		"unknown key":     {head + "    urll: x\n", "line 6"},
		"a key itself":    {head + "    accessKey: " + key + "\n", "line 6"},
		"a wrong type":    {head + "    caFile: [" + key + "]\n", "line 6"},
		"not whole":       {head + "    maxScans: 4.5\n", "line 6"},
		"quoted number":   {head + "    maxScans: \"4\"\n", "line 6"},
		"no truth":        {head + "    allowHTTP: " + key + "x\n", "line 6"},
		"no scans":        {head + "    maxScans: 0\n", "line 6: main.maxScans: must be"},
		"priority":        {head + "    priority: 6\n", "line 6: main.priority: must be"},
		"twice":           {head + "    priority: 1\n    priority: 2\n", "line 7"},
		"both logins":     {head + "    usernameFile: KEY\n", "usernameFile and passwordFile"},
		"login in url":    {strings.Replace(head, "https://", "https://u:"+key+"@", 1), "line 3: main.url"},
		"plain http":      {strings.Replace(head, "https", "http", 1), "allowHTTP: true"},
		"no such file":    {strings.Replace(head, "KEY", "/does/not/exist", 1), "accessKeyFile"},
		"name":            {strings.Replace(head, "main", "a/b", 1), "line 2: a/b"},
		"credential":      {repo + "        credentials: [0]\n", "line 8: main.repositories.7.credentials"},
		"zone":            {repo + "        zone: 0\n", "line 8"},
		"window":          {repo + "        windows: [\"22-5\"]\n", "line 8"},
		"a DNS name":      {repo + "        neverScan: [www.example.com]\n", "is a DNS name: write its address"},
		"address":         {repo + "        allowedNetworks: [10.0.0.300]\n", "line 8"},
		"repository zero": {head + "    repositories:\n      0:\n        zone: 1\n", "line 7"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(map[string]string{Variable: write(t, test.text)})
			require.ErrorContains(t, err, test.says)
			require.Contains(t, err.Error(), "line ")
			require.NotContains(t, err.Error(), key)
		})
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	env := map[string]string{"SC_URL": "https://sc.example.com", "SC_ACCESS_KEY": key, "SC_SECRET_KEY": key}
	scs, err := load(env)
	require.NoError(t, err)
	require.Len(t, scs, 1)
	require.Equal(t, remediation.DefaultSC, scs[0].Name)

	env[Variable] = write(t, head)
	_, err = load(env)
	require.ErrorContains(t, err, "both set")
	_, err = load(map[string]string{Variable: "/does/not/exist"})
	require.ErrorContains(t, err, Variable)
}

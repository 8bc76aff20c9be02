package sclient

import (
	"encoding/pem"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func fromMap(values map[string]string) (*Client, error) {
	return FromEnv(func(name string) string { return values[name] })
}

func TestFromEnv(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
		return path
	}
	secret := file("secret", testSecret+"\n")
	c, err := fromMap(map[string]string{"SC_URL": "https://sc.example.com", "SC_ACCESS_KEY": testAccess, "SC_SECRET_KEY_FILE": secret})
	require.NoError(t, err)
	require.Equal(t, testSecret, c.SecretKey.text())
	c, err = fromMap(map[string]string{"SC_URL": "https://sc.example.com", "SC_USERNAME": "api", "SC_PASSWORD_FILE": file("pw", " pw \r\n")})
	require.NoError(t, err)
	require.Equal(t, " pw ", c.Password.text())

	for name, test := range map[string]struct {
		env  map[string]string
		want string
	}{
		"nothing":     {map[string]string{}, "SC_URL: not set"},
		"no key":      {map[string]string{"SC_URL": "https://x"}, "SC_ACCESS_KEY: not set"},
		"no secret":   {map[string]string{"SC_URL": "https://x", "SC_ACCESS_KEY": testAccess}, "SC_SECRET_KEY: not set"},
		"no access":   {map[string]string{"SC_URL": "https://x", "SC_SECRET_KEY": testSecret}, "SC_ACCESS_KEY: not set"},
		"no password": {map[string]string{"SC_URL": "https://x", "SC_USERNAME": "api"}, "SC_PASSWORD: not set"},
		"no user":     {map[string]string{"SC_URL": "https://x", "SC_PASSWORD": "p"}, "SC_USERNAME: not set"},
		"short":       {map[string]string{"SC_URL": "https://x", "SC_ACCESS_KEY": "a", "SC_SECRET_KEY": "b"}, "have 2 characters together"},
		"both":        {map[string]string{"SC_URL": "https://x", "SC_ACCESS_KEY": testAccess, "SC_SECRET_KEY": testSecret, "SC_USERNAME": "api"}, "SC refuses both together"},
		"bad url":     {map[string]string{"SC_URL": "sc", "SC_ACCESS_KEY": testAccess, "SC_SECRET_KEY": testSecret}, "SC_URL: want an address"},
		"two sources": {map[string]string{"SC_URL": "https://x", "SC_ACCESS_KEY": testAccess, "SC_SECRET_KEY": testSecret, "SC_SECRET_KEY_FILE": secret}, "SC_SECRET_KEY_FILE: set together"},
		"no file":     {map[string]string{"SC_URL": "https://x", "SC_ACCESS_KEY": testAccess, "SC_SECRET_KEY_FILE": dir + "/none"}, "SC_SECRET_KEY_FILE: cannot read"},
		"empty file":  {map[string]string{"SC_URL": "https://x", "SC_ACCESS_KEY": testAccess, "SC_SECRET_KEY_FILE": file("empty", "\n")}, "the file is empty"},
		"skip":        {map[string]string{"SC_URL": "https://x", "SC_ACCESS_KEY": testAccess, "SC_SECRET_KEY": testSecret, "SC_TLS_SKIP_VERIFY": "maybe"}, "SC_TLS_SKIP_VERIFY"},
		"no pem":      {map[string]string{"SC_URL": "https://x", "SC_ACCESS_KEY": testAccess, "SC_SECRET_KEY": testSecret, "SC_CA_FILE": secret}, "SC_CA_FILE"},
		"half a pair": {map[string]string{"SC_URL": "https://x", "SC_ACCESS_KEY": testAccess, "SC_SECRET_KEY": testSecret, "SC_CLIENT_CERT_FILE": secret}, "SC_CLIENT_KEY_FILE: not set"},
	} {
		_, err := fromMap(test.env)
		require.ErrorContains(t, err, test.want, name)
		require.True(t, IsInvalidRequest(err), name)
		require.NotContains(t, err.Error(), testSecret, name)
	}
}

func TestFromEnvTLS(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(answers(`{"id":"1"}`))
	t.Cleanup(server.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	require.NoError(t, os.WriteFile(ca, text, 0o600))
	base := map[string]string{"SC_URL": server.URL, "SC_ACCESS_KEY": testAccess, "SC_SECRET_KEY": testSecret}
	for name, want := range map[string]bool{"SC_CA_FILE": true, "SC_TLS_SKIP_VERIFY": true, "": false} {
		env := map[string]string{"SC_CA_FILE": ca, "SC_TLS_SKIP_VERIFY": "true"}
		values := map[string]string{name: env[name]}
		maps.Copy(values, base)
		c, err := fromMap(values)
		require.NoError(t, err)
		_, err = c.CurrentUser(t.Context())
		require.Equal(t, want, err == nil, "%s: %v", name, err)
	}
}

// A key that others can read is no secret any more, whatever is done afterwards.
func TestKeyFilesOfOthersAreRefused(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "key")
	require.NoError(t, os.WriteFile(path, []byte(testSecret), 0o600))
	link := filepath.Join(t.TempDir(), "link")
	require.NoError(t, os.Symlink(path, link))
	for mode, want := range map[os.FileMode]string{
		0o400: "", 0o600: "", 0o700: "",
		0o644: "has mode 0644: every user of this machine can read it; run chmod 600 on it",
		0o444: "has mode 0444", 0o604: "has mode 0604", 0o602: "has mode 0602", 0o640: "has mode 0640: its group can read it", 0o660: "has mode 0660",
	} {
		require.NoError(t, os.Chmod(path, mode))
		for _, file := range []string{path, link} {
			for _, env := range []map[string]string{
				{"SC_ACCESS_KEY": testAccess, "SC_SECRET_KEY_FILE": file},
				{"SC_USERNAME": "api", "SC_PASSWORD_FILE": file},
			} {
				env["SC_URL"] = "https://sc.example.com"
				_, err := fromMap(env)
				if want == "" {
					require.NoError(t, err, "%04o", mode)
					continue
				}
				require.ErrorContains(t, err, "_FILE: "+file+" "+want)
				require.True(t, IsInvalidRequest(err))
				require.NotContains(t, err.Error(), testSecret)
			}
		}
	}
	_, err := fromMap(map[string]string{
		"SC_URL": "https://x", "SC_ACCESS_KEY": testAccess, "SC_SECRET_KEY": testSecret, "SC_CLIENT_CERT_FILE": path, "SC_CLIENT_KEY_FILE": path,
	})
	require.Error(t, err)
	// The file of another, opened to a group of ours, as orchestrators mount it.
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Empty(t, tooOpen(foreign{info}, path))
}

// foreign is a file of another user with mode 0440.
type foreign struct{ os.FileInfo }

func (foreign) Mode() os.FileMode { return 0o440 }
func (foreign) Sys() any          { return &syscall.Stat_t{Uid: uint32(os.Geteuid()) + 1} }

func TestPlainHTTPIsRefused(t *testing.T) {
	t.Parallel()
	for address, refused := range map[string]bool{
		"http://sc.example.com": true, "http://10.0.0.5:8443": true, "HTTP://sc.example.com": true, "http://localhost.example.com": true, "http://0.0.0.0": true,
		"http://[2001:db8::1]": true, "http://127.0.0.1.nip.io": true,
		"https://sc.example.com": false, "http://localhost:8834": false, "http://127.0.0.1:1": false, "http://127.9.9.9": false, "http://[::1]:1": false,
		"http://[::ffff:127.0.0.1]": false,
	} {
		env := map[string]string{"SC_URL": address, "SC_ACCESS_KEY": testAccess, "SC_SECRET_KEY": testSecret}
		c, err := fromMap(env)
		if !refused {
			require.NoError(t, err, address)
			require.Empty(t, c.Warnings(), address)
			continue
		}
		require.ErrorContains(t, err, "SC_URL: plain http://", address)
		require.ErrorContains(t, err, "SC_ALLOW_HTTP=true", address)
		require.True(t, IsInvalidRequest(err))
		env["SC_ALLOW_HTTP"] = "true"
		c, err = fromMap(env)
		require.NoError(t, err, address)
		require.Len(t, c.Warnings(), 1)
		require.Contains(t, c.Warnings()[0], "plain http://")
		_, err = (&Client{URL: address, AccessKey: NewSecret(testAccess), SecretKey: NewSecret(testSecret)}).CurrentUser(t.Context())
		require.ErrorContains(t, err, "plain http://", "also without an environment")
	}
	_, err := fromMap(map[string]string{"SC_URL": "https://x", "SC_ACCESS_KEY": testAccess, "SC_SECRET_KEY": testSecret, "SC_ALLOW_HTTP": "perhaps"})
	require.ErrorContains(t, err, "SC_ALLOW_HTTP")
	c, err := fromMap(map[string]string{"SC_URL": "https://x", "SC_ACCESS_KEY": testAccess, "SC_SECRET_KEY": testSecret, "SC_TLS_SKIP_VERIFY": "true"})
	require.NoError(t, err)
	require.Len(t, c.Warnings(), 1)
	require.Contains(t, c.Warnings()[0], "is not verified")
}

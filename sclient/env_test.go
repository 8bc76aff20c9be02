package sclient

import (
	"encoding/pem"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
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

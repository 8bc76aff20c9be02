package config

// From what stands in the file to what can be used.

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"patchproof/remediation"
	"patchproof/sclient"
)

// scName is what a name may be: it stands in workflow IDs, task queues and on command lines, and leaves the ticket its room there.
var scName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`)

// Parse reads the text of a configuration file. Every error has its line and says what to do.
func Parse(text []byte) ([]SC, error) {
	f, root, err := decode(text)
	if err != nil {
		return nil, err
	}
	if len(f.SecurityCenters) == 0 {
		return nil, problem(root, []string{"", "securityCenters"}, "no Security Center is named: add one by name, with its url and key files")
	}
	var scs []SC
	for _, name := range slices.Sorted(maps.Keys(f.SecurityCenters)) {
		sc, err := f.SecurityCenters[name].use(name, root)
		if err != nil {
			return nil, err
		}
		scs = append(scs, sc)
	}
	return scs, nil
}

func (e entry) use(name string, root ast.Node) (SC, error) {
	path := []string{"securityCenters", name}
	wrong := func(key, reason string) (SC, error) {
		return SC{}, problem(root, append(path, key), "%s", reason)
	}
	sc := SC{Name: name, MaxScans: DefaultMaxScans, Priority: DefaultPriority, Repositories: map[int]remediation.Rules{}}
	if !scName.MatchString(name) {
		return SC{}, problem(root, path, "a name has at most 40 letters, digits, dots, dashes and underscores: choose another")
	}
	if e.MaxScans != nil {
		// More than any Security Center runs at once: a slip of the finger.
		if sc.MaxScans = *e.MaxScans; sc.MaxScans < 1 || sc.MaxScans > 1000 {
			return wrong("maxScans", "must be from 1 to 1000")
		}
	}
	if e.Priority != nil {
		if sc.Priority = *e.Priority; sc.Priority < 1 || sc.Priority > 5 {
			return wrong("priority", "must be from 1, the most urgent, to 5")
		}
	}
	for _, id := range slices.Sorted(maps.Keys(e.Repositories)) {
		rules, err := e.Repositories[id].rules(root, append(slices.Clone(path), "repositories", strconv.Itoa(id)), id)
		if err != nil {
			return SC{}, err
		}
		sc.Repositories[id] = rules
	}
	byKey, byName := e.AccessKeyFile != "" && e.SecretKeyFile != "", e.UsernameFile != "" && e.PasswordFile != ""
	switch {
	case e.URL == "":
		return wrong("url", "not set; set it to the address of Security Center, such as https://sc.example.com")
	case strings.Contains(e.URL, "@"):
		return wrong("url", "must not hold a login: remove what stands before the @")
	case byKey == byName || (e.AccessKeyFile+e.SecretKeyFile != "") == (e.UsernameFile+e.PasswordFile != ""):
		return wrong("accessKeyFile", "set accessKeyFile and secretKeyFile to files with an API key, or else usernameFile and passwordFile")
	}
	client, err := e.client()
	if err != nil {
		return SC{}, problem(root, path, "%s", inFile.Replace(err.Error()))
	}
	sc.Client = client
	return sc, nil
}

// inFile puts the keys of the file into an error about the variables of the environment. Longer names come first.
var inFile = strings.NewReplacer(
	"SC_ACCESS_KEY_FILE", "accessKeyFile", "SC_SECRET_KEY_FILE", "secretKeyFile", "SC_PASSWORD_FILE", "passwordFile",
	"SC_CLIENT_CERT_FILE", "clientCertFile", "SC_CLIENT_KEY_FILE", "clientKeyFile", "SC_CA_FILE", "caFile", "SC_ALLOW_HTTP=true", "allowHTTP: true",
	"SC_ACCESS_KEY", "accessKeyFile", "SC_SECRET_KEY", "secretKeyFile", "SC_USERNAME", "usernameFile", "SC_PASSWORD", "passwordFile", "SC_URL", "url",
)

func (e entry) client() (*sclient.Client, error) {
	env := map[string]string{
		"SC_URL": e.URL, "SC_ACCESS_KEY_FILE": e.AccessKeyFile, "SC_SECRET_KEY_FILE": e.SecretKeyFile, "SC_PASSWORD_FILE": e.PasswordFile,
		"SC_CA_FILE": e.CAFile, "SC_CLIENT_CERT_FILE": e.ClientCertFile, "SC_CLIENT_KEY_FILE": e.ClientKeyFile,
		"SC_TLS_SKIP_VERIFY": strconv.FormatBool(e.TLSSkipVerify), "SC_ALLOW_HTTP": strconv.FormatBool(e.AllowHTTP),
	}
	if e.UsernameFile != "" {
		name, err := os.ReadFile(e.UsernameFile)
		if err != nil {
			if cause, ok := errors.AsType[*os.PathError](err); ok {
				err = cause.Err
			}
			return nil, fmt.Errorf("usernameFile: cannot read %s: %w: name a file that this user can read", e.UsernameFile, err)
		}
		env["SC_USERNAME"] = string(name)
	}
	return sclient.FromEnv(func(name string) string { return env[name] })
}

func (r repository) rules(root ast.Node, path []string, id int) (remediation.Rules, error) {
	rules := remediation.Rules{Credentials: r.Credentials}
	if id < 1 {
		return rules, problem(root, path, "must be the ID of a repository, which is above 0")
	}
	if i := slices.IndexFunc(r.Credentials, func(id int) bool { return id < 1 }); i >= 0 {
		return rules, problem(root, append(path, "credentials"), "%d must be the ID of a credential, which is above 0", r.Credentials[i])
	}
	if r.Zone != nil {
		if rules.Zone = *r.Zone; rules.Zone < 1 {
			return rules, problem(root, append(path, "zone"), "must be the ID of a scan zone, which is above 0; without one, remove the key")
		}
	}
	for _, text := range r.Windows {
		window, err := remediation.ParseWindow(text)
		if err != nil {
			return rules, problem(root, append(path, "windows"), "%s", err)
		}
		rules.Windows = append(rules.Windows, window)
	}
	for _, list := range []struct {
		key  string
		text []string
		into *remediation.Targets
	}{{"trustedAddresses", r.TrustedAddresses, &rules.Trusted}, {"allowedNetworks", r.AllowedNetworks, &rules.Allowed}, {"neverScan", r.NeverScan, &rules.Never}} {
		targets, err := remediation.ParseTargets(list.text)
		if err != nil {
			return rules, problem(root, append(path, list.key), "%s", err)
		}
		if names := targets.Names(); len(names) > 0 {
			return rules, problem(root, append(path, list.key), "%.60q is a DNS name: write its address", names[0])
		}
		*list.into = targets
	}
	return rules, nil
}

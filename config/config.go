// Package config reads which Security Centers there are, and what is laid down for the scans there.
package config

// The configuration file, or the environment in its place.

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"patchproof/remediation"
	"patchproof/sclient"
)

const (
	// Variable names the configuration file.
	Variable = "PATCHPROOF_CONFIG"
	// DefaultMaxScans leaves most of a scanner to the scheduled scans of its owners.
	DefaultMaxScans = 10
	// DefaultPriority is the middle of 1 to 5.
	DefaultPriority = 3
)

// SC is a Security Center and what is laid down for the verifications there.
type SC struct {
	Name         string
	Client       *sclient.Client
	MaxScans     int
	Priority     int
	Repositories map[int]remediation.Rules
}

// oneSC are the variables that describe the only Security Center where there is no file.
var oneSC = []string{
	"SC_URL", "SC_ACCESS_KEY", "SC_ACCESS_KEY_FILE", "SC_SECRET_KEY", "SC_SECRET_KEY_FILE", "SC_USERNAME", "SC_PASSWORD", "SC_PASSWORD_FILE",
	"SC_CA_FILE", "SC_TLS_SKIP_VERIFY", "SC_ALLOW_HTTP", "SC_CLIENT_CERT_FILE", "SC_CLIENT_KEY_FILE",
}

// Load reads the file that PATCHPROOF_CONFIG names, or else the SC_ variables, which describe one Security Center. The list is sorted by name. Pass os.Getenv.
func Load(getenv func(string) string) ([]SC, error) {
	path := getenv(Variable)
	if path == "" {
		client, err := sclient.FromEnv(getenv)
		if err != nil {
			return nil, err
		}
		return []SC{{Name: remediation.DefaultSC, Client: client, MaxScans: DefaultMaxScans, Priority: DefaultPriority}}, nil
	}
	if i := slices.IndexFunc(oneSC, func(name string) bool { return getenv(name) != "" }); i >= 0 {
		return nil, fmt.Errorf("%s and %s are both set: keep the file and unset the SC_ variables, or unset %s", Variable, oneSC[i], Variable)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		if cause, ok := errors.AsType[*os.PathError](err); ok {
			err = cause.Err
		}
		return nil, fmt.Errorf("%s: cannot read %s (%w): set it to a file that this user can read", Variable, path, err)
	}
	scs, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return scs, nil
}

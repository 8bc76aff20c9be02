package activities

// A Security Center as the worker's configuration has it.

import "patchproof/remediation"

// Site is a Security Center and what is laid down for the verifications there.
type Site struct {
	SecurityCenter
	// MaxScans is how many scans of ours may run there at once.
	MaxScans int
	// Priority is that of verifications that name none, from 1, the most urgent, to 5.
	Priority int
	// Repositories are the rules for its repositories; one that is not in it has none.
	Repositories map[int]remediation.Rules
}

// sc finds the Security Center of a request.
func (a *Activities) sc(name string) (SecurityCenter, error) {
	if site, ok := a.SCs[name]; ok {
		return site.SecurityCenter, nil
	}
	return nil, invalid("sc: this worker knows no Security Center named %q", name)
}

// rules are those for a repository; without any, nothing is restricted.
func (a *Activities) rules(sc string, repository int) remediation.Rules {
	return a.SCs[sc].Repositories[repository]
}

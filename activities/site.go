package activities

// A Security Center as the worker has it.

// Site is a Security Center and what is laid down for the verifications there.
type Site struct {
	SecurityCenter
}

// sc finds the Security Center of a request.
func (a *Activities) sc(name string) (SecurityCenter, error) {
	if site, ok := a.SCs[name]; ok {
		return site.SecurityCenter, nil
	}
	return nil, invalid("sc: this worker knows no Security Center named %q", name)
}

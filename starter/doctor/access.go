package doctor

// Checks of the way to Security Center: address, certificate, login, rights, version, clock.

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"golang.org/x/mod/semver"

	"patchproof/sclient"
)

func (d *doctor) checkURL(context.Context) Answer {
	if d.broken != nil {
		return wrong(d.broken.Error(), "")
	}
	_, err := d.system()
	address := d.address()
	switch {
	case answered(err):
		return fine("%s answers", address)
	case untrusted(err):
		return fine("%s is there, but not trusted", address)
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return wrong(address+" does not speak HTTPS", "check scheme and port of SC_URL")
	}
	var refusal *sclient.Error
	if errors.As(err, &refusal) && refusal.Status != 0 {
		return wrong(err.Error(), "check SC_URL, and HTTPS_PROXY if a proxy is in between")
	}
	return wrong(fmt.Sprintf("%s does not answer (%s)", address, cause(err)), "check SC_URL, the network, and HTTPS_PROXY if a proxy is in between")
}

// address is the server's, without a password that somebody put into it.
func (d *doctor) address() string {
	u, err := url.Parse(strings.TrimSpace(d.sc.URL))
	if err != nil {
		return "SC_URL"
	}
	return u.Scheme + "://" + u.Host
}

// cause is what the operating system or TLS said.
func cause(err error) string {
	if inner := errors.Unwrap(err); inner != nil {
		return inner.Error()
	}
	return err.Error()
}

func untrusted(err error) bool {
	_, ok := errors.AsType[*tls.CertificateVerificationError](err)
	return ok
}

// certificateNotice is how long before its end a certificate is worth a word.
const certificateNotice = 14 * 24 * time.Hour

func (d *doctor) checkTLS(context.Context) Answer {
	_, err := d.system()
	if d.sc.SkipsVerification() {
		// Said in every run, so that what was meant for an afternoon does not stay.
		return doubtful("the server's certificate is not verified, so that anybody in between can read the keys",
			"give its CA in SC_CA_FILE and remove SC_TLS_SKIP_VERIFY")
	}
	state := d.sc.TLSState()
	switch {
	case strings.HasPrefix(d.address(), "http://"):
		return doubtful("SC_URL is http: the keys travel in the clear", "use https")
	case untrusted(err):
		return wrong("the server's certificate is not trusted ("+cause(err)+")", "give the certificate of its CA in SC_CA_FILE, and use the name in the certificate as the host of SC_URL")
	case state == nil || len(state.PeerCertificates) == 0:
		return skipped("there was no connection")
	}
	leaf := state.PeerCertificates[0]
	if left := leaf.NotAfter.Sub(d.run.Now()); left < certificateNotice {
		return doubtful(fmt.Sprintf("the server's certificate ends on %s", leaf.NotAfter.Format(time.DateOnly)), "renew it")
	}
	return fine("verified (%s, certificate valid until %s)", tls.VersionName(state.Version), leaf.NotAfter.Format(time.DateOnly))
}

func (d *doctor) checkLogin(context.Context) Answer {
	how := "session"
	if d.sc.AccessKey.IsSet() {
		how = "API key"
	}
	u, err := d.user()
	switch {
	case sclient.IsUnauthorized(err):
		return wrong(err.Error(), "make a new key for your user in Security Center, or set SC_USERNAME and SC_PASSWORD")
	case err != nil:
		return wrong(err.Error(), "")
	case u.IsAdministrator():
		return wrong(fmt.Sprintf("%s belongs to %s, an administrator, who can neither scan nor analyse", how, u.Username),
			"use the keys of a user of an organization")
	case bool(u.Locked):
		return wrong(fmt.Sprintf("%s belongs to %s, who is locked", how, u.Username), "let an administrator unlock the user")
	}
	return fine("%s of %s, %s in %s", how, u.Username, cmp.Or(u.Role.Name, "no role"), cmp.Or(u.Organization.Name, u.OrgName, "no organization"))
}

// inventory is what a verification works with, and the refusals in their place.
type inventory struct {
	repositories                        []sclient.Repository
	policies                            []sclient.Policy
	scans                               []sclient.Scan
	results                             []sclient.ScanResult
	noRepositories, noPolicies, noScans error
	noResults                           error
}

func (d *doctor) fetchInventory(ctx context.Context) inventory {
	var l inventory
	l.repositories, l.noRepositories = d.sc.Repositories(ctx)
	l.policies, l.noPolicies = d.sc.Policies(ctx)
	l.scans, l.noScans = d.sc.Scans(ctx)
	l.results, l.noResults = d.sc.ScanResults(ctx, sclient.ScanResultFilter{})
	return l
}

func (d *doctor) checkPermissions(context.Context) Answer {
	l := d.inventory()
	var refused []string
	for what, err := range map[string]error{"repositories": l.noRepositories, "policies": l.noPolicies, "scans": l.noScans, "scan results": l.noResults} {
		if err != nil {
			refused = append(refused, what+" ("+err.Error()+")")
		}
	}
	if len(refused) > 0 {
		return wrong("we cannot list "+sortedList(refused), "give the user's role the permission to create scans and policies, and its group access to the repositories")
	}
	return fine("may list repositories, policies, scans and scan results")
}

// firstWithKeys is the first version with API keys.
const firstWithKeys = "v5.13.0"

func (d *doctor) checkVersion(context.Context) Answer {
	s, err := d.system()
	if err != nil {
		return skipped("the server does not tell it to us")
	}
	version := "v" + s.Version
	old := semver.Compare(version, firstWithKeys) < 0
	switch {
	case !semver.IsValid(version):
		return doubtful("the server does not tell its version", "check the login: servers hide the version from strangers")
	case old && d.sc.AccessKey.IsSet():
		return wrong("Security Center "+s.Version+" knows no API keys", "set SC_USERNAME and SC_PASSWORD instead, or update to 5.13 or later")
	case old:
		return fine("Security Center %s, with a session, as it knows no API keys", s.Version)
	}
	return fine("Security Center %s", s.Version)
}

// maxOffset: verifications go by Security Center's clock, so that a difference only confuses people.
const maxOffset = time.Minute

func (d *doctor) checkClock(context.Context) Answer {
	theirs, err := d.clock()
	if err != nil {
		return wrong("the server's time is unknown: "+err.Error(), "")
	}
	offset := theirs.Sub(d.run.Now()).Round(time.Second)
	switch {
	case offset.Abs() <= 2*time.Second: // the answer has whole seconds, and was under way
		return fine("agrees with ours")
	case offset.Abs() > maxOffset:
		return doubtful("Security Center's clock is "+ahead(offset), "synchronise both clocks")
	}
	return fine("Security Center's is %s", ahead(offset))
}

func ahead(offset time.Duration) string {
	if offset < 0 {
		return (-offset).String() + " behind ours"
	}
	return offset.String() + " ahead of ours"
}

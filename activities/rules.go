package activities

// What the worker's configuration lays down for a repository, whoever starts a verification.

import (
	"fmt"
	"strings"
	"time"

	"patchproof/remediation"
)

// maxForbidden is how many addresses a refusal names: enough to find the place in the ticket.
const maxForbidden = 5

// permit refuses to scan what must not be scanned.
func permit(rules remediation.Rules, repository int, addresses []string) error {
	forbidden, err := rules.Forbidden(addresses)
	if err != nil {
		return invalid("ip: %s", err)
	}
	if len(forbidden) == 0 {
		return nil
	}
	more := ""
	if len(forbidden) > maxForbidden {
		forbidden, more = forbidden[:maxForbidden], ", …"
	}
	return invalid("ip: %s%s must not be scanned for repository %d, as the worker's configuration says (allowedNetworks, neverScan): "+
		"leave it out of the ticket", strings.Join(forbidden, ", "), more, repository)
}

// permitAssets: which addresses an asset has when it is scanned nobody knows before.
func permitAssets(rules remediation.Rules, scanAssets bool) error {
	if scanAssets && !(rules.Allowed.Empty() && rules.Never.Empty()) {
		return invalid("scan-asset: the worker's configuration restricts what may be scanned for this repository (allowedNetworks, neverScan): " +
			"leave it out, and the addresses of the findings are scanned")
	}
	return nil
}

// mayLaunch looks whether a scan may be launched, and now. The workflow knows of the request's window only, and has waited for it; but
// Security Center, or all workers, may have been away since.
func (a *Activities) mayLaunch(in LaunchInput) error {
	rules := a.rules(in.SC, in.Repository)
	if err := permitAssets(rules, in.Options.ScanAssets); err != nil {
		return err
	}
	if err := permit(rules, in.Repository, in.Targets); err != nil {
		return err
	}
	windows, err := rules.Windows.With(in.Window)
	if err != nil {
		return invalid("%s", err)
	}
	now := a.now()
	opens, err := windows.Opens(now, in.Margin)
	if err != nil {
		return invalid("%s", err)
	}
	if opens.After(now) {
		return notYet(fmt.Sprintf("waiting for the window %s to open at %s", windows, opens.UTC().Format(time.RFC3339)), opens.Sub(now))
	}
	return nil
}

// addressesAlone are the addresses that were named one by one: they are looked at, whatever is known of them.
func addressesAlone(t remediation.Targets) (out []string) {
	for _, addr := range t.Single() {
		out = append(out, addr.String())
	}
	return out
}

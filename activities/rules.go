package activities

// What the worker's configuration lays down for a repository, whoever starts a verification.

import (
	"strings"
	"time"

	"patchproof/remediation"
)

// maxForbidden is how many addresses a refusal names.
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

// awaitWindow keeps a launch back while a window is closed: that of the request, or one of the repository's.
func (a *Activities) awaitWindow(in LaunchInput, rules remediation.Rules) error {
	now := a.now()
	windows, text := rules.Windows, "the repository's scan window"
	if in.Window != "" {
		own, err := remediation.ParseWindow(in.Window)
		if err != nil {
			return invalid("window: %s", err)
		}
		windows, text = append(remediation.Windows{own}, windows...), "the window "+in.Window
		if len(windows) > 1 {
			text += " and the repository's"
		}
	}
	if len(windows) == 0 {
		return nil
	}
	opens, ok := windows.Next(now, time.Duration(in.Margin))
	if !ok {
		return invalid("window: %s never leaves %s for a scan", text, in.Margin)
	}
	if !opens.After(now) {
		return nil
	}
	return notYet("waiting for "+text+" to open at "+opens.UTC().Format(time.RFC3339), opens.Sub(now))
}

// addressesAlone are the addresses that were named one by one: they are looked at, whatever is known of them.
func addressesAlone(t remediation.Targets) (out []string) {
	for _, addr := range t.Single() {
		out = append(out, addr.String())
	}
	return out
}

package doctor

// Checks of Security Center's own health.

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"patchproof/sclient"
	"patchproof/starter/internal/term"
)

// hide takes our secrets out of what the server calls its objects.
func (d *doctor) hide(name string) string { return d.sc.Redaction().Hide(name) }

func (d *doctor) checkJobs(context.Context) Answer {
	s, err := d.status()
	switch {
	case err != nil:
		return wrong("the server's status is unknown: "+err.Error(), "")
	case s.Jobd != "Running":
		return wrong(fmt.Sprintf("the job daemon is %q: no scan starts and none is imported", s.Jobd), "start it in Security Center under System > Status")
	}
	return fine("running")
}

func (d *doctor) checkLicence(context.Context) Answer {
	s, err := d.status()
	switch {
	case err != nil:
		return wrong("the server's status is unknown: "+err.Error(), "")
	case s.LicenseStatus != "Valid":
		return wrong(fmt.Sprintf("the licence is %q", s.LicenseStatus), "renew it in Security Center")
	case s.LicensedIPs > 0 && s.ActiveIPs >= s.LicensedIPs:
		return doubtful(fmt.Sprintf("all of the %d licensed hosts are used: results of new ones may be dropped", s.LicensedIPs), "extend the licence, or remove old hosts")
	}
	return fine("valid, %d of %d hosts", s.ActiveIPs, s.LicensedIPs)
}

// feedAge: Tenable publishes plugins every day, and a check of last week may miss what this week's finds.
const feedAge = 7 * 24 * time.Hour

func (d *doctor) checkFeed(context.Context) Answer {
	s, err := d.status()
	if err != nil {
		return wrong("the server's status is unknown: "+err.Error(), "")
	}
	const todo = "update the plugins in Security Center, and check that it reaches Tenable's feed"
	now := d.run.Now()
	if theirs, err := d.clock(); err == nil {
		now = theirs
	}
	feed := s.PluginUpdates.Active
	age := now.Sub(feed.UpdateTime.Time).Round(time.Hour)
	switch {
	case feed.UpdateTime.IsZero():
		return wrong("the active plugins were never updated", todo)
	case age > feedAge || bool(feed.Stale):
		return doubtful(fmt.Sprintf("the active plugins are %s old", days(age)), todo)
	case s.PluginSubscriptionStatus != "" && s.PluginSubscriptionStatus != "Valid":
		return doubtful(fmt.Sprintf("the plugin subscription is %q", s.PluginSubscriptionStatus), "renew it")
	}
	return fine("%s old", days(age))
}

func days(age time.Duration) string {
	if age < 48*time.Hour {
		return term.Count(int(max(age, 0).Hours()), "hour")
	}
	return term.Count(int(age.Hours()/24), "day")
}

func (d *doctor) checkRepositories(context.Context) Answer {
	l := d.inventory()
	if l.noRepositories != nil {
		return wrong(l.noRepositories.Error(), "give the user's group access to a repository")
	}
	var can, cannot []string
	for _, r := range l.repositories {
		name := d.hide(r.Name) + " (" + r.ID.String()
		if r.Scannable() {
			can = append(can, name+")")
		} else {
			cannot = append(cannot, name+", "+cmp.Or(r.DataFormat, r.Type)+")")
		}
	}
	if len(can) == 0 {
		return wrong(term.Plural(len(l.repositories), "repository", "repositories")+", but none that scans can be imported into",
			"give the user's group access to a local IPv4, IPv6 or universal repository")
	}
	detail := fmt.Sprintf("%d, scannable: %s", len(l.repositories), few(can))
	if len(cannot) > 0 {
		detail += "; not scannable: " + few(cannot)
	}
	return fine("%s", detail)
}

// few names the first of many.
func few(names []string) string {
	const most = 10
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
}

func sortedList(names []string) string {
	slices.Sort(names)
	return strings.Join(names, ", ")
}

func (d *doctor) checkPlugins(ctx context.Context) Answer {
	families, missing, err := d.families(ctx, sclient.ProofPlugins())
	switch {
	case err != nil:
		return wrong(err.Error(), "")
	case slices.Contains(missing, "19506"):
		return wrong("plugin 19506 (scan information) is missing: nothing would show that a host was scanned", "update the plugins in Security Center")
	}
	if len(missing) > 0 {
		return doubtful("missing: "+strings.Join(missing, ", ")+"; verdicts have less evidence without them ("+families+")", "update the plugins in Security Center")
	}
	return fine("%s", families)
}

// families looks the plugins up, a few at a time, and groups them by family.
func (d *doctor) families(ctx context.Context, ids []sclient.ID) (families string, missing []string, err error) {
	found := make([]*sclient.Plugin, len(ids))
	errs := make([]error, len(ids))
	slots := make(chan struct{}, 4) // polite, and still quick
	var all sync.WaitGroup
	for i, id := range ids {
		all.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			found[i], errs[i] = d.sc.Plugin(ctx, id)
		})
	}
	all.Wait()
	var order []string
	members := map[string][]string{}
	for i, id := range ids {
		switch {
		case sclient.IsNotFound(errs[i]):
			missing = append(missing, id.String())
			continue
		case errs[i] != nil:
			return "", nil, errs[i]
		}
		family := d.hide(found[i].Family.Name) + " (" + strconv.Itoa(int(found[i].Family.ID)) + ")"
		if members[family] == nil {
			order = append(order, family)
		}
		members[family] = append(members[family], id.String())
	}
	var parts []string
	for _, family := range order {
		parts = append(parts, family+": "+strings.Join(members[family], " "))
	}
	return strings.Join(parts, "; "), missing, nil
}

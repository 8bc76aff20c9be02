package verification

// The command that starts a verification.

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"patchproof/remediation"
	"patchproof/starter/internal/exit"
	"patchproof/starter/internal/flags"
	"patchproof/starter/internal/follow"
	"patchproof/starter/internal/namespace"
	"patchproof/starter/internal/term"
	"patchproof/workflows"
)

type verifyFlags struct {
	request remediation.Request
	age     int
	wait    bool
	output  string
}

func (c *commands) verifyCommand() *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify --ticket KEY --plugin ID --repository ID (--ip LIST | --asset LIST)",
		Short: "Prove that a plugin's finding is gone from the hosts of a ticket",
		Long: "Starts a verification: a remediation scan of exactly these hosts, and a verdict per finding.\n" +
			"If one runs already for this ticket, plugin and repository with the same targets, it is the one that is shown.\n\n" +
			"With --wait it exits 0 fixed; 3 partly or not fixed, or risk accepted; 4 inconclusive, nothing found, timed out\n" +
			"or cancelled; 1 when the job could not be done, or when you stopped watching (the verification goes on);\n" +
			"2 when the command line is wrong. Durations are written 90s, 15m or 24h; lists are comma separated, and their\n" +
			"flags may be repeated.",
		Example: "  patchproof verify --ticket VULN-3 --plugin 97833 --repository 1 --ip 10.0.0.5,10.1.0.0/24 --wait",
		Args:    flags.NoArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			request, err := f.read(cmd, c.Who())
			if err != nil {
				return err
			}
			return c.verify(cmd.Context(), request, f.wait, f.output)
		},
	}
	f.define(cmd.Flags())
	flags.Require(cmd, "ticket", "plugin", "repository")
	return cmd
}

func (f *verifyFlags) define(fs *pflag.FlagSet) {
	fs.SortFlags = false // in the order of their importance
	r, defaults := &f.request, remediation.Request{}.WithDefaults()
	flags.Text(fs, &r.Ticket, "ticket", "KEY", "", "the ticket's key")
	flags.Number(fs, &r.Plugin, "plugin", "ID", 1, "the plugin whose finding is said to be fixed")
	flags.Number(fs, &r.Repository, "repository", "ID", 1, "the repository that holds the finding")
	flags.List(fs, &r.Targets, "ip", "hosts: addresses, CIDRs, ranges (first-last) and DNS names")
	flags.IDs(fs, &r.Assets, "asset", 1, "hosts: IDs of asset lists, instead of --ip")
	flags.Text(fs, &r.SC, "sc", "NAME", remediation.DefaultSC, "which Security Center, if several are configured")
	flags.Number(fs, &r.Family, "family", "ID", 1, "the plugin's family, if you know it (default: looked up)")
	fs.BoolVar(&f.wait, "wait", false, "follow it to its end; the exit code tells the outcome")
	flags.Output(fs, &f.output)
	flags.Text(fs, &r.RequestedBy, "requested-by", "WHO", "", "who asks (default: $USER)")

	flags.Duration(fs, &r.Timeout, "timeout", defaults.Timeout, fmt.Sprintf("how long until it must be decided, at most %s (%d days)",
		flags.Short(remediation.MaxTimeout), remediation.MaxTimeout/remediation.Duration(24*time.Hour)))
	flags.Duration(fs, &r.Poll, "poll", defaults.Poll, "time between two looks at the running scan")
	flags.Number(fs, &r.MaxScans, "max-scans", "N", 1, "how many scans at most (not in this version, which makes one)")
	flags.Duration(fs, &r.RescanDelay, "rescan-delay", 0, "time before what is inconclusive is scanned again (not in this version)")
	flags.Text(fs, &r.NotBefore, "not-before", "TIME", "", "the scan does not begin before, as in 2026-11-25T22:00:00+01:00")
	flags.Duration(fs, &r.Settle, "settle", 0, "how long after the start the scan begins at the earliest")
	flags.Text(fs, &r.Window, "window", "HOURS", "", `when the scan may begin, such as "22:00-05:00 Europe/Berlin"`)
	flags.Duration(fs, &r.WindowMargin, "window-margin", 0, "how long the window must stay open when the scan begins (default 30m)")
	flags.Duration(fs, &r.Stall, "stall", defaults.Stall, "how long a scan may be queued or paused before it is shown as stalled")
	flags.Duration(fs, &r.ConfirmFor, "confirm-for", defaults.ConfirmFor, "how long after the import the mitigation may take to show")
	flags.Duration(fs, &r.MitigatedWithin, "mitigated-within", defaults.MitigatedWithin,
		"of a range, CIDR, name or asset: how long before the start a finding may have been mitigated to belong to the ticket")
	fs.BoolVar(&r.TrustPatched, "trust-patched", false, "believe the records that a finding was mitigated before, without a scan; needs --reason")
	fs.BoolVar(&r.TrustAddress, "trust-address", false, "accept the host that answers at an address although nothing shows who it is; needs --reason")
	fs.BoolVar(&r.ClosedPortIsFixed, "closed-port-is-fixed", false, "accept a port that is closed now as a fix; needs --reason")
	flags.Text(fs, &r.Reason, "reason", "WHY", "", "why a rule is set aside; it is kept as evidence")
	f.defineScan(fs)
}

func (f *verifyFlags) defineScan(fs *pflag.FlagSet) {
	s, defaults := &f.request.Scan, remediation.Request{}.WithDefaults().Scan
	flags.Text(fs, &s.PortRange, "port-range", "PORTS", defaults.PortRange, "ports to scan: auto (the findings'), default, all, or a list such as 80,8000-8100")
	flags.IDs(fs, &s.Credentials, "credential", 1, "IDs of the credentials to scan with")
	flags.Number(fs, &s.Zone, "zone", "ID", 0, "ID of the scan zone (default: Security Center chooses)")
	flags.Var(fs, "preference", "NAME=VALUE", "", "a preference of the scan policy; repeatable", f.addPreference)
	fs.BoolVar(&s.ScanAssets, "scan-asset", false, "scan the named assets as they are, not the addresses of their findings")
	flags.Text(fs, &s.Name, "name", "TEXT", "", `the scan's name (default "Remediation Scan of Plugin #ID")`)
	// 0 is a value here (mitigate at once), so it is not the sign of an absent flag.
	flags.Count(fs, &f.age, "classify-mitigated-age", *defaults.ClassifyMitigatedAge, 0, "days after which findings of hosts that do not answer count as mitigated")
	fs.BoolVar(&s.DHCPTracking, "dhcp-tracking", false, "follow hosts whose address changes")
	fs.BoolVar(&s.EmailOnLaunch, "email-on-launch", false, "Security Center sends an e-mail when the scan starts")
	fs.BoolVar(&s.EmailOnFinish, "email-on-finish", false, "Security Center sends an e-mail when the scan ends")
	fs.BoolVar(&s.ScanningVirtualHosts, "scanning-virtual-hosts", false, "scan the virtual hosts of web servers too")
	flags.Var(fs, "max-scan-time", "unlimited|DURATION", unlimited, "when Security Center ends the scan: 1h to 120h", f.setMaxScanTime)
	flags.Text(fs, &s.RolloverType, "rollover-type", "nextday|template", "", "what becomes of the rest, with --timeout-action rollover")
	flags.Text(fs, &s.TimeoutAction, "timeout-action", "import|discard|rollover", defaults.TimeoutAction, "what becomes of a scan that ran out of its time")
	flags.Text(fs, &s.ScheduleTimeZone, "schedule-time-zone", "ZONE", defaults.ScheduleTimeZone, "time zone of the scan's schedule, such as Europe/Berlin")
}

// addPreference takes one pair: values may hold commas, so the flag is repeated instead.
func (f *verifyFlags) addPreference(s string) error {
	key, value, ok := strings.Cut(s, "=")
	key = strings.TrimSpace(key)
	if !ok || key == "" {
		return errors.New("use name=value")
	}
	given := f.request.Scan.Preferences
	if old, twice := given[key]; twice && old != value {
		return fmt.Errorf("preference %q is given twice", key)
	}
	if given == nil {
		given = map[string]string{}
	}
	given[key] = value
	f.request.Scan.Preferences = given
	return nil
}

const unlimited = "unlimited"

func (f *verifyFlags) setMaxScanTime(s string) error {
	if s == unlimited {
		f.request.Scan.MaxScanTime = 0
		return nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d <= 0 {
		return errors.New("use unlimited or a duration such as 3h")
	}
	f.request.Scan.MaxScanTime = remediation.Duration(d)
	return nil
}

// read makes a request of the flags, complete and valid, or says which flag is wrong.
func (f *verifyFlags) read(cmd *cobra.Command, user string) (remediation.Request, error) {
	if cmd.Flags().Changed("classify-mitigated-age") {
		f.request.Scan.ClassifyMitigatedAge = &f.age
	}
	if f.request.RequestedBy == "" {
		f.request.RequestedBy = user
	}
	request, err := f.request.Complete()
	if err != nil {
		// The domain names the field as the flag is called.
		return remediation.Request{}, exit.WrongUse("--%s", err)
	}
	return request, nil
}

func (c *commands) verify(ctx context.Context, request remediation.Request, wait bool, output string) error {
	return c.inNamespace(ctx, func(ns *namespace.Namespace) error {
		run, err := start(ctx, ns, request, c.Now())
		if err != nil {
			return err
		}
		if run.attached {
			fmt.Fprintln(c.Stderr, term.Line(request.Ticket+": "+run.warning()))
		}
		if wait {
			return c.watch(ctx, ns, []*follow.Follower{follow.New(ns, run.Run, request.Ticket, c.Now)}, form{output: output, started: &run})
		}
		status := firstStatus(ctx, ns, request, run, c.Now())
		if output == flags.OutputJSON {
			return term.PrintJSON(c.Stdout, run.json(status))
		}
		printStarted(c.Stdout, run, status, ns.Link(run.Run))
		return nil
	})
}

// firstStatus is what is known of a verification without asking a worker.
func firstStatus(ctx context.Context, ns *namespace.Namespace, request remediation.Request, s started, now time.Time) workflows.Status {
	status := workflows.Status{
		WorkflowID: s.WorkflowID, RunID: s.RunID, Phase: workflows.PhaseWaiting, StartedAt: now.UTC(),
		Findings: []remediation.Judged{}, Scans: []workflows.Scan{},
	}
	// It has started, whatever becomes of this question: not knowing its minute is no reason to fail.
	if description, err := ns.Describe(ctx, s.Run); err == nil {
		status = namespace.Recorded(description.GetWorkflowExecutionInfo()).Status()
	}
	status.Ticket, status.Plugin, status.Repository, status.SC = request.Ticket, request.Plugin, request.Repository, request.SC
	if !s.attached && status.FinishedAt == nil {
		status.Phase = workflows.PhaseBaseline // where every verification begins
	}
	if status.Deadline.IsZero() {
		status.Deadline = status.StartedAt.Add(time.Duration(request.Timeout))
	}
	return status
}

func printStarted(w io.Writer, run started, status workflows.Status, link string) {
	title := "started"
	if run.attached {
		title = "runs already"
	}
	t := term.Table(w)
	t.AppendRow(table.Row{"Ticket", term.Line(status.Ticket) + " (" + title + ")"})
	t.AppendRow(table.Row{"Workflow", status.WorkflowID})
	t.AppendRow(table.Row{"Run", status.RunID})
	t.AppendRow(table.Row{"Follow it", resume(status, status.Ticket)})
	if link != "" {
		t.AppendRow(table.Row{"Temporal UI", link})
	}
	t.Render()
}

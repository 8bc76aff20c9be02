package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"patchproof/remediation"
	"patchproof/workflows"
)

type verifyFlags struct {
	request     remediation.Request
	age         int
	maxScanTime string
	wait        bool
	output      string
}

func verifyCommand(a *app) *cobra.Command {
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
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			request, err := f.read(cmd, a.user())
			if err != nil {
				return err
			}
			return a.verify(cmd.Context(), request, f.wait, f.output)
		},
	}
	f.define(cmd.Flags())
	return cmd
}

func (f *verifyFlags) define(fs *pflag.FlagSet) {
	fs.SortFlags = false // in the order of their importance
	r := &f.request
	textFlag(fs, &r.Ticket, "ticket", "KEY", "", "the ticket's key")
	numberFlag(fs, &r.Plugin, "plugin", 1, "the plugin whose finding is said to be fixed")
	numberFlag(fs, &r.Repository, "repository", 1, "the repository that holds the finding")
	listFlag(fs, &r.Targets, "ip", "hosts: addresses, CIDRs, ranges (first-last) and DNS names")
	numbersFlag(fs, &r.Assets, "asset", 0, "hosts: IDs of asset lists, instead of --ip")
	textFlag(fs, &r.SC, "sc", "NAME", remediation.DefaultSC, "which Security Center, if several are configured")
	numberFlag(fs, &r.Family, "family", 1, "the plugin's family, if you know it (default: looked up)")
	fs.BoolVar(&f.wait, "wait", false, "follow it to its end; the exit code tells the outcome")
	outputFlag(fs, &f.output)
	textFlag(fs, &r.RequestedBy, "requested-by", "WHO", "", "who asks (default: $USER)")

	durationFlag(fs, &r.Timeout, "timeout", "24h", "how long until it must be decided, at most 2160h (90 days)")
	durationFlag(fs, &r.Poll, "poll", "1m", "time between two looks at the running scan")
	numberFlag(fs, &r.MaxScans, "max-scans", 1, "how many scans at most (not in this version, which makes one)")
	durationFlag(fs, &r.RescanDelay, "rescan-delay", "", "time before what is inconclusive is scanned again (not in this version)")
	durationFlag(fs, &r.Stall, "stall", "1h", "how long a scan may be queued or paused before it is shown as stalled")
	durationFlag(fs, &r.ConfirmFor, "confirm-for", "30m", "how long after the import the mitigation may take to show")
	f.defineScan(fs)
}

func (f *verifyFlags) defineScan(fs *pflag.FlagSet) {
	s := &f.request.Scan
	textFlag(fs, &s.PortRange, "port-range", "PORTS", "auto", "ports to scan: auto (the findings'), default, all, or a list such as 80,8000-8100")
	numbersFlag(fs, &s.Credentials, "credential", 1, "IDs of the credentials to scan with")
	numberFlag(fs, &s.Zone, "zone", 0, "ID of the scan zone (default: Security Center chooses)")
	preferenceFlag(fs, &s.Preferences, "preference", "a preference of the scan policy; repeatable")
	fs.BoolVar(&s.ScanAssets, "scan-asset", false, "scan the named assets as they are, not the addresses of their findings")
	textFlag(fs, &s.Name, "name", "TEXT", "", `the scan's name (default "Remediation Scan of Plugin #ID")`)
	// 0 is a value here (mitigate at once), so it is not the sign of an absent flag.
	countFlag(fs, &f.age, "classify-mitigated-age", 365, 0, "days after which findings of hosts that do not answer count as mitigated")
	fs.BoolVar(&s.DHCPTracking, "dhcp-tracking", false, "follow hosts whose address changes")
	fs.BoolVar(&s.EmailOnLaunch, "email-on-launch", false, "Security Center sends an e-mail when the scan starts")
	fs.BoolVar(&s.EmailOnFinish, "email-on-finish", false, "Security Center sends an e-mail when the scan ends")
	fs.BoolVar(&s.ScanningVirtualHosts, "scanning-virtual-hosts", false, "scan the virtual hosts of web servers too")
	f.maxScanTime = unlimited
	fs.Var(&flagValue{kind: "unlimited|DURATION", show: unlimited, set: f.setMaxScanTime}, "max-scan-time",
		"when Security Center ends the scan: 1h to 120h")
	textFlag(fs, &s.RolloverType, "rollover-type", "nextday|template", "", "what becomes of the rest, with --timeout-action rollover")
	textFlag(fs, &s.TimeoutAction, "timeout-action", "import|discard|rollover", "import", "what becomes of a scan that ran out of its time")
	textFlag(fs, &s.ScheduleTimeZone, "schedule-time-zone", "ZONE", "UTC", "time zone of the scan's schedule, such as Europe/Berlin")
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
	if err := required(cmd, "ticket", "plugin", "repository"); err != nil {
		return remediation.Request{}, err
	}
	if cmd.Flags().Changed("classify-mitigated-age") {
		f.request.Scan.ClassifyMitigatedAge = &f.age
	}
	if f.request.RequestedBy == "" {
		f.request.RequestedBy = user
	}
	request, err := f.request.Complete()
	if err != nil {
		// The domain names the field as the flag is called.
		return remediation.Request{}, wrongUse("--%s", err)
	}
	return request, nil
}

func (a *app) verify(ctx context.Context, request remediation.Request, wait bool, output string) error {
	conn, err := a.connect(ctx)
	if err != nil {
		return err
	}
	started, err := conn.start(ctx, request, a.Now())
	if err != nil {
		return err
	}
	if started.attached {
		fmt.Fprintln(a.Stderr, clean(request.Ticket+": a verification of the same targets runs already; this is it"))
	}
	if wait {
		return a.watch(ctx, conn, []*follower{a.follower(conn, started.execution, request.Ticket)}, output, false)
	}
	status := conn.firstStatus(ctx, request, started, a.Now())
	if output == outputJSON {
		return printJSON(a.Stdout, status)
	}
	return a.style(a.Stdout).printStarted(a.Stdout, started, status, conn)
}

// firstStatus is what is known of a verification without asking a worker.
func (c *connection) firstStatus(ctx context.Context, request remediation.Request, s started, now time.Time) workflows.Status {
	status := workflows.Status{
		WorkflowID: s.workflowID, RunID: s.runID, Phase: workflows.PhaseWaiting, StartedAt: now.UTC(),
		Findings: []remediation.Judged{}, Scans: []workflows.Scan{},
	}
	// It has started, whatever becomes of this question: not knowing its minute is no reason to fail.
	if description, err := c.describe(ctx, s.execution); err == nil {
		status = c.recordedStatus(description)
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

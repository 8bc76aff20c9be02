package main

// The stories whose histories are recorded.

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"patchproof/e2e/stack"
)

// story is one verification to record.
type story struct {
	name    string // of the file
	ip      string
	flags   []string
	timing  string
	outcome string // as it must end; "" means that it fails
	// repository is 1 unless it says otherwise.
	repository string
	// meanwhile is what a person does while it runs.
	meanwhile func(context.Context, *teller) error
}

const (
	quick = "{queue: 30s, perHost: 20s, import: 45s}" // two seconds, at the simulator's usual speed
	slow  = "{queue: 3m, perHost: 3m, import: 3m}"    // ten
	never = "{queue: 24h, perHost: 1h, import: 1h}"
	lag   = "{queue: 30s, perHost: 20s, import: 45s, mitigationLag: 24h}" // clean at once, confirmed too late
)

var stories = []story{
	{name: "fixed", ip: "10.0.0.5", timing: quick, outcome: "fixed"},
	{name: "not-fixed", ip: "10.0.0.8", timing: quick, outcome: "not-fixed"},
	{name: "inconclusive", ip: "10.0.0.9", timing: quick, outcome: "inconclusive"},
	{name: "nothing-found", ip: "10.0.0.77", timing: quick, outcome: "nothing-found"},
	{name: "failed", ip: "10.0.0.5", timing: quick, repository: "42"},
	{name: "timed-out", ip: "10.0.0.5", timing: never, flags: []string{"--timeout", "4s"}, outcome: "timed-out"},
	{name: "expired-with-last-look", ip: "10.0.0.5", timing: lag, flags: []string{"--timeout", "10s"}, outcome: "timed-out"},
	{name: "cancelled", ip: "10.0.0.5", timing: never, outcome: "cancelled", meanwhile: cancel},
	{name: "extended", ip: "10.0.0.5", timing: slow, flags: []string{"--timeout", "8s"}, outcome: "fixed", meanwhile: extend},
}

const hosts = `
users: [{username: api, password: secret, accessKey: record-access-key-0123456789abcd, secretKey: record-secret-key-0123456789abcd}]
repositories: [{id: 1, name: Default}]
families: [{id: 20, name: Windows}]
plugins: [{id: 97833, name: "MS17-010: Security Update for Microsoft Windows SMB Server (remote check)", family: 20, severity: 4, cves: [CVE-2017-0144]}]
hosts:
  - {ip: 10.0.0.5, dns: web1.example.com, findings: [{plugin: 97833, port: 445, fixed: true}]}
  - {ip: 10.0.0.8, dns: web2.example.com, findings: [{plugin: 97833, port: 445}]}
  - {ip: 10.0.0.9, dns: web3.example.com, up: false, findings: [{plugin: 97833, port: 445, fixed: true}]}
timing: `

// teller plays a story on a stack of its own.
type teller struct {
	*stack.Stack
	story
	workflowID, runID string
}

// record plays a story and gives its history.
func record(ctx context.Context, o options, server *stack.Temporal, s story, dir string) (history []byte, err error) {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return nil, err
	}
	scenario := filepath.Join(dir, "scenario.yaml")
	if err := os.WriteFile(scenario, []byte(hosts+s.timing+"\n"), 0o600); err != nil {
		return nil, err
	}
	running, err := stack.Start(ctx, stack.Config{
		Bin: o.bin, Dir: dir, Temporal: server, Scenario: scenario, TaskQueue: "patchproof-" + s.name,
	})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, running.Stop()) }()
	t := &teller{Stack: running, story: s}
	if err := t.begin(ctx); err != nil {
		return nil, err
	}
	if s.meanwhile != nil {
		if err := s.meanwhile(ctx, t); err != nil {
			return nil, err
		}
	}
	return t.history(ctx)
}

func (t *teller) begin(ctx context.Context) error {
	args := []string{
		"verify", "--ticket", "RECORD-" + t.name, "--plugin", "97833", "--repository", cmp.Or(t.repository, "1"), "--ip", t.ip,
		"--poll", "1s", "--requested-by", "recorder", "-o", "json",
	}
	result, err := t.Patchproof(ctx, append(args, t.flags...)...)
	if err != nil {
		return err
	}
	var started struct {
		WorkflowID string `json:"workflowId"`
		RunID      string `json:"runId"`
	}
	if err := json.Unmarshal([]byte(result.Stdout), &started); err != nil {
		return fmt.Errorf("verify: exit code %d: %w: %s", result.Code, err, result.Stderr)
	}
	t.workflowID, t.runID = started.WorkflowID, started.RunID
	return nil
}

// does runs a command about the verification.
func (t *teller) does(ctx context.Context, command string, more ...string) (stack.Result, error) {
	args := []string{command, "RECORD-" + t.name, "--plugin", "97833", "--repository", cmp.Or(t.repository, "1")}
	result, err := t.Patchproof(ctx, append(args, more...)...)
	if err == nil && result.Code != 0 {
		err = fmt.Errorf("patchproof %s: exit code %d: %s", command, result.Code, result.Stderr)
	}
	return result, err
}

func cancel(ctx context.Context, t *teller) error {
	err := stack.Until(ctx, 300*time.Millisecond, func() error {
		result, err := t.does(ctx, "status", "-o", "json")
		if err == nil && !strings.Contains(result.Stdout, `"phase": "scanning"`) {
			err = errors.New("it is not scanning")
		}
		return err
	})
	if err != nil {
		return err
	}
	_, err = t.does(ctx, "cancel", "--reason", "the patch was rolled back", "--actor", "recorder")
	return err
}

func extend(ctx context.Context, t *teller) error {
	_, err := t.does(ctx, "extend", "--by", "1h", "--reason", "the scanner is slow", "--actor", "recorder")
	return err
}

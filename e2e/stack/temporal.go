package stack

// The Temporal dev server as a process.

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
)

// ServerConfig says how the Temporal server runs.
type ServerConfig struct {
	// Binary is the official command, which has a server in it.
	Binary string
	Dir    string
	// Port and UIPort are 0 for any that is free.
	Port, UIPort int
	Headless     bool // without the UI
}

// Temporal is a running Temporal server.
type Temporal struct {
	*Process
	Address string
	Port    int
	UI      string // its URL; "" without

	dir string
}

// StartTemporal starts a server that keeps its state in Dir/temporal.db, and waits until it and its UI answer.
func StartTemporal(ctx context.Context, c ServerConfig) (*Temporal, error) {
	n, err := port(c.Port, "the Temporal server")
	if err != nil {
		return nil, err
	}
	t := &Temporal{Address: address(n), Port: n, dir: c.Dir}
	args := []string{
		"server", "start-dev", "--ip", loopback, "--port", strconv.Itoa(n), "--log-level", "error",
		"--db-filename", filepath.Join(c.Dir, "temporal.db"),
		// Written ahead and synchronised at checkpoints: survives a kill, and does not wait for the disk at every step.
		"--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=1",
	}
	// One that the server chooses by itself may be one that was just handed out here.
	api, err := freePort()
	if err != nil {
		return nil, err
	}
	args = append(args, "--http-port", strconv.Itoa(api))
	if c.Headless {
		args = append(args, "--headless")
	} else {
		ui, err := port(c.UIPort, "the Temporal UI")
		if err != nil {
			return nil, err
		}
		t.UI = "http://" + address(ui)
		args = append(args, "--ui-port", strconv.Itoa(ui))
	}
	if err := os.WriteFile(profile(c.Dir), nil, 0o600); err != nil {
		return nil, fmt.Errorf("the Temporal server: %w", err)
	}
	env := environ(map[string]string{"TEMPORAL_CONFIG_FILE": profile(c.Dir)})
	if t.Process, err = launch(ctx, "temporal", c.Dir, env, c.Binary, args...); err != nil {
		return nil, err
	}
	return t, t.await(ctx, t.answers)
}

// profile is an empty configuration of Temporal's clients, so that one of the person who runs this does not get in.
func profile(dir string) string { return filepath.Join(dir, "temporal.toml") }

// Setup prepares the server for verifications, with the patchproof command of the folder bin.
func (t *Temporal) Setup(ctx context.Context, bin string) error {
	cmd := exec.CommandContext(ctx, filepath.Join(bin, "patchproof"), "setup")
	cmd.Env = environ(map[string]string{"TEMPORAL_ADDRESS": t.Address, "TEMPORAL_CONFIG_FILE": profile(t.dir)})
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("patchproof setup: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

func address(port int) string { return loopback + ":" + strconv.Itoa(port) }

// answers also waits for the namespace, which the server makes after it has begun to listen.
func (t *Temporal) answers(ctx context.Context) error {
	c, err := t.Dial(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: client.DefaultNamespace})
	if err != nil {
		return fmt.Errorf("namespace: %w", err)
	}
	if t.UI == "" {
		return nil
	}
	return ok(ctx, t.UI)
}

// Dial connects to the server. The caller closes the client.
func (t *Temporal) Dial(ctx context.Context) (client.Client, error) {
	c, err := client.DialContext(ctx, client.Options{HostPort: t.Address, Logger: log.NewStructuredLogger(slog.New(slog.DiscardHandler))})
	if err != nil {
		return nil, fmt.Errorf("the Temporal server at %s: %w", t.Address, err)
	}
	return c, nil
}

// ok asks for a page and wants it to be there.
func ok(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	response, err := local.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 200)) // for the message only
		return fmt.Errorf("%s: %s: %s", url, response.Status, text)
	}
	return nil
}

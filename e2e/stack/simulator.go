package stack

// The simulated Security Center as a process.

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"strconv"
	"time"

	"patchproof/sctest"
)

// SimulatorConfig says how the simulated Security Center runs.
type SimulatorConfig struct {
	Bin, Dir string
	Scenario string
	Speed    float64 // 0 means 60
	Port     int     // 0 for any that is free
}

// Simulator is a running simulated Security Center.
type Simulator struct {
	*Process
	URL string
}

// Fault is something that goes wrong in the simulator, in the words of its scenario file.
type Fault struct {
	Method string `json:"method,omitempty"`
	Path   string `json:"path,omitempty"`
	Do     string `json:"do"`
	Times  int    `json:"times,omitempty"`
	Status int    `json:"status,omitempty"`
	Body   string `json:"body,omitempty"`
	Delay  string `json:"delay,omitempty"`
	When   string `json:"when,omitempty"`
}

const defaultSpeed = 60

// StartSimulator starts a simulated Security Center and waits until it answers.
func StartSimulator(ctx context.Context, c SimulatorConfig) (*Simulator, error) {
	n, err := port(c.Port, "the simulated Security Center")
	if err != nil {
		return nil, err
	}
	s := &Simulator{URL: "http://" + address(n)}
	s.Process, err = launch(ctx, "simulator", c.Dir, environ(nil), filepath.Join(c.Bin, "patchproof-simulator"),
		"--listen", address(n), "--scenario", c.Scenario, "--speed", strconv.FormatFloat(cmp.Or(c.Speed, defaultSpeed), 'g', -1, 64))
	if err != nil {
		return nil, err
	}
	return s, s.await(ctx, func(ctx context.Context) error { return ok(ctx, s.URL+"/_sim/calls") })
}

// State is what the simulator holds now.
func (s *Simulator) State(ctx context.Context) (sctest.State, error) {
	var out sctest.State
	return out, s.control(ctx, http.MethodGet, "state", nil, &out)
}

// Calls counts the requests so far, as "POST /rest/scan": 1.
func (s *Simulator) Calls(ctx context.Context) (map[string]int, error) {
	var out map[string]int
	return out, s.control(ctx, http.MethodGet, "calls", nil, &out)
}

// Unknown lists the requests that the simulator does not know.
func (s *Simulator) Unknown(ctx context.Context) ([]string, error) {
	var out []string
	return out, s.control(ctx, http.MethodGet, "unknown", nil, &out)
}

// AddFaults orders faults, each to be used up once unless it says how often.
func (s *Simulator) AddFaults(ctx context.Context, faults ...Fault) error {
	return s.control(ctx, http.MethodPost, "faults", faults, nil)
}

// Advance puts the simulator's clock ahead.
func (s *Simulator) Advance(ctx context.Context, by time.Duration) error {
	return s.control(ctx, http.MethodPost, "advance", map[string]string{"by": by.String()}, nil)
}

// local is for requests to processes on this machine. Each has its own connection, because the processes come and go.
var local = &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}

func (s *Simulator) control(ctx context.Context, method, what string, in, out any) error {
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("simulator: %s: %w", what, err)
		}
		body = bytes.NewReader(data)
	}
	request, err := http.NewRequestWithContext(ctx, method, s.URL+"/_sim/"+what, body)
	if err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	response, err := local.Do(request)
	if err != nil {
		return fmt.Errorf("simulator: %w", err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return fmt.Errorf("simulator: %s: %w", what, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("simulator: %s: %s: %s", what, response.Status, text)
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("simulator: %s: %w", what, err)
	}
	return nil
}

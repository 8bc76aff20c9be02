// Package e2e_test runs the product as its users do: real processes, a real Temporal server, the patchproof command, and
// a Security Center that is simulated on a socket.
package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"patchproof/e2e/stack"
)

// shared is what the tests have in common: the server (each has a task queue of its own on it) and the binaries.
var shared struct {
	server *stack.Temporal
	// temporal is the server's binary, bin the folder with ours.
	temporal, bin string
	skip          string // why there is no server
}

// atOnce is how many tests run side by side. They wait most of the time, for time-outs above all, so that the number of
// processors does not matter much; with more of them their starts get into each other's way. The longest ones
// (ten refusals take two and a half minutes) are in the file denied_test.go, because those of the first files begin first.
const atOnce = 20

func TestMain(m *testing.M) {
	flag.Parse()
	if err := widen(); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		os.Exit(1)
	}
	os.Exit(runTests(m))
}

// widen runs more tests at once than there are processors, unless the command line says how many.
func widen() error {
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if given {
		return nil
	}
	return flag.Set("test.parallel", fmt.Sprint(atOnce))
}

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "patchproof-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	defer os.RemoveAll(dir)
	stop, err := prepare(dir)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	code := m.Run()
	if err := stop(); err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		return 1
	}
	return code
}

// prepare builds the binaries and starts the server, or says why the tests are skipped.
func prepare(dir string) (stop func() error, err error) {
	// Long enough for a cold build on a slow machine.
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute) //nolint:forbidigo // no test runs yet
	defer cancel()
	root, err := filepath.Abs("..")
	if err != nil {
		return nil, fmt.Errorf("the module's folder: %w", err)
	}
	shared.temporal = filepath.Join(root, "bin", "temporal")
	nothing := func() error { return nil }
	if testing.Short() {
		shared.skip = "these tests start servers; not with -short"
		return nothing, nil
	}
	if _, err := os.Stat(shared.temporal); err != nil {
		shared.skip = "there is no bin/temporal: build it with `make bin/temporal`"
		return nothing, nil
	}
	if shared.bin = os.Getenv("PATCHPROOF_BIN"); shared.bin == "" {
		shared.bin = filepath.Join(dir, "bin")
		if err := build(ctx, root, shared.bin); err != nil {
			return nil, err
		}
	}
	shared.server, err = stack.StartTemporal(ctx, stack.ServerConfig{Binary: shared.temporal, Dir: dir, Headless: true})
	if err != nil {
		return nil, err
	}
	if err := shared.server.Setup(ctx, shared.bin); err != nil {
		return nil, fmt.Errorf("%w; %w", err, shared.server.Kill())
	}
	return func() error { return shared.server.Stop(20 * time.Second) }, nil
}

// build makes the binaries of the sources as they are now: those in bin/ may be older.
func build(ctx context.Context, root, bin string) error {
	for folder, binary := range map[string]string{
		"starter": "patchproof", "worker": "patchproof-worker", "simulator": "patchproof-simulator",
	} {
		cmd := exec.CommandContext(ctx, "go", "build", "-ldflags", "-s -w", "-o", filepath.Join(bin, binary), "./"+folder)
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("go build ./%s: %w\n%s", folder, err, out)
		}
	}
	return nil
}

//go:build unix

package main

// The most memory that a process had.

import (
	"os"
	"runtime"
	"syscall"
)

// peak returns the most memory that the process had, in MB.
func peak(state *os.ProcessState) float64 {
	usage, ok := state.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	unit := 1024.0
	if runtime.GOOS == "darwin" {
		unit = 1 // counts bytes, unlike all others
	}
	return float64(usage.Maxrss) * unit / (1 << 20)
}

//go:build unix

package sclient

// Whose a file is.

import (
	"os"
	"syscall"
)

func isOurs(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return !ok || int(stat.Uid) == os.Geteuid()
}

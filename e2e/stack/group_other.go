//go:build unix && !linux

package stack

// Ending the children of a process with it.

import "syscall"

func groupOfItsOwn() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

package stack

// Ending the children of a process with it.

import "syscall"

// groupOfItsOwn also has the kernel end the process when we are killed ourselves and cannot.
func groupOfItsOwn() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

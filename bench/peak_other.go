//go:build !unix

package main

// The most memory that a process had.

import "os"

// peak is not known everywhere.
func peak(*os.ProcessState) float64 { return 0 }

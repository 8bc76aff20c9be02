package stack

// Ports that nobody else uses.

import (
	"context"
	"fmt"
	"net"
	"strconv"
	"sync"
)

const loopback = "127.0.0.1"

// PortTakenError says that somebody else listens where we were told to.
type PortTakenError struct {
	Port int
	For  string
}

func (e *PortTakenError) Error() string {
	return fmt.Sprintf("port %d, meant for %s, is taken: stop what listens there (`make dev` in another window?) and try again", e.Port, e.For)
}

// PortIsFree reports whether nobody listens on the port.
func PortIsFree(n int) bool {
	_, err := listen(n)
	return err == nil
}

// port checks the port that is wanted; 0 gives a free one.
func port(wanted int, what string) (int, error) {
	if wanted == 0 {
		return freePort()
	}
	if !PortIsFree(wanted) {
		return 0, &PortTakenError{Port: wanted, For: what}
	}
	return wanted, nil
}

var handedOut struct {
	sync.Mutex
	ports map[int]bool
}

// freePort gives a port that nobody listens on, and never the same twice: whoever gets it does not listen at once.
func freePort() (int, error) {
	handedOut.Lock()
	defer handedOut.Unlock()
	for range 100 {
		n, err := listen(0)
		if err != nil {
			return 0, fmt.Errorf("no free port: %w", err)
		}
		if !handedOut.ports[n] {
			if handedOut.ports == nil {
				handedOut.ports = map[int]bool{}
			}
			handedOut.ports[n] = true
			return n, nil
		}
	}
	return 0, fmt.Errorf("no free port that was not handed out already")
}

// listen tries a port and gives it back.
func listen(n int) (int, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", net.JoinHostPort(loopback, strconv.Itoa(n)))
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	_, text, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(text)
}

package sctest

// Faults at work on a connection.

import (
	"net"
	"net/http"
	"time"

	"patchproof/sctest/internal/rest"
	"patchproof/sctest/internal/scenario"
)

// serveFaulty has the request handled, unless the fault prevents it, and lets the fault spoil the answer.
func (s *Server) serveFaulty(w http.ResponseWriter, fault Fault, body []byte, handle func() rest.Answer) {
	switch fault.Do {
	case FaultRefuse:
		cut(w, true)
		return
	case FaultStatus:
		rest.Faulty(fault, s.Time()).Write(w)
		return
	case FaultLocked:
		rest.Locked(s.Time()).Write(w)
		return
	case FaultRefusal:
		rest.Refusal(fault, s.Time()).Write(w)
		return
	case FaultDelay:
		if fault.When == scenario.WhenBefore {
			wait(fault.Delay)
		}
	}
	reply := handle()
	switch fault.Do {
	case FaultDropResponse:
		cut(w, false)
		return
	case FaultTruncate:
		reply.WriteHalf(w)
		return
	case FaultWarn:
		reply = reply.Warned(fault)
	case FaultHuge:
		reply.WriteHuge(w, fault, body)
		return
	case FaultDelay:
		if fault.When == scenario.WhenAfter {
			wait(fault.Delay)
		}
	}
	reply.Write(w)
}

// wait heeds nothing but time: when the client is gone, the effect still comes, as on a real server.
func wait(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // the delay is what was ordered
}

// cut ends the connection without an answer; reset makes the client see it as refused.
func cut(w http.ResponseWriter, reset bool) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		// HTTP/2 and recorders cannot be taken over; net/http then breaks the exchange off itself.
		panic(http.ErrAbortHandler) //nolint:forbidigo // the documented way to break an exchange off
	}
	raw := conn
	if secured, ok := conn.(interface{ NetConn() net.Conn }); ok {
		raw = secured.NetConn()
	}
	if lingering, ok := raw.(interface{ SetLinger(int) error }); ok && reset {
		_ = lingering.SetLinger(0)
	}
	// The raw connection, because a closing message of TLS would be an answer of a kind.
	_ = raw.Close()
}

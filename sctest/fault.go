package sctest

// Faults at work on a connection.

import (
	"net"
	"net/http"
	"time"

	"patchproof/sctest/internal/scenario"
	"patchproof/sctest/internal/wire"
)

// serveFaulty has the request handled, unless the fault prevents it, and lets the fault spoil the answer.
func (s *Server) serveFaulty(w http.ResponseWriter, fault Fault, body []byte, handle func() wire.Answer) {
	switch fault.Do {
	case FaultRefuse:
		cut(w, true)
		return
	case FaultStatus, FaultRefusal:
		if fault.When == scenario.WhenAfter {
			handle()
		}
		insteadOf(fault, s.Time()).Write(w)
		return
	case FaultLocked:
		wire.Locked(s.Time()).Write(w)
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
	case FaultWithout:
		reply = reply.Without(fault)
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

// insteadOf is the answer of a fault that answers itself.
func insteadOf(fault Fault, now time.Time) wire.Answer {
	if fault.Do == FaultRefusal {
		return wire.Refusal(fault, now)
	}
	return wire.Faulty(fault, now)
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

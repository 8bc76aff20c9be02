package sctest

// Faults at work on a connection.

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"
)

// serveFaulty has the request handled, unless the fault prevents it, and lets the fault spoil the answer.
func (s *Server) serveFaulty(w http.ResponseWriter, fault Fault, handle func() answer) {
	switch fault.Do {
	case FaultRefuse:
		cut(w, true)
		return
	case FaultStatus:
		fault.answer(s.Time()).write(w)
		return
	case FaultLocked:
		lockedAnswer(s.Time()).write(w)
		return
	case FaultDelay:
		if fault.When == whenBefore {
			wait(fault.Delay)
		}
	}
	reply := handle()
	switch fault.Do {
	case FaultDropResponse:
		cut(w, false)
		return
	case FaultTruncate:
		reply.writeHalf(w)
		return
	case FaultDelay:
		if fault.When == whenAfter {
			wait(fault.Delay)
		}
	}
	reply.write(w)
}

// wait heeds nothing but time: when the client is gone, the effect still comes, as on a real server.
func wait(d time.Duration) {
	time.Sleep(d) //nolint:forbidigo // the delay is what was ordered
}

// Time is the server's clock now.
func (s *Server) Time() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clockLocked()
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

// writeHalf announces the whole body and breaks off in its middle.
func (a answer) writeHalf(w http.ResponseWriter) {
	a.head(w)
	_, _ = w.Write(a.body[:len(a.body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler) //nolint:forbidigo // the documented way to break an exchange off
}

// answer is what stands before the server answers: a proxy, mostly.
func (f Fault) answer(now time.Time) answer {
	a := answer{status: f.Status, header: http.Header{}}
	text := strconv.Itoa(f.Status) + " " + http.StatusText(f.Status)
	switch f.Body {
	case "html":
		a.header.Set("Content-Type", "text/html; charset=UTF-8")
		a.body = fmt.Appendf(nil, "<html><head><title>%s</title></head>\n<body><h1>%s</h1></body></html>\n", text, text)
	case "text":
		a.header.Set("Content-Type", "text/plain")
		a.body = []byte(text + "\n")
	case "json":
		a.header.Set("Content-Type", "application/json")
		a.body = envelope(now, "", 0, "simulated fault: "+text)
	}
	if f.RetryAfter > 0 {
		a.header.Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds())))
	}
	return a
}

// lockedAnswer carries the general code of refusals, because only the text of the real one is known.
func lockedAnswer(now time.Time) answer {
	return refuse(codeInvalid, "Error executing statement.\ndatabase is locked\n").answer(now)
}

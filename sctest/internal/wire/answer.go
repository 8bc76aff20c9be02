// Package wire is how the simulated Security Center's answers go over the wire, whole or spoiled by faults.
package wire

// Answers: the envelope, the refusals, and what stands before the server.

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"

	"patchproof/sctest/internal/dialect"
	"patchproof/sctest/internal/scenario"
)

// Answer is complete, so that a fault can still spoil it.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

func (a Answer) head(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.Header)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.Body)))
	w.WriteHeader(a.Status)
}

// Write sends all of it.
func (a Answer) Write(w http.ResponseWriter) {
	a.head(w)
	// The client may be gone; the effect stays.
	_, _ = w.Write(a.Body)
}

// Refused is the answer of a refusal.
func Refused(now time.Time, r *dialect.RefusalError) Answer {
	if r.HTML {
		return New(r.Status, "text/html; charset=UTF-8", envelope(now, "", r.Code, r.Text))
	}
	return New(r.Status, "application/json", envelope(now, "", r.Code, r.Text))
}

// Regular is the answer of a success.
func Regular(now time.Time, response any) Answer {
	return New(http.StatusOK, "application/json", envelope(now, response, 0, ""))
}

// New is an answer of any kind.
func New(status int, contentType string, body []byte) Answer {
	return Answer{Status: status, Header: http.Header{"Content-Type": {contentType}}, Body: body}
}

func envelope(now time.Time, response any, code int, text string) []byte {
	body, err := json.Marshal(map[string]any{
		"type": "regular", "response": response, "error_code": code, "error_msg": text, "warnings": []any{}, "timestamp": now.Unix(),
	})
	if err != nil {
		// Responses are made of maps, lists and strings, which cannot fail; keep the reason visible if that ever changes.
		return []byte(err.Error())
	}
	return append(body, '\n')
}

// WriteHalf announces the whole body and breaks off in its middle.
func (a Answer) WriteHalf(w http.ResponseWriter) {
	a.head(w)
	_, _ = w.Write(a.Body[:len(a.Body)/2])
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler) //nolint:forbidigo // the documented way to break an exchange off
}

// Faulty is what stands before the server answers: a proxy, mostly.
func Faulty(f scenario.Fault, now time.Time) Answer {
	a := Answer{Status: f.Status, Header: http.Header{}}
	text := strconv.Itoa(f.Status) + " " + http.StatusText(f.Status)
	switch f.Body {
	case "html":
		page := fmt.Appendf(nil, "<html><head><title>%s</title></head>\n<body><h1>%s</h1></body></html>\n", text, text)
		a = New(f.Status, "text/html; charset=UTF-8", page)
	case "text":
		a = New(f.Status, "text/plain", []byte(text+"\n"))
	case "json":
		a = New(f.Status, "application/json", envelope(now, "", 0, "simulated fault: "+text))
	}
	if f.RetryAfter > 0 {
		a.Header.Set("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds())))
	}
	return a
}

// Locked carries the general code of refusals, because only the text of the real one is known.
func Locked(now time.Time) Answer {
	return Refused(now, dialect.Refuse("Error executing statement.\ndatabase is locked\n"))
}

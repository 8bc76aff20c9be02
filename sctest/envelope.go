package sctest

// Answers and refusals as they go over the wire.

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// Codes of refusals; each stands for a class of messages.
const (
	codeToken        = 12
	codeView         = 142
	codeNotWritten   = 143
	codeInvalid      = 146
	codeDoesNotExist = 147
)

// answer is complete, so that a fault can still spoil it.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a answer) head(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
}

func (a answer) write(w http.ResponseWriter) {
	a.head(w)
	// The client may be gone; the effect stays.
	_, _ = w.Write(a.body)
}

// refusal is an error with its place in the dialect.
type refusal struct {
	status int
	code   int
	text   string
	// html labels the JSON as HTML, as real servers do for refusals of identity.
	html bool
}

func (r *refusal) Error() string { return r.text }

// refuse is the usual refusal: 403, whatever the reason.
func refuse(code int, format string, args ...any) *refusal {
	return &refusal{status: http.StatusForbidden, code: code, text: fmt.Sprintf(format, args...)}
}

// missing is the refusal of an ID that does not exist.
func missing(doing, kind string, id int) *refusal {
	return refuse(codeDoesNotExist, "Unable to %s %s #%d.\n%s #%d does not exist.\n", doing, kind, id, kind, id)
}

func (r *refusal) answer(now time.Time) answer {
	a := answer{status: r.status, header: http.Header{}, body: envelope(now, "", r.code, r.text)}
	a.header.Set("Content-Type", "application/json")
	if r.html {
		a.header.Set("Content-Type", "text/html; charset=UTF-8")
	}
	return a
}

func regular(now time.Time, response any) answer {
	a := answer{status: http.StatusOK, header: http.Header{}, body: envelope(now, response, 0, "")}
	a.header.Set("Content-Type", "application/json")
	return a
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

// object is a JSON object on its way out.
type object = map[string]any

// epoch writes a time as servers do; the zero time is "-1".
func epoch(t time.Time) string {
	if t.IsZero() {
		return "-1"
	}
	return strconv.FormatInt(t.Unix(), 10)
}

func text(n int) string { return strconv.Itoa(n) }

// yesNo writes a boolean as servers do.
func yesNo(b bool) string { return strconv.FormatBool(b) }

func zeroOne(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

// nothing stands for an object that is not there: its ID is a number, unlike all others.
func nothing() object { return object{"id": -1, "name": "", "description": ""} }

func reference(id int, name string) object {
	return object{"id": text(id), "name": name, "description": ""}
}

func familyObject(f Family) object {
	return object{"id": text(f.ID), "name": f.Name, "type": f.Type}
}

package sctest

// The control paths: for whoever runs the simulation, not for clients of the Security Center.

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"patchproof/sctest/internal/scenario"
)

const controlPrefix = "/_sim/"

func (s *Server) serveControl(w http.ResponseWriter, r *http.Request, body []byte) {
	switch r.Method + " " + r.URL.Path {
	case "GET /_sim/state":
		respond(w, http.StatusOK, s.State())
	case "GET /_sim/calls":
		respond(w, http.StatusOK, s.Calls())
	case "GET /_sim/unknown":
		respond(w, http.StatusOK, append([]string{}, s.Unknown()...))
	case "POST /_sim/advance":
		by, err := readAdvance(body)
		if err != nil {
			respond(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
			return
		}
		s.Advance(by)
		respond(w, http.StatusOK, map[string]time.Time{"now": s.Time()})
	case "POST /_sim/faults":
		faults, err := scenario.ParseFaults(compact(body))
		if err != nil {
			respond(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
			return
		}
		s.AddFaults(faults...)
		respond(w, http.StatusOK, map[string]int{"added": len(faults)})
	case "POST /_sim/reset":
		s.Reset()
		respond(w, http.StatusOK, map[string]time.Time{"now": s.Time()})
	default:
		respond(w, http.StatusNotFound, map[string]string{"error": "no such control: " + r.Method + " " + r.URL.Path})
	}
}

func readAdvance(body []byte) (time.Duration, error) {
	var in struct {
		By string `yaml:"by"`
	}
	if err := scenario.DecodeStrict(compact(body), &in); err != nil {
		return 0, err
	}
	by, err := scenario.ParseDuration(in.By)
	if err != nil {
		return 0, fmt.Errorf("by: %w", err)
	}
	if by < 0 {
		return 0, fmt.Errorf("by: %q is negative; the clock only goes forward", in.By)
	}
	return by, nil
}

// compact takes the tabs out of indented JSON, which YAML does not know as space.
func compact(body []byte) []byte {
	var out bytes.Buffer
	if err := json.Compact(&out, body); err != nil {
		return body
	}
	return out.Bytes()
}

func respond(w http.ResponseWriter, status int, value any) {
	body, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The client may be gone; nothing is lost.
	_, _ = w.Write(append(body, '\n'))
}

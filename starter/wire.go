package main

import (
	"bytes"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
)

// wire is the transport below the client. It keeps what Security Center sent, because people who ask for JSON want
// every field of their server, and not only those that our client knows.
type wire struct {
	next  http.RoundTripper
	guard *guard
	// total is how many rows an analysis has, as far as the server tells; counting switches the look for it on.
	total    atomic.Int64
	counting atomic.Bool

	mu   sync.Mutex
	body *bytes.Buffer // of the latest answer that was no page of an analysis
	tls  *tls.ConnectionState
}

// RoundTrip passes the request on.
func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	// The session's secrets are known to nobody but the client and the request.
	w.guard.add(r.Header.Get("X-Securitycenter"))
	for _, cookie := range r.Cookies() {
		w.guard.add(cookie.Value)
	}
	response, err := w.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if response.TLS != nil {
		w.tls = response.TLS
	}
	switch {
	case !strings.HasSuffix(r.URL.Path, "/analysis"):
		w.body = &bytes.Buffer{}
		response.Body = tee{io.TeeReader(response.Body, w.body), response.Body}
	case w.counting.Load():
		response.Body = tee{&totalReader{Reader: response.Body, total: &w.total}, response.Body}
	}
	return response, nil
}

// CloseIdleConnections lets the client close what it does not need any more.
func (w *wire) CloseIdleConnections() {
	if closer, ok := w.next.(interface{ CloseIdleConnections() }); ok {
		closer.CloseIdleConnections()
	}
}

// tee is a body whose bytes are seen by somebody else too.
type tee struct {
	io.Reader
	io.Closer
}

// answer is the payload of the latest answer, which the client has accepted.
func (w *wire) answer() (json.RawMessage, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var envelope struct {
		Response json.RawMessage `json:"response"`
	}
	if w.body == nil || json.Unmarshal(w.body.Bytes(), &envelope) != nil || len(envelope.Response) == 0 {
		return nil, errors.New("the answer of Security Center cannot be shown: it has no content")
	}
	return envelope.Response, nil
}

// connection tells how the latest connection was secured; nil for none.
func (w *wire) connection() *tls.ConnectionState {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.tls
}

// totalReader finds the number of rows in a page that passes by. It only serves the progress bar, so that a number which
// it misses at the border of two reads does no harm: the next page has it too.
type totalReader struct {
	io.Reader
	total *atomic.Int64
}

var totalKey = []byte(`"totalRecords":`)

func (t *totalReader) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	if i := bytes.Index(p[:n], totalKey); i >= 0 {
		var total int64
		digits := false
		for _, c := range bytes.TrimLeft(p[i+len(totalKey):n], ` "`) {
			if c < '0' || c > '9' || total > 1e15 {
				break
			}
			total, digits = total*10+int64(c-'0'), true
		}
		if digits {
			t.total.Store(total)
		}
	}
	return n, err
}

package main

// The process that serves the rows.

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// serve answers analyses until its standard input ends, which it does with the process that asked for it, however that ends.
func serve(ctx context.Context, s settings, in io.Reader, out io.Writer) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	// One process serves one benchmark on loopback: the limit is against a reader that hangs.
	server := &http.Server{Handler: handler(s, newTable()), ReadHeaderTimeout: time.Minute}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	fmt.Fprintf(out, "http://%s\n", listener.Addr())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = io.Copy(io.Discard, in)
	}()
	select {
	case err := <-failed:
		return err
	case <-ended:
		return server.Close()
	}
}

// pages are used again: a server that collects garbage would take time from the reader.
var pages = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func handler(s settings, table *table) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body struct {
			Query struct {
				StartOffset int `json:"startOffset"`
				EndOffset   int `json:"endOffset"`
			} `json:"query"`
		}
		if err := json.NewDecoder(r.Body).Decode(&body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if err := wait(r.Context(), s.latency); err != nil {
			return
		}
		start := min(body.Query.StartOffset, s.rows)
		end := max(start, min(body.Query.EndOffset, s.rows))
		page := pages.Get().(*bytes.Buffer) //nolint:errcheck // there is nothing else in it
		defer pages.Put(page)
		page.Reset()
		fmt.Fprintf(page, `{"type":"regular","response":{"totalRecords":"%d","returnedRecords":%d,"startOffset":"%d","endOffset":"%d",`+
			`"matchingDataElementCount":"-1","results":[`, s.rows, end-start, start, end)
		page.Write(table.appendRows(page.AvailableBuffer(), start, end))
		page.WriteString(`]},"error_code":0,"error_msg":"","warnings":[],"timestamp":1700000000}` + "\n")
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(page.Len()))
		_, _ = w.Write(page.Bytes())
	})
}

func wait(ctx context.Context, d time.Duration) error {
	if d == 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return errors.New("the reader has gone")
	}
}

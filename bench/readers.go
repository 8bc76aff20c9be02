package main

// The ways to read all rows.

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"time"

	"patchproof/sclient"
)

// readers are the ways to read all rows. Each returns how many there were.
var readers = map[string]func(ctx context.Context, url string) (int, error){
	"plain":   plain[plainRow],
	"typed":   plain[sclient.Vuln],
	"sclient": client,
}

// readOnce is what a reader's process does: it prints the number of rows and the seconds.
func readOnce(ctx context.Context, s settings, out io.Writer) error {
	read, known := readers[s.read]
	if !known {
		return fmt.Errorf("no reader %q", s.read)
	}
	begin := time.Now()
	n, err := read(ctx, s.url)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, n, time.Since(begin).Seconds())
	return nil
}

func client(ctx context.Context, url string) (int, error) {
	c := newClient(url)
	defer c.Close(ctx)
	n := 0
	for _, err := range c.Vulns(ctx, sclient.VulnQuery{MaxRows: math.MaxInt}) {
		if err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// The keys are any that look like some.
var accessKey, secretKey = strings.Repeat("a", 32), strings.Repeat("b", 32)

func newClient(url string) *sclient.Client {
	return &sclient.Client{URL: url, AccessKey: sclient.NewSecret(accessKey), SecretKey: sclient.NewSecret(secretKey)}
}

// plain is the reader that one would write: page after page, with the standard library.
func plain[Row any](ctx context.Context, url string) (int, error) {
	const size = 1000
	for n := 0; ; {
		rows, err := plainPage[Row](ctx, url, n, n+size)
		if err != nil {
			return n, err
		}
		n += len(rows)
		if len(rows) < size {
			return n, nil
		}
	}
}

func plainPage[Row any](ctx context.Context, url string, start, end int) ([]Row, error) {
	body := fmt.Appendf(nil, `{"type":"vuln","sourceType":"cumulative","query":{"type":"vuln","tool":"vulndetails","startOffset":%d,"endOffset":%d,"filters":[]}}`, start, end)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/rest/analysis", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	response, err := plainClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var page struct {
		Response struct {
			Results []Row `json:"results"`
		} `json:"response"`
		ErrorCode int    `json:"error_code"`
		ErrorMsg  string `json:"error_msg"`
	}
	if err := json.NewDecoder(response.Body).Decode(&page); err != nil {
		return nil, err
	}
	if page.ErrorCode != 0 {
		return nil, errors.New(page.ErrorMsg)
	}
	return page.Response.Results, nil
}

var plainClient = &http.Client{Timeout: 5 * time.Minute}

package sclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"

	"patchproof/sclient/internal/spelling"
)

// Two pages are read and decoded at a time: more would not be faster, because the others wait for the server anyway, and each
// needs room for its whole text, as an error may stand at its end.
const pageReaders = 2

// A row with details has about two kilobytes, one without has 700 bytes. What is larger than guessed is moved once or twice.
const smallRow = 1024

// So much memory is set aside because the server announces as many bytes; more only as they arrive.
const maxAnnounced = 16 << 20

// page is SC's answer to one request.
type page[T any] struct {
	Total       *Int    `json:"totalRecords"`
	StartOffset *Int    `json:"startOffset"`
	Results     List[T] `json:"results"`
}

func (p *page[T]) total() int {
	if p.Total == nil {
		return -1
	}
	return int(*p.Total)
}

// fetched is a page that has arrived completely and without an error.
type fetched[T any] struct {
	page[T]
	bytes int // the length of its text
}

// pageSource fetches pages of one query, also several at a time.
type pageSource[T any] struct {
	client  *Client
	query   VulnQuery
	readers chan *pageReader // those that are free
	lists   chan List[T]     // of pages whose rows were handed out
	length  atomic.Int64     // of the text of the latest page
}

func newPageSource[T any](c *Client, q VulnQuery) *pageSource[T] {
	s := &pageSource[T]{client: c, query: q, readers: make(chan *pageReader, pageReaders), lists: make(chan List[T], 1)}
	for range pageReaders {
		s.readers <- new(pageReader)
	}
	return s
}

// pageReader is what a page leaves behind for the next one.
type pageReader struct {
	body    bytes.Buffer
	scanner scanner
}

// list returns an empty list with room for so many rows, if possible a used one.
func (s *pageSource[T]) list(rows int) List[T] {
	select {
	case list := <-s.lists:
		if cap(list) >= rows {
			return list[:0]
		}
	default:
	}
	return make(List[T], 0, rows)
}

// recycle takes back the list of a page whose rows are of no use any more.
func (s *pageSource[T]) recycle(list List[T]) {
	clear(list[:cap(list)]) // or it would keep the text of its rows alive
	select {
	case s.lists <- list:
	default:
	}
}

func (s *pageSource[T]) call(start, size int) call {
	call := post("analysis", "/analysis", s.query.body(start, start+size))
	call.reads = true
	return call
}

func (s *pageSource[T]) fetch(ctx context.Context, start, size int) (*fetched[T], error) {
	call := s.call(start, size)
	reading := &pageReading[T]{source: s, size: size}
	defer reading.release()
	call.reader = reading
	env, err := s.client.do(ctx, call)
	if err != nil {
		return nil, err
	}
	page := reading.page
	if page == nil {
		page, err = decodePage[T](env.Response)
	}
	switch {
	case err != nil:
		return nil, call.garbled(env, s.client.redactError(err))
	case len(page.Results) > size:
		return nil, call.garbled(env, fmt.Errorf("%d rows instead of %d: the server ignores the offsets", len(page.Results), size))
	case page.StartOffset != nil && int(*page.StartOffset) != start && len(page.Results) > 0:
		return nil, call.garbled(env, fmt.Errorf("rows from offset %d instead of %d", *page.StartOffset, start))
	}
	return &fetched[T]{*page, reading.bytes}, nil
}

// pageReading reads one answer into a page.
type pageReading[T any] struct {
	source *pageSource[T]
	reader *pageReader
	size   int
	bytes  int
	page   *page[T]
}

// room waits until one of the readers is free. That is after SC has begun to answer: before, there is nothing to store.
func (r *pageReading[T]) room(ctx context.Context, length int64) (*bytes.Buffer, error) {
	if r.reader == nil {
		select {
		case r.reader = <-r.source.readers:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	if length <= 0 {
		last := r.source.length.Load()
		length = last + last/8 // pages are about equally long
	}
	length = min(length, maxAnnounced) + bytes.MinRead
	// A buffer that grows by itself becomes twice as large as it need be, and the garbage collector doubles that again.
	body := &r.reader.body
	if int64(body.Cap()) > 2*length {
		*body = bytes.Buffer{}
	}
	body.Reset()
	body.Grow(int(length))
	return body, nil
}

func (r *pageReading[T]) release() {
	if r.reader != nil {
		r.source.readers <- r.reader
	}
}

func (r *pageReading[T]) parse(body []byte) *envelope {
	r.page, r.bytes = nil, len(body)
	r.source.length.Store(int64(r.bytes))
	var answer pageAnswer[T]
	r.reader.scanner.spare = r.source.list(min(r.size, len(body)/smallRow+1))
	if !r.reader.scanner.document(body, &answer) || answer.ErrorCode == nil || answer.Response.Results == nil {
		return nil
	}
	r.page = &answer.Response
	return &envelope{ErrorCode: answer.ErrorCode, ErrorMsg: answer.ErrorMsg, Timestamp: answer.Timestamp}
}

// pageAnswer is a page with its envelope, as the scanner reads both in one go.
type pageAnswer[T any] struct {
	Response  page[T] `json:"response"`
	ErrorCode *Int    `json:"error_code"`
	ErrorMsg  Text    `json:"error_msg"`
	Timestamp Time    `json:"timestamp"`
}

// decodePage insists on "results": an object without it is no empty page.
func decodePage[T any](data []byte) (*page[T], error) {
	object, err := spelling.Object(data)
	if err != nil {
		return nil, err
	}
	var page page[T]
	if err := json.Unmarshal(object, &page); err != nil {
		return nil, err
	}
	if page.Results != nil {
		return &page, nil
	}
	// Some tools answer with the list itself, in PHP's form, and with "results": null beside it.
	if err := json.Unmarshal(object, &page.Results); err == nil && len(page.Results) > 0 {
		return &page, nil
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(object, &keys); err != nil || keys["results"] == nil {
		return nil, errors.New("no results in it")
	}
	page.Results = nil
	return &page, nil
}

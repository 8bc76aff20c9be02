package sclient

// How the pages of an analysis are fetched and read. In which order, and which of their rows are new, is the matter of internal/paging.

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"slices"
	"strconv"
	"sync/atomic"

	"patchproof/sclient/internal/bounds"
	"patchproof/sclient/internal/fastjson"
	"patchproof/sclient/internal/paging"
	"patchproof/sclient/internal/spelling"
)

// Two pages are read and decoded at a time: more would not be faster, because the others wait for the server anyway, and each
// needs room for its whole text, as an error may stand at its end.
const pageReaders = 2

// A row with details has about two kilobytes, one without has 700 bytes. What is larger than guessed is moved once or twice.
const smallRow = 1024

// So much memory is set aside because the server announces as many bytes; more only as they arrive.
const maxAnnounced = 16 << 20

// row is what paging needs to know of a row type.
type row[T any] interface {
	*T
	hash(seed maphash.Seed) uint64 // tells the rows of a result apart
	host() string                  // the address, "" if rows have none
}

// pages reads page after page of rows of a kind that the tools have; no tools mean all.
func pages[T any, P row[T]](ctx context.Context, c *Client, q VulnQuery, tools ...Tool) iter.Seq2[paging.Page[T], error] {
	q.Filters = slices.Clone(q.Filters)
	if len(tools) > 0 && q.Tool == "" {
		q.Tool = tools[0]
	}
	q = q.withDefaults()
	err := q.Validate()
	if err == nil && len(tools) > 0 && !slices.Contains(tools, q.Tool) {
		err = invalid("tool", fmt.Sprintf("%.40q has rows of another kind than %s", q.Tool, tools[0]))
	}
	return func(yield func(paging.Page[T], error) bool) {
		if err != nil {
			yield(paging.Page[T]{}, withOp(err, "analysis"))
			return
		}
		wanted := paging.Range{Start: q.Start, End: q.End, PageSize: q.PageSize, Ahead: q.PagesAhead, Most: q.MaxRows}
		paging.Pages(ctx, newPageSource[T, P](c, q), wanted)(yield)
	}
}

// rows are those of all pages.
func rows[T any, P row[T]](ctx context.Context, c *Client, q VulnQuery, tools ...Tool) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		for page, err := range pages[T, P](ctx, c, q, tools...) {
			if err != nil {
				yield(none, err)
				return
			}
			for i := range page.Rows {
				if !yield(page.Rows[i], nil) {
					return
				}
			}
		}
	}
}

// pageSource fetches pages of one query, also several at a time.
type pageSource[T any, P row[T]] struct {
	client  *Client
	query   VulnQuery
	checked bool // the rows must be of the query's targets
	seed    maphash.Seed
	readers chan *pageReader // those that are free
	lists   chan List[T]     // of pages whose rows were handed out
	length  atomic.Int64     // of the text of the latest page
}

func newPageSource[T any, P row[T]](c *Client, q VulnQuery) *pageSource[T, P] {
	s := &pageSource[T, P]{
		client: c, query: q, checked: q.Source == Individual && len(q.Targets.names) == 0 && !q.Targets.IsEmpty(), seed: maphash.MakeSeed(),
		readers: make(chan *pageReader, pageReaders), lists: make(chan List[T], 1),
	}
	types := append(rowTypes(), fastjson.List[List[T]]())
	for range pageReaders {
		s.readers <- &pageReader{json: fastjson.NewReader(types...)}
	}
	return s
}

// pageReader is what a page leaves behind for the next one.
type pageReader struct {
	body bytes.Buffer
	json *fastjson.Reader
}

// Hash tells the rows of the result apart.
func (s *pageSource[T, P]) Hash(row *T) uint64 { return P(row).hash(s.seed) }

// Broken makes the error for answers that contradict each other.
func (s *pageSource[T, P]) Broken(start int, reason error) error {
	if errors.Is(reason, paging.ErrTooMany) {
		return withOp(invalid("maxRows", reason.Error()+": narrow the query, or allow more"), "analysis")
	}
	return s.call(start, s.query.PageSize).garbled(&envelope{status: 200}, reason)
}

// list returns an empty list with room for so many rows, if possible a used one.
func (s *pageSource[T, P]) list(rows int) List[T] {
	select {
	case list := <-s.lists:
		if cap(list) >= rows {
			return list[:0]
		}
	default:
	}
	return make(List[T], 0, rows)
}

// Recycle takes back the list of a page.
func (s *pageSource[T, P]) Recycle(list []T) {
	clear(list[:cap(list)]) // or it would keep the text of its rows alive
	select {
	case s.lists <- list:
	default:
	}
}

func (s *pageSource[T, P]) call(start, size int) call {
	call := post("analysis", "/analysis", s.query.body(start, start+size))
	call.reads = true
	return call.within(s.limits(size))
}

const (
	// A row with details has about two kilobytes; the longest outputs, lists of what is installed, have a hundred of them, but not in every row.
	// A page that is longer can be asked for in smaller pieces.
	bytesPerRow, bytesPerPage = 32 << 10, 8 << 20
	// A row has 66 columns, some of which are objects.
	valuesPerRow = 200
	// So many hosts of plugins, or ranges of addresses, one answer of the tools that list them may have.
	maxListed = 500_000
)

// limits are those of a page: as many rows as it was asked for, and some more to say that there are too many.
func (s *pageSource[T, P]) limits(size int) bounds.Limits {
	const slack = 10
	limits := bounds.Limits{
		Bytes: bytesPerPage + size*bytesPerRow, Values: maxListed + size*valuesPerRow, Width: maxListed, Items: size + slack,
	}
	if ordering[s.query.Tool] == "" {
		limits.Items = maxListed // it may send all it has, whatever it is asked for
	}
	return limits
}

// Fetch makes one request.
func (s *pageSource[T, P]) Fetch(ctx context.Context, start, size int) (*paging.Page[T], error) {
	call := s.call(start, size)
	reading := &pageReading[T, P]{source: s, size: size}
	defer reading.release()
	call.reader = reading
	env, err := s.client.do(ctx, call)
	if err != nil {
		return nil, err
	}
	page := reading.page
	if page == nil {
		if page, err = decodePage[T](env.Response); err != nil {
			return nil, call.garbled(env, s.client.redactError(err))
		}
	}
	whole := s.whole(page, size)
	if err := s.check(page, start, size, whole); err != nil {
		return nil, call.garbled(env, err)
	}
	return &paging.Page[T]{Rows: page.Results, Total: page.total(), Bytes: reading.bytes, Whole: whole}, nil
}

// whole reports that a tool does not count its rows and has sent all it has: without offsets, or less than was asked for. Of tools that do
// count, an answer without a total is a slip of the server, and the rest is asked for.
func (s *pageSource[T, P]) whole(page *page[T], size int) bool {
	counts := ordering[s.query.Tool] != ""
	return !counts && page.total() < 0 && (page.StartOffset == nil || len(page.Results) < size)
}

// check recognises servers that have answered something else than what was asked.
func (s *pageSource[T, P]) check(page *page[T], start, size int, whole bool) error {
	switch {
	case len(page.Results) > size && !whole:
		return fmt.Errorf("%d rows instead of %d: the server ignores the offsets", len(page.Results), size)
	case page.StartOffset != nil && int(*page.StartOffset) != start && len(page.Results) > 0:
		return fmt.Errorf("rows from offset %d instead of %d", *page.StartOffset, start)
	}
	for i := range page.Results {
		row := P(&page.Results[i])
		if v, ok := any(row).(*Vuln); ok && v.PluginName == "" {
			v.PluginName = v.Name // as listvuln has it
		}
		if !s.checked {
			continue
		}
		if addr, ok := parseAddr(row.host()); ok && !s.query.Targets.Contains(addr) {
			return fmt.Errorf("a row of %s, which scan result %d was not to scan: the server ignores the scan's id", addr, s.query.ScanResultID)
		}
	}
	return nil
}

// pageReading reads one answer into a page.
type pageReading[T any, P row[T]] struct {
	source *pageSource[T, P]
	reader *pageReader
	size   int
	bytes  int
	page   *page[T]
}

// room waits until one of the readers is free. That is after SC has begun to answer: before, there is nothing to store.
func (r *pageReading[T, P]) room(ctx context.Context, length int64) (*bytes.Buffer, error) {
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

func (r *pageReading[T, P]) release() {
	if r.reader != nil {
		r.source.readers <- r.reader
	}
}

func (r *pageReading[T, P]) parse(body []byte) *envelope {
	r.page, r.bytes = nil, len(body)
	r.source.length.Store(int64(r.bytes))
	var answer pageAnswer[T]
	list := r.source.list(min(r.size, len(body)/smallRow+1))
	if !r.reader.json.Document(body, &answer, list) || answer.ErrorCode == nil || answer.Response.Results == nil {
		return nil
	}
	r.page = &answer.Response
	return &envelope{ErrorCode: answer.ErrorCode, ErrorMsg: answer.ErrorMsg, Timestamp: answer.Timestamp}
}

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

// pageAnswer is a page with its envelope, as fastjson reads both in one go.
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

// rowTypes are all that rows consist of besides plain structs. What their readers do not take goes to UnmarshalJSON.
func rowTypes() []fastjson.Type {
	return []fastjson.Type{
		fastjson.Value(func(r *fastjson.Reader, into *Text) bool { return r.AnyText((*string)(into)) }),
		fastjson.Value(func(r *fastjson.Reader, into *ID) bool { return scalar(r, spelling.Digits, (*int64)(into)) }),
		fastjson.Value(func(r *fastjson.Reader, into *Int) bool { return scalar(r, readInt, into) }),
		fastjson.Value(func(r *fastjson.Reader, into *Port) bool { return scalar(r, readPort, into) }),
		fastjson.Value(func(r *fastjson.Reader, into *Time) bool { return scalar(r, spelling.Time, &into.Time) }),
		fastjson.Value(func(r *fastjson.Reader, into *Bool) bool { return scalar(r, spelling.Bool, (*bool)(into)) }),
		fastjson.Value(func(r *fastjson.Reader, into *Float) bool { return scalar(r, readFloat, into) }),
		fastjson.Value(func(r *fastjson.Reader, into *RawRow) bool {
			text, ok := r.Span()
			into.RawMessage = bytes.Clone(text)
			return ok
		}),
		fastjson.Object[Severity](), fastjson.Object[FamilyRef](), fastjson.Object[RepositoryRef](),
		fastjson.List[List[HostsInRep]](), fastjson.List[List[HostInfo]](),
	}
}

func scalar[T any](r *fastjson.Reader, read func([]byte) (T, bool), into *T) bool {
	text, ok := r.Scalar()
	if ok {
		*into, ok = read(text)
	}
	return ok
}

func readInt(text []byte) (Int, bool) {
	n, ok := spelling.Digits(text)
	return Int(n), ok
}

func readPort(text []byte) (Port, bool) {
	n, ok := spelling.Digits(text)
	return portOf(n, len(text) > 0), ok
}

// readFloat takes plain numbers; strconv knows more spellings than JSON.
func readFloat(text []byte) (Float, bool) {
	if len(text) == 0 {
		return Float{}, true
	}
	if !fastjson.IsNumber(text) {
		return Float{}, false
	}
	value, err := strconv.ParseFloat(string(text), 64)
	return Float{value, err == nil}, err == nil
}

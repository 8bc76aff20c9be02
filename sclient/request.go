package sclient

// Sending a request, and judging the answer.

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"patchproof/sclient/internal/bounds"
)

// How one request is sent, and how its answer is judged.

// call is one request before it is sent.
type call struct {
	op     string // what the caller wants, for error texts: "plugin 97833"
	method string
	path   string // below /rest
	query  url.Values
	body   any
	reads  bool // has no effect on SC, so that its fate does not matter
	makes  bool // the answer names what was made, which outweighs a sentence beside it
	reader answerReader
	limits bounds.Limits
}

// What an answer may hold. A call has the limits of single, where it does not say more.
var (
	// An object with its texts has kilobytes; the largest are a plugin's description and a policy's preferences.
	single = bounds.Limits{Bytes: 1 << 20, Values: 20_000, Width: 10_000, Items: 10_000}
	// The progress of a scan and an asset name the addresses of whole networks, some of them twice. See maxAddresses.
	addressed = bounds.Limits{Bytes: 8 << 20, Values: 400_000, Width: 100_000, Items: 10_000}
	// Large servers list some thousands of scan results, with about 80 values each.
	listed = bounds.Limits{Bytes: 32 << 20, Values: 2_000_000, Width: 20_000, Items: 20_000}
)

// answerReader reads successes that are too large for the ordinary way.
type answerReader interface {
	// room returns where to put a body, whose length is -1 if it is not known. It may wait.
	room(ctx context.Context, length int64) (*bytes.Buffer, error)
	// parse reads the body, or returns nil if that is to be done the ordinary way. The response is not set.
	parse(body []byte) *envelope
}

// get asks for the named fields only: without them SC sends plugin sources and encrypted policy preferences along.
func get(op, path string, fields ...string) call {
	return call{
		op: op, method: http.MethodGet, path: path, reads: true, limits: single,
		query: url.Values{"fields": {strings.Join(fields, ",")}},
	}
}

func post(op, path string, body any) call {
	return call{op: op, method: http.MethodPost, path: path, body: body, limits: single}
}

func remove(op, path string) call {
	return call{op: op, method: http.MethodDelete, path: path, limits: single}
}

// within gives the call other limits.
func (l call) within(limits bounds.Limits) call {
	l.limits = limits
	return l
}

func (l call) garbled(env *envelope, err error) *Error {
	return &Error{
		Op: l.op, Method: l.method, Path: "/rest" + l.path, Status: env.status, garbled: true,
		sent: !l.reads, Message: "the answer has an unexpected shape", Err: err,
	}
}

// envelope is what SC wraps around every answer, the failed ones too.
type envelope struct {
	Response  json.RawMessage `json:"response"`
	ErrorCode *Int            `json:"error_code"`
	ErrorMsg  Text            `json:"error_msg"`
	Timestamp Time            `json:"timestamp"`

	status  int
	warning string // SC's sentence about a success that is not quite one
}

// do sends the call, once; only when SC says that the session has ended it logs in again and repeats it.
func (c *Client) do(ctx context.Context, call call) (*envelope, error) {
	if err := c.check(); err != nil {
		return nil, withOp(err, call.op)
	}
	if c.usesKey() {
		return c.send(ctx, call, nil)
	}
	grant, err := c.logIn(ctx, nil)
	if err != nil {
		return nil, withOp(err, call.op)
	}
	env, err := c.send(ctx, call, grant)
	if !sessionEnded(err) {
		return env, err
	}
	// SC refused the request unread, so repeating it cannot have its effect twice.
	if grant, err = c.logIn(ctx, grant); err != nil {
		return nil, withOp(err, call.op)
	}
	return c.send(ctx, call, grant)
}

// send makes one HTTP request with the key, or with the session if there is one.
func (c *Client) send(ctx context.Context, call call, grant *grant) (*envelope, error) {
	answer, err := c.exchange(ctx, call, grant)
	if err != nil {
		return nil, err
	}
	return c.judge(call, answer)
}

// answer is a response that was read completely, or as far as it came.
type answer struct {
	status  int
	header  http.Header
	cookies []*http.Cookie
	body    []byte
	err     error // why the body ended early
	beyond  error // of its limits
}

func (c *Client) exchange(ctx context.Context, call call, grant *grant) (*answer, error) {
	fail := &Error{Op: call.op, Method: call.method, Path: "/rest" + call.path}
	var reached atomic.Bool
	trace := &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { reached.Store(true) }}
	request, err := c.newRequest(httptrace.WithClientTrace(ctx, trace), call, grant)
	if err != nil {
		fail.Field, fail.Message = "request", c.Redaction().HideAll(err.Error())
		return nil, fail
	}
	response, err := c.httpClient().Do(request)
	if err != nil {
		// Once a connection carried the request nobody can tell how far it came.
		fail.sent = reached.Load() && !call.reads
		fail.Err = c.redactError(withoutURL(err))
		return nil, fail
	}
	defer response.Body.Close()
	if response.TLS != nil {
		c.in().tls.Store(response.TLS)
	}
	limits := call.limits
	body := new(bytes.Buffer)
	if response.StatusCode/100 != 2 {
		limits = bounds.Limits{Bytes: maxErrorAnswer, Values: maxErrorAnswer, Width: maxErrorAnswer, Items: maxErrorAnswer}
	} else if call.reader != nil {
		if body, err = call.reader.room(ctx, response.ContentLength); err != nil {
			fail.sent, fail.Err = !call.reads, err
			return nil, fail
		}
	}
	result := &answer{status: response.StatusCode, header: response.Header, cookies: response.Cookies()}
	// The bytes are counted after they were decompressed: a few kilobytes may become gigabytes.
	_, result.err = body.ReadFrom(io.LimitReader(response.Body, int64(limits.Bytes)+1))
	result.body = body.Bytes()
	result.beyond = limits.Check(result.body)
	result.body = result.body[:min(len(result.body), limits.Bytes)]
	return result, nil
}

func (c *Client) newRequest(ctx context.Context, call call, grant *grant) (*http.Request, error) {
	base, err := c.base()
	if err != nil {
		return nil, err
	}
	base.Path += call.path
	base.RawQuery = call.query.Encode()
	var body io.Reader
	if call.body != nil {
		text, err := json.Marshal(call.body)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, call.method, base.String(), body)
	if err != nil {
		return nil, errors.New("the request cannot be built") // the cause would repeat the URL
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", cmp.Or(c.UserAgent, "patchproof"))
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if c.usesKey() {
		request.Header.Set("X-Apikey", "accesskey="+c.AccessKey.text()+"; secretkey="+c.SecretKey.text()+";")
	}
	grant.sign(request)
	return request, nil
}

// judge decides whether an answer is a success. The content type is not asked: SC labels JSON errors as HTML.
func (c *Client) judge(call call, got *answer) (*envelope, error) {
	if got.beyond != nil && got.status/100 == 2 {
		return nil, call.garbled(&envelope{status: got.status}, got.beyond)
	}
	env, isSC := readEnvelope(call, got)
	fail := &Error{
		Op: call.op, Method: call.method, Path: "/rest" + call.path, Status: got.status,
		RetryAfter: retryAfter(got.header), withKey: c.usesKey(),
	}
	if isSC {
		fail.Code = int(*env.ErrorCode)
		fail.Message = c.message(string(env.ErrorMsg))
		if got.status/100 != 2 || fail.Code != 0 {
			return nil, fail
		}
		env.warning = fail.Message
		if env.warning == "" || call.makes {
			return env, nil
		}
		// A success that says what has failed is neither: something may have been done, and the next answer may be a proper one.
		fail.garbled, fail.sent = true, !call.reads
		return nil, fail
	}
	if got.status == http.StatusNoContent {
		return &envelope{status: got.status}, nil
	}
	fail.foreign = true
	fail.Err = c.redactError(cmp.Or(got.err, got.beyond))
	fail.Message = c.message(excerpt(got))
	// A proxy's refusal (4xx, 3xx) is definite; a broken success or a gateway's 5xx leaves open what SC did.
	fail.garbled = got.status/100 == 2
	unknown := fail.garbled || (got.status/100 == 5 && got.status != http.StatusNotImplemented)
	fail.sent = unknown && !call.reads
	return nil, fail
}

// readEnvelope reports whether the body is SC's; any other JSON comes from something in between.
func readEnvelope(call call, got *answer) (*envelope, bool) {
	if got.err != nil || got.beyond != nil {
		return nil, false
	}
	var env *envelope
	if call.reader != nil && got.status/100 == 2 {
		env = call.reader.parse(got.body)
	}
	if env == nil {
		if env = parseEnvelope(got.body); env == nil {
			return nil, false
		}
	}
	env.status = got.status
	if env.Timestamp.IsZero() {
		if date, err := http.ParseTime(got.header.Get("Date")); err == nil {
			env.Timestamp = Time{date.UTC()}
		}
	}
	return env, true
}

func parseEnvelope(body []byte) *envelope {
	env := new(envelope)
	if err := json.Unmarshal(body, env); err != nil || env.ErrorCode == nil {
		return nil
	}
	return env
}

func retryAfter(header http.Header) time.Duration {
	value := header.Get("Retry-After")
	if seconds, err := time.ParseDuration(value + "s"); err == nil && seconds > 0 {
		return seconds
	}
	// The proxy's own clock is beside it; ours may differ.
	until, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(header.Get("Date"))
	if err != nil {
		now = time.Now()
	}
	return max(0, until.Sub(now))
}

// newObject is how every object begins that is sent to SC, queries included.
type newObject struct {
	Name         string `json:"name"`
	Description  string `json:"description"`
	Context      string `json:"context"`
	CreatedTime  int    `json:"createdTime"`
	ModifiedTime int    `json:"modifiedTime"`
	Groups       []int  `json:"groups"`
}

// The guide sends some ids as numbers and others as texts; so do we, since that is what is known to work.
type (
	idNumber struct {
		ID ID `json:"id"`
	}
	idText struct {
		ID string `json:"id"`
	}
)

func idNumbers(ids []ID) []idNumber {
	return eachID(ids, func(id ID) idNumber { return idNumber{id} })
}

func idTexts(ids []ID) []idText {
	return eachID(ids, func(id ID) idText { return idText{id.String()} })
}

func eachID[T any](ids []ID, write func(ID) T) []T {
	list := make([]T, 0, len(ids))
	for _, id := range ids {
		list = append(list, write(id))
	}
	return list
}

// bodyJSON is for our own bodies: texts and numbers, which always have a JSON form.
func bodyJSON(body any) json.RawMessage {
	text, _ := json.Marshal(body)
	return text
}

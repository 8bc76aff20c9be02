package sclient

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// lateServer is a Security Center in the bubble of a test: on its clock, without connections, so that a test knows exactly when it
// answers, and fails if a goroutine is left behind.
type lateServer struct {
	rows    []int
	latency func(start int) time.Duration // how long until the page is sent
	compute func(start int)               // looks at each request before the rows are read
	answer  func(start int, body string) (int, io.Reader)
	noTotal bool

	mu       sync.Mutex
	starts   []int // of the requests, in their order
	inFlight int
	most     int
	given    int // requests that the client gave up
}

func (s *lateServer) client() *Client {
	return &Client{URL: "https://sc.example.com", AccessKey: NewSecret(testAccess), SecretKey: NewSecret(testSecret), HTTPClient: &http.Client{Transport: s}}
}

func (s *lateServer) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent struct {
		Query struct {
			StartOffset int `json:"startOffset"`
			EndOffset   int `json:"endOffset"`
		} `json:"query"`
	}
	if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
		return nil, err
	}
	start, end := sent.Query.StartOffset, sent.Query.EndOffset
	s.mu.Lock()
	s.starts = append(s.starts, start)
	s.inFlight++
	s.most = max(s.most, s.inFlight)
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		s.inFlight--
		s.mu.Unlock()
	}()
	latency := late
	if s.latency != nil {
		latency = s.latency(start)
	}
	timer := time.NewTimer(latency)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
		s.mu.Lock()
		s.given++
		s.mu.Unlock()
		return nil, r.Context().Err()
	}
	status, body := s.page(start, end)
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(body), ContentLength: -1}, nil
}

func (s *lateServer) page(start, end int) (int, io.Reader) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.compute != nil {
		s.compute(start)
	}
	var rows []string
	for _, id := range s.rows[min(start, len(s.rows)):min(end, len(s.rows))] {
		rows = append(rows, fmt.Sprintf(`{"pluginID":"%d","ip":"10.0.0.1"}`, id))
	}
	total := fmt.Sprintf(`"totalRecords":"%d",`, len(s.rows))
	if s.noTotal {
		total = ""
	}
	body := fmt.Sprintf(`{"response":{%s"results":[%s]},"error_code":0,"error_msg":""}`, total, strings.Join(rows, ","))
	if s.answer != nil {
		return s.answer(start, body)
	}
	return http.StatusOK, strings.NewReader(body)
}

// late is the latency where it does not matter.
const late = 50 * time.Millisecond

// requireIdle fails if something runs on after the loop has ended.
func (s *lateServer) requireIdle(t *testing.T) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	require.Zero(t, s.inFlight, "when the loop ends, all requests have")
}

func TestPagesAheadHideTheLatency(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ahead, inFlight int
		want            time.Duration
	}{
		// The first page alone, then twenty, of which the last is empty. Five at a time are the one that is waited for and four ahead.
		"four": {0, 5, 5 * late},
		"one":  {1, 2, 11 * late},
		"none": {-1, 1, 21 * late},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &lateServer{rows: upTo(200)}
			synctest.Test(t, func(t *testing.T) {
				defer s.requireIdle(t)
				begin := time.Now()
				got, err := collect(s.client().Vulns(t.Context(), VulnQuery{PageSize: 10, PagesAhead: test.ahead}))
				require.NoError(t, err)
				require.Equal(t, upTo(200), got)
				require.Equal(t, test.inFlight, s.most)
				require.Equal(t, test.want, time.Since(begin))
			})
		})
	}
}

func TestRowsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	s := &lateServer{rows: upTo(60), latency: func(start int) time.Duration { return time.Duration(100-start) * time.Second }}
	synctest.Test(t, func(t *testing.T) {
		defer s.requireIdle(t)
		got, err := collect(s.client().Vulns(t.Context(), VulnQuery{PageSize: 3}))
		require.NoError(t, err)
		require.Equal(t, upTo(60), got)
	})
}

func TestSlowCallerIsNotFlooded(t *testing.T) {
	t.Parallel()
	s := &lateServer{rows: upTo(100)}
	synctest.Test(t, func(t *testing.T) {
		defer s.requireIdle(t)
		read := 0
		for _, err := range s.client().Vulns(t.Context(), VulnQuery{PageSize: 2}) {
			require.NoError(t, err)
			read++
			page := (read + 1) / 2
			<-time.After(time.Minute)
			s.mu.Lock()
			asked := len(s.starts)
			s.mu.Unlock()
			want := min(page+defaultPagesAhead, 51) // fifty and an empty one
			if page == 1 {
				want = 1 // perhaps nobody wants more
			}
			require.Equal(t, want, asked)
		}
		require.Equal(t, 100, read)
	})
}

func TestLargePagesAreNotHoarded(t *testing.T) {
	t.Parallel()
	padding := strings.Repeat(" ", 16<<20/2-1000)
	s := &lateServer{rows: upTo(12), answer: func(_ int, body string) (int, io.Reader) {
		return http.StatusOK, strings.NewReader(body + padding)
	}}
	synctest.Test(t, func(t *testing.T) {
		defer s.requireIdle(t)
		got, err := collect(s.client().Vulns(t.Context(), VulnQuery{PageSize: 2}))
		require.NoError(t, err)
		require.Equal(t, upTo(12), got)
		require.Equal(t, 2, s.most)
	})
}

func TestBreakCancelsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	s := &lateServer{rows: upTo(100), latency: func(start int) time.Duration { return time.Duration(1+start) * time.Second }}
	synctest.Test(t, func(t *testing.T) {
		defer s.requireIdle(t)
		for row, err := range s.client().Vulns(t.Context(), VulnQuery{PageSize: 2}) {
			require.NoError(t, err)
			if row.PluginID == 3 {
				break
			}
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		require.Equal(t, 4, s.given)
	})
}

func TestCancelledContextEndsTheLoopAtOnce(t *testing.T) {
	t.Parallel()
	s := &lateServer{rows: upTo(100), latency: func(int) time.Duration { return time.Hour }}
	synctest.Test(t, func(t *testing.T) {
		defer s.requireIdle(t)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		begin := time.Now()
		time.AfterFunc(90*time.Minute, cancel) // while the second page is waited for
		got, err := collect(s.client().Vulns(ctx, VulnQuery{PageSize: 2}))
		require.ErrorIs(t, err, context.Canceled)
		require.False(t, IsTransient(err))
		require.Equal(t, upTo(2), got)
		require.Equal(t, 90*time.Minute, time.Since(begin))
	})
}

// cutReader is a body that ends too early.
type cutReader struct{ io.Reader }

func (r cutReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

func TestNoRowOfABadPageIsHandedOut(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		bad  func(body string) (int, io.Reader)
		text string
	}{
		"error after the rows": {func(body string) (int, io.Reader) {
			return 200, strings.NewReader(strings.Replace(body, `"error_code":0,"error_msg":""`, `"error_code":143,"error_msg":"Unable to process"`, 1))
		}, "Unable to process"},
		"error text only": {func(body string) (int, io.Reader) {
			return 200, strings.NewReader(strings.Replace(body, `"error_msg":""`, `"error_msg":"failed"`, 1))
		}, "failed"},
		"connection lost": {func(body string) (int, io.Reader) { return 200, cutReader{strings.NewReader(body[:len(body)-30])} }, "cut short"},
		"lost after all":  {func(body string) (int, io.Reader) { return 200, cutReader{strings.NewReader(body)} }, "cut short"},
		"cut":             {func(body string) (int, io.Reader) { return 200, strings.NewReader(body[:len(body)-1]) }, "something in between"},
		"trailing":        {func(body string) (int, io.Reader) { return 200, strings.NewReader(body + "{}") }, "something in between"},
		"last row broken": {func(body string) (int, io.Reader) {
			return 200, strings.NewReader(strings.Replace(body, `}]}`, `,"port":[1]}]}`, 1))
		}, "cannot be used"},
		"proxy": {func(string) (int, io.Reader) { return 502, strings.NewReader("<html>bad gateway") }, "proxy"},
		"empty": {func(string) (int, io.Reader) { return 200, strings.NewReader("") }, "something in between"},
		"hole": {func(string) (int, io.Reader) {
			return 200, strings.NewReader(`{"response":{"totalRecords":"20","results":[]},"error_code":0}`)
		}, "no rows at offset 6, but rows at 19"},
		"too long": {func(string) (int, io.Reader) {
			return 200, strings.NewReader(`{"response":{"results":[{},{},{}]},"error_code":0}`)
		}, "ignores the offsets"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &lateServer{rows: upTo(20), answer: func(start int, body string) (int, io.Reader) {
				if start == 6 {
					return test.bad(body)
				}
				return 200, strings.NewReader(body)
			}}
			synctest.Test(t, func(t *testing.T) {
				defer s.requireIdle(t)
				got, err := collect(s.client().Vulns(t.Context(), VulnQuery{PageSize: 2}))
				require.ErrorContains(t, err, test.text)
				require.Equal(t, upTo(6), got, "the pages before it, nothing of it, nothing behind it")
			})
		})
	}
}

func TestWithoutTotalsPagesComeOneByOne(t *testing.T) {
	t.Parallel()
	s := &lateServer{rows: upTo(20), noTotal: true}
	synctest.Test(t, func(t *testing.T) {
		defer s.requireIdle(t)
		got, err := collect(s.client().Vulns(t.Context(), VulnQuery{PageSize: 2}))
		require.NoError(t, err)
		require.Equal(t, upTo(20), got)
		require.Equal(t, 1, s.most)
	})
}

// Pages that are under way together are computed in any order, and rows come or go between any two of them.
func TestRowsThatMoveBetweenPagesUnderWay(t *testing.T) {
	t.Parallel()
	for seed := range 60 {
		for name, move := range map[string]func(s *lateServer, at int){
			"come": func(s *lateServer, at int) { s.rows = slices.Insert(s.rows, at%len(s.rows), 1000+len(s.rows)) },
			"go":   func(s *lateServer, at int) { s.rows = slices.Delete(s.rows, at%len(s.rows), at%len(s.rows)+1) },
			"leave": func(s *lateServer, at int) {
				at %= len(s.rows)
				s.rows = slices.Delete(s.rows, at, min(at+9, len(s.rows))) // more than a page
			},
		} {
			t.Run(fmt.Sprintf("%s %d", name, seed), func(t *testing.T) {
				t.Parallel()
				s := &lateServer{rows: upTo(60), latency: func(start int) time.Duration { return time.Duration(1+start*(seed+7)*31%47) * time.Second }}
				n := 0
				s.compute = func(int) {
					if n++; n%3 == seed%3 && n < 12 {
						move(s, n*(seed+3)*17)
					}
				}
				synctest.Test(t, func(t *testing.T) {
					defer s.requireIdle(t)
					got, err := collect(s.client().Vulns(t.Context(), VulnQuery{PageSize: 6}))
					require.NoError(t, err)
					stayed := slices.DeleteFunc(upTo(60), func(id int) bool { return !slices.Contains(s.rows, id) })
					require.Subset(t, got, stayed, "a row that was there all the time must not be missed")
					slices.SortFunc(got, cmp.Compare)
					require.Equal(t, slices.Compact(slices.Clone(got)), got, "each row once")
				})
			})
		}
	}
}

func TestSessionEndsWhilePagesAreUnderWay(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	logins, answered := 0, 0
	pages := &vulnServer{rows: upTo(40)}
	s := newStub(t, map[string]http.HandlerFunc{
		"POST /rest/token": func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			logins++
			answers(fmt.Sprintf(`{"token":%d}`, logins))(w, r)
		},
		"DELETE /rest/token": answers(`""`),
		"POST /rest/analysis": func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			answered++
			expired := answered > 3 && r.Header.Get("X-SecurityCenter") == "1"
			mu.Unlock()
			if expired {
				refuses(403, codeNoToken, "This request contains an invalid token.")(w, r)
				return
			}
			pages.handle(w, r)
		},
	})
	c := &Client{URL: s.URL, Username: "u", Password: NewSecret("p")}
	got, err := collect(c.Vulns(t.Context(), VulnQuery{PageSize: 2}))
	require.NoError(t, err)
	require.Equal(t, upTo(40), got)
	require.NoError(t, c.Close(t.Context()))
	require.Equal(t, 2, logins, "one new login for all pages")
}

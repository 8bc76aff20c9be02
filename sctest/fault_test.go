package sctest_test

// Faults: what breaks, and what nevertheless happened.

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"patchproof/sctest"
)

const assetRequest = `{"name":"static test list","type":"static","definedIPs":"127.0.0.1,198.168.1.1"}`

func TestConnectionFaults(t *testing.T) {
	t.Parallel()
	for do, effect := range map[string]bool{"drop-response": true, "refuse": false} {
		t.Run(do, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, base+"faults: [{method: POST, path: /rest/asset, do: "+do+", times: 2}]\n")
			for range 2 {
				resp, err := l.send("POST", "/rest/asset", assetRequest)
				if err == nil {
					resp.Body.Close()
				}
				require.Error(t, err)
			}
			if effect {
				require.Len(t, l.sim.State().Assets, 2)
			} else {
				require.Empty(t, l.sim.State().Assets)
			}
			l.ok("GET", "/rest/asset", nil)
			l.ok("POST", "/rest/asset", assetRequest)
			require.Equal(t, 3, l.sim.Calls()["POST /rest/asset"])
		})
	}
}

func TestTruncatedAnswer(t *testing.T) {
	t.Parallel()
	l := newLab(t, base+"faults: [{path: /rest/plugin, do: truncate}]\n")
	resp, err := l.send("GET", "/rest/plugin", "")
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Len(t, body, int(resp.ContentLength)/2)
}

func TestStatusFaults(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][2]string{
		"html": {"text/html; charset=UTF-8", "<html>"}, "json": {"application/json", `"error_code":0`},
		"text": {"text/plain", "502 Bad Gateway"}, "empty": {"", ""},
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, base+"faults: [{path: /rest/asset, do: status, status: 502, retryAfter: 30s, body: "+body+"}]\n")
			r := l.do("POST", "/rest/asset", assetRequest)
			require.Equal(t, 502, r.status)
			require.Equal(t, want[0], r.header.Get("Content-Type"))
			require.Contains(t, r.raw, want[1])
			require.Equal(t, "30", r.header.Get("Retry-After"))
			require.Empty(t, l.sim.State().Assets)
			l.ok("POST", "/rest/asset", assetRequest)
		})
	}
}

func TestLocked(t *testing.T) {
	t.Parallel()
	l := newLab(t, base+"faults: [{do: locked}]\n")
	l.refused("POST", "/rest/asset", assetRequest, 146, "database is locked")
	require.Empty(t, l.sim.State().Assets)
}

func TestFaultPathsMatchAtSlashes(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts+"faults: [{path: /rest/scan, do: status, status: 503, times: 2}]\n")
	require.Equal(t, 200, l.do("GET", "/rest/scanResult", nil).status)
	require.Equal(t, 503, l.do("GET", "/rest/scan/7", nil).status)
	require.Equal(t, 503, l.do("GET", "/rest/scan", nil).status)
	require.Equal(t, 200, l.do("GET", "/rest/scan", nil).status, "the fault is spent")
}

// A client that gives up during a delay has launched its scan nevertheless.
func TestDelayBeforeOutlivesTheClient(t *testing.T) {
	t.Parallel()
	l := newLab(t, base+"faults: [{method: POST, path: /rest/asset, do: delay, delay: 150ms}]\n")
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, l.http.URL+"/rest/asset", strings.NewReader(assetRequest))
	require.NoError(t, err)
	req.Header.Set("x-apikey", l.keys)
	resp, err := l.http.Client().Do(req)
	if err == nil {
		resp.Body.Close()
	}
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.Empty(t, l.sim.State().Assets)
	l.wait(func() bool { return len(l.sim.State().Assets) == 1 })
}

func TestDelayAfter(t *testing.T) {
	t.Parallel()
	l := newLab(t, base+"faults: [{path: /rest/asset, do: delay, delay: 100ms, when: after}]\n")
	done := make(chan error, 1)
	go func() {
		resp, err := l.send("POST", "/rest/asset", assetRequest)
		if err == nil {
			err = errors.Join(resp.Body.Close())
		}
		done <- err
	}()
	l.wait(func() bool { return len(l.sim.State().Assets) == 1 })
	select {
	case <-done:
		require.Fail(t, "answered at once")
	default:
	}
	require.NoError(t, <-done)
}

func TestExpiredSession(t *testing.T) {
	t.Parallel()
	l := newLab(t, base)
	login := l.logIn(false)
	require.Equal(t, 200, l.do("GET", "/rest/currentUser", nil, login...).status)
	l.sim.AddFaults(sctest.Fault{Do: sctest.FaultExpireSession})
	r := l.do("GET", "/rest/currentUser", nil, login...)
	require.Equal(t, []any{403, 12}, []any{r.status, r.code})
	require.Equal(t, 200, l.do("GET", "/rest/currentUser", nil, l.logIn(false)...).status)
}

func TestAnalysisFaults(t *testing.T) {
	t.Parallel()
	l := newLab(t, threeHosts+"faults: [{do: individual-denied}, {do: wrong-totals}]\n")
	id := l.scanned("10.0.0.5", nil, nil)
	body := individually(id, "all", "vulndetails")
	l.refused("POST", "/rest/analysis", body, 146, "does not have access to the Repository that contains the scan result")
	out := l.ok("POST", "/rest/analysis", body).(m)
	require.NotEqual(t, out["returnedRecords"].(interface{ String() string }).String(), out["totalRecords"])
	out = l.ok("POST", "/rest/analysis", body).(m)
	require.Equal(t, out["returnedRecords"].(interface{ String() string }).String(), out["totalRecords"])
}

func TestScanFaults(t *testing.T) {
	t.Parallel()
	for do, want := range map[string]struct{ status, importStatus, scanned, dead string }{
		"scan-error":   {"Error", "No Results", "", ""},
		"scan-partial": {"Partial", "Finished", "10.0.0.5", ""},
		"import-error": {"Completed", "Error", "10.0.0.5,10.0.0.8", ""},
		"no-results":   {"Completed", "No Results", "", ""},
		"scan-pause":   {"Paused", "No Results", "10.0.0.5", ""},
	} {
		t.Run(do, func(t *testing.T) {
			t.Parallel()
			l := newLab(t, threeHosts+"faults: [{do: "+do+"}]\n")
			id := l.scanned("10.0.0.5,10.0.0.8", nil, nil)
			result := l.result(id)
			progress := result["progress"].(m)
			require.Equal(t, []any{want.status, want.importStatus, want.scanned, want.dead},
				[]any{result["status"], result["importStatus"], progress["scannedIPs"], progress["deadHostIPs"]})
			if want.importStatus != "Finished" {
				require.Len(t, l.addresses("cumulative", 97833), 3)
				l.refused("POST", "/rest/analysis", individually(id, "all", "listvuln"), 143, "namedb.db")
			}
			if do == "scan-pause" {
				l.ok("POST", "/rest/scanResult/"+id+"/resume", nil)
				l.clock.forward(time.Hour)
				require.Equal(t, "Finished", l.result(id)["importStatus"])
				return
			}
			again := l.result(l.scanned("10.0.0.5,10.0.0.8", nil, nil))
			require.Equal(t, []any{"Completed", "Finished"}, []any{again["status"], again["importStatus"]}, "the fault is spent")
		})
	}
}

func TestOwnFault(t *testing.T) {
	t.Parallel()
	l := newLab(t, base)
	l.sim.Fault = func(w http.ResponseWriter, r *http.Request) bool {
		body, err := io.ReadAll(r.Body)
		if err != nil || len(body) == 0 {
			return false
		}
		w.WriteHeader(http.StatusTeapot)
		return true
	}
	require.Equal(t, http.StatusTeapot, l.do("POST", "/rest/asset", assetRequest).status)
	require.Equal(t, 200, l.do("GET", "/rest/asset", nil).status)
}

package main

import (
	"bytes"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"patchproof/sclient"
)

func TestReadersReadAllRows(t *testing.T) {
	t.Parallel()
	s := settings{rows: 2500}
	server := httptest.NewServer(handler(s, newTable()))
	t.Cleanup(server.Close)
	for name := range readers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			require.NoError(t, readOnce(t.Context(), settings{read: name, url: server.URL}, &out))
			require.True(t, strings.HasPrefix(out.String(), "2500 "), out.String())
		})
	}
}

func TestRowsAreLikeRealOnes(t *testing.T) {
	t.Parallel()
	table := newTable()
	page := table.appendRows(nil, 0, 1000)
	require.InDelta(t, 2500, len(page)/1000, 150, "bytes of a row")
	server := httptest.NewServer(handler(settings{rows: 3}, table))
	t.Cleanup(server.Close)
	var rows []sclient.Vuln
	for row, err := range newClient(server.URL).Vulns(t.Context(), sclient.VulnQuery{}) {
		require.NoError(t, err)
		rows = append(rows, row)
	}
	require.Len(t, rows, 3)
	addr, ok := rows[2].Addr()
	require.True(t, ok)
	require.Equal(t, "10.100.100.102", addr.String())
	require.Equal(t, "host-000002.lan.example.com", rows[2].DNSName)
	require.Contains(t, rows[2].Output(), "Host : host-000002")
}

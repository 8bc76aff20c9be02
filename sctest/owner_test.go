package sctest_test

// Who made what, and numbers that are used again.

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const twoUsers = `
users:
  - {username: api, password: secret, accessKey: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, secretKey: bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb}
  - {username: stranger, accessKey: cccccccccccccccccccccccccccccccc, secretKey: dddddddddddddddddddddddddddddddd}
`

func strangersKeys() []string {
	return []string{"x-apikey", "accesskey=" + strings.Repeat("c", 32) + "; secretkey=" + strings.Repeat("d", 32)}
}

func TestOwnersAreRealUsers(t *testing.T) {
	t.Parallel()
	l := newLab(t, twoUsers+threeHosts)
	me := l.ok("GET", "/rest/currentUser", nil).(m)
	policy := l.do("POST", "/rest/policy", policyBody([]int{97833}, nil), strangersKeys()...).response.(m)
	require.Equal(t, "stranger", policy["owner"].(m)["username"])
	require.NotEqual(t, me["id"], policy["owner"].(m)["id"])
	definition := l.do("POST", "/rest/scan", scanBody(policy["id"], "10.0.0.5", m{"schedule": m{"type": "template"}}), strangersKeys()...).response.(m)
	launched := l.ok("POST", "/rest/scan/"+definition["id"].(string)+"/launch", nil).(m)["scanResult"].(m)
	require.Equal(t, "2", launched["ownerID"])
	result := l.result(launched["id"].(string))
	require.Equal(t, []any{"api", "stranger"}, []any{result["initiator"].(m)["username"], result["owner"].(m)["username"]})
	list := l.ok("GET", "/rest/scanResult?fields=id,owner,initiator&filter=usable,running", nil).(m)["usable"].([]any)
	require.Equal(t, me["id"], list[0].(m)["initiator"].(m)["id"])
	l.refused("GET", "/rest/scanResult?filter=mine", nil, 146, "mine")
}

func TestNumbersAreUsedAgain(t *testing.T) {
	t.Parallel()
	for prelude, again := range map[string]bool{"reuseIds: true\n": true, "": false} {
		l := newLab(t, prelude+twoUsers+threeHosts)
		ours := l.ok("POST", "/rest/policy", policyBody([]int{97833}, nil)).(m)
		l.ok("POST", "/rest/scan", scanBody(ours["id"], "10.0.0.5", nil))
		l.clock.forward(time.Hour)
		// The server has deleted the one-time policy itself by now.
		theirs := l.do("POST", "/rest/policy", policyBody([]int{97833}, nil), strangersKeys()...).response.(m)
		require.Equal(t, again, ours["id"] == theirs["id"])
	}
}

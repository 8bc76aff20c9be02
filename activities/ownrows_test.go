package activities_test

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/testsuite"
	"go.uber.org/mock/gomock"

	"patchproof/activities"
	"patchproof/remediation"
	"patchproof/sclient"
)

// Our own result is read once for the plugin's rows and the proof plugins'. Where rows do not say whose they are, each kind is read
// by its own filter: a proof plugin's row at the finding's port must not pass for the finding.
func TestOwnResultIsReadOnce(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		nameless bool
		reads    int
		seen     int
	}{
		"rows that say whose they are": {false, 1, 1},
		"rows that do not":             {true, 3, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sc := NewMockSecurityCenter(gomock.NewController(t))
			sc.EXPECT().ServerTime(gomock.Any()).AnyTimes().Return(scannedAt.Add(time.Hour), nil)
			reads := 0
			sc.EXPECT().Vulns(gomock.Any(), gomock.Any()).AnyTimes().DoAndReturn(func(_ context.Context, q sclient.VulnQuery) iter.Seq2[sclient.Vuln, error] {
				var rows []sclient.Vuln
				if q.Source == sclient.Individual && q.View == sclient.ViewAll {
					reads++
					for _, v := range []sclient.Vuln{row(19506, info, known5), row(11219, "open", onPort(445)), row(97833, "", onPort(445))} {
						if !strings.Contains(fmt.Sprint(q.Filters), v.PluginID.String()) {
							continue
						}
						if test.nameless {
							v.PluginID = 0
						}
						rows = append(rows, v)
					}
				}
				return func(yield func(sclient.Vuln, error) bool) {
					for _, v := range rows {
						if !yield(v, nil) {
							return
						}
					}
				}
			})
			env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
			a := &activities.Activities{SCs: map[string]activities.Site{"default": {SecurityCenter: sc}}}
			env.RegisterActivity(a)
			value, err := env.ExecuteActivity(a.Assess, activities.AssessInput{SC: "default", ResultID: 7, Policy: ourPolicy, Facts: remediation.Facts{
				Plugin:     remediation.Plugin{ID: 97833, Type: "active", CheckType: "remote"},
				Repository: remediation.Repository{ID: 1, Kind: "IPv4", Type: "Local", Ranges: "10.0.0.0/8"},
				BaselineAt: scannedAt.Add(-time.Hour),
				Baseline: []remediation.Finding{{
					Host: remediation.Host{Address: "10.0.0.5"}, Port: 445, Protocol: "TCP", State: remediation.StateOpen,
				}},
				Scan: &remediation.Scan{Ended: remediation.ScanCompleted, Import: remediation.ImportFinished, ImportedAt: scannedAt},
			}})
			require.NoError(t, err)
			var out activities.AssessResult
			require.NoError(t, value.Get(&out))
			require.Equal(t, test.reads, reads)
			require.Len(t, out.Facts.Scan.Seen, test.seen)
		})
	}
}

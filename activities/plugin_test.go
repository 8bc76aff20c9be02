package activities_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.uber.org/mock/gomock"

	"patchproof/activities"
	"patchproof/remediation"
	"patchproof/sclient"
)

var errUnknown = &sclient.Error{Method: "GET", Path: "/rest/plugin/1", Status: 403, Code: 147, Message: "does not exist"}

func active(id, family sclient.ID) *sclient.Plugin {
	return &sclient.Plugin{ID: id, Type: "active", CheckType: "remote", Family: sclient.FamilyRef{ID: family, Type: "active"}}
}

// known is the plugin as a row of the baseline describes it.
func known() *remediation.Plugin {
	return &remediation.Plugin{
		ID: 97833, Type: "active", CheckType: "remote", FamilyID: 20, FamilyName: "Windows", Modified: time.Unix(1490000000, 0),
	}
}

// lookUp runs the Plugin activity against a mock that knows the proof plugins, all in family 41.
func lookUp(t *testing.T, in activities.PluginInput, prepare func(*MockSecurityCenter)) (*activities.PluginResult, error) {
	t.Helper()
	sc := NewMockSecurityCenter(gomock.NewController(t))
	prepare(sc)
	sc.EXPECT().Plugin(gomock.Any(), gomock.Not(sclient.ID(97833))).AnyTimes().DoAndReturn(
		func(_ context.Context, id sclient.ID) (*sclient.Plugin, error) { return active(id, 41), nil })
	env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
	a := &activities.Activities{SCs: map[string]activities.Site{"default": {SecurityCenter: sc}}}
	env.RegisterActivity(a)
	in.SC, in.Plugin = "default", 97833
	value, err := env.ExecuteActivity(a.Plugin, in)
	if err != nil {
		return nil, err
	}
	var out activities.PluginResult
	require.NoError(t, value.Get(&out))
	return &out, nil
}

// The family is taken from the first source that answers: the request, the baseline, the plugin, the guide's end point.
func TestFamilySources(t *testing.T) {
	t.Parallel()
	family := func(id sclient.ID, kind string) func(*MockSecurityCenter) {
		return func(sc *MockSecurityCenter) {
			sc.EXPECT().Plugin(gomock.Any(), sclient.ID(97833)).Return(active(97833, 0), nil)
			sc.EXPECT().PluginFamily(gomock.Any(), sclient.ID(97833)).Return(&sclient.PluginFamily{ID: id, Type: kind}, nil)
		}
	}
	plugin := func(sc *MockSecurityCenter) {
		sc.EXPECT().Plugin(gomock.Any(), sclient.ID(97833)).Return(active(97833, 20), nil)
	}
	nothing := func(*MockSecurityCenter) {}
	for name, test := range map[string]struct {
		in      activities.PluginInput
		prepare func(*MockSecurityCenter)
		family  int
		source  string
		refusal string
		asked   bool // whether it is asked again: it was Security Center that said no
	}{
		"the request, as the baseline agrees": {activities.PluginInput{Family: 20, Known: known()}, nothing, 20, "request", "", false},
		"the request, against the baseline":   {activities.PluginInput{Family: 7, Known: known()}, nothing, 0, "", "belongs to family 20", false},
		"the request, where nobody else knows": {activities.PluginInput{Family: 7}, func(sc *MockSecurityCenter) {
			sc.EXPECT().Plugin(gomock.Any(), sclient.ID(97833)).Return(active(97833, 0), nil)
		}, 7, "request", "", false},
		"the baseline": {activities.PluginInput{Known: known()}, nothing, 20, "baseline", "", false},
		"the plugin":   {activities.PluginInput{}, plugin, 20, "plugin", "", false},
		"the plugin, as the baseline lacks the kind of check": {
			activities.PluginInput{Known: &remediation.Plugin{ID: 97833, Type: "active", FamilyID: 9}}, plugin, 20, "plugin", "", false,
		},
		"the plugin, as the baseline lacks the family's name": {
			activities.PluginInput{Known: &remediation.Plugin{ID: 97833, Type: "active", CheckType: "remote", FamilyID: 9, Modified: time.Unix(1, 0)}}, plugin, 20, "plugin", "", false,
		},
		"the plugin, as the baseline lacks its date": {
			activities.PluginInput{Known: &remediation.Plugin{ID: 97833, Type: "active", CheckType: "remote", FamilyID: 9, FamilyName: "Web"}}, plugin, 20, "plugin", "", false,
		},
		"the plugin, as the baseline's row is of another": {
			activities.PluginInput{Known: &remediation.Plugin{
				ID: 97737, Type: "active", CheckType: "remote", FamilyID: 10, FamilyName: "Windows", Modified: time.Unix(1490000000, 0),
			}}, plugin, 20, "plugin", "", false,
		},
		"the plugin, as it does not say which it is": {activities.PluginInput{}, func(sc *MockSecurityCenter) {
			sc.EXPECT().Plugin(gomock.Any(), sclient.ID(97833)).Return(active(-1, 20), nil)
		}, 20, "plugin", "", false},
		"another plugin": {activities.PluginInput{}, func(sc *MockSecurityCenter) {
			sc.EXPECT().Plugin(gomock.Any(), sclient.ID(97833)).Return(active(97737, 10), nil)
		}, 0, "", "answers with plugin 97737", true},
		"the guide's end point":                             {activities.PluginInput{}, family(20, "active"), 20, "pluginFamily", "", false},
		"a family that happens to have the plugin's number": {activities.PluginInput{}, family(97833, "active"), 0, "", "name it with --family", false},
		"the guide's own example: a passive family":         {activities.PluginInput{}, family(1000030, "passive"), 0, "", "name it with --family", false},
		"deprecated, as the plugin says": {activities.PluginInput{}, func(sc *MockSecurityCenter) {
			p := active(97833, 20)
			p.Name, p.Description = "MS17-010 (deprecated)", "This plugin has been deprecated. Use plugin ID 97737 instead."
			sc.EXPECT().Plugin(gomock.Any(), sclient.ID(97833)).Return(p, nil)
		}, 0, "", "use plugin 97737 instead", false},
		"nobody knows the plugin": {activities.PluginInput{}, func(sc *MockSecurityCenter) {
			sc.EXPECT().Plugin(gomock.Any(), sclient.ID(97833)).Return(nil, errUnknown)
		}, 0, "", "knows no plugin 97833", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := lookUp(t, test.in, test.prepare)
			if test.refusal != "" {
				require.ErrorContains(t, err, test.refusal)
				var app *temporal.ApplicationError
				require.ErrorAs(t, err, &app)
				require.Equal(t, test.asked, !app.NonRetryable())
				return
			}
			require.NoError(t, err)
			require.Equal(t, 97833, out.Plugin.ID)
			require.Equal(t, test.family, out.Plugin.FamilyID)
			require.Equal(t, test.source, out.Plugin.FamilySource)
			require.Len(t, out.Proof, len(sclient.ProofPlugins()))
		})
	}
}

func TestProofPluginsThatAreMissing(t *testing.T) {
	t.Parallel()
	missing := func(ids ...sclient.ID) func(*MockSecurityCenter) {
		return func(sc *MockSecurityCenter) {
			for _, id := range ids {
				sc.EXPECT().Plugin(gomock.Any(), id).Return(nil, errUnknown)
			}
		}
	}
	in := activities.PluginInput{Known: known()}
	out, err := lookUp(t, in, missing(34220, 14272))
	require.NoError(t, err)
	require.Equal(t, []int{34220, 14272}, out.Unknown)
	require.Len(t, out.Proof, len(sclient.ProofPlugins())-2)

	_, err = lookUp(t, in, missing(19506))
	require.ErrorContains(t, err, "without which no scan proves anything")
}

// The families are read once for all verifications of a worker.
func TestProofPluginsAreRemembered(t *testing.T) {
	t.Parallel()
	sc := NewMockSecurityCenter(gomock.NewController(t))
	sc.EXPECT().Plugin(gomock.Any(), gomock.Any()).Times(len(sclient.ProofPlugins())).DoAndReturn(
		func(_ context.Context, id sclient.ID) (*sclient.Plugin, error) { return active(id, 41), nil })
	a := &activities.Activities{SCs: map[string]activities.Site{"default": {SecurityCenter: sc}}}
	env := new(testsuite.WorkflowTestSuite).NewTestActivityEnvironment()
	env.RegisterActivity(a)
	for range 3 {
		_, err := env.ExecuteActivity(a.Plugin, activities.PluginInput{
			SC: "default", Plugin: 97833,
			Known: known(),
		})
		require.NoError(t, err)
	}
}

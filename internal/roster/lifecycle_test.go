package roster_test

import (
	"slices"
	"testing"

	"github.com/rosterhq/roster/internal/roster"
)

var door = roster.Lifecycle{
	Noun: "door", Begins: []string{"CLOSED"}, NoStep: "D1", NotYours: "D2",
	Steps: []roster.Step{
		{From: []string{"CLOSED"}, To: "OPEN", By: []string{"guest", "host"}, When: "somebody pulls"},
		{From: []string{"OPEN"}, To: "CLOSED", By: []string{"guest", "host"}, When: "somebody pushes"},
		{From: []string{"CLOSED", "OPEN"}, To: "BRICKED", By: []string{"host"}, When: "there are bricks"},
	},
}

func TestLifecycle(t *testing.T) {
	l := roster.NewLifecycle(door)
	if got := l.States(); !slices.Equal(got, []string{"CLOSED", "OPEN", "BRICKED"}) {
		t.Errorf("states are %q", got)
	}
	for _, state := range l.States() {
		if l.Final(state) != (state == "BRICKED") {
			t.Errorf("%s: final is %v", state, l.Final(state))
		}
	}
	for _, c := range []struct {
		from, to, by string
		kind         roster.Kind
		code, want   string
	}{
		{"CLOSED", "OPEN", "guest", 0, "", ""},
		{"OPEN", "BRICKED", "host", 0, "", ""},
		{"OPEN", "OPEN", "host", roster.Conflict, "D1", "the door is OPEN already"},
		{"BRICKED", "OPEN", "host", roster.Conflict, "D1", "the door is BRICKED and cannot become OPEN"},
		{"CLOSED", "BRICKED", "guest", roster.Forbidden, "D2", "a step of the door from CLOSED to BRICKED is for host"},
		{"CLOSED", "OPEN", "thief", roster.Forbidden, "D2", "a step of the door from CLOSED to OPEN is for guest or host"},
	} {
		err := l.Check(c.from, c.to, c.by)
		if c.want == "" {
			if err != nil {
				t.Errorf("%v: %v", c, err)
			}
			continue
		}
		if e := roster.AsError(err); e.Kind != c.kind || e.Code != c.code || e.Msg != c.want {
			t.Errorf("%v: %+v", c, e)
		}
	}
}

func TestLifecycleRendering(t *testing.T) {
	l := roster.NewLifecycle(door)
	if got, want := l.String(), `door: CLOSED
CLOSED -> OPEN (guest, host): somebody pulls
OPEN -> CLOSED (guest, host): somebody pushes
CLOSED | OPEN -> BRICKED (host): there are bricks
`; got != want {
		t.Error(got)
	}
	if got, want := l.Markdown(), `| from | to | by | when |
|---|---|---|---|
| | CLOSED | | a new door |
| CLOSED | OPEN | guest, host | somebody pulls |
| OPEN | CLOSED | guest, host | somebody pushes |
| CLOSED, OPEN | BRICKED | host | there are bricks |
`; got != want {
		t.Error(got)
	}
}

func TestLifecyclesThatMakeNoSense(t *testing.T) {
	step := func(from, to string, by ...string) roster.Step {
		return roster.Step{From: []string{from}, To: to, By: by}
	}
	for name, steps := range map[string][]roster.Step{
		"declared twice": {step("CLOSED", "OPEN", "host"), step("CLOSED", "OPEN", "host")},
		"never reached":  {step("AJAR", "OPEN", "host")},
		"nobody's":       {step("CLOSED", "OPEN")},
		"from nowhere":   {{To: "OPEN", By: []string{"host"}}},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it is taken")
				}
			}()
			roster.NewLifecycle(roster.Lifecycle{Noun: "door", Begins: []string{"CLOSED"}, Steps: steps})
		})
	}
}

package care_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// lives is where each state of a card leads by each thing that an operator can do
// (contract §8.8); "" is a refusal.
var lives = []struct {
	from string
	to   map[string]string // by what is done
}{
	{"NEW", map[string]string{"assign": "ASSIGNED", "put NEW": "NEW", "put BROKEN": "BROKEN", "put LOST": "LOST", "put ARCHIVED": "ARCHIVED"}},
	{"ASSIGNED", map[string]string{"assign": "ASSIGNED", "put ASSIGNED": "ASSIGNED", "unassign UNASSIGNED": "UNASSIGNED", "unassign BROKEN": "BROKEN", "unassign LOST": "LOST", "unassign ARCHIVED": "ARCHIVED"}},
	{"UNASSIGNED", map[string]string{"assign": "ASSIGNED", "put UNASSIGNED": "UNASSIGNED", "put BROKEN": "BROKEN", "put LOST": "LOST", "put ARCHIVED": "ARCHIVED"}},
	{"BROKEN", map[string]string{"put BROKEN": "BROKEN", "put UNASSIGNED": "UNASSIGNED", "put ARCHIVED": "ARCHIVED"}},
	{"LOST", map[string]string{"put LOST": "LOST", "put UNASSIGNED": "UNASSIGNED", "put ARCHIVED": "ARCHIVED"}},
	{"ARCHIVED", map[string]string{"put ARCHIVED": "ARCHIVED"}},
}

// waysTo is how a new card comes into a state.
var waysTo = map[string][]string{
	"NEW": nil, "ASSIGNED": {"assign"}, "UNASSIGNED": {"assign", "unassign UNASSIGNED"}, "BROKEN": {"put BROKEN"}, "LOST": {"put LOST"}, "ARCHIVED": {"put ARCHIVED"},
}

// A card lives as its table says, and in no other way.
func TestCardLife(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		w := open(t, database)
		admin := w.operator("admin@example.org", "ADMIN", w.at)
		carla := w.customer("carla@example.org", w.vie)
		do := func(card int64, what string) (*care.CardView, error) {
			how, state, _ := strings.Cut(what, " ")
			switch how {
			case "assign":
				return w.care.AssignCard(t.Context(), admin, card, carla)
			case "unassign":
				return w.care.UnassignCard(t.Context(), admin, card, state)
			default:
				return w.care.UpdateCard(t.Context(), admin, card, nil, care.CardPatch{State: &state})
			}
		}
		n := 0
		in := func(state string) *care.CardView {
			n++
			v, err := w.care.CreateCard(t.Context(), admin, care.Card{Number: fmt.Sprint(n), BranchID: w.vie})
			for _, what := range waysTo[state] {
				if err == nil {
					v, err = do(v.ID, what)
				}
			}
			if err != nil || v.State != state {
				t.Fatalf("%v, %v", v, err)
			}
			return v
		}
		states := care.CardLife.States()
		whats := []string{"assign"}
		for _, state := range states {
			whats = append(whats, "put "+state)
			if state != "NEW" && state != "ASSIGNED" {
				whats = append(whats, "unassign "+state)
			}
		}
		for _, l := range lives {
			for _, what := range whats {
				before := in(l.from)
				after, err := do(before.ID, what)
				switch want := l.to[what]; {
				case want == "" && err == nil:
					t.Errorf("%s: %s makes it %s", l.from, what, after.State)
				case want == "":
					e := roster.AsError(err)
					if e.Code != care.CodeCardState && (what != "put ASSIGNED" || e.Field != "state") {
						t.Errorf("%s: %s is refused by %+v", l.from, what, e)
					}
				case err != nil || after.State != want || (want == "ASSIGNED") != (after.PersonID == carla) || (after.AssignedAt != 0) != (want == "ASSIGNED"):
					t.Errorf("%s: %s makes it %+v, %v; want %s", l.from, what, after, err, want)
				case want == l.from && after.Revision != before.Revision:
					t.Errorf("%s: %s changes it", l.from, what)
				}
			}
		}
		if len(lives) != len(states) || !care.CardLife.Final("ARCHIVED") {
			t.Errorf("the states are %v", states)
		}
	})
}

// A tenant's file goes by the life and the settings of cards, too.
func TestCardsOfFile(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		w := open(t, database)
		carla, otto := w.customer("carla@example.org", w.vie), w.customer("otto@example.org", w.vie)
		put := func(c care.Card) error {
			return w.db.Write(t.Context(), w.a, func(tx *store.Tx) error {
				_, err := care.PutCard(tx, &c)
				tx.Housekeeping()
				return err
			})
		}
		setting := func(name, value string) {
			w.write(func(tx *store.Tx) error {
				_, err := identity.PutBranchSetting(tx, name, w.at, []byte(value))
				return err
			})
		}
		archived := care.Card{Number: "1", BranchID: w.vie, State: care.CardArchived}
		if err := errors.Join(put(care.Card{Number: "1", BranchID: w.vie, PersonID: carla}), put(archived)); err != nil {
			t.Fatal(err)
		}
		refused := func(c care.Card, code string) {
			t.Helper()
			if err := put(c); err == nil || roster.AsError(err).Code != code {
				t.Errorf("%+v: %v, want %s", c, err, code)
			}
		}
		refused(care.Card{Number: "1", BranchID: w.vie, PersonID: carla}, care.CodeCardState)
		setting("identityCards.maxPerUser", "1")
		if err := put(care.Card{Number: "2", BranchID: w.vie, PersonID: carla}); err != nil {
			t.Error(err)
		}
		refused(care.Card{Number: "3", BranchID: w.vie, PersonID: carla}, care.CodeCardLimit)
		if err := put(care.Card{Number: "2", BranchID: w.vie, PersonID: otto}); err != nil {
			t.Errorf("from one to another: %v", err)
		}
		setting("identityCards.enabled", "false")
		refused(care.Card{Number: "4", BranchID: w.vie, PersonID: carla}, care.CodeCardsDisabled)
	})
}

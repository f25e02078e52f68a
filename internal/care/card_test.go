package care_test

import (
	"slices"
	"testing"

	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestCards(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		w := open(t, database)
		carla := w.customer("carla@example.org", w.vie)
		put := func(c care.Card) (care.Card, bool) {
			t.Helper()
			var changed bool
			w.write(func(tx *store.Tx) (err error) {
				changed, err = care.PutCard(tx, &c)
				return err
			})
			return c, changed
		}
		has := func(branches ...int64) bool {
			t.Helper()
			var got []int64
			err := w.db.Read(t.Context(), w.a.Tenant.ID, func(tx *store.Tx) (err error) {
				got, err = care.CardsOf(tx, carla)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return slices.Equal(got, branches)
		}
		card, changed := put(care.Card{Number: "1", RFIDUID: "04a2", RFIDType: "NTAG", BranchID: w.vie})
		if !changed || card.State != care.CardNew || card.RFIDUID != "04A2" || !has() {
			t.Errorf("a new card is %+v", card)
		}
		if same, changed := put(care.Card{Number: "1", RFIDUID: "04A2", RFIDType: "NTAG", BranchID: w.vie}); changed || same != card {
			t.Errorf("the same card became %+v", same)
		}
		card, _ = put(care.Card{Number: "1", BranchID: w.vie, PersonID: carla})
		if card.State != care.CardAssigned || card.AssignedAt == 0 || !has(w.vie) {
			t.Errorf("an assigned card is %+v", card)
		}
		if kept, changed := put(care.Card{Number: "1", BranchID: w.vie}); changed || kept != card {
			t.Errorf("a card without a state became %+v", kept)
		}
		card, _ = put(care.Card{Number: "1", BranchID: w.vie, State: care.CardUnassigned})
		if card.PersonID != 0 || card.AssignedAt != 0 || !has() {
			t.Errorf("an unassigned card is %+v", card)
		}
		put(care.Card{Number: "2", BranchID: w.vie, RFIDUID: "ABCD", RFIDType: "LEGIC"})
		for name, c := range map[string]struct {
			card        care.Card
			field, code string
		}{
			"no number":     {care.Card{BranchID: w.vie}, "cardNumber", ""},
			"half a chip":   {care.Card{Number: "3", BranchID: w.vie, RFIDUID: "ABCD"}, "rfidUid", ""},
			"no hex":        {care.Card{Number: "3", BranchID: w.vie, RFIDUID: "WXYZ", RFIDType: "NTAG"}, "rfidUid", ""},
			"no chip":       {care.Card{Number: "3", BranchID: w.vie, RFIDUID: "ABCD", RFIDType: "CHIP"}, "rfidType", ""},
			"a chip taken":  {care.Card{Number: "3", BranchID: w.vie, RFIDUID: "abcd", RFIDType: "LEGIC"}, "rfidUid", care.CodeRFIDTaken},
			"nobody's":      {care.Card{Number: "3", BranchID: w.vie, State: care.CardAssigned}, "state", ""},
			"no state":      {care.Card{Number: "3", BranchID: w.vie, State: "EATEN"}, "state", ""},
			"no branch":     {care.Card{Number: "3", BranchID: 999}, "", identity.CodeNoBranch},
			"no customer":   {care.Card{Number: "3", BranchID: w.vie, PersonID: 999}, "", identity.CodeNoCustomer},
			"a long remark": {care.Card{Number: "3", BranchID: w.vie, Comment: string(make([]byte, 501))}, "comment", ""},
		} {
			e := w.refused(w.a, func(tx *store.Tx) error {
				_, err := care.PutCard(tx, &c.card)
				return err
			})
			if e.Field != c.field || e.Code != c.code {
				t.Errorf("%s: %+v", name, e)
			}
		}
	})
}

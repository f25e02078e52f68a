package opsapi_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/store"
)

// card makes a card of VIE, if there is none of its number; assigned to somebody where
// they are named. It returns the card's path.
func (h *house) card(number, holder string) string {
	h.T.Helper()
	c := care.Card{Number: number, BranchID: h.Branch("VIE")}
	if holder != "" {
		c.PersonID = h.Person(holder)
	}
	h.Write(func(tx *store.Tx) error {
		_, err := care.PutCard(tx, &c)
		tx.Housekeeping()
		return err
	})
	return fmt.Sprintf("/customer-identity-cards/%d", c.ID)
}

const cardList = "/customer-identity-cards"

func TestCards(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		vie, graz := h.Branch("VIE"), h.Branch("GRZ")
		support := h.as("support")
		g := h.golden(support, "cards")
		g.Post(cardList, object{"cardNumber": "A-1", "rfidUid": "04a2b3", "rfidType": "NTAG", "branchId": vie, "comment": "blue"}).Want(201)
		g.Note("Number, or chip and its type, of another card; a chip without a type; no branch; one that is not ours, or nobody's.")
		g.Post(cardList, object{"cardNumber": "A-1", "branchId": vie}).Want(409)
		g.Post(cardList, object{"cardNumber": "A-2", "rfidUid": "04A2B3", "rfidType": "NTAG", "branchId": vie}).Want(409)
		g.Post(cardList, object{"cardNumber": "A-2", "rfidUid": "04A2B3", "branchId": vie}).Want(400)
		g.Post(cardList, object{"cardNumber": "A-2", "rfidUid": "xyz", "rfidType": "NTAG", "branchId": vie}).Want(400)
		g.Post(cardList, object{"cardNumber": " ", "branchId": vie}).Want(400)
		g.Post(cardList, object{"cardNumber": "A-2"}).Want(400)
		g.Post(cardList, object{"cardNumber": "A-2", "branchId": graz}).Want(403)
		g.Post(cardList, object{"cardNumber": "A-2", "branchId": 99}).Want(404)
		g.Note("The same chip of another type is another chip.")
		second := number(g.Post(cardList, object{"cardNumber": "A-2", "rfidUid": "04A2B3", "rfidType": "LEGIC", "branchId": vie}).Want(201), "id")
		one := cardList + "/1"
		g.Get(one).Want(200)
		g.Get(cardList + "/99").Want(404)
		g.As(h.tokens["branch-b"]).Get(one).Want(404)

		g.Note("Change: null takes the chip away.")
		g.Patch(one, object{"cardNumber": "A-1b", "rfidUid": nil, "rfidType": nil, "comment": "green", "userId": 7}).Want(200)
		g.Patch(one, object{"cardNumber": "A-2"}).Want(409)
		g.Patch(one, object{"rfidUid": "04a2b3", "rfidType": "LEGIC"}).Want(409)
		g.Patch(one, object{"rfidUid": "04a2b3"}).Want(400)
		g.Patch(one, object{"cardNumber": nil}).Want(400)
		g.Patch(one, object{"branchId": graz}).Want(403)
		g.Patch(one, object{"branchId": 99}).Want(404)
		g.Patch(one, object{"state": "ASSIGNED"}).Want(400)
		g.Set("If-Match", `"1"`).Patch(one, object{"comment": "red"}).Want(412)
		if tag := support.Get(one).Header.Get("ETag"); support.Set("If-Match", tag).Patch(one, object{}).Want(200).Header.Get("ETag") != tag {
			t.Error("nothing was changed, and yet it is another version")
		}

		g.Note("Assign: once more for the same customer changes nothing.")
		g.Post(one+"/assign", object{"userId": h.Person("mia")}).Want(200)
		g.Post(one+"/assign", object{"userId": h.Person("mia")}).Want(200)
		g.Post(one+"/assign", object{"userId": h.Person("max")}).Want(409)
		g.Patch(one, object{"state": "LOST"}).Want(409)
		g.Patch(one, object{"comment": "hers"}).Want(200)
		g.Note("What GET gave can be put back.")
		shown := support.Get(one).Want(200)
		if again := g.Patch(one, shown.At("")).Want(200); again.Header.Get("ETag") != shown.Header.Get("ETag") {
			t.Error("put back as it is, and yet it is another version")
		}
		g.Get(h.of("mia", "/details")).Want(200)
		g.Note("Whom one does not see is not there.")
		unused := fmt.Sprintf("%s/%d", cardList, second)
		g.Post(unused+"/assign", object{"userId": h.Person("gus")}).Want(404)
		g.Post(unused+"/assign", object{"userId": 99}).Want(404)
		g.Post(unused+"/assign", object{}).Want(400)
		g.Post(cardList+"/99/assign", object{"userId": h.Person("mia")}).Want(404)

		g.Note("Unassign: into a state that is said.")
		g.Post(one+"/unassign", object{}).Want(400)
		g.Post(one+"/unassign", nil).Want(400)
		g.Post(one+"/unassign", object{"state": "NEW"}).Want(400)
		g.Post(one+"/unassign", object{"state": "LOST"}).Want(200)
		g.Post(one+"/unassign", object{"state": "LOST"}).Want(409)
		g.Post(one+"/assign", object{"userId": h.Person("mia")}).Want(409)
		g.Patch(one, object{"state": "BROKEN"}).Want(409)
		g.Patch(one, object{"state": "UNASSIGNED"}).Want(200)
		g.Patch(one, object{"state": "ARCHIVED"}).Want(200)
		g.Note("ARCHIVED is the end.")
		for _, state := range []string{"NEW", "UNASSIGNED", "BROKEN", "LOST"} {
			g.Patch(one, object{"state": state}).Want(409)
		}
		g.Post(one+"/assign", object{"userId": h.Person("mia")}).Want(409)
		g.Post(one+"/unassign", object{"state": "UNASSIGNED"}).Want(409)

		g.Note("The settings of the branch: one card each, and then none.")
		h.Apply(h.CLI, "settings:\n- {key: identityCards.maxPerUser, branch: VIE, value: 1}\n")
		g.Post(unused+"/assign", object{"userId": h.Person("max")}).Want(200)
		third := number(support.Post(cardList, object{"cardNumber": "A-3", "branchId": vie}).Want(201), "id")
		g.Post(fmt.Sprintf("%s/%d/assign", cardList, third), object{"userId": h.Person("max")}).Want(409)
		h.Apply(h.CLI, "settings:\n- {key: identityCards.enabled, branch: VIE, value: false}\n")
		g.Post(fmt.Sprintf("%s/%d/assign", cardList, third), object{"userId": h.Person("mia")}).Want(403)
		g.Post(cardList, object{"cardNumber": "A-4", "branchId": vie}).Want(403)
		g.Patch(cardList, []any{object{"cardNumber": "A-4", "branchId": vie}}).Want(403)
		g.Note("What there is can still be taken away.")
		g.Post(unused+"/unassign", object{"state": "UNASSIGNED"}).Want(200)
	})
}

// A deleted customer gets no card, and loses those that they have.
func TestCardOfDeleted(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		card, other := h.card("D-1", "uma"), h.card("D-2", "")
		uma := h.Person("uma")
		h.as("admin").Delete(h.of("uma", "")).Want(204)
		a := h.as("admin").Get(card).Want(200)
		if a.Text("state") != "UNASSIGNED" || a.At("userId") != nil || a.At("user") != nil || a.At("assignedAt") != nil {
			t.Errorf("it is %s", a.Body)
		}
		g := h.golden(h.as("admin"), "card_deleted")
		g.Post(other+"/assign", object{"userId": uma}).Want(409)
		h.as("support").Post(other+"/assign", object{"userId": uma}).Want(409)
	})
}

func TestListCards(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		admin := h.as("admin")
		h.card("V-1", "mia")
		h.card("V-2", "")
		h.card("V%_3", "max")
		for i, branch := range []string{"AT", "GRZ"} {
			admin.Post(cardList, object{"cardNumber": fmt.Sprintf("N-%d", i), "rfidUid": fmt.Sprintf("ABCD0%d", i), "rfidType": "NTAG", "branchId": h.Branch(branch)}).Want(201)
		}
		admin.Patch(cardList+"/2", object{"state": "BROKEN"}).Want(200)
		g := h.golden(admin, "cards_list")
		g.Get(cardList + "?size=2").Want(200)
		g.Get(cardList + "?page=9").Want(200)
		g.Get(cardList + "?sort=name").Want(400)
		g.Get(cardList + "?state=EATEN").Want(400)
		g.Get(cardList + "?branchId=99").Want(404)
		support := g.As(h.tokens["support"])
		support.Get(fmt.Sprintf("%s?branchId=%d", cardList, h.Branch("GRZ"))).Want(403)
		g.As(h.tokens["accounting"]).Get(cardList).Want(403)
		for query, want := range map[string]string{
			"": "N-1 N-0 V%_3 V-2 V-1", "?sort=cardNumber": "N-0 N-1 V%_3 V-1 V-2", "?sort=cardNumber,desc&size=2&page=1": "V%_3 N-1",
			fmt.Sprintf("?branchId=%d", h.Branch("AT")):                            "N-1 N-0 V%_3 V-2 V-1",
			fmt.Sprintf("?branchId=%d&includeChildBranches=false", h.Branch("AT")): "N-0",
			fmt.Sprintf("?branchId=%d", h.Branch("GRZ")):                           "N-1",
			"?state=BROKEN": "V-2", "?state=BROKEN&state=ASSIGNED": "V%_3 V-2 V-1", "?state=LOST": "",
			fmt.Sprintf("?userId=%d", h.Person("mia")): "V-1", "?userId=99": "",
			"?searchText=v-": "V-2 V-1", "?searchText=abcd01": "N-1", "?searchText=%25": "V%_3", "?searchText=_": "V%_3", "?searchText=member": "V%_3 V-1",
			"?searchText=MIA+member": "V-1", "?searchText=mia+v-1": "V-1", "?searchText=mia+v-2": "", "?searchText=example.org": "",
			fmt.Sprintf("?searchText=%d", h.Person("max")): "V%_3", "?searchText='": "", "?searchText=+": "N-1 N-0 V%_3 V-2 V-1",
		} {
			a := admin.Get(cardList + query).Want(200)
			var got []string
			for i := range a.Len("") {
				got = append(got, a.Text(fmt.Sprintf("%d.cardNumber", i)))
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%s lists %v, want %s", query, got, want)
			}
		}
		if n := h.as("support").Get(cardList).Want(200).Header.Get("X-Pagination-TotalElements"); n != "3" {
			t.Errorf("support lists %s cards, and not those of VIE", n)
		}
		admin.Get(cardList + "?searchText=%00").Want(400)
	})
}

func TestCreateCards(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		vie, graz := h.Branch("VIE"), h.Branch("GRZ")
		support := h.as("support")
		row := func(number string, more ...any) object {
			o := object{"cardNumber": number, "branchId": vie}
			for i := 0; i < len(more); i += 2 {
				o[more[i].(string)] = more[i+1]
			}
			return o
		}
		total := func() string { return h.as("admin").Get(cardList).Want(200).Header.Get("X-Pagination-TotalElements") }
		g := h.golden(support, "cards_batch")
		g.Patch(cardList, []any{row("B-1", "rfidUid", "aa01", "rfidType", "NTAG"), row("B-2", "comment", "spare")}).Want(200)
		g.Patch(cardList, object{"cards": []any{row("B-3")}}).Want(200)
		before := total()
		g.Note("Taken by another card, or twice here: nothing is made, and each row at fault is told.")
		g.Patch(cardList, []any{
			row("B-4"), row("B-1"), row("B-4"), row("B-5", "rfidUid", "AA01", "rfidType", "NTAG"), row("B-6", "rfidUid", "bb01", "rfidType", "NTAG"),
			row("B-6", "rfidUid", "BB01", "rfidType", "NTAG"), row("B-7", "rfidUid", "BB01", "rfidType", "LEGIC"),
		}).Want(409)
		g.Note("What is no card.")
		g.Patch(cardList, []any{
			row("B-8"), row(""), row("B-8", "rfidUid", "zz", "rfidType", "NTAG"), row("B-8", "rfidUid", "aa02"), row("B-8", "rfidUid", "aa02", "rfidType", "CHIP"),
			row("B-8", "comment", strings.Repeat("x", 501)), object{"cardNumber": "B-8"}, row("B-8", "branchId", "VIE"), row("B-8", "comment", 7), "B-8", nil,
		}).Want(400)
		g.Patch(cardList, []any{}).Want(400)
		g.Patch(cardList, object{"cards": []any{}}).Want(400)
		g.Patch(cardList, object{}).Want(400)
		g.Patch(cardList, "B-8").Want(400)
		g.Note("One row of a branch that is not ours, or nobody's.")
		g.Patch(cardList, []any{row("B-8"), row("B-9", "branchId", graz)}).Want(403)
		g.Patch(cardList, []any{row("B-8"), row("B-9", "branchId", 99)}).Want(404)
		if after := total(); after != before {
			t.Errorf("there were %s cards, and now there are %s", before, after)
		}
	})
}

// A thousand cards are made at once, or, with one that comes twice, none
// (contract §10.16).
func TestThousandCards(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		rows := make([]any, care.MaxCards)
		for i := range rows {
			rows[i] = object{"cardNumber": fmt.Sprintf("K-%04d", i), "rfidUid": fmt.Sprintf("%08X", i), "rfidType": "NTAG", "branchId": h.Branch("VIE")}
		}
		admin := h.as("admin")
		twice := slices.Clone(rows)
		twice[731] = rows[12]
		a := admin.Patch(cardList, twice).Want(409)
		if a.Text("errorCode") != "IC902" || number(a, "details.errors.0.index") != 731 || number(a, "details.errors.1.index") != 731 || a.Len("details.errors") != 2 {
			t.Errorf("%s", a.Body)
		}
		admin.Patch(cardList, append(slices.Clone(rows), rows[0])).Want(400)
		if n := admin.Get(cardList).Want(200).Len(""); n != 0 {
			t.Fatalf("%d cards were made", n)
		}
		if n := admin.Patch(cardList, rows).Want(200).Len("created"); n != care.MaxCards {
			t.Errorf("%d cards were made", n)
		}
	})
}

// Of two customers who are given one card at once, one gets it (contract §10.16).
func TestAssignRace(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		people := []string{"mia", "max", "ida", "ian"}
		for round := range 5 {
			path := h.card(fmt.Sprintf("R-%d", round), "")
			statuses := make([]int, len(people))
			var running sync.WaitGroup
			for i, name := range people {
				body := object{"userId": h.Person(name)}
				client := h.as("admin")
				running.Go(func() { statuses[i] = client.On(t).Post(path+"/assign", body).Status })
			}
			running.Wait()
			winner := slices.Index(statuses, 200)
			card := h.as("admin").Get(path).Want(200)
			if slices.Sort(statuses); !slices.Equal(statuses, []int{200, 409, 409, 409}) || number(card, "userId") != h.Person(people[winner]) {
				t.Errorf("%v, and it is %s", statuses, card.Body)
			}
		}
	})
}

// Two changes of one card at once, by who saw the same version: one is refused.
func TestCardEditsRace(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		path := h.card("E-1", "")
		tag := h.as("admin").Get(path).Want(200).Header.Get("ETag")
		statuses := make([]int, 2)
		var running sync.WaitGroup
		for i := range statuses {
			client := h.as("admin").Set("If-Match", tag)
			running.Go(func() { statuses[i] = client.On(t).Patch(path, object{"comment": fmt.Sprint(i)}).Status })
		}
		running.Wait()
		if slices.Sort(statuses); !slices.Equal(statuses, []int{200, 412}) {
			t.Errorf("they answer %v", statuses)
		}
	})
}

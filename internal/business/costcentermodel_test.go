package business_test

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

// Cost centers against a model of their own: who holds on to one, and what is then
// refused.
func TestCostCenterModel(t *testing.T) {
	storetest.Each(t, func(t *testing.T, database string) {
		base, tenants := openHouse(t, database), 0
		rapid.Check(t, func(rt *rapid.T) {
			tenants++
			h := *base
			h.t = rt
			h.furnish(storetest.Tenant(t, h.db, fmt.Sprint("t-", tenants)))
			m := &centerModel{t: rt, company: h.company("Acme"), centers: map[int64]*modelCenter{}, access: map[int64][]int64{}, standard: map[int64]int64{}}
			actions := []func(){m.create, m.create, m.rename, m.toggle, m.remove, m.setDefault, m.setRequired, m.setMember, m.setMember, m.leaveAndBack}
			for range rapid.IntRange(5, steps(database)).Draw(rt, "steps") {
				rapid.SampledFrom(actions).Draw(rt, "action")()
				m.check()
			}
		})
	})
}

type modelCenter struct {
	code   string
	active bool
}

type centerModel struct {
	company

	t        *rapid.T
	centers  map[int64]*modelCenter
	byOwner  int64 // the account's default
	required bool
	access   map[int64][]int64 // by person; nil for all
	standard map[int64]int64   // by person
	left     bool              // the simple member has
}

func (m *centerModel) members() []roster.Actor {
	if m.left {
		return []roster.Actor{m.owner, m.admin}
	}
	return []roster.Actor{m.owner, m.admin, m.simple}
}

// pick draws one that is there, or 0 where there is none.
func (m *centerModel) pick() int64 {
	ids := slices.Sorted(maps.Keys(m.centers))
	if len(ids) == 0 {
		return 0
	}
	return rapid.SampledFrom(ids).Draw(m.t, "center")
}

func (m *centerModel) wants(what string, err error, code string) {
	m.t.Helper()
	if got := codeOf(err); got != code {
		m.t.Fatalf("%s: %q, want %q (%v)", what, got, code, err)
	}
}

func (m *centerModel) drawCode(but int64) (code, want string) {
	code = rapid.SampledFrom([]string{"a", "A", "b", "c", "d"}).Draw(m.t, "code")
	for id, c := range m.centers {
		if id != but && strings.EqualFold(c.code, code) {
			want = business.CodeCostCenterTaken
		}
	}
	return code, want
}

func (m *centerModel) create() {
	code, want := m.drawCode(0)
	c, err := m.CreateCostCenter(m.t.Context(), m.owner, m.id, business.CostCenterPatch{Code: &code, Name: &code})
	m.wants("create", err, want)
	if err == nil {
		m.centers[c.ID] = &modelCenter{code, true}
	}
}

func (m *centerModel) rename() {
	id := m.pick()
	if id == 0 {
		return
	}
	code, want := m.drawCode(id)
	_, err := m.UpdateCostCenter(m.t.Context(), m.admin, id, nil, business.CostCenterPatch{Code: &code})
	m.wants("rename", err, want)
	if err == nil {
		m.centers[id].code = code
	}
}

// needed tells whether somebody can't do without a cost center.
func (m *centerModel) needed(id int64, listed func(list []int64) bool) bool {
	if m.byOwner == id {
		return true
	}
	for _, a := range m.members() {
		if m.standard[a.PersonID] == id || slices.Contains(m.access[a.PersonID], id) && listed(m.access[a.PersonID]) {
			return true
		}
	}
	others := 0
	for other, c := range m.centers {
		if other != id && c.active {
			others++
		}
	}
	return m.required && m.centers[id].active && others == 0
}

func (m *centerModel) toggle() {
	id := m.pick()
	if id == 0 {
		return
	}
	on, want := !m.centers[id].active, ""
	if !on && m.needed(id, func(list []int64) bool { return len(list) == 1 }) {
		want = business.CodeCostCenterUsed
	}
	_, err := m.UpdateCostCenter(m.t.Context(), m.owner, id, nil, business.CostCenterPatch{Active: &on})
	m.wants("toggle", err, want)
	if err == nil {
		m.centers[id].active = on
	}
}

func (m *centerModel) remove() {
	id := m.pick()
	if id == 0 {
		return
	}
	want := ""
	if m.needed(id, func([]int64) bool { return true }) {
		want = business.CodeCostCenterUsed
	}
	err := m.DeleteCostCenter(m.t.Context(), m.owner, id, nil)
	m.wants("delete", err, want)
	if err == nil {
		delete(m.centers, id)
	}
}

func (m *centerModel) setDefault() {
	id := rapid.SampledFrom([]int64{0, m.pick()}).Draw(m.t, "default")
	want := ""
	if id != 0 && id != m.byOwner && !m.centers[id].active {
		want = business.CodeCostCenter
	}
	_, err := m.UpdateAccount(m.t.Context(), m.owner, m.id, nil, business.AccountPatch{DefaultCostCenterID: &id})
	m.wants("default", err, want)
	if err == nil {
		m.byOwner = id
	}
}

func (m *centerModel) setRequired() {
	m.required = rapid.Bool().Draw(m.t, "required")
	m.settle(m.owner, m.id, business.SettingsPatch{RequireCostCenter: &m.required})
}

func (m *centerModel) setMember() {
	who := rapid.SampledFrom(m.members()).Draw(m.t, "member").PersonID
	in, list, standard := business.MemberPatch{}, m.access[who], m.standard[who]
	if rapid.Bool().Draw(m.t, "listed") {
		list = nil
		for range rapid.IntRange(0, 2).Draw(m.t, "entries") {
			if id := m.pick(); id != 0 && !slices.Contains(list, id) {
				list = append(list, id)
			}
		}
		mode := business.AccessList
		if len(list) == 0 {
			mode = business.AccessAll
		}
		in.AccessMode, in.AccessIDs = &mode, &list
	}
	if rapid.Bool().Draw(m.t, "defaulted") {
		standard = rapid.SampledFrom([]int64{0, m.pick()}).Draw(m.t, "default")
		in.DefaultCostCenterID = &standard
	}
	want := ""
	if standard != 0 && (list != nil && !slices.Contains(list, standard) || standard != m.standard[who] && !m.centers[standard].active) {
		want = business.CodeCostCenter
	}
	_, err := m.PatchMember(m.t.Context(), m.owner, m.id, who, nil, in)
	m.wants("member", err, want)
	if err == nil {
		m.access[who], m.standard[who] = list, standard
	}
}

// leaveAndBack has the simple member leave, or come back with nothing of what was.
func (m *centerModel) leaveAndBack() {
	m.left = !m.left
	if m.left {
		_, err := m.Leave(m.t.Context(), m.simple, m.code, "")
		m.wants("leave", err, "")
	} else {
		m.write(func(tx *store.Tx) error {
			acc, err := business.LiveAccount(tx, m.id)
			if err != nil {
				return err
			}
			_, err = business.InsertMember(tx, acc, business.NewMember{UserID: m.simple.PersonID, CreatedBy: business.ByOperator})
			return err
		})
	}
	delete(m.access, m.simple.PersonID)
	delete(m.standard, m.simple.PersonID)
}

func (m *centerModel) check() {
	for _, a := range m.members() {
		manager := a != m.simple
		var want []string
		for id, c := range m.centers {
			list := m.access[a.PersonID]
			if manager || c.active && (list == nil || slices.Contains(list, id)) {
				want = append(want, c.code)
			}
		}
		sort.Slice(want, func(i, j int) bool { return strings.ToLower(want[i]) < strings.ToLower(want[j]) })
		if got := m.house.centers(a, business.CostCenterFilter{}, "code"); got != strings.Join(want, " ") {
			m.t.Fatalf("%d sees %q, want %q", a.PersonID, got, want)
		}
	}
}

package mobility

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Filter narrows a list of rentals or bookings; zero fields do not.
type Filter struct {
	States []string
	// The rest is for the lists of a group.
	From, To     roster.Moment // of the start, [from, to); a date is one of the business unit's zone
	UserID       int64
	CostCenterID int64
}

// listing are the queries of one list: a page in each order, and the count. Each says
// all that the list can ask for; those of a group come with and without a range of
// time, and the count also without states, so that what is not asked for costs nothing.
type listing struct {
	pages      map[order]*store.Query
	count      *store.Query
	countWhole *store.Query // whatever the state
	states     []string     // all of them
}

// order is what a page is ordered by, the same way down or up: start, if so, then id.
type order struct{ byStart, desc bool }

// listed is what a list reads: alias is its table's, state the expression of the
// state at $3.
type listed struct {
	noun, columns, table, alias, state string
	states                             []string
}

var (
	rentalsListed = listed{
		"rental", rentalColumns, "rentals r", "r", `CASE WHEN r.state = 'RESERVATION' AND r.expires_at <= $3 THEN 'EXPIRED' ELSE r.state END`, RentalLife.States(),
	}
	bookingsListed = listed{
		"booking", bookingColumns, "bookings b", "b", `CASE WHEN b.state IN ('BOOKED', 'APPROVED') AND b.grace_until <= $3 THEN 'EXPIRED' ELSE b.state END`, BookingLife.States(),
	}

	rentalsOfPerson, bookingsOfPerson             = rentalsListed.ofPerson(), bookingsListed.ofPerson()
	rentalsOfGroup, bookingsOfGroup               = rentalsListed.ofGroup(false), bookingsListed.ofGroup(false)
	rentalsOfGroupBetween, bookingsOfGroupBetween = rentalsListed.ofGroup(true), bookingsListed.ofGroup(true)
)

func (l listed) ofPerson() *listing {
	return l.listing("of_person", ` WHERE #.tenant = $1 AND #.person_id = $2`, 3)
}

// ofGroup lists what was captured on a group: from and to are $4 and $5, who (0: all)
// and which cost center (0: all) the last two.
func (l listed) ofGroup(between bool) *listing {
	name, where := "of_group", ` WHERE #.tenant = $1 AND #.group_id = $2 AND #.group_id <> 0`
	if between {
		return l.listing(name+"_between", where+` AND #.start_time >= $4 AND #.start_time < $5
		AND (#.person_id = $6 OR CAST($6 AS bigint) = 0) AND (#.cost_center_id = $7 OR CAST($7 AS bigint) = 0)`, 7)
	}
	return l.listing(name, where+` AND (#.person_id = $4 OR CAST($4 AS bigint) = 0) AND (#.cost_center_id = $5 OR CAST($5 AS bigint) = 0)`, 5)
}

// listing makes the queries whose conditions take params parameters; limit, offset
// and states follow.
func (l listed) listing(name, where string, params int) *listing {
	made := &listing{pages: map[order]*store.Query{}, states: l.states}
	sql := func(text string, values ...int) string {
		text = strings.NewReplacer("#", l.alias, "@from", l.table, "@state", l.state).Replace(text)
		for i, v := range values {
			text = strings.ReplaceAll(text, "@"+string(rune('a'+i)), "$"+strconv.Itoa(v))
		}
		return text
	}
	for o, by := range map[order]string{
		{false, false}: "#.id", {false, true}: "#.id DESC", {true, false}: "#.start_time, #.id", {true, true}: "#.start_time DESC, #.id DESC",
	} {
		suffix := strings.NewReplacer("#.", "", ", ", "_", " ", "_").Replace(strings.ToLower(by))
		made.pages[o] = store.Q(l.noun+".list_"+name+"_by_"+suffix,
			sql(`SELECT `+l.columns+` FROM @from`+where+` AND (@state) IN (@c) ORDER BY `+by+` LIMIT @a OFFSET @b`, params+1, params+2, params+3)).In()
	}
	made.count = store.Q(l.noun+".count_"+name, sql(`SELECT count(*) FROM @from`+where+` AND (@state) IN (@a)`, params+1)).In()
	// Its arguments are those of the others, the time too, on which nothing hangs.
	made.countWhole = store.Q(l.noun+".count_all_"+name, sql(`SELECT count(*) FROM @from`+where+` AND CAST($3 AS bigint) >= 0`))
	return made
}

// orderOf reads the order that a page asks for; the newest first if none. Invalid.
func orderOf(p roster.Page) (order, error) {
	if len(p.Sort) == 0 {
		return order{desc: true}, nil
	}
	switch s := p.Sort[0]; s.Property {
	case "id":
		return order{desc: s.Desc}, nil
	case "startTime":
		return order{byStart: true, desc: s.Desc}, nil
	default:
		return order{}, roster.FieldError("sort", "must be id or startTime")
	}
}

// read reads a page of the list and counts the whole; args are those of its
// conditions.
func read[T any](tx *store.Tx, l *listing, scan func(store.Scanner) (*T, error), states []string, p roster.Page, args ...any) (page []*T, total int, err error) {
	o, err := orderOf(p)
	if err != nil {
		return nil, 0, err
	}
	for _, state := range states {
		if !slices.Contains(l.states, state) {
			return nil, 0, roster.FieldError("state", "there is no state %q", state)
		}
	}
	if len(states) == 0 {
		err = tx.Row(l.countWhole, args...).Scan(&total)
		states = l.states
	} else {
		err = store.EachOf(tx, l.count, states, func(s store.Scanner) error { return s.Scan(&total) }, args...)
	}
	if err != nil || p.Offset >= total {
		return nil, total, err
	}
	err = store.EachOf(tx, l.pages[o], states, func(s store.Scanner) error {
		v, err := scan(s)
		page = append(page, v)
		return err
	}, slices.Concat(args, []any{p.Limit, p.Offset})...)
	return page, total, err
}

// args are the arguments of a group's list; from and to 0 of one without a range of
// time.
func (f Filter) args(group, now, from, to int64) []any {
	switch {
	case from == 0 && to == 0:
		return []any{group, now, f.UserID, f.CostCenterID}
	case to == 0:
		to = math.MaxInt64
	}
	return []any{group, now, from, to, f.UserID, f.CostCenterID}
}

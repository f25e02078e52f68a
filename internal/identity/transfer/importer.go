package transfer

import (
	"errors"

	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Count is what became of the rows of one type.
type Count struct {
	Created   int `json:"created"`
	Updated   int `json:"updated"`
	Unchanged int `json:"unchanged"`
	Rejected  int `json:"rejected"`
}

func (c *Count) add(o Count) {
	c.Created += o.Created
	c.Updated += o.Updated
	c.Unchanged += o.Unchanged
	c.Rejected += o.Rejected
}

// Result is what became of rows.
type Result struct {
	People      Count       `json:"people"`
	Groups      Count       `json:"groups"`
	Properties  Count       `json:"properties"`
	Memberships Count       `json:"memberships"`
	Managers    Count       `json:"managers"`
	Rejected    []Rejection `json:"rejected,omitempty"`
}

// Of returns the counts of a type; nil for none of the types.
func (r *Result) Of(typ string) *Count {
	switch typ {
	case Person:
		return &r.People
	case Group:
		return &r.Groups
	case Property:
		return &r.Properties
	case Membership:
		return &r.Memberships
	case Manager:
		return &r.Managers
	}
	return nil
}

// Add adds what became of other rows.
func (r *Result) Add(o *Result) {
	r.People.add(o.People)
	r.Groups.add(o.Groups)
	r.Properties.add(o.Properties)
	r.Memberships.add(o.Memberships)
	r.Managers.add(o.Managers)
	r.Rejected = append(r.Rejected, o.Rejected...)
}

// chunk is how many rows are looked up and inserted together.
const chunk = 2000

// Import brings rows in, in order. Rows that can't be taken are rejected one by
// one; an error is one of the whole, and leaves nothing. A membership comes
// after both its ends, and a property after its groups.
func Import(tx *store.Tx, rows []Row) (Result, error) {
	var result Result
	for len(rows) > 0 {
		n := 1
		for n < len(rows) && n < chunk && rows[n].Type == rows[0].Type {
			n++
		}
		part := importing{tx: tx, result: &result, count: result.Of(rows[0].Type)}
		if err := part.rows(rows[:n]); err != nil {
			return result, err
		}
		rows = rows[n:]
	}
	return result, nil
}

// importing is one chunk of rows of one type on its way in.
type importing struct {
	tx     *store.Tx
	result *Result
	count  *Count
}

func (im *importing) rows(rows []Row) error {
	sound := rows[:0:0]
	for i := range rows {
		if bad := rows[i].Check(); bad != nil {
			im.rejected(bad)
			continue
		}
		sound = append(sound, rows[i])
	}
	if len(sound) == 0 {
		return nil
	}
	switch sound[0].Type {
	case Person:
		return im.people(sound)
	case Group:
		return im.groups(sound)
	case Property:
		return im.properties(sound)
	case Manager:
		return im.managers(sound)
	}
	return im.memberships(sound)
}

func (im *importing) rejected(bad *Rejection) {
	if im.count != nil {
		im.count.Rejected++
	}
	im.result.Rejected = append(im.result.Rejected, *bad)
}

// judge counts an error of one row as its rejection, and returns one of the whole.
func (im *importing) judge(r *Row, err error) error {
	var e *roster.Error
	if !errors.As(err, &e) || e.Kind == roster.Internal || e.Kind == roster.Unavailable {
		return err
	}
	code, msg := e.Code, e.Msg
	if code == "" {
		code = CodeInvalid
	}
	if e.Field != "" {
		msg = e.Field + ": " + msg
	}
	im.rejected(r.reject(code, "%s", msg))
	return nil
}

// changed counts a row that was there before.
func (im *importing) changed(before, after int64) {
	if before == after {
		im.count.Unchanged++
	} else {
		im.count.Updated++
	}
}

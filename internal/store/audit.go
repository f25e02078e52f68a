package store

import (
	"cmp"
	"errors"
	"slices"
	"strings"
)

// AuditFilter says which changes of the log are wanted; its zero value all of them.
type AuditFilter struct {
	// Account is a subject that changes are about, as AccountOf tells which may be, or
	// that they tie to another; 0 for any.
	Account int64
	// About tells what the ids of a change of that type are: accounts or other things.
	About func(subjectType string) (subject, object bool)
	// Person acted, or somebody acted for them; 0 for any.
	Person int64
	// Actor is one as the log names it, "" for any.
	Actor string
	// From and To are µs UTC: [From, To).
	From, To int64
	// Branches are those that changes are of, where Everywhere is not set.
	Branches   []int64
	Everywhere bool
	// Operation and API are what is wanted alone; "" for any. An operation that ends in
	// a dot means all of a noun.
	Operation, API string
}

// auditKey is a row of the log with what filters look at.
type auditKey struct {
	revision, seq                  int64
	subjectType, operation, api    string
	actor                          string
	branch, person, impersonatedID int64
}

const auditKeys = `SELECT revision, seq, subject_type, operation, api, actor, branch_id, person_id, impersonated FROM changes
	WHERE tenant = $1 AND revision >= $2 AND revision < $3 `

const auditAnyPage = `SELECT ` + changeColumns + ` FROM changes WHERE tenant = $1 AND revision >= $2 AND revision < $3 `

var (
	auditSubject      = Q("change.audit_subject", auditKeys+`AND subject_id = $4`)
	auditObject       = Q("change.audit_object", auditKeys+`AND object_id = $4 AND object_id <> 0`)
	auditPerson       = Q("change.audit_person", auditKeys+`AND person_id = $4 AND person_id <> 0`)
	auditImpersonated = Q("change.audit_impersonated", auditKeys+`AND impersonated = $4 AND impersonated <> 0`)
	auditActor        = Q("change.audit_actor", auditKeys+`AND actor = $4`)
	auditBranches     = Q("change.audit_branches", auditKeys+`AND branch_id <> 0 AND branch_id IN ($4)`).In()
	auditAll          = Q("change.audit_all", auditKeys)
	auditPage         = Q("change.audit_page", auditAnyPage+`ORDER BY revision DESC, seq DESC LIMIT $4 OFFSET $5`)
	auditOldest       = Q("change.audit_oldest", auditAnyPage+`ORDER BY revision, seq LIMIT $4 OFFSET $5`)
	auditCount        = Q("change.audit_count", `SELECT count(*) FROM changes WHERE tenant = $1 AND revision >= $2 AND revision < $3`)
	auditRows         = Q("change.audit_rows", `SELECT `+changeColumns+` FROM changes WHERE tenant = $1 AND revision IN ($2)`).In().
				Whole("it has the keys of one page; of a short log, PostgreSQL reads all rather than look them up")
	auditTime = Q("change.audit_time", `SELECT time FROM changes WHERE tenant = $1 AND revision = $2 AND seq = 0`)
)

// Audit reads a part of the changes that a filter lets through, newest first or oldest
// first, and how many there are in all.
func (tx *Tx) Audit(f *AuditFilter, newest bool, offset, limit int) (page []LoggedChange, total int, err error) {
	var bounds [2]int64
	for i, at := range []int64{f.From, f.To} {
		if bounds[i], err = tx.revisionAt(at); err != nil {
			return nil, 0, err
		}
	}
	if f.everything() {
		if err := tx.Row(auditCount, bounds[0], bounds[1]).Scan(&total); err != nil {
			return nil, 0, err
		}
		query := auditPage
		if !newest {
			query = auditOldest
		}
		page, err = All(tx, query, scanChange, bounds[0], bounds[1], limit, offset)
		return page, total, err
	}
	found, err := tx.auditKeys(f, bounds[0], bounds[1])
	if err != nil {
		return nil, 0, err
	}
	slices.SortFunc(found, func(a, b FeedCursor) int {
		if newest {
			a, b = b, a
		}
		return cmp.Or(cmp.Compare(a.Revision, b.Revision), cmp.Compare(a.Seq, b.Seq))
	})
	found = slices.Compact(found)
	from := min(offset, len(found))
	page, err = tx.auditRows(found[from:min(from+limit, len(found))])
	return page, len(found), err
}

func (f *AuditFilter) everything() bool {
	return f.Everywhere && f.Account == 0 && f.Person == 0 && f.Actor == "" && f.Operation == "" && f.API == ""
}

// revisionAt is the first revision that is not before an instant; one more than the
// last where there is none. Time grows with the revision.
func (tx *Tx) revisionAt(at int64) (int64, error) {
	low, high := int64(1), tx.Revision+1
	for low < high {
		middle := low + (high-low)/2
		var time int64
		err := tx.Row(auditTime, middle).Scan(&time)
		if err != nil && !errors.Is(err, ErrNoRows) { // the revision of this very write has no row yet
			return 0, err
		}
		if err == nil && time < at {
			low = middle + 1
		} else {
			high = middle
		}
	}
	return low, nil
}

// auditKeys finds the places of the changes by the narrowest index that there is.
func (tx *Tx) auditKeys(f *AuditFilter, from, to int64) (found []FeedCursor, err error) {
	take := func(fits func(k *auditKey) bool) func(Scanner) error {
		return func(s Scanner) error {
			var k auditKey
			err := s.Scan(&k.revision, &k.seq, &k.subjectType, &k.operation, &k.api, &k.actor, &k.branch, &k.person, &k.impersonatedID)
			if err == nil && f.fits(&k) && fits(&k) {
				found = append(found, FeedCursor{k.revision, k.seq})
			}
			return err
		}
	}
	all := func(*auditKey) bool { return true }
	switch {
	case f.Account != 0:
		err = tx.Each(auditSubject, take(func(k *auditKey) bool { subject, _ := f.About(k.subjectType); return subject }), from, to, f.Account)
		if err == nil {
			err = tx.Each(auditObject, take(func(k *auditKey) bool { _, object := f.About(k.subjectType); return object }), from, to, f.Account)
		}
	case f.Person != 0:
		if err = tx.Each(auditPerson, take(all), from, to, f.Person); err == nil {
			err = tx.Each(auditImpersonated, take(all), from, to, f.Person)
		}
	case f.Actor != "":
		err = tx.Each(auditActor, take(all), from, to, f.Actor)
	case !f.Everywhere:
		err = tx.EachIn(auditBranches, f.Branches, take(all), from, to)
	default:
		err = tx.Each(auditAll, take(all), from, to)
	}
	return found, err
}

// fits looks at all that was not asked of an index.
func (f *AuditFilter) fits(k *auditKey) bool {
	return (f.Person == 0 || k.person == f.Person || k.impersonatedID == f.Person) && (f.Actor == "" || k.actor == f.Actor) &&
		(f.API == "" || k.api == f.API) &&
		(f.Operation == "" || k.operation == f.Operation || strings.HasSuffix(f.Operation, ".") && strings.HasPrefix(k.operation, f.Operation)) &&
		(f.Everywhere || k.branch != 0 && slices.Contains(f.Branches, k.branch))
}

// auditRows reads changes at those places, in that order.
func (tx *Tx) auditRows(at []FeedCursor) ([]LoggedChange, error) {
	var revisions []int64
	place := make(map[FeedCursor]int, len(at))
	for i, p := range at {
		place[p] = i
		revisions = append(revisions, p.Revision)
	}
	rows := make([]LoggedChange, len(at))
	err := tx.EachIn(auditRows, slices.Compact(revisions), func(s Scanner) error {
		c, err := scanChange(s)
		if i, wanted := place[FeedCursor{c.Revision, c.Seq}]; wanted && err == nil {
			rows[i] = c
		}
		return err
	})
	return rows, err
}

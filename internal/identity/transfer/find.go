package transfer

import (
	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/store"
)

const live = "9223372036854775807"

var (
	peopleByExternalID = store.Q("transfer.people_by_external_id", `SELECT id, external_id FROM people
		WHERE tenant = $1 AND recorded_to = `+live+` AND external_id IS NOT NULL AND external_id IN ($2)`).In()
	groupsByExternalID = store.Q("transfer.groups_by_external_id", `SELECT id, external_id FROM groups
		WHERE tenant = $1 AND recorded_to = `+live+` AND external_id IS NOT NULL AND external_id IN ($2)`).In()
	peopleByEmail = store.Q("transfer.people_by_email", `SELECT id, email_key FROM people
		WHERE tenant = $1 AND recorded_to = `+live+` AND email_key <> '' AND email_key IN ($2)`).In()
	accountsByName = store.Q("transfer.accounts_by_name", `SELECT id, name, data_source_id FROM people
		WHERE tenant = $1 AND recorded_to = `+live+` AND (profiles & 1) = 1 AND name IN ($2)`).In().
		Whole("an import looks up names by the thousand, and PostgreSQL may rather read them all")
	organizationsByName = store.Q("transfer.groups_by_name", `SELECT id, name_key FROM groups
		WHERE tenant = $1 AND recorded_to = `+live+` AND kind = 'organization' AND name_key IN ($2)`).In()
	subjectsByUUID = store.Q("transfer.subjects_by_uuid", `SELECT id, uuid, kind FROM subjects
		WHERE tenant = $1 AND uuid IN ($2)`).In()
)

// byText looks subjects up by a text that is theirs alone.
func byText(tx *store.Tx, q *store.Query, texts []string) (map[string]int64, error) {
	found := make(map[string]int64, len(texts))
	err := store.EachOf(tx, q, texts, func(s store.Scanner) error {
		var id int64
		var text string
		err := s.Scan(&id, &text)
		found[text] = id
		return err
	})
	return found, err
}

// subject is a subject as its uuid finds it, living or not.
type subject struct {
	id   int64
	kind string
}

func byUUID(tx *store.Tx, ids []uuid.UUID) (map[uuid.UUID]subject, error) {
	keys := make([][]byte, len(ids))
	for i := range ids {
		keys[i] = ids[i][:]
	}
	found := make(map[uuid.UUID]subject, len(ids))
	err := store.EachOf(tx, subjectsByUUID, keys, func(s store.Scanner) error {
		var one subject
		var key []byte
		err := s.Scan(&one.id, &key, &one.kind)
		found[uuid.UUID(key)] = one
		return err
	})
	return found, err
}

// finder resolves the uuids and ids by which rows name subjects of one kind.
type finder struct {
	kind  string
	query *store.Query // by external id
	texts []string
	seen  map[string]bool
	found map[string]int64
	alive map[int64]string // kinds of those whom the look itself saw alive
}

func newFinder(kind string) *finder {
	f := &finder{kind: kind, seen: map[string]bool{}, found: map[string]int64{}, alive: map[int64]string{}}
	switch kind {
	case Person:
		f.query = peopleByExternalID
	case Group:
		f.query = groupsByExternalID
	}
	return f
}

// want asks for what a text names; "" is nothing.
func (f *finder) want(text string) {
	if text != "" && !f.seen[text] {
		f.seen[text] = true
		f.texts = append(f.texts, text)
	}
}

// look finds everything that was asked for. Whether it lives is not known yet.
func (f *finder) look(tx *store.Tx) error {
	var ids []uuid.UUID
	for _, text := range f.texts {
		if id, err := uuid.Parse(text); err == nil {
			ids = append(ids, id)
		}
	}
	subjects, err := byUUID(tx, ids)
	if err != nil {
		return err
	}
	var rest []string
	for _, text := range f.texts {
		if id, err := uuid.Parse(text); err == nil && subjects[id].kind == f.kind {
			f.found[text] = subjects[id].id
			continue
		}
		rest = append(rest, text)
	}
	if f.query == nil || len(rest) == 0 {
		return nil
	}
	found, err := byText(tx, f.query, rest)
	for text, id := range found {
		f.found[text], f.alive[id] = id, f.kind
	}
	return err
}

// ids are the ids that were found, each once.
func (f *finder) ids() []int64 {
	seen := make(map[int64]bool, len(f.found))
	ids := make([]int64, 0, len(f.found))
	for _, id := range f.found {
		if !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

// kinds tells the kind of each subject that was found and lives.
func (f *finder) kinds(tx *store.Tx) (map[int64]string, error) {
	var unsure []int64
	for _, id := range f.ids() {
		if f.alive[id] == "" {
			unsure = append(unsure, id)
		}
	}
	kinds, err := graph.Kinds(tx, unsure)
	for id, kind := range f.alive {
		kinds[id] = kind
	}
	return kinds, err
}

// Find returns the subjects of one type that uuids or ids name, by what named them.
func Find(tx *store.Tx, typ string, refs ...string) (map[string]int64, error) {
	f := newFinder(typ)
	for _, ref := range refs {
		f.want(ref)
	}
	return f.found, f.look(tx)
}

package store

// FeedCursor is a place in the feed of changes: behind (Revision, Seq).
type FeedCursor struct{ Revision, Seq int64 }

var (
	changesFeed = Q("change.feed", `SELECT `+changeColumns+` FROM changes
		WHERE tenant = $1 AND (revision, seq) > ($2, $3) AND revision <= $4 ORDER BY revision, seq LIMIT $5`)
	changesOfSubject = Q("change.of_subject", `SELECT `+changeColumns+` FROM changes
		WHERE tenant = $1 AND subject_id = $2 AND subject_type IN ($3, $4) AND (revision, seq) > ($5, $6)
		ORDER BY revision, seq LIMIT $7`)
)

// Feed returns up to limit changes behind a place in the log, in order, none
// beyond this snapshot.
func (tx *Tx) Feed(after FeedCursor, limit int) ([]LoggedChange, error) {
	return All(tx, changesFeed, scanChange, after.Revision, after.Seq, tx.Revision, limit)
}

// History returns up to limit changes of one subject behind a place in the log,
// in order: those of its own type, and those that tie it to another subject.
func (tx *Tx) History(ownType, tieType string, subjectID int64, after FeedCursor, limit int) ([]LoggedChange, error) {
	return All(tx, changesOfSubject, scanChange, subjectID, ownType, tieType, after.Revision, after.Seq, limit)
}

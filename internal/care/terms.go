package care

import (
	"net/url"
	"slices"
	"strings"

	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// Terms are one version of the terms and conditions of a branch. They count there
// and below, where a branch has none of its own, from ValidFrom until the next
// version does. Times are µs UTC.
type Terms struct {
	ID, BranchID, Version   int64
	Text, URL               string
	PrivacyText, PrivacyURL string
	ValidFrom               int64
	CreatedAt               int64
	Revision                int64
}

const termsColumns = `id, branch_id, version, text, url, privacy_text, privacy_url, valid_from, created_at, revision`

var (
	termsBook = store.Q("terms.book", `SELECT id, branch_id, version, valid_from FROM terms WHERE tenant = $1
		ORDER BY branch_id, valid_from, version`).Whole("a tenant has few versions of terms, and which counts depends on all")
	termsByID   = store.Q("terms.by_id", `SELECT `+termsColumns+` FROM terms WHERE tenant = $1 AND id = $2`)
	termsLatest = store.Q("terms.latest", `SELECT `+termsColumns+` FROM terms WHERE tenant = $1 AND branch_id = $2 ORDER BY version DESC LIMIT 1`)
	termsInsert = store.Q("terms.insert", `INSERT INTO terms (tenant, `+termsColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`)
)

func scanTerms(s store.Scanner) (*Terms, error) {
	t := &Terms{}
	return t, s.Scan(&t.ID, &t.BranchID, &t.Version, &t.Text, &t.URL, &t.PrivacyText, &t.PrivacyURL, &t.ValidFrom, &t.CreatedAt, &t.Revision)
}

// Book tells which terms count where. It is shared: nobody changes it.
type Book struct {
	byID     map[int64]*Terms   // without their texts
	byBranch map[int64][]*Terms // in the order in which they come to count
}

// ReadBook reads the tenant's book of terms.
func ReadBook(tx *store.Tx) (*Book, error) {
	b := &Book{map[int64]*Terms{}, map[int64][]*Terms{}}
	err := tx.Each(termsBook, func(s store.Scanner) error {
		t := &Terms{}
		err := s.Scan(&t.ID, &t.BranchID, &t.Version, &t.ValidFrom)
		b.byID[t.ID] = t
		b.byBranch[t.BranchID] = append(b.byBranch[t.BranchID], t)
		return err
	})
	return b, err
}

// Current returns the terms that count at a branch at a time, without their texts:
// those of the nearest branch of its chain that has any by then; nil for none.
func (b *Book) Current(tree *identity.Tree, branch, now int64) *Terms {
	for _, id := range tree.Chain(branch) {
		for _, t := range slices.Backward(b.byBranch[id]) {
			if t.ValidFrom <= now {
				return t
			}
		}
	}
	return nil
}

// inChain reports whether terms are a version of a branch or of one above it.
func (b *Book) inChain(tree *identity.Tree, branch, terms int64) bool {
	t := b.byID[terms]
	return t != nil && slices.Contains(tree.Chain(branch), t.BranchID)
}

// CurrentTerms reads the terms that count at a branch at a time, with their texts;
// nil for none.
func CurrentTerms(tx *store.Tx, tree *identity.Tree, branch, now int64) (*Terms, error) {
	book, err := ReadBook(tx)
	if err != nil {
		return nil, err
	}
	if t := book.Current(tree, branch, now); t != nil {
		return scanTerms(tx.Row(termsByID, t.ID))
	}
	return nil, nil //nolint:nilnil // a branch without terms is no error
}

// TermsFields are the fields of terms as the change log spells them.
type TermsFields struct {
	BranchID    int64  `json:"branchId"`
	Version     int64  `json:"version"`
	Text        string `json:"termsAndConditionsText"`
	URL         string `json:"termsAndConditionsUrl,omitempty"`
	PrivacyText string `json:"privacyGuidelinesText,omitempty"`
	PrivacyURL  string `json:"privacyGuidelinesUrl,omitempty"`
	ValidFrom   int64  `json:"validFrom"` // µs UTC
}

// PutTerms has a branch's latest terms read as t does: texts and addresses that are
// not those of its latest version become the next, valid from t.ValidFrom or, where
// that is 0, from now. It fills in what the server decides and reports whether that
// changed anything. NotFound for the branch, Invalid.
func PutTerms(tx *store.Tx, t *Terms) (changed bool, err error) {
	if err := checkTerms(tx, t); err != nil {
		return false, err
	}
	last, err := latestTerms(tx, t.BranchID)
	if err != nil {
		return false, err
	}
	if last != nil && last.Text == t.Text && last.URL == t.URL && last.PrivacyText == t.PrivacyText && last.PrivacyURL == t.PrivacyURL {
		*t = *last
		return false, nil
	}
	t.Version = 1
	if last != nil {
		t.Version = last.Version + 1
	}
	if t.ValidFrom == 0 {
		t.ValidFrom = tx.Now
	}
	return true, insertTerms(tx, t)
}

func latestTerms(tx *store.Tx, branch int64) (last *Terms, err error) {
	err = tx.Each(termsLatest, func(s store.Scanner) error {
		last, err = scanTerms(s)
		return err
	}, branch)
	return last, err
}

func insertTerms(tx *store.Tx, t *Terms) (err error) {
	if t.ID, err = tx.NextID(termsIDs); err != nil {
		return err
	}
	t.CreatedAt, t.Revision = tx.Now, tx.Revision
	if _, err := tx.Exec(termsInsert, t.ID, t.BranchID, t.Version, t.Text, t.URL, t.PrivacyText, t.PrivacyURL, t.ValidFrom, t.CreatedAt, t.Revision); err != nil {
		return err
	}
	tx.Record(roster.Change{Operation: "terms.create", SubjectType: "terms", SubjectID: t.ID, ObjectID: t.BranchID, After: TermsFields{
		t.BranchID, t.Version, t.Text, t.URL, t.PrivacyText, t.PrivacyURL, t.ValidFrom,
	}})
	return nil
}

func checkTerms(tx *store.Tx, t *Terms) error {
	tree, err := identity.Branches(tx)
	if err != nil {
		return err
	}
	if _, err := tree.Find(t.BranchID); err != nil {
		return err
	}
	if strings.TrimSpace(t.Text) == "" {
		return roster.FieldError("termsAndConditionsText", "must not be blank")
	}
	for field, address := range map[string]string{"termsAndConditionsUrl": t.URL, "privacyGuidelinesUrl": t.PrivacyURL} {
		if u, err := url.Parse(address); address != "" && (err != nil || u.Scheme != "https" || u.Host == "") {
			return roster.FieldError(field, "must be an https address")
		}
	}
	return nil
}

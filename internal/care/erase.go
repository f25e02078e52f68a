package care

import (
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/store"
)

func init() { identity.OnErase(erase) } //nolint:gochecknoinits // whoever links this area has its rows erased

var (
	vouchersErase = store.Q("voucher.erase", `UPDATE vouchers SET reason = '', revoke_reason = '' WHERE tenant = $1 AND account_id = $2`)
	cardsErase    = store.Q("identity_card.erase", `UPDATE identity_cards SET comment = '' WHERE tenant = $1 AND id IN ($2)`).In()
	checksErase   = store.Q("verification.erase", `UPDATE verifications SET reference = '' WHERE tenant = $1 AND person_id = $2`)
	attemptsErase = store.Q("verification_attempt.erase", `UPDATE verification_attempts SET attempt_uuid = 'erased-' || CAST(id AS text), reason_code = '',
		document_type = '', document_country = '', document_number = NULL, expiration_date = '', categories = ''
		WHERE tenant = $1 AND verification_id IN (SELECT id FROM verifications WHERE tenant = $1 AND person_id = $2)`)
	// Its file goes with the sweep that follows.
	mediaErase = store.Q("verification_media.erase", `UPDATE verification_media SET purged_at = $3, reference = 'erased-' || CAST(id AS text)
		WHERE tenant = $1 AND attempt_id IN (SELECT a.id FROM verifications v
			JOIN verification_attempts a ON a.tenant = v.tenant AND a.verification_id = v.id WHERE v.tenant = $1 AND v.person_id = $2)`)
	ratingsErase = store.Q("rating.erase", `UPDATE ratings SET reason = '', reference = '' WHERE tenant = $1 AND account_id = $2`)
)

// erase takes a customer who is deleted out of what care knows: reasons, comments and
// documents. Cards can be assigned again.
func erase(tx *store.Tx, e *identity.Erasure) error {
	cards, err := store.All(tx, cardsOf, scanCard, e.ID)
	if err != nil {
		return err
	}
	if err := ReleaseCards(tx, e.ID); err != nil {
		return err
	}
	ids := make([]int64, len(cards))
	for i, c := range cards {
		ids[i] = c.ID
	}
	if _, err := tx.ExecIn(cardsErase, ids); err != nil {
		return err
	}
	for _, q := range []*store.Query{vouchersErase, ratingsErase, attemptsErase, checksErase} {
		if _, err := tx.Exec(q, e.ID); err != nil {
			return err
		}
	}
	purged, err := tx.Exec(mediaErase, e.ID, tx.Now)
	if err != nil {
		return err
	}
	if purged > 0 {
		if err := jobs.Enqueue(tx, mediaSweep.Job(struct{}{}).Keyed("sweep")); err != nil {
			return err
		}
	}
	if err := e.Subjects("identity_card", ids...); err != nil {
		return err
	}
	if err := e.Subjects("terms_acceptance", e.ID); err != nil {
		return err
	}
	for _, subject := range []string{"identity_card", "voucher", "rating", "verification"} {
		if err := e.Objects(subject, e.ID); err != nil {
			return err
		}
	}
	return nil
}

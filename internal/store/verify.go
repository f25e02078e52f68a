package store

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash"

	"github.com/rosterhq/roster/internal/roster"
)

// Verify walks a tenant's change log and returns its head. It fails at the first
// revision that was altered, dropped or reordered, and when the tenant's own head
// is another one. A tail cut off whole, or a chain rebuilt whole, shows only
// against a head noted elsewhere. seen, if set, is called with each revision.
func (db *DB) Verify(ctx context.Context, tenant roster.TenantID, seen func(Head)) (Head, error) {
	v := verifier{seen: seen}
	err := db.Read(ctx, tenant, func(tx *Tx) error {
		err := tx.Each(changesAll, func(s Scanner) error {
			c, err := scanChange(s)
			if err != nil {
				return err
			}
			return v.change(c)
		}, int64(0))
		if err != nil {
			return err
		}
		if err := v.finish(); err != nil {
			return err
		}
		noted, err := scanHead(tx.Row(tenantHead))
		if err != nil {
			return err
		}
		if noted.Revision != v.head.Revision || noted.Hash != v.head.Hash {
			return broken("the log ends at revision %d, but the tenant's head names %d or another hash", v.head.Revision, noted.Revision)
		}
		return nil
	})
	return v.head, err
}

// verifier recomputes the chain from the changes alone.
type verifier struct {
	head    Head
	open    int64 // the revision being read; 0 when none
	openAt  int64
	seq     int64
	claimed []byte
	digest  hash.Hash
	seen    func(Head)
}

func (v *verifier) change(c LoggedChange) error {
	if c.Revision != v.open {
		if err := v.finish(); err != nil {
			return err
		}
		if c.Revision != v.head.Revision+1 {
			return broken("revision %d follows revision %d", c.Revision, v.head.Revision)
		}
		v.open, v.openAt, v.seq, v.claimed, v.digest = c.Revision, c.Time, 0, c.head, sha256.New()
		hashWords(v.digest, c.Actor, string(c.API), c.RequestID)
	}
	if c.Seq != v.seq {
		return broken("revision %d lacks its change %d", c.Revision, v.seq)
	}
	v.seq++
	if c.salt != nil && !bytes.Equal(c.commitment, commit256(c.salt, c.Before, c.After)) {
		return broken("the values of revision %d, change %d were altered", c.Revision, c.Seq)
	}
	hashChange(v.digest, c.Operation, c.SubjectType, c.SubjectID, c.ObjectID, c.commitment)
	return nil
}

func (v *verifier) finish() error {
	if v.open == 0 {
		return nil
	}
	hash := chain(v.head.Hash, v.open, v.openAt, v.digest.Sum(nil))
	if !bytes.Equal(hash[:], v.claimed) {
		return broken("revision %d was altered", v.open)
	}
	v.head = Head{Revision: v.open, Time: v.openAt, Hash: hash}
	v.open = 0
	if v.seen != nil {
		v.seen(v.head)
	}
	return nil
}

func broken(format string, args ...any) error {
	return &roster.Error{Kind: roster.Conflict, Code: "LOG_BROKEN", Msg: "the change log does not verify: " + fmt.Sprintf(format, args...)}
}

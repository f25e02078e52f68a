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
		if noted != v.head {
			return broken("the log ends at revision %d, but the tenant's head names revision %d, another time or another hash", v.head.Revision, noted.Revision)
		}
		return nil
	})
	return v.head, err
}

// verifier recomputes the chain from the changes alone.
type verifier struct {
	head   Head
	open   LoggedChange // the first of the revision being read; its Revision is 0 when none is
	seq    int64        // the next of its changes
	digest hash.Hash
	seen   func(Head)
}

func (v *verifier) change(c LoggedChange) error {
	if c.Revision != v.open.Revision {
		if err := v.finish(); err != nil {
			return err
		}
		if c.Revision != v.head.Revision+1 {
			return broken("revision %d follows revision %d", c.Revision, v.head.Revision)
		}
		v.open, v.seq, v.digest = c, 0, sha256.New()
		hashWords(v.digest, c.Actor, string(c.API), c.RequestID)
	}
	if c.Seq != v.seq {
		return broken("revision %d lacks its change %d", c.Revision, v.seq)
	}
	v.seq++
	// The digest holds what all changes of a revision share once.
	if c.Time != v.open.Time || c.Actor != v.open.Actor || c.API != v.open.API || c.RequestID != v.open.RequestID {
		return broken("change %d of revision %d names another time, actor or request than the first", c.Seq, c.Revision)
	}
	erased := c.salt == nil && c.Before == nil && c.After == nil
	if !erased && !bytes.Equal(c.commitment, commit256(c.salt, c.Before, c.After)) {
		return broken("the values of revision %d, change %d were altered", c.Revision, c.Seq)
	}
	hashChange(v.digest, c.Operation, c.SubjectType, c.SubjectID, c.ObjectID, c.commitment)
	hashRight(v.digest, c.Permission, c.BranchID, c.PersonID, c.Impersonated)
	return nil
}

func (v *verifier) finish() error {
	if v.open.Revision == 0 {
		return nil
	}
	hash := chain(v.head.Hash, v.open.Revision, v.open.Time, v.digest.Sum(nil))
	if !bytes.Equal(hash[:], v.open.head) {
		return broken("revision %d was altered", v.open.Revision)
	}
	v.head = Head{Revision: v.open.Revision, Time: v.open.Time, Hash: hash}
	v.open = LoggedChange{}
	if v.seen != nil {
		v.seen(v.head)
	}
	return nil
}

func broken(format string, args ...any) error {
	return &roster.Error{Kind: roster.Conflict, Code: "LOG_BROKEN", Msg: "the change log does not verify: " + fmt.Sprintf(format, args...)}
}

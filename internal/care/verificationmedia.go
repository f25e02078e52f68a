package care

import (
	"bytes"
	"context"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/blob"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
)

// MediaTypes are the content types of media. None of them runs in a browser.
var MediaTypes = []string{"image/jpeg", "image/png", "image/webp", "video/mp4", "video/webm"}

// mediaType is the content type of a file by its first bytes, whatever somebody says it
// is; "" for one that is not kept.
func mediaType(content []byte) string {
	for i, m := range []struct {
		at    int
		bytes string
	}{{0, "\xff\xd8\xff"}, {0, "\x89PNG\r\n\x1a\n"}, {8, "WEBP"}, {4, "ftyp"}, {0, "\x1a\x45\xdf\xa3"}} {
		if len(content) > m.at && bytes.HasPrefix(content[m.at:], []byte(m.bytes)) {
			return MediaTypes[i]
		}
	}
	return ""
}

// fetchMedia keeps what was photographed or filmed in a check's newest attempt.
func (c *Care) fetchMedia(ctx context.Context, tenant roster.Tenant, args verificationArgs) error {
	v, verifier, err := c.verification(ctx, tenant, args.ID)
	if err != nil || v == nil || c.files == nil {
		return err
	}
	refs, err := verifier.Media(ctx, tenant, v.Reference)
	if err != nil {
		return err
	}
	for _, ref := range refs {
		if err := c.fetchOne(ctx, tenant, verifier, v, ref); err != nil {
			return err
		}
	}
	return nil
}

func (c *Care) fetchOne(ctx context.Context, tenant roster.Tenant, verifier Verifier, v *Verification, ref MediaRef) error {
	attempt, err := c.attemptWithout(ctx, tenant, v, ref)
	if err != nil || attempt == 0 {
		return err
	}
	content, _, err := verifier.Fetch(ctx, tenant, ref)
	if roster.IsKind(err, roster.NotFound) {
		return c.leaveOut(ctx, v, ref, "the provider has it no longer, or it is too long")
	}
	if err != nil {
		return err
	}
	contentType := mediaType(content)
	if contentType == "" {
		return c.leaveOut(ctx, v, ref, "it is neither a photograph nor a film")
	}
	m := &Media{FileUUID: uuid.NewString(), AttemptID: attempt, Kind: ref.Kind, ContentType: contentType, Size: int64(len(content)), Reference: ref.Reference}
	if err := c.files.Put(ctx, tenant.ID, m.FileUUID, content); err != nil {
		return err
	}
	kept := false
	err = c.db.Write(ctx, jobs.Actor(ctx), func(tx *store.Tx) (err error) {
		tx.Housekeeping()
		kept, err = m.keep(tx, v)
		return err
	})
	if err != nil || kept {
		return err
	}
	return c.files.Remove(ctx, tenant.ID, m.FileUUID)
}

// leaveOut says in the log why a file is not kept.
func (c *Care) leaveOut(ctx context.Context, v *Verification, ref MediaRef, why string) error {
	return c.db.Write(ctx, jobs.Actor(ctx), func(tx *store.Tx) error {
		tx.Record(roster.Change{
			Operation: "verification_media.leave_out", SubjectType: "verification", SubjectID: v.ID, ObjectID: v.PersonID,
			After: map[string]string{"kind": ref.Kind, "reason": why},
		})
		return nil
	})
}

// keep inserts what was fetched, unless the customer was deleted meanwhile, or another
// job was faster.
func (m *Media) keep(tx *store.Tx, v *Verification) (bool, error) {
	_, err := identity.LiveCustomer(tx, v.PersonID)
	if roster.IsKind(err, roster.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	there, err := hasMedia(tx, m.AttemptID, m.Reference)
	if err != nil || there {
		return false, err
	}
	return true, m.insert(tx, v)
}

// hasMedia reports whether a file of the provider's is kept with an attempt.
func hasMedia(tx *store.Tx, attempt int64, reference string) (there bool, err error) {
	err = tx.EachIn(mediaOf, []int64{attempt}, func(s store.Scanner) error {
		m, err := scanMedia(s)
		there = there || err == nil && m.Reference == reference
		return err
	})
	return there, err
}

// attemptWithout is the newest attempt of a verification, where it lacks a file; else 0.
func (c *Care) attemptWithout(ctx context.Context, tenant roster.Tenant, v *Verification, ref MediaRef) (id int64, err error) {
	err = c.db.Read(ctx, tenant.ID, func(tx *store.Tx) error {
		attempts, err := store.All(tx, attemptIDsOf, scanID, v.ID)
		if err != nil || len(attempts) == 0 {
			return err
		}
		id = slices.Max(attempts)
		there, err := hasMedia(tx, id, ref.Reference)
		if there {
			id = 0
		}
		return err
	})
	return id, err
}

var (
	attemptIDsOf = store.Q("verification_attempt.ids_of", `SELECT id FROM verification_attempts WHERE tenant = $1 AND verification_id = $2`)
	mediaOld     = store.Q("verification_media.old", `SELECT id FROM verification_media WHERE tenant = $1 AND purged_at = 0 AND created_at < $2 ORDER BY created_at LIMIT 1000`)
	mediaPurge   = store.Q("verification_media.purge", `UPDATE verification_media SET purged_at = $2 WHERE tenant = $1 AND purged_at = 0 AND id IN ($3)`).In()
	mediaByUUIDs = store.Q("verification_media.by_uuids", `SELECT file_uuid, purged_at FROM verification_media WHERE tenant = $1 AND file_uuid IN ($2)`).In()
)

func scanID(s store.Scanner) (id int64, err error) { return id, s.Scan(&id) }

func (m *Media) insert(tx *store.Tx, v *Verification) (err error) {
	if m.ID, err = tx.NextID(checkIDs); err != nil {
		return err
	}
	m.CreatedAt = tx.Now
	if _, err := tx.Exec(mediaInsert, m.ID, m.FileUUID, m.AttemptID, m.Kind, m.ContentType, m.Size, m.Reference, m.CreatedAt, m.PurgedAt); err != nil {
		return err
	}
	tx.Record(roster.Change{
		Operation: "verification_media.create", SubjectType: "verification", SubjectID: v.ID, ObjectID: v.PersonID,
		After: map[string]any{"fileUuid": m.FileUUID, "kind": m.Kind},
	})
	return nil
}

// retainMedia purges what is older than the tenant keeps it, and removes what a crash
// left.
func (c *Care) retainMedia(ctx context.Context, tenant roster.Tenant) error {
	if c.files == nil {
		return nil
	}
	for more := true; more; {
		err := c.db.Write(ctx, jobs.Actor(ctx), func(tx *store.Tx) error {
			tx.Housekeeping()
			tree, err := identity.Branches(tx)
			if err != nil {
				return err
			}
			days, err := identity.MediaRetentionDays.In(tx, tree, 0)
			if err != nil {
				return err
			}
			old, err := store.All(tx, mediaOld, scanID, tx.Now-days*24*time.Hour.Microseconds())
			if more = len(old) > 0; err != nil || !more {
				return err
			}
			if err := purgeMedia(tx, old); err != nil {
				return err
			}
			tx.Record(roster.Change{Operation: "verification_media.purge", SubjectType: "verification", After: map[string]any{"files": len(old)}})
			return nil
		})
		if err != nil {
			return err
		}
	}
	return c.sweepMedia(ctx, tenant, struct{}{})
}

// purgeMedia has files be gone; the bytes go by a job.
func purgeMedia(tx *store.Tx, ids []int64) error {
	if _, err := tx.ExecIn(mediaPurge, ids, tx.Now); err != nil {
		return err
	}
	return jobs.Enqueue(tx, mediaSweep.Job(struct{}{}).Keyed("sweep"))
}

// sweepMedia removes the bytes of what was purged, and of what nobody knows.
func (c *Care) sweepMedia(ctx context.Context, tenant roster.Tenant, _ struct{}) error {
	if c.files == nil {
		return nil
	}
	return c.files.Sweep(ctx, tenant.ID, time.UnixMicro(c.db.Now()), func(names []string) (map[string]blob.Fate, error) {
		fates := map[string]blob.Fate{}
		err := c.db.Read(ctx, tenant.ID, func(tx *store.Tx) error {
			return store.EachOf(tx, mediaByUUIDs, names, func(s store.Scanner) error {
				var name string
				var purged int64
				err := s.Scan(&name, &purged)
				fates[name] = blob.Keep
				if purged != 0 {
					fates[name] = blob.Drop
				}
				return err
			})
		})
		return fates, err
	})
}

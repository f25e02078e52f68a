package jobs_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/store"
	"github.com/rosterhq/roster/internal/store/storetest"
)

func TestQueriesKeepTenantsApart(t *testing.T) { storetest.CheckQueries(t) }

// remember makes the runner keep what its jobs were about, in their order.
func (h *house) remember() *[]int64 {
	var ran []int64
	note.Handle(h.runner, func(_ context.Context, tenant roster.Tenant, args noteArgs) error {
		if tenant != h.actor.Tenant {
			h.Errorf("a job of %v", tenant)
		}
		ran = append(ran, args.ID)
		return nil
	})
	return &ran
}

// A job is there if and only if the write that wanted it is.
func TestJobsCommitWithTheirWrite(t *testing.T) {
	each(t, func(h *house) {
		ran := h.remember()
		refused := errors.New("refused")
		for _, outcome := range []error{nil, refused} {
			err := h.db.Write(h.Context(), h.actor, func(tx *store.Tx) error {
				tx.Record(roster.Change{Operation: "thing.create", SubjectType: "thing"})
				return errors.Join(jobs.Enqueue(tx, note.Job(noteArgs{1}), note.Job(noteArgs{2})), outcome)
			})
			if !errors.Is(err, outcome) {
				h.Fatal(err)
			}
		}
		if _, err := h.db.Plan(h.Context(), h.actor, func(tx *store.Tx) error { return jobs.Enqueue(tx, note.Job(noteArgs{3})) }); err != nil {
			h.Fatal(err)
		}
		h.drain()
		if !slices.Equal(*ran, []int64{1, 2}) {
			h.Errorf("ran %v", *ran)
		}
		if left := h.rows(note.Name); len(left) > 0 {
			h.Errorf("left %v", left)
		}
	})
}

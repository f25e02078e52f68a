package directoryapi

import (
	"cmp"
	"context"

	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/graph/index"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/wire"
)

// maxBatch is how many rows one call may add and remove.
const maxBatch = 10_000

type batchAdd struct {
	MemberRef
	Terms
}

// membership is what the row asks for, and its member's id as the caller wrote it.
func (r *batchAdd) membership(v *index.View) (m graph.Membership, text string, err error) {
	id, text, err := r.id()
	if err != nil {
		return m, text, err
	}
	m = graph.Membership{MemberID: id, MemberKind: memberKindOf(text)}
	return m, text, cmp.Or(r.apply(&m), joinable(v, &m))
}

type batchIn struct {
	GroupPath
	Body struct {
		Add    []batchAdd  `json:"add,omitempty" maxItems:"10000"`
		Remove []MemberRef `json:"remove,omitempty" maxItems:"10000"`
		Atomic bool        `json:"atomic,omitempty" doc:"One refused row undoes all."`
	}
}

// batchResult is what became of one row: the status that the single call would answer.
type batchResult struct {
	Op      string `json:"op" enum:"add,remove"`
	ID      string `json:"id"`
	Status  int    `json:"status"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

type batchResults struct {
	Results []batchResult `json:"results"`
	Added   int           `json:"added"`
	Removed int           `json:"removed"`
	Failed  int           `json:"failed"`
}

type batchOut struct{ Body batchResults }

// rows are the rows of one side of a batch: those that name a subject go to the
// graph, the others are refused here.
type rows struct {
	texts []string
	errs  []error
	place []int // of each row that goes on
}

func (r *rows) add(text string, err error) bool {
	r.texts, r.errs = append(r.texts, text), append(r.errs, err)
	if err == nil {
		r.place = append(r.place, len(r.texts)-1)
	}
	return err == nil
}

// outcome brings the graph's errors back to their rows.
func (r *rows) outcome(errs []error) {
	for i, err := range errs {
		r.errs[r.place[i]] = err
	}
}

func (r *rows) results(op string, done int) (all []batchResult, failed int) {
	for i, text := range r.texts {
		row := batchResult{Op: op, ID: text, Status: done}
		if r.errs[i] != nil {
			failed++
			row.Status, row.Code, row.Message, _ = describe(roster.AsError(nameMember(r.errs[i], text)))
		}
		all = append(all, row)
	}
	return all, failed
}

func (h handlers) batchMembers(ctx context.Context, a roster.Actor, in *batchIn) (*batchOut, error) {
	if n := len(in.Body.Add) + len(in.Body.Remove); n == 0 || n > maxBatch {
		return nil, wrong("add", wire.RuleMinItems, "must have 1 to 10,000 rows, together with remove")
	}
	group, err := h.ownGroup(a, in.ID)
	if err != nil {
		return nil, err
	}
	var adds, removes rows
	var add []graph.Membership
	h.graph.View(a.Tenant.ID, func(v *index.View) {
		for i := range in.Body.Add {
			m, text, err := in.Body.Add[i].membership(v)
			if adds.add(text, err) {
				add = append(add, m)
			}
		}
	})
	var remove []int64
	for i := range in.Body.Remove {
		_, text, err := in.Body.Remove[i].id()
		id, known := h.parseMember(a, text)
		if err == nil && !known {
			err = roster.Errorf(roster.NotFound, graph.CodeNoMembership, "")
		}
		if removes.add(text, err) {
			remove = append(remove, id)
		}
	}
	refused := len(adds.place) < len(adds.texts) || len(removes.place) < len(removes.texts)
	out, err := h.runBatch(ctx, a, group, in.Body.Atomic, refused, batchSides{&adds, &removes, add, remove})
	return out, nameGroup(err, in.ID)
}

type batchSides struct {
	adds, removes *rows
	add           []graph.Membership
	remove        []int64
}

// runBatch carries out what can be; an atomic batch with a refused row changes
// nothing and answers 409 with the same results.
func (h handlers) runBatch(ctx context.Context, a roster.Actor, group int64, atomic, refused bool, s batchSides) (*batchOut, error) {
	result, err := h.graph.Batch(ctx, a, graph.Directory, group, s.add, s.remove, graph.BatchMode{Atomic: atomic, Refused: refused})
	if err != nil && roster.AsError(err).Code != graph.CodeBatch {
		return nil, err
	}
	s.adds.outcome(result.Added)
	s.removes.outcome(result.Removed)
	added, addFailed := s.adds.results("add", 201)
	removed, removeFailed := s.removes.results("remove", 204)
	out := batchResults{
		Results: append(added, removed...), Failed: addFailed + removeFailed,
		Added: len(added) - addFailed, Removed: len(removed) - removeFailed,
	}
	if err != nil {
		out.Added, out.Removed = 0, 0
		return nil, &roster.Error{Kind: roster.Conflict, Code: graph.CodeBatch, Msg: roster.AsError(err).Msg, Details: out}
	}
	return &batchOut{out}, nil
}

// Package mobilitywire is what the user, operations and auth APIs share on top of
// wire (contract/mobility.md §2): their errors, paging, flags, money, dates and
// periods.
//
// An API speaks by a Speech. An error's own code is shown where it is one of the
// contract's, such as UG913; one that is a word is looked up; else the kind has one:
//
//	var speech = mobilitywire.Speech{
//		Words:   map[string]string{graph.CodeOtherAccount: "UG903"},
//		Details: func(details any) any { … }, // the areas' Details in JSON
//	}
//	wire.NewAPI(wire.Spec{Dialect: speech.Dialect(), TraceHeader: "X-Trace-Id", …})
//
// A list:
//
//	type listIn struct {
//		mobilitywire.Paging
//		mobilitywire.Period
//		State  []string          `query:"state,explode" enum:"PENDING,ACCEPTED"` // ?state=A&state=B
//		Simple mobilitywire.Flag `query:"simple"`
//	}
//
//	func (h handlers) list(ctx context.Context, a roster.Actor, in *listIn) (*mobilitywire.List[request], error) {
//		page, err := in.Page(0, "createdAt", "state")
//		if err != nil {
//			return nil, err
//		}
//		rows, total, err := h.business.Requests(ctx, a, in.State, in.Period.Value(), page)
//		if err != nil {
//			return nil, err
//		}
//		return mobilitywire.NewList(page, render(rows), total), nil
//	}
//
// An id in a path is an int64 with minimum:"1": whatever else stands there is 404.
package mobilitywire

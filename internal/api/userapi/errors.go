package userapi

import (
	"github.com/rosterhq/roster/internal/api/view"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// speech is how the API speaks of errors: by the contract's codes, which the areas
// declare, and those of the graph by what they mean here.
var speech = mobilitywire.Speech{
	Words: map[string]string{graph.CodeOtherAccount: "UG903"},
	Details: func(details any) any {
		if failed, ok := details.(mobility.Unfulfilled); ok {
			return unfulfilled{view.Each(failed.Requirements, view.NewRequirement)}
		}
		return details
	},
}

// unfulfilled are the details of a rental or booking that was refused.
type unfulfilled struct {
	Requirements []view.Requirement `json:"requirements"`
}

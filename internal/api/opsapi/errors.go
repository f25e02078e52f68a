package opsapi

import (
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// speech is how the API speaks of errors: by the contract's codes, which the areas
// declare, and those of the graph by what they mean here.
var speech = mobilitywire.Speech{Words: map[string]string{graph.CodeOtherAccount: business.CodeAssigned}}

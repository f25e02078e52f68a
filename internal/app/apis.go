package app

import (
	"github.com/rosterhq/roster/internal/api/directoryapi"
	"github.com/rosterhq/roster/internal/api/metaapi"
	"github.com/rosterhq/roster/internal/wire"
)

// mounted is a documented API with what the landing page and the demo say of it.
type mounted struct {
	metaapi.API
	name string // as demo.json names it
	try  try
	api  *wire.API
}

// try is a call that shows something in the demo: a path below the base, in which
// {name} stands for an id of demo.json, and the name of the token.
type try struct{ path, token string }

// apis are the documented APIs that this program serves.
func (n *node) apis() []mounted {
	return []mounted{
		{
			metaapi.API{
				Title: "Directory", Base: "/directory/api/v1",
				About: "Security and distribution groups, accounts, and nested membership answered exactly.",
			},
			"directory", try{"/groups/{directory_group}/check?account_id={directory_account}", "directory-reader"},
			directoryapi.New(n.graph, n.identity),
		},
	}
}

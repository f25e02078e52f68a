package app

import (
	"github.com/rosterhq/roster/internal/wire"
)

// apis are the documented APIs that this program serves.
func (n *node) apis() []*wire.API {
	return []*wire.API{}
}

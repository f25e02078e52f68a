package userapi

import (
	"math"

	"github.com/rosterhq/roster/internal/roster"
)

// renamed gives the field that an error names the name that it has in this call.
func renamed(err error, from, to string) error {
	if e := roster.AsError(err); err != nil && e.Field == from {
		copied := *e
		copied.Field = to
		return &copied
	}
	return err
}

// metersOf reads kilometers, to the meter.
func metersOf(kilometers float64) int64 { return int64(math.Round(kilometers * 1000)) }

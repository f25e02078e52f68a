package userapi

import (
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/wire"
	"github.com/rosterhq/roster/internal/wire/mobilitywire"
)

// position is a place on earth, in degrees.
type position struct {
	Lat float64 `json:"lat" minimum:"-90" maximum:"90"`
	Lng float64 `json:"lng" minimum:"-180" maximum:"180"`
}

// point is the position as areas take it; nil where there is none.
func point(in wire.Opt[position]) (*mobility.Position, error) {
	p, given := in.Get()
	if !given {
		return nil, nil //nolint:nilnil // nobody has to say where they are
	}
	return pointAt(p.Lat, p.Lng)
}

func pointAt(lat, lng float64) (*mobility.Position, error) {
	p, err := mobility.PositionAt(lat, lng)
	return &p, err
}

func renderPosition(p *mobility.Position) *position {
	if p == nil {
		return nil
	}
	lat, lng := p.Degrees()
	return &position{lat, lng}
}

// Place is embedded where a query may say where the caller is.
type Place struct {
	Lat wire.Param[float64] `query:"lat" minimum:"-90" maximum:"90" doc:"Where the caller is, in degrees; goes with lng."`
	Lng wire.Param[float64] `query:"lng" minimum:"-180" maximum:"180"`
}

func (p Place) point() (*mobility.Position, error) {
	switch {
	case p.Lat.Set && p.Lng.Set:
		return pointAt(p.Lat.Value, p.Lng.Value)
	case p.Lat.Set:
		return nil, goesWith("lng", "lat")
	case p.Lng.Set:
		return nil, goesWith("lat", "lng")
	}
	return nil, nil //nolint:nilnil // nobody has to say where they are
}

func goesWith(missing, given string) error {
	return wire.InvalidFields(wire.Field{In: wire.InQuery, Name: missing, Rule: wire.RuleRequired, Message: "goes with " + given})
}

// exactly is an instant that a query gives, in µs UTC, 0 for none; a date is none.
func exactly(name string, m mobilitywire.Moment) (int64, error) {
	if m.Date != "" {
		return 0, wire.InvalidFields(wire.Field{In: wire.InQuery, Name: name, Rule: wire.RuleFormat, Limit: "date-time", Message: "must be an RFC 3339 time"})
	}
	if m.Given {
		return max(m.At, 1), nil
	}
	return 0, nil
}

package mobility

import (
	"math"

	"github.com/rosterhq/roster/internal/roster"
)

// Position is a place on earth, in millionths of a degree.
type Position struct{ Latitude, Longitude int64 }

const (
	micro        = 1_000_000
	poles        = 90 * micro
	antimeridian = 180 * micro
	earthRadius  = 6_371_008.8 // meters, the mean one
)

// PositionAt is the position of degrees. Invalid with Field lat or lng beyond their
// ranges.
func PositionAt(latitude, longitude float64) (Position, error) {
	if !(math.Abs(latitude) <= 90) { // so that NaN is none either
		return Position{}, roster.FieldError("lat", "must be between -90 and 90")
	}
	if !(math.Abs(longitude) <= 180) {
		return Position{}, roster.FieldError("lng", "must be between -180 and 180")
	}
	return Position{int64(math.Round(latitude * micro)), int64(math.Round(longitude * micro))}, nil
}

// Degrees are the position's latitude and longitude.
func (p Position) Degrees() (latitude, longitude float64) {
	return float64(p.Latitude) / micro, float64(p.Longitude) / micro
}

// Distance is how far q is from p, in whole meters along the surface.
func (p Position) Distance(q Position) int64 {
	lat1, lng1 := p.radians()
	lat2, lng2 := q.radians()
	north, east := math.Sin((lat2-lat1)/2), math.Sin((lng2-lng1)/2)
	h := north*north + math.Cos(lat1)*math.Cos(lat2)*east*east
	return int64(math.Round(2 * earthRadius * math.Asin(math.Min(1, math.Sqrt(h)))))
}

func (p Position) radians() (latitude, longitude float64) {
	latitude, longitude = p.Degrees()
	return latitude * math.Pi / 180, longitude * math.Pi / 180
}

// box is a part of the earth between two parallels and two meridians, that holds
// whatever lies within a distance of a position. The distance is measured later: a
// box is what an index can find.
type box struct{ south, north, west, east int64 }

var everywhere = box{-poles, poles, -antimeridian, antimeridian}

// around is the box within meters of p; all meridians where it holds a pole, or
// crosses the last of them.
func (p Position) around(meters int64) box {
	angle := float64(meters+1) / earthRadius
	reach := int64(math.Ceil(angle * 180 / math.Pi * micro))
	b := everywhere
	b.south, b.north = max(b.south, p.Latitude-reach), min(b.north, p.Latitude+reach)
	latitude, _ := p.radians()
	width := math.Sin(angle) / math.Cos(latitude)
	if b.south == -poles || b.north == poles || !(width < 1) || angle >= math.Pi/2 {
		return b
	}
	reach = int64(math.Ceil(math.Asin(width) * 180 / math.Pi * micro))
	if west, east := p.Longitude-reach, p.Longitude+reach; west >= b.west && east <= b.east {
		b.west, b.east = west, east
	}
	return b
}

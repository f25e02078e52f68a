package mobility

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/rosterhq/roster/internal/roster"
)

func TestDistance(t *testing.T) {
	at := func(lat, lng float64) Position {
		p, err := PositionAt(lat, lng)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	vienna := at(48.208493, 16.373118)
	for _, c := range []struct {
		name   string
		p, q   Position
		meters int64
	}{
		{"nowhere else", vienna, vienna, 0},
		{"a street", vienna, at(48.209392, 16.373118), 100},
		{"Graz", vienna, at(47.070868, 15.438279), 144_590},
		{"round the antimeridian", at(0, 179.999), at(0, -179.999), 222},
		{"pole to pole", at(90, 0), at(-90, 77), 20_015_115},
	} {
		if got := c.p.Distance(c.q); got < c.meters-50 || got > c.meters+50 || c.meters < 1000 && got != c.meters {
			t.Errorf("%s: %d m, want %d", c.name, got, c.meters)
		}
	}
	for _, bad := range [][2]float64{{90.1, 0}, {-91, 0}, {0, 180.5}, {0, -181}} {
		if _, err := PositionAt(bad[0], bad[1]); !roster.IsKind(err, roster.Invalid) {
			t.Errorf("%v is a position: %v", bad, err)
		}
	}
}

func drawPosition(t *rapid.T, name string) Position {
	return Position{
		rapid.Int64Range(-poles, poles).Draw(t, name+" latitude"), rapid.Int64Range(-antimeridian, antimeridian).Draw(t, name+" longitude"),
	}
}

// A box holds whatever lies within the distance.
func TestAround(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPosition(t, "center")
		q := drawPosition(t, "other")
		if rapid.Bool().Draw(t, "near") {
			q = Position{
				min(poles, max(-poles, p.Latitude+rapid.Int64Range(-200_000, 200_000).Draw(t, "north"))),
				min(antimeridian, max(-antimeridian, p.Longitude+rapid.Int64Range(-200_000, 200_000).Draw(t, "east"))),
			}
		}
		b := p.around(p.Distance(q) + rapid.Int64Range(0, 1000).Draw(t, "more"))
		if q.Latitude < b.south || q.Latitude > b.north || q.Longitude < b.west || q.Longitude > b.east {
			t.Fatalf("%v at %d m of %v is out of %v", q, p.Distance(q), p, b)
		}
	})
}

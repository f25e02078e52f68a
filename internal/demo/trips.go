package demo

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"iter"
	"time"

	"github.com/rosterhq/roster/internal/mobility"
)

// bikeTrips are two months of trips, whose source and licence are in
// data/TRIPS-SOURCE.md.
//
//go:embed data/trips.csv.gz
var bikeTrips []byte

// newestTrip is when the last of them ended, and week by what they are moved.
const (
	newestTrip = "2018-03-01T20:04:00Z"
	week       = 7 * 24 * time.Hour
)

// moved reads the trips, later by as many whole weeks as keep the newest before now.
func moved(now time.Time) iter.Seq2[mobility.Trip, error] {
	return func(yield func(mobility.Trip, error) bool) {
		file, err := gzip.NewReader(bytes.NewReader(bikeTrips))
		if err != nil {
			yield(mobility.Trip{}, err)
			return
		}
		newest, err := time.Parse(time.RFC3339, newestTrip)
		if err != nil {
			yield(mobility.Trip{}, err)
			return
		}
		by := now.Sub(newest).Truncate(week).Microseconds()
		for t, err := range mobility.ReadTrips(file) {
			t.Start += by
			t.End += by
			if !yield(t, err) {
				return
			}
		}
	}
}

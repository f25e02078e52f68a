package mobility

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Trip is a row of a file of trips: a vehicle that was driven, by nobody that the
// file names. Times are µs UTC.
type Trip struct {
	Line                     int // in the file, whose header is line 1
	ID                       string
	VehicleCode              string
	Start, End               int64
	StartStation, EndStation string
}

// RowError says why a row of a file is not taken.
type RowError struct {
	Line    int    `json:"line"`
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Error implements error.
func (e *RowError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Message) }

// codeForm is the code of a row that is not formed as it should be.
const codeForm = "G901"

// tripHeader is how a file of trips begins. How long a trip took follows from its
// times; whose it was, from the import.
var tripHeader = []string{"trip_id", "vehicle_id", "start_time", "end_time", "duration_s", "start_station", "end_station", "member_type"}

const (
	maxStation = 255
	// maxTrip is how long a trip may take: what takes longer is a mistake.
	maxTrip = 400 * 24 * time.Hour
)

// ReadTrips reads a file of trips, comma-separated values as RFC 4180 has them. A row
// that is not formed as it should be yields a *RowError, and the rows after it follow;
// any other error, such as another header, is the last.
func ReadTrips(file io.Reader) iter.Seq2[Trip, error] {
	return func(yield func(Trip, error) bool) {
		r := csv.NewReader(file)
		r.FieldsPerRecord = len(tripHeader)
		r.ReuseRecord = true
		header, err := r.Read()
		if err != nil || !slices.Equal(header, tripHeader) {
			var parse *csv.ParseError
			if err == nil || errors.As(err, &parse) || errors.Is(err, io.EOF) {
				err = fmt.Errorf("the file must begin with the line %s", strings.Join(tripHeader, ","))
			}
			yield(Trip{}, err)
			return
		}
		for {
			t, err := readTrip(r)
			if errors.Is(err, io.EOF) || !yield(t, err) {
				return
			}
			var row *RowError
			if err != nil && !errors.As(err, &row) {
				return
			}
		}
	}
}

func readTrip(r *csv.Reader) (Trip, error) {
	fields, err := r.Read()
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		return Trip{}, &RowError{parse.StartLine, codeForm, parse.Err.Error()}
	}
	if err != nil {
		return Trip{}, err
	}
	line, _ := r.FieldPos(0)
	t := Trip{Line: line, ID: fields[0], VehicleCode: strings.TrimSpace(fields[1]), StartStation: fields[5], EndStation: fields[6]}
	t.Start, err = tripTime(fields[2])
	if err == nil {
		t.End, err = tripTime(fields[3])
	}
	if err == nil {
		err = t.check()
	}
	if err != nil {
		return Trip{}, &RowError{line, codeForm, err.Error()}
	}
	return t, nil
}

func tripTime(s string) (int64, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() < 1970 || t.Year() > 9999 {
		return 0, fmt.Errorf("%.40q is no time from 1970 on as RFC 3339 has it, such as 2026-01-31T12:00:00Z", s)
	}
	return t.UnixMicro(), nil
}

func (t *Trip) check() error {
	for _, f := range []struct {
		name, text  string
		least, most int
	}{
		{"trip_id", t.ID, 1, maxCode}, {"vehicle_id", t.VehicleCode, 1, maxCode},
		{"start_station", t.StartStation, 0, maxStation}, {"end_station", t.EndStation, 0, maxStation},
	} {
		if n := utf8.RuneCountInString(f.text); n < f.least || n > f.most || !utf8.ValidString(f.text) || strings.ContainsRune(f.text, 0) {
			return fmt.Errorf("%s must have %d to %d characters of UTF-8", f.name, f.least, f.most)
		}
	}
	switch {
	case t.Start <= 0:
		return errors.New("start_time must be later than 1970-01-01T00:00:00Z")
	case t.End < t.Start:
		return errors.New("end_time must not be before start_time")
	case t.End-t.Start > maxTrip.Microseconds():
		return errors.New("a trip takes 400 days at most")
	}
	return nil
}

package transfer

import (
	"bufio"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/google/uuid"
)

// Format is how a file spells rows.
type Format string

// The formats.
const (
	// Lines has a Row as JSON in each line.
	Lines Format = "lines"
	// Document is one JSON object with "people" and "groups", whose members,
	// maintainers and subgroups are lists of ids.
	Document Format = "document"
	// CSV has properties, with columns id (a UUID) and title, and others that
	// become attributes.
	CSV Format = "csv"
)

// Read reads a file as rows, one after the other, and calls yield with each, or
// with what makes a row unreadable, which the next rows survive. An error is one
// of the whole file: what can't be read to its end is not to be imported at all.
// A row of the file may be several rows here. They come in the file's order, and
// are imported in that of their Pass.
// group is where the properties of a CSV go.
func Read(r io.Reader, f Format, group string, yield func(*Row, *Rejection) error) error {
	switch f {
	case Lines:
		return readLines(r, yield)
	case Document:
		return readDocument(r, yield)
	case CSV:
		return readCSV(r, group, yield)
	}
	return fmt.Errorf("there is no format %q", f)
}

// Pass tells in which of the passes through a file a row is imported: what others
// name comes first.
func (r *Row) Pass() int {
	switch r.Type {
	case Person:
		return 0
	case Group:
		return 1
	}
	return 2
}

// Passes is how many passes there are.
const Passes = 3

// maxLine is how many bytes a line may have.
const maxLine = 1 << 20

func readLines(r io.Reader, yield func(*Row, *Rejection) error) error {
	in := bufio.NewReaderSize(r, maxLine)
	for line := int64(1); ; line++ {
		text, err := in.ReadSlice('\n')
		tooLong := errors.Is(err, bufio.ErrBufferFull)
		for errors.Is(err, bufio.ErrBufferFull) {
			_, err = in.ReadSlice('\n')
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if yerr := readLine(text, line, tooLong, yield); yerr != nil {
			return yerr
		}
		if err != nil {
			return nil
		}
	}
}

func readLine(text []byte, line int64, tooLong bool, yield func(*Row, *Rejection) error) error {
	row := &Row{}
	if tooLong {
		row.Line = line
		return yield(nil, row.reject(CodeMalformed, "the line is longer than %d bytes", maxLine))
	}
	if blank(string(text)) {
		return nil
	}
	err := json.Unmarshal(text, row)
	row.Line = line
	if err != nil {
		return yield(nil, row.reject(CodeMalformed, "%v", err))
	}
	return yield(row, nil)
}

func readCSV(r io.Reader, group string, yield func(*Row, *Rejection) error) error {
	in := csv.NewReader(r)
	in.ReuseRecord = true
	titles, err := in.Read()
	if err != nil {
		return fmt.Errorf("the titles of the columns: %w", err)
	}
	columns := make([]string, len(titles))
	for i, title := range titles {
		columns[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(title, "\ufeff")))
	}
	for _, needed := range []string{"id", "title"} {
		if !contains(columns, needed) {
			return fmt.Errorf("the file has no column %q", needed)
		}
	}
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var malformed *csv.ParseError
		if err != nil && !errors.As(err, &malformed) {
			return err
		}
		if malformed != nil {
			err = yield(nil, &Rejection{int64(malformed.Line), CodeMalformed, malformed.Err.Error()})
		} else {
			line, _ := in.FieldPos(0)
			err = yield(propertyOf(columns, fields, int64(line), group))
		}
		if err != nil {
			return err
		}
	}
}

func contains(list []string, s string) bool {
	for _, one := range list {
		if one == s {
			return true
		}
	}
	return false
}

func propertyOf(columns, fields []string, line int64, group string) (*Row, *Rejection) {
	r := &Row{Line: line, Type: Property, Groups: []string{group}}
	attributes := map[string]string{}
	for i, column := range columns {
		switch column {
		case "id":
			r.UUID = fields[i]
			if id, err := uuid.Parse(fields[i]); err == nil {
				r.UUID = id.String()
			}
		case "title":
			r.Title = fields[i]
		default:
			if !sound(fields[i]) || !sound(column) {
				return nil, r.reject(CodeInvalid, "%s: is no valid text", column)
			}
			attributes[column] = fields[i]
		}
	}
	text, err := json.Marshal(attributes)
	if err != nil {
		return nil, r.reject(CodeInvalid, "%v", err)
	}
	r.Attributes = text
	return r, nil
}

package app

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/rosterhq/roster/internal/admin"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity/transfer"
)

type importCmd struct {
	place
	File   string `arg:"" help:"The file. .json is one document with people and groups, .jsonl or .ndjson lines of JSON as export writes them, .csv properties with columns id and title."`
	Tenant string `required:"" setting:"" help:"The tenant."`
	Plan   bool   `help:"Tell what it would do, and change nothing. It is tried and taken back whole; other writes to the tenant wait meanwhile."`
	Kind   string `enum:"auto,trips" default:"auto" help:"trips: a CSV of trips, which become ended rentals of a business account."`
	Group  string `help:"Property group of a CSV's properties: a title, or a UUID; one of that title is made where there is none. Of trips: the business account's code."`
	Format string `enum:"auto,document,lines,csv" default:"auto" help:"document, lines or csv, where the name of the file does not tell."`
	JSON   bool   `name:"json" help:"Print the report as JSON."`
}

// importRows is how many rows one transaction takes.
const importRows = 5000

func (i *importCmd) Run(c *console) error {
	if i.Kind == "trips" {
		return i.importTrips(c)
	}
	format, err := i.format()
	if err != nil {
		return err
	}
	w := &importing{importCmd: i, c: c, format: format, bar: c.bar()}
	defer w.bar.end()
	if w.group, err = i.group(format); err != nil {
		return err
	}
	// The whole file is read once before anything is changed.
	if err := w.survey(); err != nil {
		return err
	}
	if w.rejects, err = newRejects(i.File); err != nil {
		return err
	}
	err = c.with(&i.place, rows, w.run)
	w.bar.end()
	if err := errors.Join(err, w.rejects.close(w.total)); err != nil {
		return err
	}
	return w.report()
}

func (i *importCmd) format() (transfer.Format, error) {
	if i.Format != "auto" {
		return transfer.Format(i.Format), nil
	}
	switch strings.ToLower(filepath.Ext(i.File)) {
	case ".json":
		return transfer.Document, nil
	case ".jsonl", ".ndjson":
		return transfer.Lines, nil
	case ".csv":
		return transfer.CSV, nil
	}
	return "", usagef("the name of the file tells no format: give --format document, lines or csv")
}

// group makes the row of a CSV's group, whose UUID follows from its title, so that
// the next import finds it again.
func (i *importCmd) group(f transfer.Format) (*transfer.Row, error) {
	if (f == transfer.CSV) != (i.Group != "") {
		return nil, usagef("--group says where a CSV's properties go, and goes with no other format")
	}
	if i.Group == "" {
		return nil, nil
	}
	if id, err := uuid.Parse(i.Group); err == nil {
		return &transfer.Row{UUID: id.String()}, nil
	}
	id := uuid.NewSHA1(uuid.NameSpaceURL, []byte("roster:import:group:"+i.Group))
	return &transfer.Row{Type: transfer.Group, Kind: graph.Property, UUID: id.String(), Name: i.Group}, nil
}

// importing is an import under way.
type importing struct {
	*importCmd
	c       *console
	format  transfer.Format
	group   *transfer.Row // of a CSV
	rows    int64         // in the file
	done    int64
	rejects *rejects
	total   transfer.Result
	bar     *bar
}

// read reads the file once.
func (w *importing) read(yield func(*transfer.Row, *transfer.Rejection) error) error {
	f, err := os.Open(w.File)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	group := ""
	if w.group != nil {
		group = w.group.UUID
	}
	if err := transfer.Read(bufio.NewReaderSize(f, 1<<20), w.format, group, yield); err != nil {
		return fmt.Errorf("%s: %w", w.File, err)
	}
	return nil
}

// survey reads the file to its end and counts its rows, so that a file that breaks
// off is found before anything is changed.
func (w *importing) survey() error {
	info, err := os.Stat(w.File)
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return usagef("%s is no file that can be read more than once", w.File)
	}
	return w.read(func(*transfer.Row, *transfer.Rejection) error {
		w.rows++
		w.bar.at("Reading", w.rows, 0)
		return w.c.ctx.Err()
	})
}

// inOrder reads the file once for each pass and yields the rows in the order in
// which they can be imported. Unreadable rows are noted on the way.
func (w *importing) inOrder(yield func(*transfer.Row) error) error {
	if w.group != nil && w.group.Type != "" {
		if err := yield(w.group); err != nil {
			return err
		}
	}
	for pass := range transfer.Passes {
		err := w.read(func(r *transfer.Row, bad *transfer.Rejection) error {
			switch {
			case bad != nil && pass == 0:
				w.total.Rejected = append(w.total.Rejected, *bad)
				w.done++
			case bad == nil && r.Pass() == pass:
				w.done++
				w.bar.at("Importing", w.done, w.rows)
				return yield(r)
			}
			return w.c.ctx.Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *importing) run(client *admin.Client) error {
	if w.Plan {
		result, err := client.Import(w.c.ctx, w.Tenant, true, w.inOrder)
		w.total.Add(&result)
		return err
	}
	var rows []transfer.Row
	sent := 0
	send := func() error {
		if len(rows) == 0 {
			return nil
		}
		result, err := client.Import(w.c.ctx, w.Tenant, false, func(yield func(*transfer.Row) error) error {
			for i := range rows {
				if err := yield(&rows[i]); err != nil {
					return err
				}
			}
			return nil
		})
		if err == nil {
			w.total.Add(&result)
			sent += len(rows)
			rows = rows[:0]
		}
		return err
	}
	err := w.inOrder(func(r *transfer.Row) error {
		if rows = append(rows, *r); len(rows) == importRows {
			return send()
		}
		return nil
	})
	if err == nil {
		err = send()
	}
	if err != nil && sent > 0 {
		return fmt.Errorf("%w\n%d rows are in, each of them whole. Run the same command again to go on", err, sent)
	}
	return err
}

// report prints what became of the rows.
func (w *importing) report() error {
	rejected := len(w.total.Rejected)
	w.total.Rejected = nil
	if err := w.print(rejected); err != nil {
		return err
	}
	if rejected > 0 {
		return errRejected
	}
	return nil
}

func (w *importing) print(rejected int) error {
	file := ""
	if rejected > 0 {
		file = rejectsName(w.File)
	}
	if w.JSON {
		return printJSON(w.c.out, struct {
			transfer.Result
			Plan         bool   `json:"plan"`
			RejectedRows int    `json:"rejected_rows"`
			RejectedFile string `json:"rejected_file,omitempty"`
		}{w.total, w.Plan, rejected, file})
	}
	rows := [][]string{{"", "CREATED", "UPDATED", "UNCHANGED", "REJECTED"}}
	for _, line := range []struct {
		name  string
		count transfer.Count
	}{{"people", w.total.People}, {"groups", w.total.Groups}, {"properties", w.total.Properties}, {"memberships", w.total.Memberships}, {"managers", w.total.Managers}} {
		n := line.count
		if n != (transfer.Count{}) {
			rows = append(rows, []string{line.name, fmt.Sprint(n.Created), fmt.Sprint(n.Updated), fmt.Sprint(n.Unchanged), fmt.Sprint(n.Rejected)})
		}
	}
	if err := printTable(w.c.out, rows); err != nil {
		return err
	}
	var end string
	if w.Plan {
		end += "This is a plan; nothing was changed.\n"
	}
	if rejected > 0 {
		end += fmt.Sprintf("%d rows were rejected: see %s\n", rejected, file)
	}
	_, err := io.WriteString(w.c.out, end)
	return err
}

// rejects is the report of rows that were not taken.
type rejects struct{ file *os.File }

func rejectsName(file string) string { return file + ".rejected.jsonl" }

// newRejects makes the report first, so that it can be written at the end.
func newRejects(file string) (*rejects, error) {
	f, err := os.Create(rejectsName(file))
	if err != nil {
		return nil, fmt.Errorf("the report of rejected rows: %w", err)
	}
	return &rejects{f}, nil
}

// close writes the report in the file's order; one without rows is removed.
func (r *rejects) close(result transfer.Result) error {
	out := bufio.NewWriter(r.file)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	slices.SortStableFunc(result.Rejected, func(a, b transfer.Rejection) int { return cmp.Compare(a.Line, b.Line) })
	var errs []error
	for _, row := range result.Rejected {
		errs = append(errs, enc.Encode(row))
	}
	errs = append(errs, out.Flush(), r.file.Close())
	if len(result.Rejected) == 0 {
		errs = append(errs, os.Remove(r.file.Name()))
	}
	return errors.Join(errs...)
}

package app

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/rosterhq/roster/internal/admin"
	"github.com/rosterhq/roster/internal/identity/transfer"
)

// importTrips makes the trips of the file ended rentals of the business account that
// --group names.
func (i *importCmd) importTrips(c *console) error {
	if i.Group == "" || i.Plan || i.Format != "auto" {
		return usagef("--kind trips takes --group, the code of a business account, and neither --plan nor --format")
	}
	f, err := os.Open(i.File)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	report, err := newRejects(i.File)
	if err != nil {
		return err
	}
	bar := c.bar()
	defer bar.end()
	var result transfer.Result
	var summary string
	err = c.with(&i.place, graphs, func(client *admin.Client) error {
		done, err := client.ImportTrips(c.ctx, i.Tenant, i.Group, &watched{f, bar, 0, info.Size()})
		for _, r := range done.Rejected {
			result.Rejected = append(result.Rejected, transfer.Rejection{Line: int64(r.Line), Code: r.Code, Message: r.Message})
		}
		summary = fmt.Sprintf("%d trips: %d added, %d were there, %d rejected; %d vehicles added.\n",
			done.Rows, done.Added, done.Present, len(done.Rejected), done.Vehicles)
		if err == nil && i.JSON {
			return printJSON(c.out, done)
		}
		return err
	})
	bar.end()
	if err := errors.Join(err, report.close(result)); err != nil {
		return err
	}
	if i.JSON {
		summary = ""
	} else if len(result.Rejected) > 0 {
		summary += "The rejected rows are in " + rejectsName(i.File) + "\n"
	}
	if _, err := io.WriteString(c.out, summary); err != nil {
		return err
	}
	if len(result.Rejected) > 0 {
		return errRejected
	}
	return nil
}

// watched shows on a bar how much of a file was read.
type watched struct {
	file io.Reader
	bar  *bar
	read int64
	size int64
}

// Read implements io.Reader.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.file.Read(p)
	w.read += int64(n)
	w.bar.at("Importing", w.read, w.size)
	return n, err
}

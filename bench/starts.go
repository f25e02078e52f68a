//go:build unix

package main

import (
	"fmt"
	"path/filepath"
	"time"
)

const startsMethod = `From the start of the process to the line that says that it serves, and VmRSS then. Empty: a data folder that does not exist yet,
so the schema is made too; median of %d. Full: a SQLite file with %d people, %d groups and %d edges, filled by the driver; started once.`

func (b *bench) starts() error {
	const empties = 7
	p := b.large
	c := b.report.chapter("Starts", fmt.Sprintf(startsMethod, empties, p.People, p.Groups, p.Edges))
	var times []time.Duration
	var sizes []float64
	for i := range empties {
		took, _, mib, err := b.startOnce("--data", filepath.Join(b.folder, fmt.Sprint("empty", i)))
		if err != nil {
			return err
		}
		times, sizes = append(times, took), append(sizes, mib)
	}
	c.add(below("empty: resident", "", median(sizes), "MiB", 60, `the program's own pages, among them SQLite translated to Go, and what OpenAPI documents take.`))
	c.add(below("empty: ready", "", quantile(times, 0.5).Seconds()*1000, "ms", 300, `the schema is made in one synced transaction for each migration.`))
	file := filepath.Join(b.folder, "large.db")
	filled, err := b.fillRaw(file, p)
	if err != nil {
		return err
	}
	took, peak, mib, err := b.startOnce("--database", file)
	if err != nil {
		return err
	}
	c.add(below("full: ready", fmt.Sprintf("the file was filled in %s", filled.Round(time.Second)), took.Seconds(), "s", 30,
		`rows are read through database/sql by one goroutine, at about a microsecond for each row and some tens of nanoseconds for each column.`))
	c.add(below("full: resident", fmt.Sprintf("at most %.2f GiB until then", peak/1024), mib/1024, "GiB", 1.5,
		`the index, the text of names and addresses in it, and the memory that the garbage collector keeps ahead of it.`))
	return nil
}

// startOnce starts a server, looks at it and stops it.
func (b *bench) startOnce(args ...string) (took time.Duration, peak, mib float64, err error) {
	p, err := b.serve(args...)
	if err != nil {
		return 0, 0, 0, err
	}
	time.Sleep(100 * time.Millisecond) // what it does once it is ready belongs to its size
	if mib, err = p.resident("VmRSS"); err != nil {
		return 0, 0, 0, err
	}
	if peak, err = p.resident("VmHWM"); err != nil {
		return 0, 0, 0, err
	}
	return p.took, peak, mib, p.stop()
}

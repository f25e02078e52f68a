package app

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/rosterhq/roster/internal/admin"
)

type exportCmd struct {
	place
	Tenant string `required:"" setting:"" help:"The tenant."`
	AsOf   string `placeholder:"TIME" help:"As it was at an instant, such as 2026-01-31T12:00:00Z."`
	Output string `short:"o" placeholder:"FILE" help:"Write to a file, whole or not at all; to the standard output unless told."`
}

func (e *exportCmd) Run(c *console) error {
	return c.with(&e.place, rows, func(client *admin.Client) error {
		if e.Output == "" {
			return e.to(c, client, c.out)
		}
		return whole(e.Output, func(f *os.File) error { return e.to(c, client, f) })
	})
}

func (e *exportCmd) to(c *console, client *admin.Client, w io.Writer) error {
	out, progress, n := bufio.NewWriter(w), c.bar(), int64(0)
	_, err := client.Export(c.ctx, e.Tenant, e.AsOf, func(line []byte) error {
		n++
		progress.at("Rows", n, 0)
		_, err := out.Write(line)
		return err
	})
	progress.end()
	return errors.Join(err, out.Flush())
}

// whole writes a file, for its owner's eyes alone, that is there when all of it is.
func whole(path string, write func(*os.File) error) error {
	part, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".part-") // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(part.Name()) }() // gone already when all went well
	if err := errors.Join(write(part), part.Sync(), part.Close()); err != nil {
		return err
	}
	return os.Rename(part.Name(), path)
}

type checkCmd struct {
	place
	Group   string `arg:"" help:"The group: grp-12, its UUID, or the id that it was imported with."`
	Account string `arg:"" help:"The account: acc-34, its UUID, or the id that it was imported with."`
	Tenant  string `required:"" setting:"" help:"The tenant."`
	AsOf    string `placeholder:"TIME" help:"At an instant, such as 2026-01-31T12:00:00Z."`
	JSON    bool   `name:"json" help:"Print JSON."`
}

func (k *checkCmd) Run(c *console) error {
	return c.with(&k.place, graphs, func(client *admin.Client) error {
		answer, err := client.Check(c.ctx, k.Tenant, k.Group, k.Account, k.AsOf)
		if err != nil {
			return err
		}
		if k.JSON {
			return printJSON(c.out, answer)
		}
		if !answer.Member {
			_, err := fmt.Fprintln(c.out, "not a member")
			return err
		}
		if _, err := fmt.Fprintln(c.out, answer.MembershipType, "member"); err != nil {
			return err
		}
		rows := make([][]string, len(answer.Path))
		for i, step := range answer.Path {
			rows[i] = []string{"  " + step.ID, step.Name}
		}
		return printTable(c.out, rows)
	})
}

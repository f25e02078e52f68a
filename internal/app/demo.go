package app

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/rosterhq/roster/internal/demo"
	"github.com/rosterhq/roster/internal/roster"
)

// demoFile is where the facts of the demo are, in the data folder.
const demoFile = "demo.json"

// demo makes what of the demo is not there yet.
func (n *node) demo(ctx context.Context) (*demo.Facts, error) {
	return demo.Make(ctx, demo.Areas{DB: n.db, Identity: n.identity, Spend: n.spend, Business: n.business, Care: n.care, Mobility: n.mobility}, roster.Actor{ID: "demo", API: roster.CLI})
}

// saveDemo writes the demo's file, with the addresses of the APIs.
func (p *program) saveDemo(address, file string) error {
	p.demo.APIs = map[string]string{}
	for i := range p.apis {
		p.demo.APIs[p.apis[i].name] = address + p.apis[i].At(demo.Tenant)
	}
	return p.demo.Save(file)
}

// tellDemo tells how to begin: a command for each API that works when it is
// pasted. It reads the token from the file, which keeps it out of what a terminal
// shows and a shell remembers.
func (p *program) tellDemo(file string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nThe demo's tokens and ids are in %s. Try, in another terminal:\n", file)
	for i := range p.apis {
		a := &p.apis[i]
		credential := ""
		if a.try.token != "" {
			credential = fmt.Sprintf("-H \"Authorization: Bearer $(sed -n 's/.*\"%s\": \"\\(.*\\)\".*/\\1/p' %s)\" \\\n  ", a.try.token, quoted(file))
		}
		fmt.Fprintf(&b, "\n# %s: %s\ncurl -s %s'%s%s'\n", a.Title, a.try.shows, credential, p.demo.APIs[a.name], p.named(a.try.path))
	}
	b.WriteString(p.walk(file))
	return b.String()
}

// named puts the demo's ids into a path, for {name}, and its customers', for
// {customers.name}.
func (p *program) named(path string) string {
	ids := maps.Clone(p.demo.IDs)
	customers, _ := ids["customers"].(map[string]int64)
	for name, id := range customers {
		ids["customers."+name] = id
	}
	for name, id := range ids {
		path = strings.ReplaceAll(path, "{"+name+"}", fmt.Sprint(id))
	}
	return path
}

// quoted spells a file's name as a word of the shell.
func quoted(name string) string { return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'" }

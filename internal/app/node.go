package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/rosterhq/roster/internal/admin"
	"github.com/rosterhq/roster/internal/api/hookapi"
	"github.com/rosterhq/roster/internal/blob"
	"github.com/rosterhq/roster/internal/business"
	"github.com/rosterhq/roster/internal/care"
	"github.com/rosterhq/roster/internal/graph"
	"github.com/rosterhq/roster/internal/identity"
	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/lodging"
	"github.com/rosterhq/roster/internal/mobility"
	"github.com/rosterhq/roster/internal/roster"
	"github.com/rosterhq/roster/internal/seal"
	"github.com/rosterhq/roster/internal/spend"
	"github.com/rosterhq/roster/internal/store"
)

// node is the program put together, from the database up to the areas.
type node struct {
	ctx context.Context // ends with the program
	db  *store.DB
	key *seal.Key
	*background
	*areas
	hooks   []hookapi.Hook
	metrics *prometheus.Registry
}

// areas are what knows the tenants' things, on one database.
type areas struct {
	graph    *graph.Graph
	identity *identity.Identity
	business *business.Business
	care     *care.Care
	mobility *mobility.Mobility
	lodging  *lodging.Lodging
	spend    *spend.Spend
}

// newAreas puts the areas on a database. Without a key nothing that is sealed is read or
// written; files lie in a folder, or, where it is "", in the database.
func newAreas(db *store.DB, key *seal.Key, folder string) *areas {
	var keeps []care.Option
	if key != nil {
		keeps = append(keeps, care.WithFiles(key, blob.New(db, key, folder)))
	}
	a := &areas{graph: graph.New(db), identity: newIdentity(db, key), spend: spend.New(db), care: care.New(db, keeps...)}
	a.lodging = lodging.New(db, a.graph, a.identity)
	a.business = business.New(db)
	a.mobility = mobility.New(db, a.identity, a.business, a.care)
	return a
}

func newIdentity(db *store.DB, key *seal.Key) *identity.Identity {
	if key == nil {
		return identity.New(db)
	}
	return identity.New(db, identity.WithKey(key))
}

// registerJobs has r do what the areas do later.
func (a *areas) registerJobs(r *jobs.Runner, t jobs.Transport) {
	a.identity.RegisterJobs(r, t)
	a.business.RegisterJobs(r, t)
	a.care.RegisterJobs(r)
	a.mobility.RegisterJobs(r, t)
}

// open opens a database and puts a node on it. Nothing is in memory yet, and nothing
// is done by itself.
func (s *serveCmd) open(c *console, log *slog.Logger) (*node, error) {
	db, err := store.Open(c.ctx, store.Options{Database: s.Database, Log: log})
	if err != nil {
		return nil, err
	}
	key, err := seal.Load(c.ctx, db, s.source(c, s.Data), log)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	work, err := s.background(c, db, log)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	n := &node{ctx: c.ctx, db: db, key: key, background: work, areas: newAreas(db, key, s.blobs()), metrics: prometheus.NewRegistry()}
	n.hooks = n.addProviders(&s.providerFlags, log)
	n.registerJobs(work.jobs, work.post)
	return n, nil
}

// admin is the node's administration; folder is its data folder.
func (n *node) admin(folder string) *admin.Server {
	return n.server(n.db, folder)
}

func (a *areas) server(db *store.DB, folder string) *admin.Server {
	return &admin.Server{
		DB: db, Graph: a.graph, Identity: a.identity, Business: a.business, Mobility: a.mobility, Folder: folder, Version: Version(),
	}
}

// connect returns a client of the administration: of the server that runs on the
// data, or else of a node opened here. What it returns with it lets go of it.
func (c *console) connect(p *place, needs needs) (*admin.Client, func() error, error) {
	if err := p.resolve(); err != nil {
		return nil, nil, err
	}
	if p.postgres() {
		return c.inProcess(p, needs, func() {})
	}
	there, err := p.exists()
	if err != nil {
		return nil, nil, err
	}
	if !there && needs != nothing {
		return nil, nil, fmt.Errorf("there is no database %s: roster tenant create makes one, or --data and --database say where it is", p.Database)
	}
	if err := p.folder(); err != nil {
		return nil, nil, err
	}
	unlock, err := lock(p.Data)
	if errors.Is(err, errLocked) {
		client, err := admin.Dial(c.ctx, p.Data)
		if err != nil {
			return nil, nil, roster.Errorf(roster.Unavailable, "", "%v, and it is no server that answers: wait until it is done", errLocked)
		}
		return client, func() error { client.Close(); return nil }, nil
	}
	if err != nil {
		return nil, nil, err
	}
	return c.inProcess(p, needs, unlock)
}

// needs says what a command needs of a node. Most work on the rows alone, and
// should not wait for graphs to be loaded.
type needs uint8

const (
	nothing needs = iota // a database that is not there is made
	rows
	graphs // and the areas that stand on them
)

func (c *console) inProcess(p *place, needs needs, unlock func()) (*admin.Client, func() error, error) {
	db, err := store.Open(c.ctx, store.Options{Database: p.Database, Log: c.log(slog.LevelWarn, false)})
	if err != nil {
		unlock()
		return nil, nil, err
	}
	folder := p.Data
	if p.postgres() {
		folder = ""
	}
	key, err := p.secretKey(c, db)
	if err != nil {
		err = errors.Join(err, db.Close())
		unlock()
		return nil, nil, err
	}
	server := &admin.Server{DB: db, Identity: newIdentity(db, key), Folder: folder, Version: Version()}
	if needs == graphs {
		server = newAreas(db, key, p.blobs()).server(db, folder)
	}
	client, end := admin.InProcess(server)
	return client, func() error {
		end()
		err := db.Close()
		unlock()
		return err
	}, nil
}

package e2e

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rosterhq/roster/internal/pgtest"
)

const writers = 16

// promise is what the server has acknowledged to one writer: of each account,
// whether it is in the group. One whose call broke may be either.
type promise struct {
	group  string
	member map[string]bool
	unsure map[string]bool
	pairs  [][2]string // added together, atomically
}

// crash is writers against a server that dies again and again.
type crash struct {
	t        *testing.T
	p        place
	token    string
	accounts []string
	promises []*promise
}

func newCrash(t *testing.T, p place) *crash {
	p.roster(t, "tenant", "create", "acme")
	c := &crash{t: t, p: p, token: p.roster(t, "token", "create", "--tenant", "acme", "--api", "directory", "--role", "Administrator")}
	s := p.serve(t)
	defer s.kill()
	for i := range 20 {
		a := s.must(t, http.StatusCreated, c.token, "POST", "/accounts", fmt.Sprintf(`{"name":"p%d","email":"p%d@example.org"}`, i, i))
		c.accounts = append(c.accounts, a["id"].(string))
	}
	for i := range writers {
		g := s.must(t, http.StatusCreated, c.token, "POST", "/groups", fmt.Sprintf(`{"name":"g%d"}`, i))
		c.promises = append(c.promises, &promise{group: g["id"].(string), member: map[string]bool{}, unsure: map[string]bool{}})
	}
	return c
}

// write edits the writer's group until a call breaks.
func (c *crash) write(s *server, pr *promise) {
	path := "/groups/" + pr.group + "/members"
	for n := 0; ; n++ {
		if n%5 == 4 {
			if !c.writePair(s, pr, path) {
				return
			}
			continue
		}
		account := c.accounts[rand.IntN(len(c.accounts)-4)]
		method, target, body, want := "POST", path, fmt.Sprintf(`{"account_id":%q}`, account), http.StatusCreated
		if pr.member[account] {
			method, target, body, want = "DELETE", path+"/"+account, "", http.StatusNoContent
		}
		status, answer, err := s.call(c.token, method, target, body)
		if err != nil || status >= 500 {
			pr.unsure[account] = true
			return
		}
		if status != want {
			c.t.Errorf("%s %s: %d %v", method, target, status, answer)
			return
		}
		pr.member[account] = !pr.member[account]
	}
}

// writePair adds or removes two accounts in one atomic batch.
func (c *crash) writePair(s *server, pr *promise, path string) bool {
	two := c.accounts[len(c.accounts)-4:][2*rand.IntN(2):][:2]
	op := "add"
	if pr.member[two[0]] {
		op = "remove"
	}
	status, answer, err := s.call(c.token, "POST", path+"/batch", fmt.Sprintf(`{%q:[{"account_id":%q},{"account_id":%q}],"atomic":true}`, op, two[0], two[1]))
	if err != nil || status >= 500 {
		pr.unsure[two[0]], pr.unsure[two[1]] = true, true
		pr.pairs = append(pr.pairs, [2]string(two))
		return false
	}
	if status != http.StatusOK {
		c.t.Errorf("batch: %d %v", status, answer)
		return false
	}
	pr.member[two[0]], pr.member[two[1]] = op == "add", op == "add"
	return true
}

// check compares what is there with what was promised.
func (c *crash) check(s *server) {
	c.t.Helper()
	for _, pr := range c.promises {
		list := s.must(c.t, http.StatusOK, c.token, "GET", "/groups/"+pr.group+"/members", "")
		there := map[string]bool{}
		for _, m := range list["members"].([]any) {
			there[m.(map[string]any)["id"].(string)] = true
		}
		for _, pair := range pr.pairs {
			if there[pair[0]] != there[pair[1]] {
				c.t.Errorf("%s: half a batch is there: %v", pr.group, pair)
			}
		}
		for _, account := range c.accounts {
			if !pr.unsure[account] && there[account] != pr.member[account] {
				c.t.Errorf("%s: %s is there: %v, but %v was acknowledged", pr.group, account, there[account], pr.member[account])
			}
		}
		pr.member, pr.unsure, pr.pairs = there, map[string]bool{}, nil
	}
}

// round lets the writers write for a moment, then strikes, and returns the server
// that answers afterwards.
func (c *crash) round(s *server, strike func(*server) *server) *server {
	var wg sync.WaitGroup
	for _, pr := range c.promises {
		wg.Go(func() { c.write(s, pr) })
	}
	time.Sleep(time.Duration(30+rand.IntN(170)) * time.Millisecond)
	s = strike(s)
	wg.Wait()
	c.check(s)
	return s
}

// verify walks the hash chain and compares the index with the naive answer.
func (c *crash) verify() {
	c.t.Helper()
	if out := c.p.roster(c.t, "verify", "--tenant", "acme"); strings.TrimSpace(out) == "" {
		c.t.Error("verify says nothing")
	}
}

func (c *crash) restart(s *server) *server {
	s.kill()
	return c.p.serve(c.t)
}

// TestKillSQLite kills the server 25 times among 16 writers.
func TestKillSQLite(t *testing.T) {
	c := newCrash(t, place{data: t.TempDir()})
	s := c.p.serve(t)
	for range 25 {
		s = c.round(s, c.restart)
		c.verify()
	}
}

// TestKillPostgres kills the server 10 times among 16 writers on PostgreSQL.
func TestKillPostgres(t *testing.T) {
	cluster := pgtest.Start(t, pgtest.Durable)
	c := newCrash(t, place{data: t.TempDir(), database: cluster.Database(t)})
	s := c.p.serve(t)
	for range 10 {
		s = c.round(s, c.restart)
		c.verify()
	}
}

// TestKillPostmaster kills the database 10 times under a server that stays.
func TestKillPostmaster(t *testing.T) {
	cluster := pgtest.Start(t, pgtest.Durable)
	c := newCrash(t, place{data: t.TempDir(), database: cluster.Database(t)})
	s := c.p.serve(t)
	for range 10 {
		s = c.round(s, func(s *server) *server {
			if err := cluster.Kill(); err != nil {
				t.Fatal(err)
			}
			if err := cluster.Restart(); err != nil {
				t.Fatal(err)
			}
			awaitReady(t, s)
			return s
		})
		c.verify()
	}
}

// awaitReady waits until the server has found its database again.
func awaitReady(t *testing.T, s *server) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if res, err := client.Get(s.base + "/readyz"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
	}
	t.Fatalf("the server did not come back:\n%s", s.log)
}

//go:build unix

package main

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"time"
)

// writer adds edges of people and removes them again, one call each, at a steady rate.
type writer struct {
	seeded  *seeded
	hands   []*hand
	changes int
	active  time.Duration
}

// hand is one connection of a writer.
type hand struct {
	*conn
	random *rand.Rand
	added  string // the path of the edge to remove next; "" to add one
}

const (
	writesPerSecond = 500
	hands           = 4
)

func newWriter(address string, s *seeded) (*writer, error) {
	w := &writer{seeded: s}
	for i := range hands {
		c, err := dial(address)
		if err != nil {
			return nil, err
		}
		w.hands = append(w.hands, &hand{conn: c, random: rand.New(rand.NewPCG(9, uint64(i)))})
	}
	return w, nil
}

func (w *writer) close() {
	for _, h := range w.hands {
		_ = h.Close()
	}
}

// rate is how many changes a second were made.
func (w *writer) rate() float64 { return float64(w.changes) / w.active.Seconds() }

// start lets the writer write until the function that it returns is called.
func (w *writer) start() (end func() error) {
	stop := make(chan struct{})
	var wait sync.WaitGroup
	counts, errs := make([]int, hands), make([]error, hands)
	began := time.Now()
	for i, h := range w.hands {
		wait.Go(func() {
			for n := 0; errs[i] == nil; n++ {
				due := began.Add(time.Duration(n) * time.Second * hands / writesPerSecond)
				select {
				case <-stop:
					return
				case <-time.After(time.Until(due)):
				}
				errs[i] = h.write(w.seeded)
				counts[i]++
			}
		})
	}
	return func() error {
		close(stop)
		wait.Wait()
		w.active += time.Since(began)
		for _, n := range counts {
			w.changes += n
		}
		return errors.Join(errs...)
	}
}

// write adds an edge, or removes the one that it added last.
func (h *hand) write(s *seeded) error {
	call := caller{token: s.token}
	if h.added != "" {
		a, err := h.do(call.request("DELETE", h.added, ""))
		h.added = ""
		if err == nil && a.status != 204 {
			err = fmt.Errorf("a removal was answered with %d: %s", a.status, a.body)
		}
		return err
	}
	group, person := s.params.GroupID(h.random.IntN(s.params.Groups)), s.params.PersonID(h.random.IntN(s.params.People))
	path := fmt.Sprintf("/groups/grp-%d/members", group)
	a, err := h.do(call.request("POST", path, fmt.Sprintf(`{"account_id":"acc-%d"}`, person)))
	switch {
	case err != nil:
		return err
	case a.status == 201:
		h.added = fmt.Sprintf("%s/acc-%d", path, person)
	case !strings.Contains(string(a.body), "already"):
		return fmt.Errorf("an addition was answered with %d: %s", a.status, a.body)
	}
	return nil
}

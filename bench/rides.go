//go:build unix

package main

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"sync"
	"time"
)

const ridesMethod = `Rides: a client creates a business rental that is driven at once (POST /rentals) and ends it (POST /rentals/{id}/end), each
acknowledged when it is on the disk, beside two single rows inserted by the same driver from one goroutine, each in a transaction of its own at
synchronous=FULL, on the same file system, in turns. The end posts the charge and three sums of the ledger. Each client is one rider,
whom memory knows from the first ride on.`

// rides measures how many rentals are made and ended a second.
func (b *bench) rides(c *chapter) error {
	c.method += "\n\n" + ridesMethod
	t, p, err := b.serveTown("rides.db")
	if err != nil {
		return err
	}
	raw, err := newRawCommits(filepath.Join(b.folder, "pairs.db"))
	if err != nil {
		return err
	}
	for _, clients := range []int{1, connections} {
		if err := b.measureRides(c, t, p, raw, clients); err != nil {
			return err
		}
	}
	return errors.Join(p.stop(), raw.db.Close())
}

const ridesBound = `both commits are waited for, and within each the statements that read who rides, what is asked of them and what it costs, and write the rental, its charge, the sums and the log, run one after the other.`

func (b *bench) measureRides(c *chapter, t *town, p *process, raw *rawCommits, clients int) error {
	target, err := newTarget(p.address, clients)
	if err != nil {
		return err
	}
	defer target.close()
	ours := contender{target: target, pid: p.pid()}
	var rates []float64
	ride := func(period time.Duration) (float64, error) { return t.ride(target, period) }
	for round := range b.rounds + 1 {
		if err := ours.timed(ride, b.period, round > 0); err != nil {
			return err
		}
		rate, err := raw.run(b.period)
		if err != nil {
			return err
		}
		if round > 0 {
			rates = append(rates, rate/2)
		}
	}
	other := contender{rates: rates}
	busy := float64(b.rounds) * b.period.Seconds() / 100
	c.add(ratio(fmt.Sprintf("rides by %d clients", clients), fmt.Sprintf("%.0f/s beside %.0f/s (%s); server %.0f %% of a core, client %.0f %%",
		ours.rate(), other.rate(), spread(&ours, &other), ours.server.Seconds()/busy, ours.client.Seconds()/busy),
		ours.rate()/other.rate(), 0.4, ridesBound))
	return nil
}

var rentalID = regexp.MustCompile(`^\{"id":(\d+),`)

// ride has a rider on each connection ride for a time, and returns how many rides
// were ended a second.
func (t *town) ride(target *target, period time.Duration) (perSecond float64, err error) {
	var wait sync.WaitGroup
	counts, errs := make([]int, len(target.conns)), make([]error, len(target.conns))
	start := time.Now()
	end := start.Add(period)
	for i, c := range target.conns {
		wait.Go(func() {
			for r := &t.riders[i*membersEach]; errs[i] == nil && time.Now().Before(end); counts[i]++ {
				errs[i] = r.rideOnce(c)
			}
		})
	}
	wait.Wait()
	total := 0
	for _, n := range counts {
		total += n
	}
	return float64(total) / time.Since(start).Seconds(), errors.Join(errs...)
}

func (r *townsman) rideOnce(c *conn) error {
	a, err := c.do(r.request("POST", "/rentals", fmt.Sprintf(`{"vehicleId":%d,"startRentalState":"ACTIVE","userGroupId":%d,"costCenterId":%d}`, r.vehicle, r.company.id, r.company.centers[0])))
	if err != nil {
		return err
	}
	id := rentalID.FindSubmatch(a.body)
	if a.status != http.StatusCreated || id == nil {
		return fmt.Errorf("a rental was answered with %d: %s", a.status, a.body)
	}
	if a, err = c.do(r.request("POST", fmt.Sprintf("/rentals/%s/end", id[1]), "")); err == nil && a.status != http.StatusOK {
		err = fmt.Errorf("its end was answered with %d: %s", a.status, a.body)
	}
	return err
}

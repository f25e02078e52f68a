//go:build unix

package main

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"time"
)

// contender is one side of a comparison: a server, with what else goes on while it
// is measured.
type contender struct {
	target *target
	pid    int
	// beside starts what runs during its rounds, and returns what ends it; nil is nothing.
	beside func() (end func() error)

	rates          []float64
	answered       float64
	server, client time.Duration // of the processors
}

// duel measures contenders in turns.
func (b *bench) duel(w work, sides ...*contender) error {
	for round := range b.rounds + 1 {
		for _, s := range sides {
			if err := s.round(w, b.period, round > 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// round runs once; the first round warms up and does not count.
func (s *contender) round(w work, period time.Duration, counts bool) error {
	return s.timed(func(period time.Duration) (float64, error) { return s.target.run(w, period) }, period, counts)
}

// timed is a round of what run does, so many times a second.
func (s *contender) timed(run func(time.Duration) (perSecond float64, err error), period time.Duration, counts bool) (err error) {
	end := func() error { return nil }
	if s.beside != nil {
		end = s.beside()
	}
	server, client, err := s.times()
	if err != nil {
		return err
	}
	rate, err := run(period)
	if err != nil {
		return err
	}
	serverAfter, clientAfter, err := s.times()
	if err != nil {
		return err
	}
	if counts {
		s.rates = append(s.rates, rate)
		s.answered += rate * period.Seconds()
		s.server += serverAfter - server
		s.client += clientAfter - client
	}
	return end()
}

func (s *contender) times() (server, client time.Duration, err error) {
	if server, err = processorTime(s.pid); err != nil {
		return 0, 0, err
	}
	client, err = processorTime(os.Getpid())
	return server, client, err
}

func (s *contender) rate() float64 { return median(s.rates) }

// cost is the server's and the client's time of the processors for one answer.
func (s *contender) cost() string {
	each := func(d time.Duration) float64 { return float64(d.Microseconds()) / s.answered }
	return fmt.Sprintf("%.1f µs + %.1f µs", each(s.server), each(s.client))
}

// spread is the range of the ratios of single rounds.
func spread(ours, other *contender) string {
	ratios := make([]float64, len(ours.rates))
	for i := range ratios {
		ratios[i] = ours.rates[i] / other.rates[i]
	}
	return fmt.Sprintf("%.2f–%.2f", slices.Min(ratios), slices.Max(ratios))
}

func median(values []float64) float64 { return quantile(values, 0.5) }

func quantile[T cmp.Ordered](values []T, q float64) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[int(float64(len(sorted)-1)*q)]
}

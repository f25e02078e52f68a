//go:build unix

package main

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"
)

const signInsMethod = `Sign-ins: sixteen clients sign in by email and password, which writes a session each time, beside comparisons of the same kind of hash
(argon2id, 19 MiB, two passes) by the library alone, on as many goroutines as the server hashes at once, which is half of the processors,
in turns: it leaves the rest to whoever does not sign in.`

// signIns measures how much of the time of a sign-in is the password's.
func (b *bench) signIns(c *chapter) error {
	c.method += "\n\n" + signInsMethod
	t, p, err := b.serveTown("signins.db", "--address-rate=-1")
	if err != nil {
		return err
	}
	target, err := newTarget(p.address, connections)
	if err != nil {
		return err
	}
	defer target.close()
	signIn := func(connection int) func() []byte {
		request := caller{base: authBase}.request("POST", "/sign-in-email", fmt.Sprintf(`{"email":%q,"password":%q}`, t.riders[connection].email, townPassword))
		return func() []byte { return request }
	}
	hash, err := argon2id.CreateHash(townPassword, &argon2id.Params{Memory: 19 << 10, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32})
	if err != nil {
		return err
	}
	ours := contender{target: target, pid: p.pid()}
	var rates []float64
	for round := range b.rounds + 1 {
		if err := ours.round(signIn, b.period, round > 0); err != nil {
			return err
		}
		rate, err := compareHashes(hash, b.period)
		if err != nil {
			return err
		}
		if round > 0 {
			rates = append(rates, rate)
		}
	}
	other := contender{rates: rates}
	c.add(ratio("sign-ins", fmt.Sprintf("%.0f/s beside %.0f/s (%s)", ours.rate(), other.rate(), spread(&ours, &other)), ours.rate()/other.rate(), 0.8,
		`besides the hash, a sign-in signs a token and writes a session.`))
	return p.stop()
}

// compareHashes compares a password with its hash on as many processors as the server
// does, and returns how often a second.
func compareHashes(hash string, period time.Duration) (perSecond float64, err error) {
	var wait sync.WaitGroup
	hashers := max(1, runtime.NumCPU()/2)
	counts, errs := make([]int, hashers), make([]error, hashers)
	start := time.Now()
	for i := range counts {
		wait.Go(func() {
			for errs[i] == nil && time.Since(start) < period {
				same, err := argon2id.ComparePasswordAndHash(townPassword, hash)
				if !same {
					err = errors.Join(err, errors.New("the hash is another password's"))
				}
				errs[i] = err
				counts[i]++
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

package post

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rosterhq/roster/internal/jobs"
	"github.com/rosterhq/roster/internal/roster"
)

const (
	// keepFor is how long a message lies in the outbox: codes are in it.
	keepFor = 24 * time.Hour
	// sweepEvery is how often older ones are looked for.
	sweepEvery = 10 * time.Minute
)

// Outbox delivers each message into a file of its own, for its owner's eyes alone.
// The log tells the file's name, and nothing of what is in it.
type Outbox struct {
	folder string
	clock  roster.Clock
	log    *slog.Logger
}

// NewOutbox returns an outbox on a folder, which is made by the first message.
func NewOutbox(folder string, clock roster.Clock, log *slog.Logger) *Outbox {
	return &Outbox{folder: folder, clock: clock, log: log}
}

// Mail implements jobs.Transport.
func (o *Outbox) Mail(_ context.Context, m jobs.Message) error {
	if err := checkMail(m); err != nil {
		return err
	}
	return o.put("mail", m.About, fmt.Sprintf("To: %s\nSubject: %s\n\n%s\n", m.To, m.Subject, m.Text))
}

// SMS implements jobs.Transport.
func (o *Outbox) SMS(_ context.Context, to, text string, about ...string) error {
	if err := checkSMS(to, text); err != nil {
		return err
	}
	return o.put("sms", about, fmt.Sprintf("To: %s\n\n%s\n", to, text))
}

// names are those of our files: of what else lies in the folder nothing is deleted.
// Between kind and random end they say whom or what a message tells of, by ids.
var names = regexp.MustCompile(`^\d{8}T\d{6}\.\d{6}Z-(mail|sms)((?:-t\d+[a-z]+\d+)*)-[0-9a-f]{8}\.txt$`)

// maxAbout is how many a name says, so that no file system refuses it.
const maxAbout = 6

// put writes a file that is there when all of it is.
func (o *Outbox) put(kind string, about []string, text string) error {
	if err := o.open(); err != nil {
		return fmt.Errorf("post: the outbox: %w", err)
	}
	var random [4]byte
	_, _ = rand.Read(random[:])
	refs := slices.Compact(slices.Sorted(slices.Values(about)))
	for _, ref := range refs[:min(len(refs), maxAbout)] {
		kind += "-" + ref
	}
	name := fmt.Sprintf("%s-%s-%s.txt", o.clock().UTC().Format("20060102T150405.000000Z"), kind, hex.EncodeToString(random[:]))
	part, err := os.CreateTemp(o.folder, ".part-") // 0600
	if err != nil {
		return fmt.Errorf("post: the outbox: %w", err)
	}
	defer func() { _ = os.Remove(part.Name()) }() // gone already when all went well
	_, err = part.WriteString(text)
	if err := errors.Join(err, part.Sync(), part.Close()); err != nil {
		return fmt.Errorf("post: the outbox: %w", err)
	}
	if err := os.Rename(part.Name(), filepath.Join(o.folder, name)); err != nil {
		return fmt.Errorf("post: the outbox: %w", err)
	}
	o.log.Info("a message lies in the outbox", "file", name)
	return nil
}

// open makes the folder, or closes it to others.
func (o *Outbox) open() error {
	if err := os.MkdirAll(o.folder, 0o700); err != nil {
		return err
	}
	info, err := os.Stat(o.folder)
	if err != nil || info.Mode().Perm()&0o077 == 0 {
		return err
	}
	return os.Chmod(o.folder, 0o700) //nolint:gosec // a folder needs its x
}

// Forget implements jobs.Transport: it deletes the files.
func (o *Outbox) Forget(_ context.Context, about ...string) error {
	entries, err := os.ReadDir(o.folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	errs := []error{err}
	for _, e := range entries {
		name := names.FindStringSubmatch(e.Name())
		if name == nil || !slices.ContainsFunc(strings.Split(name[2], "-"), func(ref string) bool { return slices.Contains(about, ref) }) {
			continue
		}
		if err := os.Remove(filepath.Join(o.folder, e.Name())); !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Run deletes what is a day old, now and then until ctx ends: each node its own.
func (o *Outbox) Run(ctx context.Context) {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if err := o.Sweep(); err != nil {
			o.log.Warn("old messages stay in the outbox", "err", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// Sweep deletes the messages that are a day old, and parts that were left behind.
func (o *Outbox) Sweep() error {
	entries, err := os.ReadDir(o.folder)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	before := o.clock().Add(-keepFor)
	errs := []error{err}
	for _, e := range entries {
		if part, _ := filepath.Match(".part-*", e.Name()); !part && !names.MatchString(e.Name()) || !e.Type().IsRegular() {
			continue
		}
		info, err := e.Info()
		if err == nil && info.ModTime().Before(before) {
			err = os.Remove(filepath.Join(o.folder, e.Name()))
		}
		if !errors.Is(err, os.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
